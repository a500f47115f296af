// SPDX-License-Identifier: Apache-2.0
#include "controller/client/align_texts.hpp"

#include "controller/client/words.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

namespace overbias::controller {

namespace json = boost::json;

namespace {

/// "1", or "L-R" between the tracks.
std::string track_name(const json::value& channel) {
    return channel.is_number() && channel.to_number<int>() > 0 ? std::to_string(channel.to_number<int>()) : "L-R";
}

int digits_of(const std::string& unit) {
    return unit == "ppm" ? 0 : unit == "us" ? 1 : unit == "s" ? 6 : unit == "%" ? 3 : 2;
}

std::string with_unit(const json::value& value, const std::string& unit, bool sign) {
    return number(value, digits_of(unit), sign) + (unit.empty() ? "" : " " + unit);
}

/// "at least 45.00 dB", or target and tolerance.
std::string limit_text(const json::value& accepted, const std::string& unit) {
    const json::value& target = at(accepted, "target");
    const json::value& tolerance = at(accepted, "tolerance");
    const std::string bound = text(at(accepted, "bound"));
    if ((bound == "at_least" || bound == "at_most") && target.is_number() && tolerance.is_number()) {
        const bool least = bound == "at_least";
        const double farthest = tolerance.to_number<double>() * (least ? -1.0 : 1.0);
        return (least ? "at least " : "at most ") +
               with_unit(json::value(target.to_number<double>() + farthest), unit, false);
    }
    return "target " + with_unit(target, unit, false) + ", within " + with_unit(tolerance, unit, false);
}

std::string turn_word(const json::value& turn) {
    if (!turn.is_number()) {
        return {};
    }
    const double way = turn.to_number<double>();
    return way > 0.0 ? "UP" : way < 0.0 ? "DOWN" : "";
}

/// Those that suit the deck's speed, where a procedure that plays one is there.
std::string calibration_tapes_text(const json::value& answer) {
    std::string out;
    for (const json::value& each : list(at(answer, "calibration_tapes"))) {
        if (at(each, "suits") == true) {
            out += "           " + text(at(each, "id")) + ": " + text(at(each, "name")) + "\n";
        }
    }
    return out.empty() ? out : "calibration tapes for this speed (--tape):\n" + out;
}

} // namespace

std::string procedures_text(const json::value& answer) {
    std::string out;
    for (const json::value& each : list(at(answer, "procedures"))) {
        std::string name = text(at(each, "name"));
        name.resize(std::max<std::size_t>(name.size(), 10), ' ');
        out += name + " " + text(at(each, "does")) + "\n";
        std::string needs;
        for (const json::value& need : list(at(each, "needs"))) {
            needs += (needs.empty() ? "" : "; ") + text(need);
        }
        const bool guided = at(each, "guided") == true, automatic = at(each, "automatic") == true;
        const char* const how = guided && automatic ? "automatic or guided" : guided ? "guided" : "automatic";
        out += "           " + std::string(how) + (needs.empty() ? "" : "; needs " + needs) + "\n";
        if (const json::value& left = at(each, "unfinished"); left.is_object()) {
            out += "           was broken off on " + text(at(left, "begun_at")) + " with " +
                   number(at(left, "steps"), 0) + " value(s) accepted, and goes on there (--anew: from the start)\n";
        }
        if (at(each, "obstacle").is_string()) {
            out += "           not now: " + text(at(each, "obstacle")) + "\n";
        }
    }
    out += calibration_tapes_text(answer);
    out += "tape:      " + text(at(answer, "stock")) +
           (at(answer, "batch").is_string() ? ", batch " + text(at(answer, "batch")) : "") + "\n";
    if (at(answer, "arm_held").is_string()) {
        out += "record is barred: " + text(at(answer, "arm_held")) + "\n";
    }
    return out;
}

std::string align_started_text(const json::value& started) {
    return text(at(started, "title")) + (at(started, "guided") == true ? ", guided" : ", automatic") +
           (at(started, "gone_on") == true ? "; goes on where it was broken off" : "") + "\n";
}

std::string step_text(const json::value& view) {
    const std::string unit = text(at(view, "unit"));
    std::string out = text(at(view, "title"));
    if (const json::value& steps = at(view, "steps"); steps.is_number() && steps.to_number<int>() > 0) {
        out += " (" + std::to_string(at(view, "step").to_number<int>() + 1) + " of " +
               std::to_string(steps.to_number<int>());
        const int round = at(view, "round").is_number() ? at(view, "round").to_number<int>() : 1;
        out += round > 1 ? ", round " + std::to_string(round) + ")" : ")";
    }
    if (const std::string instruction = text(at(view, "instruction")); !instruction.empty()) {
        out += ": " + instruction;
    }
    out += "\n";
    if (at(view, "tolerance").is_number()) {
        out += "  target " + with_unit(at(view, "target"), unit, false) + ", within " +
               with_unit(at(view, "tolerance"), unit, false);
        out += at(view, "averaging_s").is_number() ? ", mean of " + number(at(view, "averaging_s"), 1) + " s\n" : "\n";
    }
    return out;
}

std::string note_text(const json::value& view) {
    return text(at(view, "note"));
}

bool same_but_for_numbers(std::string_view a, std::string_view b) {
    const auto is_figure = [](char each) {
        return (each >= '0' && each <= '9') || each == '.' || each == '-' || each == '+';
    };
    std::string left(a), right(b);
    std::erase_if(left, is_figure);
    std::erase_if(right, is_figure);
    return left == right;
}

std::string reading_text(const json::value& view) {
    const std::string unit = text(at(view, "unit"));
    std::string out;
    for (const json::value& track : list(at(view, "tracks"))) {
        const std::string way = at(track, "done") == true ? "OK" : turn_word(at(track, "turn"));
        const bool reads = at(track, "reading").is_number();
        out += (out.empty() ? "" : "   ") + track_name(at(track, "channel")) + ": " +
               (reads || way.empty() ? with_unit(at(track, "reading"), unit, true) : "") +
               (way.empty() ? "" : (reads ? " " : "") + way);
    }
    return out;
}

std::vector<std::string> words_lines(const json::value& view) {
    std::vector<std::string> out;
    for (const json::value& track : list(at(view, "tracks"))) {
        if (const std::string words = text(at(track, "words")); !words.empty()) {
            out.push_back(track_name(at(track, "channel")) + ": " + words);
        }
    }
    return out;
}

std::string bar_text(double share, std::size_t width) {
    const double clamped = std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 0.0;
    const auto filled = static_cast<std::size_t>(std::lround(clamped * static_cast<double>(width)));
    return "[" + std::string(filled, '#') + std::string(width - filled, '-') + "]";
}

std::string keys_text(const json::value& view) {
    const std::string task = text(at(view, "task"));
    if (task == "enter") {
        return "type the value in " + text(at(view, "value_unit")) + ", Enter; s skip, b back, q end";
    }
    if (task == "turn" || task == "confirm") {
        return "Enter accept, s skip, b back, q end";
    }
    return "q end";
}

std::string accepted_text(const json::value& value) {
    const std::string unit = text(at(value, "unit"));
    const json::value& within = at(value, "within");
    std::string out = text(at(value, "id"));
    if (at(value, "channel").is_number() && at(value, "channel").to_number<int>() > 0) {
        out += ", track " + track_name(at(value, "channel"));
    }
    out += ": " + with_unit(at(value, "reading"), unit, true);
    if (within.is_bool()) {
        out += std::string(within.as_bool() ? "  ok" : "  NOT OK") + " (" + limit_text(value, unit) + ")";
    }
    if (const std::string remark = text(at(value, "remark")); !remark.empty()) {
        out += "; " + remark;
    }
    return out + "\n";
}

std::string align_end_text(const json::value& end) {
    std::string out = "verdict: " + spoken(at(end, "verdict")) + "\n";
    if (const std::string reason = text(at(end, "reason")); !reason.empty()) {
        out += "reason: " + reason + "\n";
    }
    if (const std::string error = text(at(end, "report_error")); !error.empty()) {
        out += "not kept: " + error + "\n";
    }
    return out;
}

} // namespace overbias::controller
