// SPDX-License-Identifier: Apache-2.0
// Figures of a track beside what is judged: each second, what is missing, compression, transfer, residual, and the
// shares that could be judged. (The rest of TrackJudge is in track_judge.cpp.)
#include "mastering/comparison/track_judge.hpp"
#include "mastering/comparison/words.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

namespace overbias::mastering {
namespace {

constexpr std::size_t k100Hz = 3, k4kHz = 19, k5kHz = 20, k12500Hz = 24;
constexpr std::size_t kFewestHigh = 3;   // third octaves above 4 kHz
constexpr std::size_t kFewestDelays = 3; // frames of a second
constexpr double kTogether_s = 0.05;     // both channels went and came back within it

} // namespace

void TrackJudge::judge_missing(const PrintFacts& facts, TrackResult& result) const {
    const auto seconds = [&](std::int64_t frame) { return static_cast<double>(frame - plan_.first_frame) / rate_hz_; };
    // Another programme is full of holes.
    const bool exchanged = std::any_of(result.findings.begin(), result.findings.end(),
                                       [](const Finding& f) { return f.reason == "channels_swapped"; });
    std::vector<MissingStretch> all = exchanged ? missing_.stretches() : all_missing(facts.config.limits.missing_s);
    // Nor is the deck's input the programme off tape, and that is told.
    std::erase_if(all, [&](const MissingStretch& stretch) {
        return (exchanged && stretch.remainder) ||
               (facts.input_from && seconds(stretch.to) > seconds(*facts.input_from));
    });
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.from < b.from; });
    const auto told = [&](int channel) {
        return std::any_of(result.findings.begin(), result.findings.end(), [&](const Finding& f) {
            return f.reason == "no_signal" || (f.reason == "channel_missing" && f.channel == channel);
        });
    };
    std::vector<bool> done(all.size(), false);
    for (std::size_t n = 0; n < all.size(); ++n) {
        if (done[n]) {
            continue;
        }
        std::int64_t from = all[n].from;
        std::int64_t to = all[n].to;
        int channel = all[n].channel;
        for (std::size_t k = n + 1; k < all.size(); ++k) {
            if (!done[k] && all[k].channel != all[n].channel &&
                std::abs(seconds(all[k].from) - seconds(from)) < kTogether_s &&
                std::abs(seconds(all[k].to) - seconds(to)) < kTogether_s) {
                from = std::min(from, all[k].from);
                to = std::max(to, all[k].to);
                channel = -1;
                done[k] = true;
                break;
            }
        }
        const std::string where = channel < 0 ? "both" : channel_name(channel);
        result.missing.push_back({seconds(from), seconds(to), where});
        if (told(channel) || !facts.recorded_well) {
            continue;
        }
        Finding finding{"missing",
                        figure(seconds(to) - seconds(from), 3) + " s of the programme are not in the return" +
                            (all[n].remainder ? ", or only a remainder of them, from " : ", from ") +
                            clock_time_ms(seconds(from)) + " to " + clock_time_ms(seconds(to)) + " of the track, on " +
                            (channel < 0 ? "both channels" : "the " + where + " channel") +
                            ": record was interrupted, or the tape is spliced or erased there" +
                            (all[n].remainder ? ", or bias failed" : ""),
                        channel};
        finding.from_s = seconds(from);
        finding.to_s = seconds(to);
        result.findings.push_back(finding);
    }
}

void TrackJudge::add_seconds(const PrintFacts& facts, TrackResult& result,
                             const std::vector<DelayPoint>& points) const {
    const double operating_db =
        facts.config.capture_dbfs_at_operating_level - facts.config.play_dbfs_at_operating_level;
    const auto count = static_cast<std::size_t>(std::ceil(static_cast<double>(plan_.frames) / rate_hz_));
    result.seconds.resize(count);
    const double frames_a_second = 1.0 / frame_s_;
    for (std::size_t s = 0; s < std::min(count, levels_.seconds()); ++s) {
        SecondFigures& second = result.seconds[s];
        second.dropouts_judged = dropouts_.judged_in_second(s);
        for (int channel = 0; channel < 2; ++channel) {
            const auto c = static_cast<std::size_t>(channel);
            const BandFigure level = levels_.level_in_second(channel, k100Hz, k5kHz, s);
            if (level.db) {
                second.level_difference_db[c] = *level.db - operating_db;
                second.level_judged = true;
            }
            const double zero_db = result.level_difference_db[c].value_or(0.0) + operating_db;
            std::size_t high = 0;
            for (std::size_t b = 0; b < kBands; ++b) {
                if (const BandFigure band = levels_.band_in_second(channel, b, s); band.db) {
                    second.third_octave_difference_db[c][b] = static_cast<float>(*band.db - zero_db);
                    high += b >= k4kHz && b <= k12500Hz ? 1 : 0;
                }
            }
            second.response_judged = second.response_judged || high >= kFewestHigh;
        }
    }
    std::size_t next = 0;
    std::vector<double> delays;
    std::vector<double> apart;
    for (std::size_t s = 0; s < count; ++s) {
        delays.clear();
        apart.clear();
        double sure = 0.0;
        for (; next < points.size() && points[next].at_s < static_cast<double>(s + 1); ++next) {
            const DelayPoint& point = points[next];
            if (point.any()) {
                delays.push_back(point.delay());
            }
            if (point.both()) {
                apart.push_back(1e6 * (point.delay_s[1] - point.delay_s[0]));
                sure += static_cast<double>(std::min(point.sure[0], point.sure[1]));
            }
        }
        if (delays.size() >= kFewestDelays) {
            result.seconds[s].delay_ms = 1e3 * *median_of(delays);
        }
        if (apart.size() >= kFewestDelays) {
            result.seconds[s].azimuth_us = median_of(apart);
            result.seconds[s].azimuth_confidence = std::min(1.0, sure / frames_a_second);
        }
    }
}

void TrackJudge::add_figures(const PrintFacts& facts, TrackResult& result) const {
    const double operating_db =
        facts.config.capture_dbfs_at_operating_level - facts.config.play_dbfs_at_operating_level;
    result.judged.dropouts = dropouts_.judged_share();
    for (int channel = 0; channel < 2; ++channel) {
        double level = 0.0;
        double response = 0.0;
        for (std::size_t b = 0; b <= k12500Hz; ++b) {
            const double share = levels_.share_judged(channel, b);
            response += share / static_cast<double>(k12500Hz + 1);
            level = b >= k100Hz && b <= k5kHz ? std::max(level, share) : level;
        }
        result.judged.level += 0.5 * level;
        result.judged.response += 0.5 * response;
        const auto c = static_cast<std::size_t>(channel);
        if (const BandFigure figure = levels_.level(channel, k100Hz, k5kHz); figure.db) {
            result.compression[c] = spectrum_.compression(channel, *figure.db);
        }
    }
    result.transfer = spectrum_.transfer(operating_db);
    result.residual = spectrum_.residual();
    const auto withhold = [&](const char* figure, bool any, const char* reason) {
        if (!any) {
            result.withheld.push_back({figure, reason});
        }
    };
    const char* const quiet = "not_enough_signal";
    const bool swapped = std::any_of(result.findings.begin(), result.findings.end(),
                                     [](const Finding& f) { return f.reason == "channels_swapped"; });
    const char* const no_level = swapped ? "channels_swapped" : quiet;
    withhold("level_difference_db", result.level_difference_db[0] || result.level_difference_db[1], no_level);
    const bool slate = facts.slate_difference_db[0] || facts.slate_difference_db[1];
    withhold("level_re_slate_db", result.level_re_slate_db[0] || result.level_re_slate_db[1],
             slate ? no_level : "no_slate");
    const auto any_of = [](const auto& values) {
        return std::any_of(values.begin(), values.end(), [](const auto& value) { return value.has_value(); });
    };
    withhold("third_octave_difference_db",
             any_of(result.third_octave_difference_db[0]) || any_of(result.third_octave_difference_db[1]), no_level);
    withhold("transfer", any_of(result.transfer.magnitude_db[0]) || any_of(result.transfer.magnitude_db[1]), quiet);
    withhold("residual", result.residual.db[0] || result.residual.db[1], quiet);
    withhold("compression", !result.compression[0].empty() || !result.compression[1].empty(), quiet);
    withhold("dropouts", result.judged.dropouts > 0.0, quiet);
}

} // namespace overbias::mastering
