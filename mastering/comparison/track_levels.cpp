// SPDX-License-Identifier: Apache-2.0
// Levels and response of a track: figures and what they break. (The rest of TrackJudge is in track_judge.cpp.)
#include "base/units.hpp"
#include "mastering/comparison/track_judge.hpp"
#include "mastering/comparison/words.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>

namespace overbias::mastering {
namespace {

// Bands, counted from 50 Hz.
constexpr std::size_t k100Hz = 3, k400Hz = 9, k2500Hz = 17, k4kHz = 19, k5kHz = 20, k12500Hz = 24;
constexpr int kFewestBands = 3;
// The loss of a hot passage is known only to lie between none (a stock with more headroom) and this many times what the
// cubic predicts.
constexpr double kLargestLaw = 1.6;
// Above 2.5 kHz a hot tape gives what it can.
constexpr double kHotAllowance_db = 8.0;
constexpr double kUnlike = 0.25; // of a loss: another stock's law takes that much more of one band than of the other
constexpr double kHighDroop_db = 0.75;
constexpr double kAlike = 0.1; // drive that differs by no more of it is taken for the same

/// Mean over bands of a difference, with the drive that went with it.
struct Mean {
    double db = 0.0, loss_db = 0.0;
    int bands = 0;
    void add(double value_db, double drive) {
        db += value_db;
        loss_db += -amplitude_db(std::max(0.1, 1.0 - drive));
        ++bands;
    }
    [[nodiscard]] double mean_db() const { return db / bands; }
    [[nodiscard]] double mean_loss_db() const { return loss_db / bands; }
};

/// True when a difference lies further than `limit_db` from everything a compression of 0 ... kLargestLaw * `loss_db`
/// explains.
bool beyond(double difference_db, double loss_db, double limit_db) {
    const double explained = -kLargestLaw * loss_db;
    return difference_db > std::max(0.0, explained) + limit_db || difference_db < std::min(0.0, explained) - limit_db;
}

double loss_of(const BandFigure& figure) {
    return figure.hot ? -amplitude_db(std::max(0.1, 1.0 - figure.drive)) : 0.0;
}

bool driven_alike(double loss_db, double other_loss_db) {
    return std::abs(loss_db - other_loss_db) <= kAlike * std::max(loss_db, other_loss_db);
}

/// What saturation can have taken from a channel: as much as the law allows; and where the other one was driven alike,
/// no more than was lost there.
double taken_at_most_db(double loss_db, double other_loss_db, std::optional<double> other_lost_db) {
    const double by_law_db = kLargestLaw * loss_db;
    if (!other_lost_db || !driven_alike(loss_db, other_loss_db)) {
        return by_law_db;
    }
    return std::min(by_law_db, std::max(0.0, *other_lost_db) + kAlike * by_law_db);
}

/// With the drive of the whole, or with each band's own.
Mean around_1khz(const LevelWindows& levels, int channel, bool own = false) {
    Mean mean;
    for (std::size_t b = k400Hz; b <= k2500Hz; ++b) {
        if (const auto figure = levels.band(channel, b); figure.db) {
            mean.add(*figure.db, !figure.hot ? 0.0 : own ? figure.own_drive : figure.drive);
        }
    }
    return mean;
}

/// The channels are exchanged: levels and response against this one's programme say nothing.
bool carries_the_other(const TrackResult& result, int channel) {
    return std::any_of(result.findings.begin(), result.findings.end(), [channel](const Finding& f) {
        return f.reason == "channels_swapped" && (f.channel < 0 || f.channel == channel);
    });
}

} // namespace

void TrackJudge::judge_levels(const PrintFacts& facts, TrackResult& result) const {
    const double operating_db =
        facts.config.capture_dbfs_at_operating_level - facts.config.play_dbfs_at_operating_level;
    const VerdictLimits& limits = facts.config.limits;
    const std::array<BandFigure, 2> whole{levels_.level(0, k100Hz, k5kHz), levels_.level(1, k100Hz, k5kHz)};
    const std::array<Mean, 2> middles{around_1khz(levels_, 0), around_1khz(levels_, 1)};
    // Lost against the slate: of the whole, and around 1 kHz.
    std::array<std::optional<double>, 2> lost_db{};
    std::array<std::optional<double>, 2> middle_lost_db{};
    for (std::size_t c = 0; c < 2; ++c) {
        if (const auto slate_db = facts.slate_difference_db[c]) {
            lost_db[c] = whole[c].db ? std::optional(operating_db + *slate_db - *whole[c].db) : std::nullopt;
            middle_lost_db[c] = middles[c].bands >= kFewestBands
                                    ? std::optional(operating_db + *slate_db - middles[c].mean_db())
                                    : std::nullopt;
        }
    }
    for (int channel = 0; channel < 2; ++channel) {
        const auto c = static_cast<std::size_t>(channel);
        const BandFigure& level = whole[c];
        if (carries_the_other(result, channel)) {
            continue;
        }
        if (level.db) {
            const double taken_db = taken_at_most_db(loss_of(level), loss_of(whole[1 - c]), lost_db[1 - c]);
            const double difference = *level.db - operating_db;
            result.level_difference_db[c] = difference;
            const bool explained = difference < 0.0 && difference + taken_db > -limits.level_difference_db;
            if (std::abs(difference) > limits.level_difference_db && !explained) {
                result.findings.push_back({"level_difference",
                                           "the " + channel_name(channel) + " channel is " +
                                               figure(difference, 2, true) + " dB re operating level, limit +-" +
                                               figure(limits.level_difference_db, 2) + " dB",
                                           channel});
            }
        }
        const Mean& middle = middles[c];
        if (middle.bands < kFewestBands || !facts.slate_difference_db[c]) {
            continue;
        }
        const double against_slate = middle.mean_db() - operating_db - *facts.slate_difference_db[c];
        result.level_re_slate_db[c] = against_slate;
        const auto has_dropout = [&](std::size_t w) {
            const double from = static_cast<double>(plan_.first_frame) + levels_.window_start_s(w) * rate_hz_;
            const double to = from + levels_.window_start_s(1) * rate_hz_;
            return std::any_of(dropouts_.events().begin(), dropouts_.events().end(), [&](const DropoutEvent& e) {
                return e.channel == channel && e.start_frame + e.length_s * rate_hz_ > from && e.start_frame < to;
            });
        };
        // Each window with the track's own response taken out, so that another spectrum is not taken for another level;
        // against the slate, and against the windows before it.
        double worst = 0.0;
        double worst_allowed = limits.level_re_slate_db;
        double from_s = -1.0;
        double before_db = 0.0, before_loss_db = 0.0;
        int before = 0;
        for (std::size_t w = 0; w < levels_.windows(); ++w) {
            Mean window;
            for (std::size_t b = k400Hz; b <= k2500Hz; ++b) {
                const auto here = levels_.band(channel, b, w);
                const auto all = levels_.band(channel, b);
                if (here.db && all.db) {
                    window.add(*here.db - *all.db, here.hot ? here.drive : 0.0);
                }
            }
            if (window.bands < kFewestBands || has_dropout(w)) {
                continue; // a hole in sparse programme is no droop: it is named as such
            }
            const double loss_db = window.mean_loss_db();
            const double deviation = window.mean_db() + against_slate;
            const double change = before > 0 ? window.mean_db() - before_db / before : 0.0;
            const double more_loss_db = before > 0 ? loss_db - before_loss_db / before : 0.0;
            const bool deviates = beyond(deviation, loss_db, limits.level_re_slate_db);
            const bool off = deviates || beyond(change, more_loss_db, limits.level_re_slate_db);
            if (off) {
                from_s = from_s < 0.0 ? levels_.window_start_s(w) : from_s;
                const double figure_db = deviates ? deviation : change;
                if (std::abs(figure_db) > std::abs(worst)) {
                    worst = figure_db;
                    worst_allowed =
                        limits.level_re_slate_db +
                        (figure_db < 0.0 ? kLargestLaw * std::max(0.0, deviates ? loss_db : more_loss_db) : 0.0);
                }
            } else {
                before_db += window.mean_db();
                before_loss_db += loss_db;
                ++before;
            }
        }
        const double other_loss_db = middles[1 - c].bands > 0 ? middles[1 - c].mean_loss_db() : 0.0;
        const double taken_db = taken_at_most_db(middle.mean_loss_db(), other_loss_db, middle_lost_db[1 - c]);
        const bool whole_off =
            dropouts_.events().empty() && beyond(against_slate, taken_db / kLargestLaw, limits.level_re_slate_db);
        if (from_s >= 0.0 || whole_off) {
            const double shown = from_s >= 0.0 ? worst : against_slate;
            const Place place = from_s >= 0.0 ? level_place(channel, from_s, shown, false) : Place{};
            const double allowed =
                from_s >= 0.0 ? worst_allowed : limits.level_re_slate_db + (shown < 0.0 ? taken_db : 0.0);
            result.findings.push_back({"level_droop",
                                       "the " + channel_name(channel) + " channel is " + figure(shown, 2, true) +
                                           " dB against the slate as read off tape, from " +
                                           place_text(place.at_s, place.within_s) + " of the track on; limit +-" +
                                           figure(allowed, 2) + " dB",
                                       channel, place.at_s, std::nullopt, 400.0, 2500.0, place.within_s});
        }
    }
}

void TrackJudge::judge_response(const PrintFacts& facts, TrackResult& result) const {
    result.third_octave_hz = facts.band_hz;
    const double limit = facts.config.limits.third_octave_difference_db;
    for (int channel = 0; channel < 2; ++channel) {
        const auto c = static_cast<std::size_t>(channel);
        auto& differences = result.third_octave_difference_db[c];
        differences.assign(kBands, std::nullopt);
        auto& hot = result.third_octave_hot[c];
        hot.assign(kBands, false);
        if (carries_the_other(result, channel)) {
            continue;
        }
        const Mean middle = around_1khz(levels_, channel);
        const auto level = levels_.level(channel, k100Hz, k5kHz);
        if (middle.bands < kFewestBands && !level.db) {
            // Nothing near 1 kHz to compare with: the slate's level stands in, if it was found.
            if (!facts.slate_difference_db[c]) {
                continue;
            }
        }
        const double zero_db = middle.bands >= kFewestBands ? middle.mean_db()
                               : level.db                   ? *level.db
                                                            : power_db(reference_.gain[c]);
        const Mean middle_own = around_1khz(levels_, channel, true);
        const double middle_loss_db = middle_own.bands > 0 ? middle_own.mean_loss_db() : 0.0;
        std::size_t worst = kBands;
        double worst_db = 0.0;
        double off_from_hz = 0.0; // the bands that are off
        double off_to_hz = 0.0;
        for (std::size_t b = 0; b < kBands; ++b) {
            const auto figure = levels_.band(channel, b);
            if (!figure.db) {
                continue;
            }
            const double difference = *figure.db - zero_db;
            differences[b] = difference;
            hot[b] = figure.hot;
            const double loss_db = figure.hot ? -amplitude_db(std::max(0.1, 1.0 - figure.own_drive)) : 0.0;
            const double more_db = loss_db - middle_loss_db;
            const double unsure_db = limit + kUnlike * std::max(loss_db, middle_loss_db);
            const double below = unsure_db + std::min(kHotAllowance_db, kLargestLaw * std::max(0.0, more_db));
            const double above = unsure_db + kLargestLaw * std::max(0.0, -more_db);
            const double excess = difference < 0.0 ? -difference - below : difference - above;
            if (b <= k12500Hz && excess > 0.0) {
                off_from_hz = off_from_hz > 0.0 ? off_from_hz : facts.band_hz[b];
                off_to_hz = facts.band_hz[b];
                if (std::abs(difference) > std::abs(worst_db)) {
                    worst = b;
                    worst_db = difference;
                }
            }
        }
        if (worst < kBands) {
            result.findings.push_back({"frequency_response",
                                       "the " + channel_name(channel) + " channel is " + figure(worst_db, 1, true) +
                                           " dB at " + figure(facts.band_hz[worst], worst_db < 100.0 ? 0 : 1) +
                                           " Hz against 1 kHz, limit +-" + figure(limit, 1) + " dB",
                                       channel, std::nullopt, std::nullopt, off_from_hz, off_to_hz});
            continue;
        }
        // Highs that fall away while the track runs (a clogging head): windows against the first ones.
        double from_s = -1.0;
        double fallen_db = 0.0;
        int in_a_row = 0;
        std::array<BandFigure, kBands> start{};
        for (std::size_t w = 0; w < levels_.windows(); ++w) {
            Mean high;
            for (std::size_t b = k4kHz; b <= k12500Hz; ++b) {
                const auto here = levels_.band(channel, b, w);
                if (!here.db) {
                    continue;
                }
                if (!start[b].db) {
                    start[b] = here;
                }
                // A band that is hot is so in all windows; it tells a change where the tape was driven alike.
                if (!here.hot || driven_alike(loss_of(here), loss_of(start[b]))) {
                    high.add(*here.db - *start[b].db, 0.0);
                }
            }
            const bool off = high.bands >= kFewestBands && std::abs(high.mean_db()) > kHighDroop_db;
            in_a_row = off ? in_a_row + 1 : 0;
            if (in_a_row >= 2 || (off && w + 1 == levels_.windows())) {
                from_s = from_s < 0.0 ? levels_.window_start_s(w + 1 - static_cast<std::size_t>(in_a_row)) : from_s;
                fallen_db = std::abs(high.mean_db()) > std::abs(fallen_db) ? high.mean_db() : fallen_db;
            }
        }
        if (from_s >= 0.0) {
            const Place place = level_place(channel, from_s, fallen_db, true);
            result.findings.push_back({"frequency_response",
                                       "the " + channel_name(channel) + " channel's highs (4 to 12.5 kHz) changed by " +
                                           figure(fallen_db, 2, true) + " dB from " +
                                           place_text(place.at_s, place.within_s) + " of the track on; limit +-" +
                                           figure(kHighDroop_db, 2) + " dB: clean the heads",
                                       channel, place.at_s, std::nullopt, 4000.0, 12500.0, place.within_s});
        }
    }
}

} // namespace overbias::mastering
