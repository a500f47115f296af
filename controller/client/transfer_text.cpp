// SPDX-License-Identifier: Apache-2.0
#include "controller/client/transfer_text.hpp"

#include "base/figure.hpp"
#include "controller/client/texts.hpp"

#include <boost/json.hpp>
#include <cstdint>

namespace overbias::controller {

namespace json = boost::json;

namespace {

std::string text_of(const json::value& value) {
    return value.is_string() ? printable(json::value_to<std::string>(value)) : std::string();
}

std::string with_unit(const json::value& value, int decimals, const char* unit) {
    return value.is_number() ? figure(value.to_number<double>(), decimals) + " " + unit : std::string("- ") + unit;
}

std::string track_line(const json::value& track) {
    std::string line = "  " + text_of(track.at("label")) + "  " + clock_text(track.at("start_s").to_number<double>()) +
                       " ... " + clock_text(track.at("end_s").to_number<double>());
    if (track.at("start_counter_m").is_number()) {
        line += "  " + with_unit(track.at("start_counter_m"), 2, "m");
    }
    return line + "  " + with_unit(track.at("loudness").at("integrated_lufs"), 1, "LUFS") + ", " +
           with_unit(track.at("loudness").at("true_peak_dbtp"), 1, "dBTP") + "\n";
}

} // namespace

std::string transfer_started_text(const json::value& started) {
    const std::string format = text_of(started.at("format"));
    return "to " + text_of(started.at("file")) + ", " + figure(started.at("sample_rate_hz").to_number<double>(), 0) +
           " Hz, " + (format == "float" ? "32-bit float" : format + " bits") +
           (started.at("open_ended").as_bool() ? "; until 'overbias stop' or the end of the tape\n" : "\n");
}

std::string transfer_live_text(const json::value& live) {
    std::string text = clock_text(live.at("captured_s").to_number<double>()) + "  " +
                       with_unit(live.at("short_term_lufs"), 1, "LUFS") + "  " +
                       with_unit(live.at("true_peak_dbtp").at(0), 1, "") +
                       with_unit(live.at("true_peak_dbtp").at(1), 1, "dBTP");
    if (live.at("azimuth").is_object()) {
        const json::value& azimuth = live.at("azimuth");
        text += "  azimuth " + with_unit(azimuth.at("delay_us"), 1, "us") + " (confidence " +
                figure(azimuth.at("confidence").to_number<double>(), 2) + ")";
    }
    const auto count = [&](std::uint64_t n, const char* what) {
        text += n == 0 ? "" : "  " + std::to_string(n) + " " + what;
    };
    count(live.at("clips").at(0).to_number<std::uint64_t>() + live.at("clips").at(1).to_number<std::uint64_t>(),
          "clips");
    count(live.at("dropouts_suspected").to_number<std::uint64_t>(), "drop-outs suspected");
    count(live.at("lost_frames").to_number<std::uint64_t>(), "frames LOST");
    return text;
}

std::string transfer_end_text(const json::value& end, const json::value& report) {
    const std::string verdict = text_of(end.at("verdict"));
    const std::string reason = text_of(end.at("reason"));
    if (!report.is_object()) {
        return "verdict: " + verdict + (reason.empty() ? "" : " (" + reason + ")") + "\n";
    }
    std::string text = "verdict: " + verdict + "\n" + text_of(report.at("words")) + "\n";
    if (!reason.empty() && reason.find(text_of(report.at("words"))) == std::string::npos) {
        text += reason + "\n";
    }
    for (const json::value& track : report.at("tracks").as_array()) {
        text += track_line(track);
    }
    const json::value& loudness = report.at("loudness");
    text += "loudness " + with_unit(loudness.at("integrated_lufs"), 1, "LUFS") + ", range " +
            with_unit(loudness.at("range_lu"), 1, "LU") + ", true peak " +
            with_unit(loudness.at("true_peak_dbtp"), 1, "dBTP") + "\n";
    if (const auto holes = report.at("dropouts_suspected").at("count").to_number<std::uint64_t>(); holes > 0) {
        text += std::to_string(holes) + (holes == 1 ? " drop-out is" : " drop-outs are") +
                " suspected (without a reference nobody can know); the report has their places\n";
    }
    const json::value& azimuth = report.at("azimuth");
    if (azimuth.is_object() && azimuth.as_object().contains("delay_us")) {
        text += "azimuth, estimated from the programme: " + with_unit(azimuth.at("delay_us"), 1, "us") +
                ", confidence " + figure(azimuth.at("confidence").to_number<double>(), 2) +
                (azimuth.at("reversed").as_bool() ? "; one channel seems to be of opposite polarity" : "") + "\n";
    }
    return text;
}

} // namespace overbias::controller
