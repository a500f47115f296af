// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/process/nine_pin_socket.hpp"

#include "deck-sim/process/wires.hpp"

#include <cstring>

namespace overbias::deck_sim {

namespace {

unsigned key_of(NinePinDeck::Key key) {
    switch (key) {
    case NinePinDeck::Key::Stop:
        return kStopKey;
    case NinePinDeck::Key::Play:
        return kPlayKey;
    case NinePinDeck::Key::Record:
        return kRecordKey;
    case NinePinDeck::Key::FastForward:
        return kFastForwardKey;
    case NinePinDeck::Key::Rewind:
        break;
    }
    return kRewindKey;
}

} // namespace

NinePinSocket::NinePinSocket(Timeline& timeline, SimulatedDeck& deck, DeckWiring& wiring, const Settings& settings)
    : timeline_(timeline), deck_(deck), wiring_(wiring),
      edges_per_second_(settings.roller_edges_per_metre * settings.play_speed_ips * 0.0254) {
}

NinePinSocket::~NinePinSocket() {
    timeline_.cancel(timer_);
}

void NinePinSocket::press(Key key) {
    timeline_.cancel(timer_);
    let_go(); // one hand
    held_.push_back(key_of(key));
    if (key == Key::Record) {
        held_.push_back(kPlayKey);
    }
    for (const unsigned one : held_) {
        wiring_.serial_key(one, true);
    }
    timer_ = timeline_.call_after(kPressed, [this] { let_go(); });
}

void NinePinSocket::let_go() {
    for (const unsigned one : held_) {
        wiring_.serial_key(one, false);
    }
    held_.clear();
}

NinePinDeck::State NinePinSocket::state() const {
    transport::Lines& lines = deck_.lines();
    const auto lit = [&lines](const char* lamp) {
        const auto line = lines.find_input(lamp);
        return line && lines.get(*line);
    };
    const Truth truth = deck_.truth();
    State state;
    state.stopped = lit("tally_stop");
    state.playing = lit("tally_play");
    state.recording = lit("tally_record");
    state.fast_forwarding = lit("tally_fast_forward");
    state.rewinding = lit("tally_rewind");
    state.tape_out = lit("tape_out");
    state.still = truth.speed_m_s == 0.0;
    state.backward = truth.speed_m_s < 0.0;
    state.servo_locked = state.playing;
    state.record_inhibited = std::strcmp(wiring_.heartbeat_state(), "dropped") == 0;
    state.counter_s = static_cast<double>(deck_.tach().read().edges) / edges_per_second_;
    return state;
}

} // namespace overbias::deck_sim
