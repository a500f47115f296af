// SPDX-License-Identifier: Apache-2.0
// ControlCommands: the requests of a control socket by name (docs/decksim.md), and those that every simulated machine
// answers: what happened, and waiting for it. Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"
#include "base/result.hpp"
#include "deck-sim/process/control_door.hpp"
#include "deck-sim/process/event_log.hpp"

#include <boost/json/object.hpp>
#include <functional>
#include <list>
#include <map>
#include <string>

namespace overbias::deck_sim {

class ControlCommands {
  public:
    using Answer = ControlDoor::Answer;
    using Command = std::function<void(const boost::json::object&, const Answer&)>;

    /// Knows `events` and `wait` from the start.
    ControlCommands(Timeline& timeline, EventLog& log);

    /// A command that is done at once.
    void add(const std::string& name, std::function<boost::json::object(const boost::json::object&)> action);
    /// A command that answers later.
    void add_later(const std::string& name, Command command) { commands_[name] = std::move(command); }
    /// A cable that is pulled or put back, or a switch that is thrown: noted as an event of that name.
    void add_cable(const std::string& name, std::function<void()> action);
    /// Throws std::invalid_argument when there is no such command.
    void serve(const boost::json::object& request, const Answer& answer);
    /// Every few milliseconds: whoever waits for an event hears of it.
    void turn();

  private:
    struct Waiting {
        std::string what;
        std::uint64_t after;
        DeckTime until;
        Answer answer;
    };
    Timeline& timeline_;
    EventLog& log_;
    std::map<std::string, Command> commands_;
    std::list<Waiting> waiting_;
};

/// Members of a request. Throw std::invalid_argument when they are not there, or not of that kind.
[[nodiscard]] double number_of(const boost::json::object& request, const char* name);
[[nodiscard]] std::string text_of(const boost::json::object& request, const char* name);
[[nodiscard]] bool flag_of(const boost::json::object& request, const char* name);
/// {} for what was done, else {"error": ...}.
[[nodiscard]] boost::json::object outcome_of(const Result<void>& result);

} // namespace overbias::deck_sim
