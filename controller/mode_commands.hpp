// SPDX-License-Identifier: Apache-2.0
// The commands of what a deck can do beyond its keys: library_wind, shuttle, edit, defeat_lifters, thread,
// select_speed, ready, preset_counter, route. Each answers with what the machine said; what the deck does not offer is
// refused with the reason.
#pragma once

#include "controller/machine_commands.hpp"
#include "transport/deck_adjust.hpp"

namespace overbias::controller {

/// The registry keeps a copy of `machine`; transport, runner and adjust must outlive it.
void add_mode_commands(CommandRegistry& registry, const MachineCommands& machine, transport::DeckAdjust& adjust);

/// "source", "oscillator", "tape_return", "mute", "mono"
[[nodiscard]] std::string_view word(transport::Route route) noexcept;

} // namespace overbias::controller
