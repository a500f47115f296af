// SPDX-License-Identifier: Apache-2.0
#include "controller/mode_commands.hpp"

#include "base/units.hpp"

#include <array>
#include <boost/json.hpp>
#include <memory>

namespace overbias::controller {

namespace json = boost::json;
using transport::CommandResult;
using transport::CommandStatus;
using transport::Route;

namespace {

struct RouteWord {
    Route route;
    const char* word;
};
constexpr std::array kRoutes{RouteWord{Route::Source, "source"}, RouteWord{Route::Oscillator, "oscillator"},
                             RouteWord{Route::TapeReturn, "tape_return"}, RouteWord{Route::Mute, "mute"},
                             RouteWord{Route::Mono, "mono"}};

std::vector<std::string> route_words() {
    std::vector<std::string> words;
    for (const RouteWord& each : kRoutes) {
        words.emplace_back(each.word);
    }
    return words;
}

CommandResult set_route(transport::DeckAdjust& adjust, const std::string& name, bool on) {
    for (const RouteWord& each : kRoutes) {
        if (name == each.word) {
            if (adjust.route(each.route) == on) {
                return {CommandStatus::Unchanged, ""};
            }
            const auto set = adjust.set_route(each.route, on);
            return set ? CommandResult{CommandStatus::Accepted, ""}
                       : CommandResult{CommandStatus::Denied, set.error().message};
        }
    }
    return {CommandStatus::Denied, "there is no route '" + name + "'"}; // the registry has checked the choices
}

class Adder {
  public:
    Adder(CommandRegistry& registry, const MachineCommands& machine, transport::DeckAdjust& adjust)
        : registry_(registry), machine_(std::make_shared<const MachineCommands>(machine)), adjust_(adjust) {}

    void add_all() {
        using Given = const json::object&;
        add("library_wind", "winds slowly and evenly, for storage",
            {{"direction", ParameterType::Text, true, "forward or reverse", {"forward", "reverse"}}},
            [](transport::Transport& transport, Given given) {
                return transport.library_wind(given.at("direction") == "forward" ? transport::Direction::Forward
                                                                                 : transport::Direction::Reverse);
            });
        add("shuttle", "moves the tape at a speed until stop or another key",
            {{"speed", ParameterType::Number, true, "in ips; negative is backward, 0 holds the tape still"}},
            [](transport::Transport& transport, Given given) {
                return transport.shuttle(given.at("speed").to_number<double>() * kMetresPerInch);
            });
        add("edit", "edit mode: the reels move by hand; stop ends it", {},
            [](transport::Transport& transport, Given) { return transport.edit(); });
        add_switch("defeat_lifters", "defeats the lifters: the tape lies on the heads while it moves",
                   &transport::Transport::defeat_lifters);
        add_switch("thread", "low tension for threading, while the tape is out", &transport::Transport::thread);
        add("select_speed", "switches the deck's speed; only while the tape is still",
            {{"ips", ParameterType::Number, true, "inches a second"}},
            [](transport::Transport& transport, Given given) {
                return transport.select_speed(given.at("ips").to_number<double>());
            });
        add("ready", "makes a track record ready, or safe",
            {{"track", ParameterType::Integer, true, "1 and up"}, {"on", ParameterType::Flag, true, "false: safe"}},
            [](transport::Transport& transport, Given given) {
                return transport.set_ready(static_cast<int>(given.at("track").to_number<std::int64_t>()),
                                           given.at("on").as_bool());
            });
        add_preset();
        add_route();
    }

  private:
    using Act = std::function<CommandResult(transport::Transport&, const json::object&)>;

    void add(const std::string& name, const std::string& help, std::vector<Parameter> parameters, const Act& act) {
        registry_.add({.name = name,
                       .help = help,
                       .parameters = std::move(parameters),
                       .handler = [machine = machine_, name, act](const json::object& given, const Caller&,
                                                                  const Answer& answer) {
                           const std::string owner = owner_of(machine->runner);
                           if (!owner.empty()) {
                               return answer(answer_of(*machine, name, {CommandStatus::Denied, owner}));
                           }
                           take_over(*machine, name);
                           answer(answer_of(*machine, name, act(machine->transport, given)));
                       }});
    }

    void add_switch(const std::string& name, const std::string& help,
                    CommandResult (transport::Transport::*act)(bool)) {
        add(name, help, {{"on", ParameterType::Flag, true, "false: off again"}},
            [act](transport::Transport& transport, const json::object& given) {
                return (transport.*act)(given.at("on").as_bool());
            });
    }

    void add_preset() {
        registry_.add(
            {.name = "preset_counter",
             .help = "makes this place that one on the counter",
             .parameters = {{"position", ParameterType::Position, true,
                             "metres, or h:mm:ss of tape time at play speed"}},
             .handler = [machine = machine_](const json::object& given, const Caller&, const Answer& answer) {
                 const auto position_m = position_of(given.at("position"), machine->transport.config().play_speed_ips);
                 if (!position_m) {
                     return answer(
                         Reply::error(ErrorCode::InvalidParams, "preset_counter: " + position_m.error().message));
                 }
                 const std::string owner = owner_of(machine->runner);
                 if (!owner.empty()) {
                     return answer(answer_of(*machine, "preset_counter", {CommandStatus::Denied, owner}));
                 }
                 take_over(*machine, "preset_counter");
                 answer(answer_of(*machine, "preset_counter", machine->transport.preset_counter(*position_m)));
             }});
    }

    void add_route() {
        registry_.add({.name = "route",
                       .help = "closes or opens a relay of the patch",
                       .parameters = {{"name", ParameterType::Text, true, "which one", route_words()},
                                      {"on", ParameterType::Flag, true, "false: open"}},
                       .handler = [machine = machine_, &adjust = adjust_](const json::object& given, const Caller&,
                                                                          const Answer& answer) {
                           const std::string owner = owner_of(machine->runner);
                           answer(answer_of(*machine, "route",
                                            owner.empty() ? set_route(adjust, std::string(given.at("name").as_string()),
                                                                      given.at("on").as_bool())
                                                          : CommandResult{CommandStatus::Denied, owner}));
                       }});
    }

    CommandRegistry& registry_;
    std::shared_ptr<const MachineCommands> machine_;
    transport::DeckAdjust& adjust_;
};

} // namespace

void add_mode_commands(CommandRegistry& registry, const MachineCommands& machine, transport::DeckAdjust& adjust) {
    Adder(registry, machine, adjust).add_all();
}

std::string_view word(Route route) noexcept {
    for (const RouteWord& each : kRoutes) {
        if (each.route == route) {
            return each.word;
        }
    }
    return "";
}

} // namespace overbias::controller
