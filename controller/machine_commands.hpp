// SPDX-License-Identifier: Apache-2.0
// The commands of the machine itself: status, stop, play, record, arm, disarm, punch_out, fast_forward (wind), rewind,
// zero_counter, clear_fault, monitor, job_status, job_cancel, subscribe. Each answers with what the machine
// said: accepted, unchanged or deferred as a result, denied as an error of code Refused. While a job owns the deck only
// stop and job_cancel move it.
#pragma once

#include "base/result.hpp"
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
    /// Called before an operator's command reaches the machine, but not for arm and disarm: the autolocator lets go.
    std::function<void(const std::string& command)> taking_over = {};
    /// Why nothing may be recorded now (arm and record are refused), or empty.
    std::function<std::string()> record_obstacle = {};
    /// Why a fault may not be cleared yet, or empty.
    std::function<std::string()> clear_obstacle = {};
};

/// What status answers; also the notification "state".
[[nodiscard]] boost::json::object status_json(const MachineCommands& machine);

/// What the machine said as a reply; told to the log too. Denied is an error of code Refused.
[[nodiscard]] Reply answer_of(const MachineCommands& machine, const std::string& command,
                              const transport::CommandResult& result);
/// Says that an operator's command comes (MachineCommands::taking_over).
void take_over(const MachineCommands& machine, const std::string& command);
/// Empty, or why a command that moves or arms the deck has to wait: a job owns it.
[[nodiscard]] std::string owner_of(const JobRunner& runner);
/// A parameter of type Position in metres; the error says what is understood.
[[nodiscard]] Result<double> position_of(const boost::json::value& given, double play_speed_ips);

/// The registry keeps a copy of `commands`; transport and runner must outlive it.
void add_machine_commands(CommandRegistry& registry, const MachineCommands& commands);

} // namespace overbias::controller
