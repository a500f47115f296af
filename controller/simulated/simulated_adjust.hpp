// SPDX-License-Identifier: Apache-2.0
// SimulatedAdjust: the simulated deck's converters behind its screws, for level, equalisation and bias of both tracks;
// routing goes on to what the installation has. Thread: the timeline's.
#pragma once

#include "deck-sim/simulated_deck.hpp"
#include "transport/deck_adjust.hpp"

#include <cstddef>
#include <memory>

namespace overbias::controller {

class SimulatedAdjust final : public transport::DeckAdjust {
  public:
    /// The deck must outlive it.
    SimulatedAdjust(deck_sim::SimulatedDeck& deck, std::unique_ptr<transport::DeckAdjust> routing);

    [[nodiscard]] transport::DeckAdjustCapabilities capabilities() const noexcept override;
    Result<void> select_monitor(transport::MonitorSelect select) override;
    Result<void> set_route(transport::Route route, bool on) override;
    [[nodiscard]] bool route(transport::Route route) const override;
    Result<void> set_adjuster(transport::Adjuster adjuster, std::size_t track, double position) override;
    [[nodiscard]] Result<double> adjuster(transport::Adjuster adjuster, std::size_t track) const override;

  private:
    deck_sim::SimulatedDeck& deck_;
    std::unique_ptr<transport::DeckAdjust> routing_;
};

} // namespace overbias::controller
