// SPDX-License-Identifier: Apache-2.0
// StuderRemote: the simulated deck behind its ASCII socket: what the socket asks for, of the deck's own logic. Thread:
// the timeline's.
#pragma once

#include "deck-sim/faces/studer_face.hpp"
#include "deck-sim/remote_deck.hpp"

namespace overbias::deck_sim {

/// What the simulated deck's ASCII socket understands beside what Studer's norm is sure of. FWD, RWD, REC, EDI and SSA
/// to SSD are read in a sketch for the A820 MCH; the rest is the simulated deck's own, as nobody has published it.
[[nodiscard]] inline StuderFaceSettings simulated_studer() {
    using Key = StuderDeck::Key;
    StuderFaceSettings face;
    face.keys = {{"FWD", Key::FastForward},    {"RWD", Key::Rewind},        {"REC", Key::Record},
                 {"RCX", Key::RecordExit},     {"EDI", Key::Edit},          {"EDX", Key::LeaveEdit},
                 {"LWF", Key::LibraryForward}, {"LWR", Key::LibraryRewind}, {"LFD", Key::LiftersOff},
                 {"LFE", Key::LiftersOn}};
    face.speeds_ips = {{"SSA", 3.75}, {"SSB", 7.5}, {"SSC", 15.0}, {"SSD", 30.0}};
    face.status_query = "STA?";
    face.status_words = {{"tape_out", "TAPE OUT"},    {"record", "RECORD"}, {"play", "PLAY"},
                         {"fast_forward", "FORWARD"}, {"rewind", "REWIND"}, {"stop", "STOP"},
                         {"moving", "MOVING"}};
    face.timer_query = "TIM?";
    face.memory = "RAM";
    face.values = {131, 127};
    return face;
}

class StuderRemote final : public StuderDeck {
  public:
    explicit StuderRemote(RemoteDeck& deck) : deck_(deck) {}

    void press(Key key) override {
        switch (key) {
        case Key::Stop:
            return deck_.press(RemoteDeck::Key::Stop);
        case Key::Play:
        case Key::RecordExit: // out of record PLAY plays on
            return deck_.press(RemoteDeck::Key::Play);
        case Key::Record:
            return deck_.press(RemoteDeck::Key::Record);
        case Key::FastForward:
            return deck_.press(RemoteDeck::Key::FastForward);
        case Key::Rewind:
            return deck_.press(RemoteDeck::Key::Rewind);
        case Key::Edit:
            return deck_.edit(true);
        case Key::LeaveEdit:
            return deck_.edit(false);
        case Key::LibraryForward:
            return deck_.library_wind(RemoteDeck::Wind::Forward);
        case Key::LibraryRewind:
            return deck_.library_wind(RemoteDeck::Wind::Reverse);
        case Key::LiftersOff:
            return deck_.lifter_defeat(true);
        case Key::LiftersOn:
            return deck_.lifter_defeat(false);
        }
    }
    void select_speed(double ips) override { deck_.select_speed(ips); }
    [[nodiscard]] State state() const override {
        const RemoteDeck::State is = deck_.state();
        return {.powered = is.powered,
                .stopped = is.stop,
                .playing = is.play,
                .recording = is.record,
                .fast_forwarding = is.fast_forward,
                .rewinding = is.rewind,
                .still = is.still,
                .tape_out = is.tape_out,
                .counter_s = is.counter_s};
    }

  private:
    RemoteDeck& deck_;
};

} // namespace overbias::deck_sim
