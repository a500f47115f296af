// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/mechanics/deck_remote.hpp"

namespace overbias::deck_sim {

namespace {

Contact contact_of(RemoteDeck::Key key) {
    switch (key) {
    case RemoteDeck::Key::Stop:
        return Contact::Stop;
    case RemoteDeck::Key::Play:
        return Contact::Play;
    case RemoteDeck::Key::Record:
        return Contact::Record;
    case RemoteDeck::Key::FastForward:
        return Contact::FastForward;
    case RemoteDeck::Key::Rewind:
        break;
    }
    return Contact::Rewind;
}

} // namespace

void DeckRemote::press(Key key) {
    advance_();
    mechanics_.touch(contact_of(key));
}

void DeckRemote::shuttle(double speed_m_s) {
    advance_();
    mechanics_.logic().shuttle(speed_m_s);
}

void DeckRemote::library_wind(Wind direction) {
    advance_();
    mechanics_.logic().library_wind(direction == Wind::Forward ? DeckLogic::Mode::FastForwarding
                                                               : DeckLogic::Mode::Rewinding);
}

void DeckRemote::cue_up(double counter_m) {
    advance_();
    mechanics_.logic().cue_up(counter_m);
}

void DeckRemote::edit(bool on) {
    advance_();
    mechanics_.set_edit(on);
}

void DeckRemote::lifter_defeat(bool on) {
    advance_();
    mechanics_.logic().set_lifter_defeat(on);
}

void DeckRemote::thread_tension(bool on) {
    advance_();
    mechanics_.logic().set_thread_tension(on);
}

bool DeckRemote::select_speed(double speed_ips) {
    advance_();
    if (!mechanics_.select_speed(speed_ips)) {
        return false;
    }
    speed_(speed_ips);
    return true;
}

void DeckRemote::set_ready(int track, bool on) {
    advance_();
    if (track >= 1) {
        mechanics_.logic().set_ready(static_cast<std::size_t>(track) - 1, on);
    }
}

void DeckRemote::preset_counter(double counter_m) {
    advance_();
    mechanics_.preset_counter(counter_m);
}

RemoteDeck::State DeckRemote::state() {
    advance_();
    const DeckLogic& logic = mechanics_.logic();
    const TapeDrive& drive = mechanics_.drive();
    const auto lit = [this](Tally which) { return mechanics_.tallies()[static_cast<std::size_t>(which)]; };
    State state;
    state.powered = logic.powered();
    state.stop = lit(Tally::Stop);
    state.play = lit(Tally::Play);
    state.record = lit(Tally::Record);
    state.fast_forward = lit(Tally::FastForward);
    state.rewind = lit(Tally::Rewind);
    state.tape_out = lit(Tally::TapeOut);
    state.shuttling = logic.mode() == DeckLogic::Mode::Shuttling;
    state.library_wind = logic.library_winding();
    state.editing = logic.mode() == DeckLogic::Mode::Editing;
    state.lifters_defeated = logic.lifters_defeated();
    state.threading = logic.threading();
    state.cueing = logic.cueing();
    state.cued = logic.cued();
    state.still = drive.still();
    state.speed_m_s = mechanics_.roller().surface_m_s();
    state.backward = state.speed_m_s < 0.0;
    state.at_speed = drive.at_play_speed();
    state.near_beginning = mechanics_.near_beginning();
    state.near_end = mechanics_.near_end();
    state.counter_m = mechanics_.counter_m();
    state.selected_speed_ips = mechanics_.selected_speed_ips();
    state.counter_s = state.counter_m / (state.selected_speed_ips * 0.0254);
    state.ready = logic.ready();
    state.record_enabled = logic.record_enabled();
    return state;
}

} // namespace overbias::deck_sim
