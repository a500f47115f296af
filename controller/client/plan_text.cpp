// SPDX-License-Identifier: Apache-2.0
#include "controller/client/plan_text.hpp"

#include "controller/client/words.hpp"

#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string_view>

namespace overbias::controller {

namespace json = boost::json;

namespace {

/// "m:ss.t"
std::string clock(const json::value& seconds) {
    if (!seconds.is_number()) {
        return "-";
    }
    const double value_s = seconds.to_number<double>();
    const auto tenths = static_cast<long>(std::lround(std::abs(value_s) * 10.0));
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%s%ld:%02ld.%ld", value_s < 0.0 && tenths != 0 ? "-" : "", tenths / 600,
                  tenths / 10 % 60, tenths % 10);
    return text.data();
}

/// Columns by what is seen: a byte that goes on with a UTF-8 character takes no room.
std::string left(const std::string& text, std::size_t width) {
    std::size_t seen = 0;
    for (const char each : text) {
        seen += (static_cast<unsigned char>(each) & 0xC0U) != 0x80U ? 1 : 0;
    }
    return seen < width ? text + std::string(width - seen, ' ') : text;
}

std::string right(const std::string& text, std::size_t width) {
    return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

bool is_true(const json::value& value) {
    return value.is_bool() && value.get_bool();
}

void add_side(std::string& out, const json::value& side) {
    out += "side " + text(at(side, "name")) + ", reel " + number(at(side, "reel"), 0) + ": ";
    if (!at(side, "duration_s").is_number()) {
        out += "length not known\n";
        return;
    }
    out += clock(at(side, "duration_s")) + " from " + number(at(side, "start_m"), 2) + " m to " +
           number(at(side, "end_m"), 2) + " m, " +
           (is_true(at(side, "fits")) ? clock(at(side, "left_s")) + " (" + number(at(side, "left_m"), 1) + " m) left"
                                      : std::string("does not fit")) +
           "\n";
    for (const json::value& track : list(at(side, "tracks"))) {
        const json::value& index = at(track, "track");
        out += "  " + right(std::to_string(index.is_int64() ? index.get_int64() + 1 : 0), 2) + "  " +
               left(text(at(track, "name")), 32) + right(clock(at(track, "start_s")), 9) + " to" +
               right(clock(at(track, "end_s")), 9) + "  gap " + right(number(at(track, "gap_s"), 1), 4) + " s" +
               (is_true(at(track, "resumable")) ? "  can go on here" : "") + "\n";
    }
}

std::string of_both(const json::value& pair, int digits, bool sign) {
    const json::array& values = list(pair);
    return values.size() == 2 ? number(values[0], digits, sign) + " / " + number(values[1], digits, sign) : "-";
}

void add_file(std::string& out, const json::value& file) {
    out += text(at(file, "path")) + "\n";
    const std::string digest = text(at(file, "sha256"));
    if (digest.empty()) {
        return;
    }
    out += "    " + text(at(file, "container")) + ", " + text(at(file, "sample_format")) + ", " +
           number(at(file, "sample_rate_hz"), 0) + " Hz" + (is_true(at(file, "converted")) ? " (converted)" : "") +
           ", " + clock(at(file, "duration_s")) + "; true peak " + of_both(at(file, "true_peak_dbtp"), 1, true) +
           " dBTP; " + number(at(file, "integrated_lufs"), 1) + " LUFS; VU at most " +
           of_both(at(file, "vu_max"), 1, true) + " re operating level (" + of_both(at(file, "vu_max_dbfs"), 1, true) +
           " dBFS)\n    SHA-256 " + digest + "\n";
}

void add_findings(std::string& out, const char* heading, const json::value& findings) {
    for (const json::value& each : list(findings)) {
        out += std::string(heading) + " (" + spoken(at(each, "kind")) + "): " + text(at(each, "words"));
        if (const std::string basis = text(at(each, "basis")); !basis.empty()) {
            out += " [" + basis + "]";
        }
        out += "\n";
    }
}

} // namespace

std::string plan_check_text(const json::value& check) {
    std::string out;
    for (const json::value& side : list(at(check, "sides"))) {
        add_side(out, side);
    }
    out += "\n";
    for (const json::value& file : list(at(check, "files"))) {
        add_file(out, file);
    }
    out += "\n";
    if (const json::value& alignment = at(check, "alignment"); alignment.is_object()) {
        out += "alignment: " + spoken(at(alignment, "procedure")) + ", " + text(at(alignment, "ended_at")) + ", " +
               number(at(alignment, "age_days"), 0) + " days ago, " + spoken(at(alignment, "verdict")) + "\n";
    }
    add_findings(out, "note", at(check, "notes"));
    add_findings(out, "warning", at(check, "warnings"));
    add_findings(out, "refused", at(check, "refusals"));
    out += is_true(at(check, "printable")) ? "this plan can be printed\n" : "this plan can't be printed\n";
    return out;
}

std::string plan_cue_sheet_text(const json::value& check) {
    const json::value& sheet = at(check, "cue_sheet");
    std::string out = text(at(at(check, "plan"), "title")) + "\n";
    std::string side;
    for (const json::value& cue : list(at(sheet, "cues"))) {
        const std::string kind = text(at(cue, "kind"));
        const std::string words = text(at(cue, "words"));
        if (text(at(cue, "side")) != side) {
            side = text(at(cue, "side"));
            out += "\nside " + side + ", reel " + number(at(cue, "reel"), 0) +
                   "\n   in side   length   counter   metres   elapsed\n";
        }
        if (kind == "gate") {
            out += "  -- " + words + "\n";
            continue;
        }
        std::string what = words.empty() ? spoken(at(cue, "kind")) : words;
        if (kind == "track") {
            const json::value& index = at(cue, "track");
            what = std::to_string(index.is_int64() ? index.get_int64() + 1 : 0) + "  " + words;
        } else if (kind == "slate" || kind == "tone") {
            what = kind + ": " + words;
        }
        out += right(clock(at(cue, "side_s")), 10) + right(kind == "end" ? "" : clock(at(cue, "duration_s")), 9) +
               right(text(at(cue, "counter")), 10) + right(number(at(cue, "counter_m"), 2), 9) +
               right(clock(at(cue, "elapsed_s")), 10) + "  " + what + "\n";
    }
    out += "\nin all " + clock(at(sheet, "elapsed_s")) + ", changing reels and winding not counted\n";
    return out;
}

} // namespace overbias::controller
