// SPDX-License-Identifier: Apache-2.0
#include "controller/locator_commands.hpp"

#include "controller/tape_position.hpp"

#include <boost/json.hpp>
#include <memory>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;
using transport::CommandResult;
using transport::CommandStatus;
using transport::CuePoints;

namespace {

json::string words(std::string_view text) {
    return json::string(text.data(), text.size());
}

json::value place_json(const std::optional<double>& place_m, double play_speed_ips) {
    return place_m ? json::value{{"tape_m", *place_m}, {"tape_time", tape_time_text(*place_m, play_speed_ips)}}
                   : json::value(nullptr);
}

json::value or_null(const std::optional<double>& value) {
    return value ? json::value(*value) : json::value(nullptr);
}

bool flag(const json::object& given, const char* name) {
    const json::value* value = given.if_contains(name);
    return value != nullptr && value->as_bool();
}

CommandResult denied(std::string why) {
    return {CommandStatus::Denied, std::move(why)};
}

class Adder {
  public:
    Adder(CommandRegistry& registry, const LocatorCommands& commands)
        : registry_(registry), all_(std::make_shared<const LocatorCommands>(commands)) {}

    void add_all() {
        add_locating();
        add_cues();
        add_marks();
        add_ranges();
        registry_.add({.name = "locator",
                       .help = "cue points, marks, and what the autolocator does",
                       .role = Role::Observe,
                       .handler = [all = all_](const json::object&, const Caller&, const Answer& answer) {
                           answer(Reply::with(locator_json(all->cues, all->autolocator.state(), play_speed_ips(*all))));
                       }});
    }

  private:
    using All = LocatorCommands;
    /// What the machine says; an Error is a parameter that can't be used.
    using Act = std::function<Result<CommandResult>(const All&, const json::object&)>;
    /// Changes cue points; the error is in words for the operator.
    using Change = std::function<Result<void>(const All&, const json::object&)>;

    static double play_speed_ips(const All& all) { return all.machine.transport.config().play_speed_ips; }

    /// A command that moves the deck: not while a job owns it.
    void add(const std::string& name, const std::string& help, std::vector<Parameter> parameters, const Act& act) {
        registry_.add(
            {.name = name,
             .help = help,
             .parameters = std::move(parameters),
             .handler = [all = all_, name, act](const json::object& given, const Caller&, const Answer& answer) {
                 const std::string owner = owner_of(all->machine.runner);
                 if (!owner.empty()) {
                     return answer(answer_of(all->machine, name, denied(owner)));
                 }
                 const Result<CommandResult> said = act(*all, given);
                 answer(said ? answer_of(all->machine, name, said.value())
                             : Reply::error(ErrorCode::InvalidParams, name + ": " + said.error().message));
             }});
    }

    void add_change(const std::string& name, const std::string& help, std::vector<Parameter> parameters,
                    const Change& change) {
        registry_.add(
            {.name = name,
             .help = help,
             .parameters = std::move(parameters),
             .handler = [all = all_, name, change](const json::object& given, const Caller&, const Answer& answer) {
                 const auto changed = change(*all, given);
                 if (!changed) {
                     return answer(Reply::error(ErrorCode::InvalidParams, name + ": " + changed.error().message));
                 }
                 all->changed();
                 answer(Reply::with(locator_json(all->cues, all->autolocator.state(), play_speed_ips(*all))));
             }});
    }

    /// The place given, or where the tape is now.
    static Result<double> place_or_here(const All& all, const json::object& given) {
        const json::value* position = given.if_contains("position");
        return position == nullptr ? Result<double>(all.machine.transport.state().position_m)
                                   : position_of(*position, play_speed_ips(all));
    }

    static Result<CommandResult> go(const All& all, const Result<double>& place_m, bool then_play) {
        if (!place_m) {
            return place_m.error();
        }
        return all.autolocator.locate(*place_m, then_play);
    }

    void add_locating() {
        const Parameter then_play{"play", ParameterType::Flag, false, "play when it has arrived"};
        add("locate", "winds to a place and stops or plays there",
            {{"position", ParameterType::Position, true, "metres, or h:mm:ss.hh of tape time at play speed"},
             then_play},
            [](const All& all, const json::object& given) {
                return go(all, position_of(given.at("position"), play_speed_ips(all)), flag(given, "play"));
            });
        add("return_to_zero", "winds to the counter's zero", {then_play},
            [](const All& all, const json::object& given) {
                return all.autolocator.return_to_zero(flag(given, "play"));
            });
        add("cue_go", "winds to a cue point",
            {{"cue", ParameterType::Text, true, "its number (0 to 9) or name"}, then_play},
            [](const All& all, const json::object& given) {
                const auto cue = all.cues.find(std::string_view(given.at("cue").as_string()));
                return go(all, cue ? Result<double>(cue->place_m) : Result<double>(cue.error()), flag(given, "play"));
            });
        add("mark_go", "winds to mark in or mark out", {which(), then_play},
            [](const All& all, const json::object& given) {
                return go(all, given.at("which") == "in" ? all.cues.in_m() : all.cues.out_m(), flag(given, "play"));
            });
    }

    void add_cues() {
        const Parameter number{"cue", ParameterType::Integer, true, "0 to 9"};
        add_change("cue_set", "makes a cue point of a place",
                   {number,
                    {"name", ParameterType::Text, false, "what it is called"},
                    {"position", ParameterType::Position, false, "default: where the tape is now"}},
                   [](const All& all, const json::object& given) -> Result<void> {
                       const auto place_m = place_or_here(all, given);
                       if (!place_m) {
                           return place_m.error();
                       }
                       const json::value* name = given.if_contains("name");
                       return all.cues.set(given.at("cue").to_number<int>(), *place_m,
                                           name == nullptr ? "" : json::value_to<std::string>(*name));
                   });
        add_change("cue_clear", "forgets a cue point", {number}, [](const All& all, const json::object& given) {
            return all.cues.clear(given.at("cue").to_number<int>());
        });
    }

    void add_marks() {
        add_change("mark", "marks in or out: of a repeat, of a punch",
                   {which(), {"position", ParameterType::Position, false, "default: where the tape is now"}},
                   [](const All& all, const json::object& given) -> Result<void> {
                       const auto place_m = place_or_here(all, given);
                       if (!place_m) {
                           return place_m.error();
                       }
                       return given.at("which") == "in" ? all.cues.mark_in(*place_m) : all.cues.mark_out(*place_m);
                   });
        add_change("mark_clear", "forgets both marks", {}, [](const All& all, const json::object&) -> Result<void> {
            all.cues.clear_marks();
            return {};
        });
    }

    /// What is done between the marks.
    void add_ranges() {
        add("repeat", "plays from mark in to mark out again and again, until stopped",
            {{"passes", ParameterType::Integer, false, "so many times; default: until stopped"}},
            [](const All& all, const json::object& given) {
                const auto range = all.cues.range();
                const json::value* passes = given.if_contains("passes");
                return range ? all.autolocator.repeat(range->in_m, range->out_m,
                                                      passes == nullptr ? 0 : passes->to_number<int>())
                             : denied(range.error().message);
            });
        add("rehearse", "plays past mark in and mark out without recording", {},
            [](const All& all, const json::object&) {
                const auto range = all.cues.range();
                return range ? all.autolocator.rehearse({.in_m = range->in_m, .out_m = range->out_m})
                             : denied(range.error().message);
            });
        add("punch", "goes to before mark in, waits for arm, then records from mark in to mark out", {},
            [](const All& all, const json::object&) {
                const auto range = all.cues.range();
                std::string against = all.machine.record_obstacle ? all.machine.record_obstacle() : std::string();
                if (!range) {
                    against = range.error().message;
                }
                return against.empty() ? all.autolocator.punch({.in_m = range->in_m, .out_m = range->out_m})
                                       : denied(against);
            });
    }

    static Parameter which() { return {"which", ParameterType::Text, true, "in or out", {"in", "out"}}; }

    CommandRegistry& registry_;
    std::shared_ptr<const All> all_;
};

} // namespace

json::object locator_json(const CuePoints& cues, const transport::AutolocatorState& state, double play_speed_ips) {
    json::array points;
    for (std::size_t number = 0; number < cues.stored().points.size(); ++number) {
        if (const auto& point = cues.stored().points[number]) {
            points.push_back({{"cue", number},
                              {"name", point->name},
                              {"tape_m", point->place_m},
                              {"tape_time", tape_time_text(point->place_m, play_speed_ips)}});
        }
    }
    return {{"cues", std::move(points)},
            {"mark_in", place_json(cues.stored().mark_in_m, play_speed_ips)},
            {"mark_out", place_json(cues.stored().mark_out_m, play_speed_ips)},
            {"program", words(name_of(state.program))},
            {"stage", words(name_of(state.stage))},
            {"text", state.said.empty() ? json::value(nullptr) : json::value(json::string(state.said))},
            {"passes_done", state.passes_done},
            {"passes", state.passes},
            {"punched", {{"in_m", or_null(state.punched.in_m)}, {"out_m", or_null(state.punched.out_m)}}}};
}

void add_locator_commands(CommandRegistry& registry, const LocatorCommands& commands) {
    Adder(registry, commands).add_all();
}

} // namespace overbias::controller
