// SPDX-License-Identifier: Apache-2.0
#include "controller/machine_commands.hpp"

#include "controller/state_json.hpp"
#include "controller/tape_position.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>
#include <memory>

namespace overbias::controller {

namespace json = boost::json;
using transport::CommandResult;
using transport::CommandStatus;

namespace {

std::string status_word(CommandStatus status) {
    std::string text(name_of(status));
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

class Adder {
  public:
    Adder(CommandRegistry& registry, const MachineCommands& commands)
        : registry_(registry), machine_(std::make_shared<const MachineCommands>(commands)) {}

    void add_all() {
        add_status();
        add_stop();
        add_motion("play", "starts play at the deck's speed", &transport::Transport::play);
        add_motion("record", "records: only armed, in play, when the deck has shown that it plays",
                   &transport::Transport::record, {}, machine_->record_obstacle);
        add_motion("arm", "allows record once; withdrawn by stop, wind, locate and fault", &transport::Transport::arm,
                   {}, machine_->record_obstacle);
        add_motion("disarm", "withdraws arm", &transport::Transport::disarm);
        add_motion("punch_out", "leaves record and goes on playing", &transport::Transport::punch_out);
        add_motion("fast_forward", "winds forward", &transport::Transport::fast_forward, {"wind"});
        add_motion("rewind", "winds back", &transport::Transport::rewind);
        add_motion("zero_counter", "makes this place 0 of the counter", &transport::Transport::zero_counter);
        add_motion("clear_fault", "takes the machine out of fault, after its cause is gone",
                   &transport::Transport::clear_fault, {}, machine_->clear_obstacle);
        add_monitor();
        add_jobs();
        add_subscribe();
    }

  private:
    using Machine = std::shared_ptr<const MachineCommands>;

    void add_motion(const std::string& name, const std::string& help, CommandResult (transport::Transport::*act)(),
                    std::vector<std::string> aliases = {}, const std::function<std::string()>& obstacle = {}) {
        registry_.add({.name = name,
                       .help = help,
                       .aliases = std::move(aliases),
                       .handler = [machine = machine_, name, act, obstacle](const json::object&, const Caller&,
                                                                            const Answer& answer) {
                           std::string against = owner_of(machine->runner);
                           if (against.empty() && obstacle) {
                               against = obstacle();
                           }
                           if (against.empty() && name != "arm" && name != "disarm") {
                               take_over(*machine, name);
                           }
                           answer(answer_of(*machine, name,
                                            against.empty() ? (machine->transport.*act)()
                                                            : CommandResult{CommandStatus::Denied, against}));
                       }});
    }

    void add_stop() {
        registry_.add(
            {.name = "stop",
             .help = "record off, then stop; never refused. Ends a running job",
             .handler = [machine = machine_](const json::object&, const Caller&, const Answer& answer) {
                 // The deck first: cancel() stops it before the job is destroyed, and without a job stop()
                 // does.
                 const bool running = machine->runner.running();
                 if (running) {
                     machine->runner.cancel("stopped by the operator");
                     return answer(answer_of(*machine, "stop", {CommandStatus::Accepted, "the job was ended"}));
                 }
                 const CommandResult result = machine->transport.stop();
                 machine->runner.cancel("stopped by the operator"); // one that is being prepared
                 answer(answer_of(*machine, "stop", result));
             }});
    }

    void add_status() {
        registry_.add({.name = "status",
                       .help = "what the machine does, where the tape is, what job runs",
                       .role = Role::Observe,
                       .handler = [machine = machine_](const json::object&, const Caller&, const Answer& answer) {
                           answer(Reply::with(status_json(*machine)));
                       }});
    }

    void add_monitor() {
        registry_.add(
            {.name = "monitor",
             .help = "what the deck's output carries",
             .parameters = {{"select", ParameterType::Text, true, "input, sync or repro", {"input", "sync", "repro"}}},
             .handler = [machine = machine_](const json::object& given, const Caller&, const Answer& answer) {
                 const std::string select(given.at("select").as_string());
                 const std::string owner = owner_of(machine->runner);
                 if (!owner.empty()) {
                     return answer(answer_of(*machine, "monitor", {CommandStatus::Denied, owner}));
                 }
                 answer(answer_of(*machine, "monitor",
                                  machine->transport.select_monitor(select == "input" ? transport::MonitorSelect::Input
                                                                    : select == "sync"
                                                                        ? transport::MonitorSelect::Sync
                                                                        : transport::MonitorSelect::Repro)));
             }});
    }

    void add_jobs() {
        registry_.add(
            {.name = "job_status",
             .help = "the job that runs, and how the last one ended",
             .role = Role::Observe,
             .handler = [machine = machine_](const json::object&, const Caller&, const Answer& answer) {
                 const JobRunner& runner = machine->runner;
                 answer(Reply::with(json::object{
                     {"job", job_json(runner)},
                     {"last_job", runner.last() ? json::value(job_end_json(*runner.last())) : json::value(nullptr)}}));
             }});
        registry_.add({.name = "job_cancel",
                       .help = "stops the deck and ends the job",
                       .handler = [machine = machine_](const json::object&, const Caller&, const Answer& answer) {
                           const bool ended = machine->runner.cancel("cancelled by the operator");
                           answer(answer_of(*machine, "job_cancel",
                                            ended ? CommandResult{CommandStatus::Accepted, "the job was ended"}
                                                  : CommandResult{CommandStatus::Unchanged, "no job is running"}));
                       }});
    }

    void add_subscribe() {
        registry_.add(
            {.name = "subscribe",
             .help = "sends this connection notifications from now on",
             .role = Role::Observe,
             .parameters =
                 {{"topics", ParameterType::TextList, false,
                   "state, position, position_corrected, progress, job_end, card, locator, routes, alignment, "
                   "alignment_accepted, concern, plan_progress, transfer; all of them when absent; and deck_lines"}},
             .handler = [](const json::object& given, const Caller& caller, const Answer& answer) {
                 static const std::vector<std::string> known{
                     "state",  "position",  "position_corrected", "progress", "job_end",       "card",    "locator",
                     "routes", "alignment", "alignment_accepted", "concern",  "plan_progress", "transfer"};
                 std::vector<std::string> topics = known;
                 if (const json::value* asked = given.if_contains("topics")) {
                     topics = json::value_to<std::vector<std::string>>(*asked);
                 }
                 for (const std::string& topic : topics) {
                     if (topic != "deck_lines" && std::ranges::find(known, topic) == known.end()) {
                         return answer(Reply::error(
                             ErrorCode::InvalidParams,
                             "subscribe: unknown topic '" + topic +
                                 "'; there are: state, position, position_corrected, progress, job_end, card, locator, "
                                 "routes, alignment, alignment_accepted, concern, plan_progress, deck_lines"));
                     }
                 }
                 if (!caller.subscribe) {
                     return answer(
                         Reply::error(ErrorCode::Refused, "subscribe: this connection can't send notifications"));
                 }
                 caller.subscribe(topics);
                 answer(Reply::with(json::object{{"topics", json::value_from(topics)}}));
             }});
    }

    CommandRegistry& registry_;
    Machine machine_;
};

} // namespace

Reply answer_of(const MachineCommands& machine, const std::string& command, const CommandResult& result) {
    if (machine.commanded) {
        machine.commanded(command, status_word(result.status) + (result.reason.empty() ? "" : ": " + result.reason));
    }
    if (result.denied()) {
        return Reply::error(ErrorCode::Refused, command + " was refused: " + result.reason);
    }
    json::object answer{
        {"status", status_word(result.status)},
        {"reason", result.reason.empty() ? json::value(nullptr) : json::value(json::string(result.reason))},
        {"state", machine_json(machine.transport.state(), machine.transport.config().play_speed_ips)}};
    return Reply::with(answer);
}

void take_over(const MachineCommands& machine, const std::string& command) {
    if (machine.taking_over) {
        machine.taking_over(command);
    }
}

std::string owner_of(const JobRunner& runner) {
    if (!runner.busy()) {
        return {};
    }
    const auto percent = static_cast<int>(runner.progress().fraction * 100.0);
    return "the deck belongs to '" + runner.name() + "' (" + runner.phase_word() +
           (runner.running() ? ", " + std::to_string(percent) + " %" : "") + "); stop ends it";
}

Result<double> position_of(const json::value& given, double play_speed_ips) {
    return given.is_string() ? parse_tape_position(std::string_view(given.as_string()), play_speed_ips)
                             : Result<double>(given.to_number<double>());
}

json::object status_json(const MachineCommands& machine) {
    json::object status = machine_json(machine.transport.state(), machine.transport.config().play_speed_ips);
    status["job"] = job_json(machine.runner);
    status["last_job"] =
        machine.runner.last() ? json::value(job_end_json(*machine.runner.last())) : json::value(nullptr);
    if (machine.more_status) {
        machine.more_status(status);
    }
    return status;
}

void add_machine_commands(CommandRegistry& registry, const MachineCommands& commands) {
    Adder(registry, commands).add_all();
}

} // namespace overbias::controller
