// SPDX-License-Identifier: Apache-2.0
#include "controller/client/verify_text.hpp"

#include "base/figure.hpp"
#include "controller/client/words.hpp"

#include <boost/json.hpp>
#include <cstddef>
#include <string_view>

namespace overbias::controller {

namespace json = boost::json;

namespace {

void add_findings(std::string& out, const json::value& findings, const std::string& indent) {
    for (const json::value& finding : list(findings)) {
        out += indent + text(at(finding, "reason")) + ": " + text(at(finding, "text")) + "\n";
    }
}

std::string pair(const json::value& values, int decimals) {
    const json::array& both = list(values);
    return both.size() == 2 ? number(both[0], decimals, true) + " / " + number(both[1], decimals, true) : "-";
}

void add_track(std::string& out, const json::value& track) {
    out += "  " + text(at(track, "title")) + ": " + text(at(track, "verdict")) + ", level " +
           pair(at(track, "level_difference_db"), 2) + " dB, re slate " + pair(at(track, "level_re_slate_db"), 2) +
           " dB, judged " + number(at(track, "judged_share"), 2) + "\n";
    add_findings(out, at(track, "findings"), "    ");
    for (const json::value& hole : list(at(track, "dropouts"))) {
        if (at(hole, "over_limit") == true) {
            out += "    drop-out at " + number(at(hole, "programme_time_s"), 3) + " s, " + text(at(hole, "channel")) +
                   ", " + number(at(hole, "length_ms"), 1) + " ms, " + number(at(hole, "depth_db"), 1) + " dB\n";
        }
    }
}

void add_agreement(std::string& out, const json::value& report) {
    const json::value& against = at(report, "against");
    if (!against.is_object()) {
        return;
    }
    out += "  the print of " + text(at(against, "made_utc")) + " was: " + text(at(against, "verdict"));
    if (const std::string reason = text(at(against, "reason")); !reason.empty()) {
        out += " (" + reason + ")";
    }
    const json::value& agrees = at(report, "agrees");
    out += at(agrees, "all") == true ? "; this says the same" : "; this does not say the same of:";
    for (const std::string_view kind :
         {"level", "response", "dropouts", "polarity", "completeness", "operating_level"}) {
        const json::value& one = at(agrees, kind);
        if (one.is_object() && at(one, "agrees") == false) {
            out += (at(agrees, "all") == true ? ", but for " : " ") + std::string(kind) + " (then " +
                   text(at(one, "print")) + ", now " + text(at(one, "now")) + ")";
        }
    }
    out += "\n";
}

} // namespace

std::string verify_started_text(const json::value& started) {
    if (!at(started, "duration_s").is_number()) { // a pair
        return "judging what comes in at " + text(at(started, "reference")) + " against the tape return\n";
    }
    return "verifying " + text(at(started, "reference")) + ", " +
           figure(at(started, "duration_s").to_number<double>(), 0) + " s, " +
           std::to_string(list(at(started, "files")).size()) + " file(s)\n";
}

std::string verify_end_text(const std::string& verdict, const std::string& reason, const json::value& report) {
    std::string out = "verdict: " + verdict + (reason.empty() ? "" : " (" + reason + ")") + "\n";
    if (!report.is_object()) {
        return out;
    }
    add_findings(out, at(report, "findings"), "  ");
    for (const json::value& track : list(at(report, "tracks"))) {
        add_track(out, track);
    }
    const json::value& playback = at(report, "playback");
    if (playback.is_object()) {
        out += "  tape: speed " + number(at(playback, "speed_error_ppm"), 0, true) + " ppm, wow " +
               number(at(playback, "wow_percent"), 3) + " % (0.2 to 5 Hz), azimuth " +
               number(at(playback, "azimuth_us"), 2, true) + " us\n";
        for (const json::value& lost : list(at(playback, "lost"))) {
            out += "  " + number(at(lost, "from_s"), 2) + " s to " + number(at(lost, "to_s"), 2) +
                   " s: " + text(at(lost, "kind")) + "\n";
        }
    }
    add_agreement(out, report);
    return out;
}

} // namespace overbias::controller
