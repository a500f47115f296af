// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/process/nine_pin_socket.hpp"

#include "deck-sim/faces/nine_pin_remote.hpp"
#include "deck-sim/process/wires.hpp"

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

bool NinePinSocket::shuttle(double times_play_speed) {
    let_go();
    return NinePinRemote(remote_).shuttle(times_play_speed);
}

bool NinePinSocket::cue_up(double counter_s) {
    let_go();
    return NinePinRemote(remote_).cue_up(counter_s);
}

NinePinDeck::State NinePinSocket::state() const {
    return NinePinRemote(remote_).state();
}

} // namespace overbias::deck_sim
