// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/process/control_commands.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <stdexcept>
#include <utility>

namespace overbias::deck_sim {

namespace json = boost::json;

namespace {

std::uint64_t after_of(const json::object& request) {
    const json::value* after = request.if_contains("after");
    return after == nullptr ? 0 : after->to_number<std::uint64_t>();
}

} // namespace

double number_of(const json::object& request, const char* name) {
    const json::value* value = request.if_contains(name);
    if (value == nullptr || !value->is_number()) {
        throw std::invalid_argument(std::string("expected the number '") + name + "'");
    }
    return value->to_number<double>();
}

std::string text_of(const json::object& request, const char* name) {
    const json::value* value = request.if_contains(name);
    if (value == nullptr || !value->is_string()) {
        throw std::invalid_argument(std::string("expected '") + name + "': a text");
    }
    return json::value_to<std::string>(*value);
}

bool flag_of(const json::object& request, const char* name) {
    const json::value* value = request.if_contains(name);
    if (value == nullptr || !value->is_bool()) {
        throw std::invalid_argument(std::string("expected '") + name + "': true or false");
    }
    return value->get_bool();
}

json::object outcome_of(const Result<void>& result) {
    return result ? json::object{} : json::object{{"error", result.error().message}};
}

ControlCommands::ControlCommands(Timeline& timeline, EventLog& log) : timeline_(timeline), log_(log) {
    add("events", [this](const json::object& request) {
        return json::object{{"events", log_.after(after_of(request))}};
    });
    add_later("wait", [this](const json::object& request, const Answer& answer) {
        const json::value* what = request.if_contains("what");
        if (what == nullptr || !what->is_string()) {
            throw std::invalid_argument("expected 'what': the name of an event");
        }
        const DeckTime until = request.contains("until_ns")
                                   ? log_.deck_time(static_cast<std::int64_t>(number_of(request, "until_ns")))
                                   : timeline_.now() + deck_seconds(number_of(request, "timeout_s"));
        waiting_.push_back({json::value_to<std::string>(*what), after_of(request), until, answer});
    });
}

void ControlCommands::add(const std::string& name, std::function<json::object(const json::object&)> action) {
    commands_[name] = [action = std::move(action)](const json::object& request, const Answer& answer) {
        answer(action(request));
    };
}

void ControlCommands::add_cable(const std::string& name, std::function<void()> action) {
    add(name, [this, name, action = std::move(action)](const json::object&) {
        log_.note(timeline_.now(), name.c_str());
        action();
        return json::object{};
    });
}

void ControlCommands::serve(const json::object& request, const Answer& answer) {
    const json::value* cmd = request.if_contains("cmd");
    const auto found =
        cmd != nullptr && cmd->is_string() ? commands_.find(json::value_to<std::string>(*cmd)) : commands_.end();
    if (found == commands_.end()) {
        std::string names;
        for (const auto& [name, command] : commands_) {
            names += (names.empty() ? "" : ", ") + name;
        }
        throw std::invalid_argument("expected 'cmd': one of " + names);
    }
    found->second(request, answer);
}

void ControlCommands::turn() {
    for (auto one = waiting_.begin(); one != waiting_.end();) {
        const json::value event = log_.find(one->what, one->after);
        if (event.is_null() && timeline_.now() < one->until) {
            ++one;
            continue;
        }
        const Answer answer = std::move(one->answer);
        one = waiting_.erase(one);
        answer({{"event", event}});
    }
}

} // namespace overbias::deck_sim
