// SPDX-License-Identifier: Apache-2.0
#include "controller/client/texts.hpp"

#include "controller/client/bias_text.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string_view>

namespace overbias::controller {

namespace json = boost::json;

namespace {

constexpr std::size_t kMostDropouts = 20; ///< shown; the report has all
constexpr std::size_t kFewDropouts = 3;   ///< of a recording that is bad all through

std::string percent(const json::value& fraction) {
    return number(fraction.is_number() ? json::value(std::floor(fraction.to_number<double>() * 100.0)) : fraction, 0) +
           " %";
}

/// h:mm:ss with milliseconds, for a place in a file or on the tape
std::string place_text(const json::value& time_s) {
    if (!time_s.is_number()) {
        return "-";
    }
    const auto total_ms = static_cast<long long>(std::llround(time_s.to_number<double>() * 1000.0));
    std::array<char, 64> out{};
    std::snprintf(out.data(), out.size(), "%lld:%02lld:%02lld.%03lld", total_ms / 3600000, total_ms / 60000 % 60,
                  total_ms / 1000 % 60, total_ms % 1000);
    return out.data();
}

bool has_reason(const json::value& findings, std::string_view reason) {
    return std::ranges::any_of(list(findings),
                               [&](const json::value& each) { return text(at(each, "reason")) == reason; });
}

/// A channel that is missing or is the other one has no level and no response of its own: findings that only repeat it.
bool follows_from_another(const json::value& finding, const json::value& findings) {
    const json::value& reason = at(finding, "reason");
    if (reason != "level_difference" && reason != "level_droop" && reason != "frequency_response" &&
        reason != "phase") {
        return false;
    }
    return has_reason(findings, "channels_swapped") ||
           std::ranges::any_of(list(findings), [&](const json::value& each) {
               return at(each, "reason") == "channel_missing" && at(each, "channel") == at(finding, "channel");
           });
}

/// `listed`: a reason whose occurrences are told one by one elsewhere.
void add_findings(std::string& out, const json::value& findings, const char* indent, std::string_view listed = "") {
    std::size_t left_out = 0;
    for (const json::value& finding : list(findings)) {
        if (!listed.empty() && text(at(finding, "reason")) == listed) {
            continue;
        }
        if (follows_from_another(finding, findings)) {
            ++left_out;
            continue;
        }
        const std::string channel = text(at(finding, "channel"));
        std::string words = text(at(finding, "text"));
        if (constexpr std::string_view again = "not off tape: "; words.starts_with(again)) {
            words.erase(0, again.size()); // the reason says so already
        }
        const bool named = channel.empty() || words.find(channel) != std::string::npos;
        out += indent + text(at(finding, "reason")) + ": " + (named ? "" : channel + ": ") + words + "\n";
    }
    if (left_out > 0) {
        out += indent + ("and " + std::to_string(left_out)) + " that follow from this; the report has them\n";
    }
}

/// Where the counter stands there, as `overbias locate` takes it; nothing when the report does not say.
std::string counter_text(const json::value& report, const json::value& tape_m) {
    const json::value& slate_m = at(at(report, "reel"), "slate_counter_m");
    return slate_m.is_number() && tape_m.is_number()
               ? ", counter " + number(slate_m.to_number<double>() + tape_m.to_number<double>(), 2) + " m"
               : "";
}

void add_dropouts(std::string& out, const json::value& report, const json::value& track) {
    const json::array& all = list(at(track, "dropouts"));
    if (all.empty()) {
        return;
    }
    const json::value& limits = at(report, "limits");
    const auto over = std::count_if(all.begin(), all.end(), [](const json::value& dropout) {
        const json::value& over_limit = at(dropout, "over_limit");
        return !over_limit.is_bool() || over_limit.get_bool(); // reports of old have only such
    });
    out += "    dropout: " + std::to_string(all.size()) + ", over the limit (" +
           number(at(limits, "dropout_depth_db"), 1) + " dB for " + number(at(limits, "dropout_length_ms"), 1) +
           " ms): " + std::to_string(over) + "\n";
    const bool hopeless = has_reason(at(report, "findings"), "not_recorded_well");
    const std::size_t shown = std::min(all.size(), hopeless ? kFewDropouts : kMostDropouts);
    for (std::size_t i = 0; i < shown; ++i) {
        const json::value& dropout = all[i];
        out += "    drop-out (" + text(at(dropout, "kind")) + "), " + text(at(dropout, "channel")) + ", " +
               number(at(dropout, "length_ms"), 1) + " ms, " + number(at(dropout, "depth_db"), 1) + " dB deep, at " +
               place_text(at(dropout, "programme_time_s")) + " of the file; tape " +
               place_text(at(dropout, "tape_time_s")) + ", " + number(at(dropout, "tape_m"), 2) +
               " m after the slate's onset" + counter_text(report, at(dropout, "tape_m")) + "\n";
    }
    if (all.size() > shown) {
        out += "    and " + std::to_string(all.size() - shown) + " drop-outs more; the report has them all\n";
    }
}

void add_xruns(std::string& out, const json::value& xruns, const char* indent) {
    for (const json::value& xrun : list(xruns)) {
        out += indent + ("frames lost (" + text(at(xrun, "direction"))) + "), " + number(at(xrun, "length_ms"), 1) +
               " ms, at tape " + place_text(at(xrun, "tape_time_s")) + " after the slate's onset\n";
    }
}

/// One line a stretch, with every reason there is for it.
void add_not_proven(std::string& out, const json::value& stretches) {
    const json::array& all = list(stretches);
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto same = [&](const json::value& other) {
            return at(other, "from_s") == at(all[i], "from_s") && at(other, "to_s") == at(all[i], "to_s");
        };
        const auto here = all.begin() + static_cast<std::ptrdiff_t>(i);
        if (std::any_of(all.begin(), here, same)) {
            continue;
        }
        std::string reasons;
        for (auto each = here; each != all.end(); ++each) {
            if (same(*each)) {
                reasons += (reasons.empty() ? "" : "; ") + text(at(*each, "reason"));
            }
        }
        out += "    not proven: " + place_text(at(all[i], "from_s")) + " to " + place_text(at(all[i], "to_s")) +
               " of the file: " + reasons + "\n";
    }
}

void add_track(std::string& out, const json::value& report, const json::value& track) {
    const std::string title = text(at(track, "title"));
    const std::string name = title.empty() ? std::filesystem::path(text(at(track, "file"))).filename().string() : title;
    if (at(at(report, "off_tape"), "proven") == false) {
        out += "  " + name + ": " + text(at(track, "verdict")) + ", not judged: it was not shown to come off tape\n";
        return;
    }
    const json::array& level = list(at(track, "level_difference_db"));
    out += "  " + name + ": " + text(at(track, "verdict"));
    if (level.size() == 2 && level[0].is_number() && level[1].is_number()) {
        out += ", level off tape against sent: left " + number(level[0], 2, true) + " dB, right " +
               number(level[1], 2, true) + " dB";
    }
    out += "; judged for drop-outs: " + percent(at(track, "judged_share")) + " of its time\n";
    if (at(track, "start_tape_m").is_number()) {
        out += "    begins at tape " + place_text(at(track, "start_tape_s")) + ", " +
               number(at(track, "start_tape_m"), 2) + " m after the slate's onset" +
               counter_text(report, at(track, "start_tape_m")) + "\n";
    }
    add_findings(out, at(track, "findings"), "    ", list(at(track, "dropouts")).empty() ? "" : "dropout");
    add_dropouts(out, report, track);
    add_not_proven(out, at(track, "not_proven"));
    add_xruns(out, at(track, "xruns"), "    ");
}

std::string event_detail(const json::value& detail) {
    std::string out;
    if (const json::object* object = detail.if_object()) {
        for (const auto& item : *object) {
            const std::string value = item.value().is_string()   ? text(item.value())
                                      : item.value().is_double() ? number(item.value(), 3)
                                                                 : json::serialize(item.value());
            if (!value.empty()) {
                out += (out.empty() ? "" : ", ") + std::string(item.key()) + "=" + value;
            }
        }
    }
    return out;
}

/// A job that goes on, and what it waits for.
std::string running_text(const json::value& job) {
    return text(at(job, "name")) + ", " + text(at(job, "state")) + ", " + progress_text(job) + "\n" +
           (at(job, "gate").is_string() ? "          waits for you: " + text(at(job, "gate")) + "\n" : "");
}

} // namespace

std::string clock_text(double duration_s) {
    const auto whole = static_cast<long long>(std::max(0.0, std::round(duration_s)));
    std::array<char, 48> out{};
    std::snprintf(out.data(), out.size(), "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
    return out.data();
}

std::string status_text(const json::value& status) {
    std::string out;
    const json::value& deck = at(status, "deck");
    if (deck.is_object()) {
        out += "deck:     " + text(at(deck, "name")) + (at(deck, "simulated") == true ? " (simulated)" : "") + ", " +
               number(at(deck, "speed_ips"), 2) + " ips, " + text(at(deck, "equalisation")) + "\n";
    }
    if (const json::object* details = at(deck, "details").if_object(); details != nullptr && !details->empty()) {
        std::string words;
        for (const auto& each : *details) {
            words += (words.empty() ? "" : ", ") + std::string(each.key()) + " " + text(each.value());
        }
        out += "its words: " + printable(words) + "\n";
    }
    const std::string current = text(at(at(status, "motion"), "current"));
    const std::string requested = text(at(at(status, "motion"), "requested"));
    out += "motion:   " + current + (requested == current ? "" : " (asked for: " + requested + ")") + ", " +
           number(at(status, "speed_ips"), 2) + " ips" +
           (at(status, "inferred") == true ? "; inferred: this deck has no tallies, it was not seen" : "") + "\n";
    if (at(status, "library_wind") == true) {
        out += "wind:     library wind\n";
    }
    if (text(at(status, "lifters")) == "Defeated") {
        out += "lifters:  defeated: the tape lies on the heads\n";
    }
    if (at(status, "link_problem").is_string()) {
        out += "link:     " + text(at(status, "link_problem")) + "\n";
    }
    const json::value& position = at(status, "position");
    out += "position: " + text(at(position, "tape_time")) + ", " + number(at(position, "tape_m"), 2) + " m";
    out += text(at(position, "knowledge")) == "Known" ? " +- " + number(at(position, "uncertainty_m"), 2) + " m\n"
                                                      : " (not known: zero the counter at the reel's beginning)\n";
    out += std::string("record:   ") + (at(status, "record_tally") == true ? "RECORDING" : "off") +
           (at(status, "arm") == "Armed" ? ", armed\n" : "\n");
    if (at(status, "tape_out") == true) {
        out += "tape:     out\n";
    }
    out += bias_status_text(status);
    const json::value& job = at(status, "job");
    if (job.is_object()) {
        out += "job:      " + running_text(job);
    }
    if (at(status, "fault").is_string()) {
        out += "fault:    " + text(at(status, "fault")) + "\n";
    }
    if (const json::value& oscillator = at(status, "oscillator"); oscillator.is_object()) {
        out += "plays:    a test signal (" + text(at(oscillator, "signal")) + ") until 'overbias oscillator off'\n";
    }
    const json::value& card = at(status, "audio");
    if (at(card, "lost") == true) {
        out += "card:     lost: " + text(at(card, "problem")) + "\n";
    }
    const json::value& safety = at(status, "safety");
    if (at(safety, "acknowledgement_needed") == true && at(safety, "acknowledged") == false) {
        out += "safety:   nothing stops this deck when the daemon dies: acknowledge-no-hardware-stop before arm\n";
    }
    const json::value& log = at(status, "logbook");
    if (at(log, "degraded") == true) {
        out += "logbook:  degraded: " + text(at(log, "problem")) + "\n";
    }
    return out;
}

std::string command_text(const std::string& command, const json::value& answer) {
    const std::string reason = text(at(answer, "reason"));
    const json::value& motion = at(at(answer, "state"), "motion");
    return command + ": " + text(at(answer, "status")) + (reason.empty() ? "" : " (" + reason + ")") +
           "; the deck is " + text(at(motion, "current")) + "\n";
}

std::string loop_text(const json::value& answer) {
    return "round trip of the converters: " + number(at(answer, "round_trip_frames"), 2) + " frames (" +
           number(at(answer, "round_trip_ms"), 3) + " ms); kept for these devices at this rate\n";
}

std::string acknowledged_text(const json::value& answer) {
    return text(at(answer, "status")) + ": " + text(at(answer, "reason")) + "\n";
}

std::string job_text(const json::value& answer) {
    const json::value& job = at(answer, "job");
    if (job.is_object()) {
        return running_text(job);
    }
    const json::value& last = at(answer, "last_job");
    if (!last.is_object()) {
        return "no job has run\n";
    }
    std::string out =
        "no job runs; the last one, " + text(at(last, "name")) + ", ended: " + spoken(at(last, "verdict"));
    if (at(last, "reason").is_string()) {
        out += " (" + text(at(last, "reason")) + ")";
    }
    out += "\n";
    return at(last, "report_path").is_string() ? out + "report: " + text(at(last, "report_path")) + "\n" : out;
}

std::string log_text(const json::value& answer) {
    std::string out;
    for (const json::value& event : list(at(answer, "events"))) {
        out += text(at(event, "utc")) + "  " +
               (at(event, "tape_m").is_number() ? number(at(event, "tape_m"), 2) + " m" : "-") + "  " +
               text(at(event, "kind")) + "  " + event_detail(at(event, "detail")) + "\n";
    }
    for (const json::value& session : list(at(answer, "sessions"))) {
        out += text(at(session, "start_utc")) + "  " + text(at(session, "session")) + "  " + text(at(session, "kind")) +
               "  " + text(at(session, "state")) + (at(session, "simulated") == true ? "  simulated" : "") +
               (text(at(session, "state")) == "interrupted" && at(session, "last_proven_m").is_number()
                    ? "  proven up to " + number(at(session, "last_proven_m"), 2) + " m"
                    : "") +
               "\n";
    }
    for (const json::value& print : list(at(answer, "prints"))) {
        out += text(at(print, "utc")) + "  " + text(at(print, "print")) + "  " + text(at(print, "verdict")) +
               (at(print, "reason").is_string() ? " (" + text(at(print, "reason")) + ")" : "") + "\n";
        for (const json::value& track : list(at(print, "tracks"))) {
            out += "    " + text(at(track, "file")) + "  " + text(at(track, "verdict")) + "  " +
                   number(at(track, "start_tape_m"), 2) + " m\n";
        }
    }
    if (at(answer, "intact").is_bool()) {
        out += text(at(answer, "text")) + "\n";
    }
    return out.empty() ? "nothing is logged\n" : out;
}

std::string print_started_text(const json::value& started) {
    const json::array& files = list(at(started, "files"));
    const json::value& duration = at(started, "duration_s");
    std::string out = "printing " + std::to_string(files.size()) + (files.size() == 1 ? " file, " : " files, ") +
                      (duration.is_number() ? clock_text(duration.to_number<double>()) : "-") +
                      " with slate and gaps\n";
    for (const json::value& file : files) {
        out += "  " + text(at(file, "file")) + ": " + text(at(file, "container")) + ", " +
               text(at(file, "sample_format")) + ", " + number(at(file, "sample_rate_hz"), 0) + " Hz, " +
               (at(file, "channels") == 1 ? "mono on both channels" : "stereo");
        if (at(file, "sample_rate_converted") == true) {
            out += ", converted to the card's " + number(at(started, "card_rate_hz"), 0) + " Hz";
        }
        out += "\n";
    }
    return out;
}

std::string progress_text(const json::value& progress) {
    const json::value& remaining = at(progress, "remaining_s");
    return percent(at(progress, "fraction")) + "  " + text(at(progress, "phase")) +
           (remaining.is_number() ? "  (" + clock_text(remaining.to_number<double>()) + " to go)" : "");
}

std::string sessions_text(const json::value& answer) {
    std::string out;
    for (const json::value& session : list(at(answer, "sessions"))) {
        const std::string title = text(at(session, "title"));
        out += text(at(session, "session")) + "  " + text(at(session, "made_utc")) + "  " + text(at(session, "state")) +
               ", " + number(at(session, "tracks_done"), 0) + " of " + number(at(session, "tracks"), 0) +
               " tracks done" + (title.empty() ? "" : "  " + title) + "\n";
        if (at(session, "resume").is_object()) {
            out += "  can go on with " + text(at(at(session, "resume"), "words")) + ": overbias print --resume " +
                   text(at(session, "session")) + "\n";
        }
    }
    for (const json::value& unreadable : list(at(answer, "unreadable"))) {
        out += text(unreadable) + "\n";
    }
    return out.empty() ? "no print session\n" : out;
}

std::string verdict_text(const json::value& end, const json::value& report) {
    const std::string verdict = text(at(end, "verdict"));
    const std::string reason = text(at(end, "reason"));
    std::string out = "verdict: " + verdict + (reason.empty() ? "" : " (" + reason + ")") + "\n";
    if (report.is_object()) {
        add_findings(out, at(report, "findings"), "  ");
        const json::value& off_tape = at(report, "off_tape");
        if (at(off_tape, "proven") == true) { // else it is among the findings
            out += "  " + text(at(off_tape, "text")) + "\n";
        }
        for (const json::value& track : list(at(report, "tracks"))) {
            add_track(out, report, track);
        }
        add_xruns(out, at(report, "xruns_outside_tracks"), "  outside the files: ");
        out += bias_report_text(report);
    } else if (verdict == "fault" || verdict == "refused" || verdict == "cancelled") {
        out += "  it had come to " + progress_text(end) + "; nothing of this print is proven\n";
    }
    if (at(end, "report_error").is_string()) {
        out += "  the report could not be kept: " + text(at(end, "report_error")) + "\n";
    }
    return out;
}

} // namespace overbias::controller
