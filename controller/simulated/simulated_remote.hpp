// SPDX-License-Identifier: Apache-2.0
// The simulated deck behind the socket that a profile's driver speaks to: a serial line on deck time, and the deck's
// face at its far end. Of the simulated wiring and of tests. Thread: the timeline's.
#pragma once

#include "controller/config.hpp"
#include "deck-sim/faces/serial_pair.hpp"
#include "deck-sim/simulated_deck.hpp"

#include <memory>

namespace overbias::controller {

class SimulatedSocket {
  public:
    SimulatedSocket() = default;
    SimulatedSocket(const SimulatedSocket&) = delete;
    SimulatedSocket& operator=(const SimulatedSocket&) = delete;
    virtual ~SimulatedSocket() = default;
    /// The line; its link() is the driver's end.
    [[nodiscard]] virtual deck_sim::SerialPair& line() = 0;
};

/// Null for a profile whose driver needs no serial line. The deck must outlive it.
[[nodiscard]] std::unique_ptr<SimulatedSocket> make_simulated_socket(Timeline& timeline, deck_sim::SimulatedDeck& deck,
                                                                     const Config& config);

} // namespace overbias::controller
