// SPDX-License-Identifier: Apache-2.0
// Hands at the simulated deck, for who has no real one: another reel on it, a screw turned. The commands are there on
// every deck, and refused where the deck is real. Thread: the timeline's.
#pragma once

#include "base/result.hpp"
#include "controller/command_registry.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

namespace overbias::controller {

class SimulatedHands {
  public:
    SimulatedHands() = default;
    SimulatedHands(const SimulatedHands&) = delete;
    SimulatedHands& operator=(const SimulatedHands&) = delete;
    virtual ~SimulatedHands() = default;
    /// Another reel in place of the one on the deck, at its beginning: as --tape has it, or "blank". An Error while
    /// anything moves.
    [[nodiscard]] virtual Result<void> mount(const std::string& tape) = 0;
    /// Turns a screw of `track` (0 or 1) to `position`, 0 to 1; without one it only looks. Where it stands then.
    [[nodiscard]] virtual Result<double> screw(const std::string& name, std::size_t track,
                                               std::optional<double> position) = 0;
};

/// `hands`: null on a real deck. `commanded`: for the log, as everywhere.
void add_simulated_commands(CommandRegistry& registry, SimulatedHands* hands,
                            std::function<void(const std::string& command, const std::string& answer)> commanded);

} // namespace overbias::controller
