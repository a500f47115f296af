// SPDX-License-Identifier: Apache-2.0
// NinePinSocket: the deck behind its 9-pin socket. Keys that come over the line are pressed for 100 ms, beside whatever
// else presses them; the state is that of the lamps and of the tape roller. Thread: the timeline's.
#pragma once

#include "deck-sim/process/deck_wiring.hpp"
#include "deck-sim/process/nine_pin_face.hpp"
#include "deck-sim/simulated_deck.hpp"

#include <optional>
#include <vector>

namespace overbias::deck_sim {

class NinePinSocket final : public NinePinDeck {
  public:
    NinePinSocket(Timeline& timeline, SimulatedDeck& deck, DeckWiring& wiring, const Settings& settings);
    ~NinePinSocket() override;

    void press(Key key) override;
    void enable_local_keys(bool) override {} ///< nobody stands at the simulated deck
    [[nodiscard]] State state() const override;

    static constexpr DeckDuration kPressed = std::chrono::milliseconds(100);

  private:
    void let_go();

    Timeline& timeline_;
    SimulatedDeck& deck_;
    DeckWiring& wiring_;
    double edges_per_second_; ///< of the tape roller at play speed, nominal
    std::vector<unsigned> held_;
    Timeline::TimerId timer_ = 0;
};

} // namespace overbias::deck_sim
