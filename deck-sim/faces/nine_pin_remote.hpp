// SPDX-License-Identifier: Apache-2.0
// NinePinRemote: the simulated deck behind its 9-pin socket: what the socket asks for, of the deck's own logic.
// Thread: the timeline's.
#pragma once

#include "deck-sim/faces/nine_pin_face.hpp"
#include "deck-sim/remote_deck.hpp"

namespace overbias::deck_sim {

class NinePinRemote final : public NinePinDeck {
  public:
    explicit NinePinRemote(RemoteDeck& deck) : deck_(deck) {}

    void press(Key key) override {
        switch (key) {
        case Key::Stop:
            return deck_.press(RemoteDeck::Key::Stop);
        case Key::Play:
            return deck_.press(RemoteDeck::Key::Play);
        case Key::Record:
            return deck_.press(RemoteDeck::Key::Record);
        case Key::FastForward:
            return deck_.press(RemoteDeck::Key::FastForward);
        case Key::Rewind:
            return deck_.press(RemoteDeck::Key::Rewind);
        }
    }
    void enable_local_keys(bool) override {} ///< nobody stands at the simulated deck
    bool shuttle(double times_play_speed) override {
        deck_.shuttle(times_play_speed * deck_.state().selected_speed_ips * 0.0254);
        return true;
    }
    bool cue_up(double counter_s) override {
        deck_.cue_up(counter_s * deck_.state().selected_speed_ips * 0.0254);
        return true;
    }
    [[nodiscard]] State state() const override {
        const RemoteDeck::State is = deck_.state();
        State state;
        state.powered = is.powered;
        state.stopped = is.stop;
        state.playing = is.play;
        state.recording = is.record;
        state.fast_forwarding = is.fast_forward;
        state.rewinding = is.rewind;
        state.still = is.still;
        state.backward = is.backward;
        state.servo_locked = is.at_speed;
        state.tape_out = is.tape_out;
        state.near_end = is.near_end;
        state.record_inhibited = !is.record_enabled;
        state.counter_s = is.counter_s;
        state.shuttling = is.shuttling;
        state.cued_up = is.cued;
        return state;
    }

  private:
    RemoteDeck& deck_;
};

} // namespace overbias::deck_sim
