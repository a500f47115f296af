// SPDX-License-Identifier: Apache-2.0
#include "base/figure.hpp"
#include "mastering/paper/certificate.hpp"
#include "mastering/paper/certificate_tables.hpp"
#include "mastering/paper/json_read.hpp"
#include "mastering/paper/print_facts.hpp"

#include <algorithm>
#include <cstddef>

namespace overbias::mastering {

namespace json = boost::json;

namespace {

std::string line(const std::string& name, const std::string& text) {
    return text.empty() ? std::string() : "  " + name + ": " + text + "\n";
}

} // namespace

Result<std::string> certificate_text(const json::value& certificate, const std::string& sha256) {
    const json::value* report = member(certificate, "report");
    const auto facts =
        report == nullptr ? Result<PrintFacts>(Error{"there is no report in it"}) : read_print_facts(*report);
    if (!facts) {
        return Error{"certificate: " + facts.error().message};
    }
    std::string out = "certificate of print " + facts->session + ": " + (facts->verdict == "pass" ? "PASS" : "FAIL") +
                      (facts->reason.empty() ? "" : " (" + facts->reason + ")") + "\n";
    out += line("title", facts->title) + line("artist", facts->artist) + line("studio", facts->studio) +
           line("engineer", facts->engineer) + line("printed", facts->made_utc) + line("deck", facts->deck) +
           line("stock", facts->stock + (facts->batch.empty() ? "" : ", batch " + facts->batch)) +
           line("speed", facts->speed_ips ? speed_words(*facts->speed_ips) : "") +
           line("equalisation", facts->equalisation) +
           line("operating level",
                facts->operating_level_nwb_per_m ? operating_level_words(*facts->operating_level_nwb_per_m) : "");
    for (const PaperValue& each : facts->overrides) {
        out += line("overridden by " + each.name, each.text);
    }
    for (const PaperFinding& each : facts->findings) {
        out += line(each.reason, each.text);
    }
    const auto not_told = not_judged(*facts);
    for (std::size_t i = 0; i < facts->tracks.size(); ++i) {
        const PaperTrack& track = facts->tracks[i];
        const auto worst = worst_third_octave(track);
        out += track_label(*facts, i) + ": " + (track.verdict == "pass" ? "pass" : "FAIL") + "\n" +
               line("tape time", track.start_tape_s ? tape_time(*track.start_tape_s) : "") +
               line("length", track.duration_s ? tape_time(*track.duration_s) : "") +
               line("level, dB", both(track.level_difference_db, 2)) +
               line("level re slate, dB", both(track.level_re_slate_db, 2)) +
               line("third octaves, largest, dB", worst ? figure(*worst, 2, true) : "") +
               line("drop-outs", std::to_string(track.dropouts.size())) + line("sha256", track.sha256);
        for (const PaperFinding& each : track.findings) {
            out += line(each.reason, each.text);
        }
        for (const NotJudged& each : not_told) {
            out += each.track == i ? line("not judged", each.text) : "";
        }
    }
    for (const NotJudged& each : not_told) {
        out += each.track ? "" : "not judged: " + each.text + "\n";
    }
    const json::value* key = member(certificate, "key");
    return out + "certificate SHA-256 " + sha256 + "\nkey " +
           (key == nullptr ? std::string() : text_at(*key, "fingerprint")) + "\n";
}

} // namespace overbias::mastering
