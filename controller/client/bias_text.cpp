// SPDX-License-Identifier: Apache-2.0
#include "controller/client/bias_text.hpp"

#include "controller/client/words.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstddef>
#include <string_view>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

namespace {

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(width, text.size() + 1), ' ');
    return text;
}

std::string state_words(const json::value& state) {
    const std::string word = text(state);
    return word == "warn"         ? "WARNING"
           : word == "fail"       ? "FAILURE"
           : word == "missing"    ? "NO BIAS"
           : word == "not_judged" ? "not judged"
                                  : word;
}

/// "153.600 kHz"; "-" when there is none.
std::string value_words(const json::value& value, std::string_view unit) {
    if (!value.is_number()) {
        return "-";
    }
    if (unit == "Hz") {
        return number(value.to_number<double>() / 1000.0, 3) + " kHz";
    }
    return number(value, unit == "V" ? 3 : 2) + " " + std::string(unit);
}

std::string limit_words(const json::value& figure) {
    const std::string unit = " " + text(at(figure, "drift_unit"));
    std::string words;
    for (const auto& [key, name] : {std::pair("warn", "warning from "), std::pair("fail", "failure from ")}) {
        if (const json::value& limit = at(figure, key); limit.is_object()) {
            words += (words.empty() ? "" : ", ") + std::string(name) + number(at(limit, "value"), 2) + unit +
                     (at(limit, "unsure") == true ? " (unsure: no alarm)" : "");
        }
    }
    return words;
}

std::string trend_words(const json::value& figure) {
    const json::value& trend = at(figure, "trend");
    if (at(trend, "sure") != true) {
        return "";
    }
    const json::value& hours = at(figure, "hours_to_fail");
    return "goes " + number(at(trend, "per_hour"), 3, true) + " " + text(at(figure, "drift_unit")) + " an hour" +
           (hours.is_number() ? ", at its failure limit in " + number(hours, 1) + " h" : "");
}

std::string figure_line(const json::value& figure) {
    const std::string unit = text(at(figure, "unit"));
    const json::value& drift = at(figure, "drift");
    std::string line =
        "    " + padded(text(at(figure, "name")), 15) + padded(value_words(at(figure, "now"), unit), 15) + "set-up " +
        padded(value_words(at(figure, "set_up"), unit), 15) +
        padded(drift.is_number() ? number(drift, 3, true) + " " + text(at(figure, "drift_unit")) : "-", 12) +
        state_words(at(figure, "state"));
    const std::string why = text(at(figure, "why")); // its first part: what to do is said once, above
    for (const std::string& more : {why.substr(0, why.find("; ")), limit_words(figure), trend_words(figure)}) {
        line += more.empty() ? "" : "; " + more;
    }
    return line + "\n";
}

} // namespace

std::string bias_text(const json::value& answer) {
    if (at(answer, "watched") != true) {
        return "bias: not watched: " + text(at(answer, "why")) + "\n";
    }
    const json::value& key = at(answer, "key");
    std::string out = "bias: " + state_words(at(answer, "state")) +
                      (at(answer, "recording") == true ? ", the deck records" : "") + "; " +
                      number(at(key, "speed_ips"), 2) + " ips " + text(at(key, "equalisation")) + ", means of " +
                      number(at(answer, "averaging_s"), 0) + " s\n";
    if (const std::string why = text(at(answer, "why")); !why.empty()) {
        out += "  " + why + "\n";
    }
    std::string place;
    for (const json::value& figure : list(at(answer, "figures"))) {
        if (std::string now = text(at(figure, "place")); now != place) {
            place = std::move(now);
            out += "  " + place + "\n";
            if (const std::string problem = text(at(figure, "problem")); !problem.empty()) {
                out += "    no reading: " + problem + "\n";
            }
        }
        out += figure_line(figure);
    }
    for (const json::value& concern : list(at(answer, "concerns"))) {
        out += bias_concern_text(concern);
    }
    if (const json::value& lost = at(answer, "lost_frames"); lost.is_number() && lost.to_number<double>() > 0.0) {
        out += number(lost, 0) + " frames of the capture were lost since the daemon began; nothing is judged there\n";
    }
    return out;
}

std::string bias_set_up_text(const json::value& answer) {
    std::string out;
    for (const json::value& one : list(at(answer, "stored"))) {
        out += "set-up: " + text(at(one, "name")) + " of " + text(at(one, "place")) + " is " +
               value_words(at(one, "value"), text(at(one, "unit"))) + "\n";
    }
    for (const json::value& one : list(at(answer, "not_stored"))) {
        out += "not taken: " + text(at(one, "name")) + " of " + text(at(one, "place")) + ": " + text(at(one, "why")) +
               "\n";
    }
    return out;
}

std::string bias_concern_text(const json::value& concern) {
    const std::string severity = text(at(concern, "severity"));
    return (severity == "fail"   ? "BIAS ALARM: "
            : severity == "warn" ? "BIAS WARNING: "
                                 : "bias: ") +
           text(at(concern, "words")) + "\n";
}

std::string bias_report_text(const json::value& report) {
    std::string out;
    for (const json::value& concern : list(at(report, "concerns"))) {
        const json::value& when = at(concern, "tape_time_s");
        out += "  bias, " + text(at(concern, "severity")) +
               (when.is_number() ? ", " + number(when, 1) + " s after the slate's onset" : "") + ": " +
               text(at(concern, "words")) + "\n";
    }
    return out;
}

std::string bias_status_text(const json::value& status) {
    const json::value& bias = at(status, "bias");
    if (!bias.is_object()) {
        return {};
    }
    std::string out = "bias:     " + state_words(at(bias, "state"));
    if (const std::string why = text(at(bias, "why")); !why.empty()) {
        out += " (" + why + ")";
    }
    if (at(bias, "recording") != true) {
        for (const json::value& concern : list(at(bias, "concerns"))) {
            out += "; in the last recording: " + text(at(concern, "subject")) + " " + state_words(at(concern, "state"));
        }
    }
    for (const json::value& figure : list(at(bias, "figures"))) {
        const std::string state = text(at(figure, "state"));
        if (state == "warn" || state == "fail" || state == "missing") {
            out += "; " + text(at(figure, "name")) + " of " + text(at(figure, "place"));
            if (at(figure, "drift").is_number()) {
                out += " " + number(at(figure, "drift"), 2, true) + " " + text(at(figure, "drift_unit"));
            }
        }
    }
    return out + "\n";
}

} // namespace overbias::controller
