// SPDX-License-Identifier: Apache-2.0
#include "controller/client/operator_words.hpp"

#include "controller/client/words.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <sstream>
#include <system_error>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

namespace {

std::optional<double> value_of(std::string_view word) {
    if (word.starts_with('+')) {
        word.remove_prefix(1);
    }
    double value = 0.0;
    const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (failure != std::errc() || end != word.data() + word.size() || !std::isfinite(value)) {
        return std::nullopt;
    }
    return value;
}

} // namespace

Result<std::optional<OperatorLine>> operator_line(std::string_view line) {
    std::istringstream words{std::string(line.substr(0, line.find('#')))};
    std::string first, second, third, more;
    words >> first >> second >> third >> more;
    const auto not_understood = [&] {
        return Error{"'" + printable(line) +
                     "' is not understood; expected accept [VALUE], value VALUE, skip, back, abort or wait STEP "
                     "[done|turn|watch|confirm|enter]"};
    };
    if (first.empty()) {
        return std::optional<OperatorLine>();
    }
    if (!more.empty()) {
        return not_understood();
    }
    OperatorLine out;
    if (first == "wait") {
        constexpr std::array<std::string_view, 4> kTasks{"turn", "watch", "confirm", "enter"};
        const bool task = std::ranges::find(kTasks, third) != kTasks.end();
        if (second.empty() || (!third.empty() && third != "done" && !task)) {
            return not_understood();
        }
        out.step = second;
        out.done = third == "done";
        out.task = task ? third : std::string();
        return std::optional(out);
    }
    if (!third.empty()) {
        return not_understood();
    }
    if (first == "accept" || first == "value") {
        out.says = "accept";
        out.value = second.empty() ? std::nullopt : value_of(second);
        if (!out.value && (!second.empty() || first == "value")) {
            return not_understood();
        }
        return std::optional(out);
    }
    if ((first == "skip" || first == "back" || first == "abort") && second.empty()) {
        out.says = first;
        return std::optional(out);
    }
    return not_understood();
}

json::object say_request(const OperatorLine& line) {
    json::object said{{"says", line.says}};
    if (line.value) {
        said["value"] = *line.value;
    }
    return said;
}

std::optional<OperatorLine> OperatorKeys::press(char key) {
    const auto said = [this](const char* says) {
        typed_.clear();
        return std::optional(OperatorLine{.says = says, .value = std::nullopt, .step = {}, .done = false, .task = {}});
    };
    switch (key) {
    case '\n':
    case '\r': {
        const auto value = typed_.empty() ? std::nullopt : value_of(typed_);
        if (!typed_.empty() && !value) { // no number: typed anew
            typed_.clear();
            return std::nullopt;
        }
        auto line = said("accept");
        line->value = value;
        return line;
    }
    case 's':
        return said("skip");
    case 'b':
        return said("back");
    case 'q':
        return said("abort");
    case '\b':
    case '\x7f':
        if (!typed_.empty()) {
            typed_.pop_back();
        }
        return std::nullopt;
    default:
        break;
    }
    if ((key >= '0' && key <= '9') || key == '.' || key == '-' || key == '+') {
        typed_ += key;
    } else if (key == ',') { // the point of many a keyboard
        typed_ += '.';
    } else if (key == '\x1b') {
        typed_.clear();
    }
    return std::nullopt;
}

std::optional<OperatorLine> OperatorScript::next(const json::value& view) {
    while (!waiting_.empty()) {
        OperatorLine line = waiting_.front();
        if (!line.says.empty()) {
            waiting_.pop_front();
            return line;
        }
        if (text(at(view, "step_id")) != line.step || (line.done && at(view, "done") != true) ||
            (!line.task.empty() && text(at(view, "task")) != line.task)) {
            return std::nullopt;
        }
        waiting_.pop_front();
    }
    return std::nullopt;
}

} // namespace overbias::controller
