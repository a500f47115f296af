// SPDX-License-Identifier: Apache-2.0
// The autolocator's commands: locate, return_to_zero, cue_set, cue_clear, cue_go, mark, mark_clear, mark_go, repeat,
// rehearse, punch, locator. An operator's other commands end what the autolocator does (MachineCommands::taking_over).
#pragma once

#include "controller/machine_commands.hpp"
#include "transport/position/autolocator.hpp"
#include "transport/position/cue_points.hpp"

#include <boost/json/fwd.hpp>
#include <functional>

namespace overbias::controller {

struct LocatorCommands {
    MachineCommands machine;
    transport::Autolocator& autolocator;
    transport::CuePoints& cues;
    /// Called when cue points or marks have changed.
    std::function<void()> changed;
};

/// {"cues": [{"cue", "name", "tape_m", "tape_time"}], "mark_in", "mark_out", "program", "stage", "text", "passes_done",
/// "passes", "punched": {"in_m", "out_m"}}; also the notification "locator".
[[nodiscard]] boost::json::object locator_json(const transport::CuePoints& cues,
                                               const transport::AutolocatorState& state, double play_speed_ips);
/// The registry keeps a copy of `commands`; transport, autolocator and cues must outlive it.
void add_locator_commands(CommandRegistry& registry, const LocatorCommands& commands);

} // namespace overbias::controller
