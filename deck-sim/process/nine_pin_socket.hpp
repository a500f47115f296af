// SPDX-License-Identifier: Apache-2.0
// NinePinSocket: the deck behind its 9-pin socket. Keys that come over the line are pressed for 100 ms, beside whatever
// else presses them; shuttle and cue-up are the deck's own servo and locator, and what the deck shows is its lamps and
// its roller counter. Thread: the timeline's.
#pragma once

#include "deck-sim/faces/nine_pin_face.hpp"
#include "deck-sim/process/deck_wiring.hpp"
#include "deck-sim/simulated_deck.hpp"

#include <optional>
#include <vector>

namespace overbias::deck_sim {

class NinePinSocket final : public NinePinDeck {
  public:
    NinePinSocket(Timeline& timeline, SimulatedDeck& deck, DeckWiring& wiring)
        : timeline_(timeline), remote_(deck.remote()), wiring_(wiring) {}
    ~NinePinSocket() override;

    void press(Key key) override;
    void enable_local_keys(bool) override {} ///< nobody stands at the simulated deck
    bool shuttle(double times_play_speed) override;
    bool cue_up(double counter_s) override;
    [[nodiscard]] State state() const override;

    static constexpr DeckDuration kPressed = std::chrono::milliseconds(100);

  private:
    void let_go();

    Timeline& timeline_;
    RemoteDeck& remote_;
    DeckWiring& wiring_;
    std::vector<unsigned> held_;
    Timeline::TimerId timer_ = 0;
};

} // namespace overbias::deck_sim
