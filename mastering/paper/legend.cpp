// SPDX-License-Identifier: Apache-2.0
// What has to stand on the box of a reel.
#include "base/figure.hpp"
#include "mastering/paper/box_label.hpp"

#include <algorithm>
#include <cstddef>

namespace overbias::mastering {

namespace {

std::string joined(const std::string& before, const std::string& next, const char* between = ", ") {
    return before.empty() || next.empty() ? before + next : before + between + next;
}

/// Those of the reel's first side; of others where they differ.
std::string tones_words(const PrintFacts& facts, std::size_t reel) {
    std::string all;
    for (const PaperSide& side : facts.sides) {
        if (side.reel != reel) {
            continue;
        }
        std::string its;
        for (const PaperTone& tone : side.tones) {
            its = joined(its, tone_words(tone));
        }
        if (all.empty()) {
            all = its;
        } else if (its != all && !its.empty()) {
            all += "; side " + side.name + ": " + its;
        }
    }
    return all;
}

std::string timings_words(const PrintFacts& facts, std::size_t reel) {
    std::string all;
    for (std::size_t i = 0; i < facts.sides.size(); ++i) {
        const PaperSide& side = facts.sides[i];
        if (side.reel != reel || !side.length_s) {
            continue;
        }
        const auto tracks = std::count_if(facts.tracks.begin(), facts.tracks.end(),
                                          [&](const PaperTrack& each) { return each.side == i; });
        const std::string where = facts.sides.size() > 1 && !side.name.empty() ? "side " + side.name + " " : "";
        all = joined(all,
                     where + tape_time(*side.length_s, 0) + " from the first tone, " + std::to_string(tracks) +
                         (tracks == 1 ? " track" : " tracks"),
                     "; ");
    }
    return all;
}

} // namespace

std::string tone_words(const PaperTone& tone) {
    if (tone.voice) {
        return "voice slate";
    }
    const double hz = tone.frequency_hz;
    std::string text = hz <= 0.0     ? "tone"
                       : hz < 1000.0 ? plain_number(hz, 1) + " Hz"
                                     : plain_number(hz / 1000.0, 3) + " kHz";
    if (tone.level_re_operating_db && *tone.level_re_operating_db != 0.0) {
        text += " at " + figure(*tone.level_re_operating_db, 1, true) + " dB";
    }
    return text + (tone.azimuth ? " (azimuth)" : "");
}

std::string hold_down_words(const std::optional<bool>& tails_out) {
    if (!tails_out) {
        return "hold-down tape: blue for tails out, red for heads out";
    }
    return *tails_out ? "TAILS OUT: hold down with blue tape" : "HEADS OUT: hold down with red tape";
}

std::vector<LegendField> box_legend(const PrintFacts& facts, std::size_t reel) {
    return {{"reel", "Reel", std::to_string(reel + 1) + " of " + std::to_string(facts.reels)},
            {"title", "Title", facts.title},
            {"version", "Version", facts.version},
            {"artist", "Artist", facts.artist},
            {"client", "Client", facts.client},
            {"catalogue_number", "Catalogue no.", facts.catalogue_number},
            {"studio", "Studio", facts.studio},
            {"engineer", "Engineer", facts.engineer},
            {"date", "Date", facts.date},
            {"timings", "Timings", timings_words(facts, reel)},
            {"machine", "Machine", facts.deck},
            {"machine_serial", "Serial no.", facts.machine_serial},
            {"speed", "Speed", facts.speed_ips ? speed_words(*facts.speed_ips) : ""},
            {"operating_level", "Level",
             facts.operating_level_nwb_per_m ? operating_level_words(*facts.operating_level_nwb_per_m) : ""},
            {"equalisation", "Equalisation", facts.equalisation},
            {"noise_reduction", "Noise reduction", facts.noise_reduction},
            {"stock", "Tape stock", facts.stock},
            {"batch", "Batch", facts.batch},
            {"tape_width", "Tape width", facts.tape_width},
            {"track_format", "Track format", facts.track_format},
            {"tones", "Tones", tones_words(facts, reel)},
            {"azimuth", "Azimuth", facts.azimuth_note},
            {"heads_tails", "Wound",
             !facts.tails_out   ? ""
             : *facts.tails_out ? "tails out"
                                : "heads out"}};
}

} // namespace overbias::mastering
