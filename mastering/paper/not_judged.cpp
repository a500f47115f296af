// SPDX-License-Identifier: Apache-2.0
// What a verdict does not cover.
#include "base/figure.hpp"
#include "mastering/paper/print_facts.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace overbias::mastering {

namespace {

struct Words {
    std::string_view word, text;
};

constexpr std::array kFigures{
    Words{"delay_ms", "delay from record head to reproduce head"},
    Words{"level_difference_db", "level against the level sent"},
    Words{"level_re_slate_db", "level against the slate"},
    Words{"third_octave_difference_db", "response in third octaves"},
    Words{"speed_error_ppm", "tape speed"},
    Words{"speed_change_ppm", "change of speed"},
    Words{"phase_deg", "phase between channels"},
    Words{"azimuth", "azimuth"},
    Words{"wow", "wow"},
    Words{"residual", "residual"},
    Words{"compression", "compression"},
    Words{"transfer", "transfer function"},
    Words{"dropouts", "drop-outs"},
    Words{"level", "level"},
    Words{"response", "response"},
    Words{"off_tape", "that it came off tape"},
};

constexpr std::array kReasons{
    Words{"not_enough_signal", "not enough signal"},
    Words{"no_slate", "there was no slate to compare with"},
    Words{"mono", "both channels carry one signal, or one carries none"},
    Words{"too_short", "too short"},
    Words{"not_in_this_mode", "not told from a reel that is played later"},
    Words{"no_calibration", "the head delay at calibrated speed is not known"},
    Words{"not_told", "the report does not say why"},
};

template <std::size_t Count>
std::string in_words(const std::array<Words, Count>& all, const std::string& word) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const Words& each) { return each.word == word; });
    return found == all.end() ? word : std::string(found->text);
}

std::string percent(double share) {
    return figure(100.0 * share, share > 0.0 && share < 0.1 ? 1 : 0) + " %";
}

class List {
  public:
    List(const PrintFacts& facts, std::size_t track) : track_(facts.tracks[track]), index_(track) {}

    std::vector<NotJudged> all() {
        for (const PaperWithheld& each : track_.withheld) {
            add(each.figure, each.reason);
        }
        missing("level_difference_db", both(track_.level_difference_db));
        missing("level_re_slate_db", both(track_.level_re_slate_db));
        missing("delay_ms", track_.delay_ms.has_value());
        missing("phase_deg", track_.phase_deg.has_value());
        missing("speed_change_ppm", track_.speed_change_ppm.has_value());
        if (!track_.speed_error_ppm && !has("speed_error_ppm")) {
            add("speed_error_ppm", "no_calibration");
        }
        bands();
        share("dropouts", track_.judged.dropouts, "programme above 3 kHz does not stand 20 dB over noise in the rest");
        share("level", track_.judged.level, "not enough signal in the rest");
        share("response", track_.judged.response, "not enough signal above 4 kHz in the rest");
        share("azimuth", track_.judged.azimuth, "not enough signal in the rest");
        for (const PaperStretch& each : track_.not_proven) {
            all_.push_back({.track = index_,
                            .figure = "all",
                            .reason = "not_proven",
                            .share = {},
                            .text = "nothing from " + tape_time(each.from_s, 3) + " to " + tape_time(each.to_s, 3) +
                                    " of the programme: " + each.reason});
        }
        return std::move(all_);
    }

  private:
    static bool both(const Channels& channels) { return channels[0] && channels[1]; }
    [[nodiscard]] bool has(const std::string& figure) const {
        return std::any_of(all_.begin(), all_.end(), [&](const NotJudged& each) { return each.figure == figure; });
    }
    void add(const std::string& figure, const std::string& reason) {
        all_.push_back({.track = index_,
                        .figure = figure,
                        .reason = reason,
                        .share = 0.0,
                        .text = in_words(kFigures, figure) + ": " + in_words(kReasons, reason)});
    }
    void missing(const std::string& figure, bool there) {
        if (!there && !has(figure)) {
            add(figure, "not_told");
        }
    }
    void share(const std::string& kind, const std::optional<double>& judged, const std::string& why) {
        if (judged && *judged < 0.9995) {
            all_.push_back(
                {.track = index_,
                 .figure = kind,
                 .reason = "not_enough_signal",
                 .share = *judged,
                 .text = in_words(kFigures, kind) + ": judged in " + percent(*judged) + " of the time; " + why});
        }
    }
    /// Third octaves that no channel, or one of them, has.
    void bands() {
        if (has("third_octave_difference_db")) {
            return;
        }
        std::string names;
        std::size_t count = 0;
        for (std::size_t i = 0; i < track_.third_octave_hz.size(); ++i) {
            const auto has_band = [&](std::size_t channel) {
                return i < track_.third_octave_db[channel].size() && track_.third_octave_db[channel][i].has_value();
            };
            if (!has_band(0) || !has_band(1)) {
                ++count;
                const double hz = track_.third_octave_hz[i];
                names +=
                    (names.empty() ? "" : ", ") + (hz < 1000.0 ? figure(hz, 0) : plain_number(hz / 1000.0, 2) + "k");
            }
        }
        if (count > 0 || track_.third_octave_hz.empty()) {
            const bool none = count == track_.third_octave_hz.size();
            all_.push_back({.track = index_,
                            .figure = "third_octave_difference_db",
                            .reason = "not_enough_signal",
                            .share = {},
                            .text = "response in third octaves: not enough signal " +
                                    (none ? std::string("in any of them") : "at " + names + " Hz")});
        }
    }

    const PaperTrack& track_;
    std::size_t index_;
    std::vector<NotJudged> all_;
};

void add_whole(std::vector<NotJudged>& all, const char* figure, const char* reason, std::string text) {
    all.push_back({.track = {}, .figure = figure, .reason = reason, .share = {}, .text = std::move(text)});
}

void add_off_tape(std::vector<NotJudged>& all, const PrintFacts& facts) {
    for (const PaperSide& side : facts.sides) {
        const std::string where = facts.sides.size() > 1 ? "side " + side.name + ": " : "";
        if (!side.off_tape) {
            add_whole(all, "off_tape", "not_printed", where + "the report has no off-tape proof of it");
        } else if (!*side.off_tape) {
            add_whole(all, "off_tape", "not_off_tape",
                      where + "it is not proven that the signal came off tape: nothing else counts");
        }
        for (const PaperRun& run : side.runs) {
            if (side.runs.size() > 1 && !run.off_tape.value_or(false)) {
                add_whole(all, "off_tape", "not_off_tape",
                          where + "of the run from track " + std::to_string(run.first_track) +
                              " on it is not proven that the signal came off tape");
            }
        }
    }
}

} // namespace

std::vector<NotJudged> not_judged(const PrintFacts& facts) {
    std::vector<NotJudged> all;
    if (!facts.complete || facts.tracks.size() < facts.planned_tracks) {
        add_whole(all, "all", "not_printed",
                  "the print is not complete: " + std::to_string(facts.tracks.size()) +
                      (facts.planned_tracks > 0 ? " of " + std::to_string(facts.planned_tracks) : std::string()) +
                      " tracks were printed");
    }
    add_off_tape(all, facts);
    for (std::size_t i = 0; i < facts.tracks.size(); ++i) {
        for (NotJudged& each : List(facts, i).all()) {
            all.push_back(std::move(each));
        }
    }
    return all;
}

} // namespace overbias::mastering
