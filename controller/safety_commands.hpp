// SPDX-License-Identifier: Apache-2.0
// The commands acknowledge_no_hardware_stop and pair.
#pragma once

#include "controller/command_registry.hpp"
#include "controller/supervisor.hpp"

#include <functional>
#include <string>

namespace overbias::controller {

/// acknowledge_no_hardware_stop: the operator knows that nothing stops this deck when the daemon dies. `commanded` is
/// told, for the log.
void add_safety_commands(CommandRegistry& registry, Supervisor& supervisor,
                         std::function<void(const std::string& command, const std::string& answer)> commanded);

/// pair: a new address that pairs one browser; over the UNIX socket only. `address` answers empty without a panel.
void add_pair_command(CommandRegistry& registry, std::function<std::string()> address);

} // namespace overbias::controller
