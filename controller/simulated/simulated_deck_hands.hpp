// SPDX-License-Identifier: Apache-2.0
// The simulated deck as hands reach it. Of the simulated wiring. Thread: the timeline's.
#pragma once

#include "controller/simulated/simulated_hands.hpp"
#include "deck-sim/settings.hpp"
#include "deck-sim/simulated_deck.hpp"

namespace overbias::controller {

class SimulatedDeckHands final : public SimulatedHands {
  public:
    /// `usual`: what a tape is that does not say otherwise. The deck must outlive it.
    SimulatedDeckHands(deck_sim::SimulatedDeck& deck, deck_sim::TapeContent usual);

    [[nodiscard]] Result<void> mount(const std::string& tape) override;
    [[nodiscard]] Result<double> screw(const std::string& name, std::size_t track,
                                       std::optional<double> position) override;

  private:
    deck_sim::SimulatedDeck& deck_;
    deck_sim::TapeContent usual_;
};

} // namespace overbias::controller
