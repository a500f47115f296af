// SPDX-License-Identifier: Apache-2.0
// The commands of the machine itself: status, stop, play, record, arm, disarm, punch_out, fast_forward (wind), rewind,
// locate, zero_counter, clear_fault, monitor, job_status, job_cancel, subscribe. Each answers with what the machine
// said: accepted, unchanged or deferred as a result, denied as an error of code Refused. While a job owns the deck only
// stop and job_cancel move it.
#pragma once

#include "controller/command_registry.hpp"
#include "controller/job_runner.hpp"
#include "transport/transport.hpp"

#include <boost/json/fwd.hpp>
#include <functional>

namespace overbias::controller {

struct MachineCommands {
    transport::Transport& transport;
    JobRunner& runner;
    /// Adds what only the installation knows (deck, audio, logbook) to the answer of status.
    std::function<void(boost::json::object&)> more_status = {};
    /// Told of every command that an operator gave and what the machine said, for the log.
    std::function<void(const std::string& command, const std::string& answer)> commanded = {};
    /// Why nothing may be recorded now (arm and record are refused), or empty.
    std::function<std::string()> record_obstacle = {};
    /// Why a fault may not be cleared yet, or empty.
    std::function<std::string()> clear_obstacle = {};
};

/// What status answers; also the notification "state".
[[nodiscard]] boost::json::object status_json(const MachineCommands& machine);

/// The registry keeps a copy of `commands`; transport and runner must outlive it.
void add_machine_commands(CommandRegistry& registry, const MachineCommands& commands);

} // namespace overbias::controller
