// SPDX-License-Identifier: Apache-2.0
#include "mastering/transfer/gap_finder.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace overbias::mastering {

namespace {

constexpr double kStep_s = 0.01;
constexpr std::size_t kClick = 10;      ///< steps: a shorter sound alone is none
constexpr std::size_t kClickSides = 50; ///< steps of silence that make it alone
constexpr float kNothing_db = -200.0F;

double db_of(double power) {
    return power > 1e-20 ? 10.0 * std::log10(power) : static_cast<double>(kNothing_db);
}

} // namespace

GapFinder::GapFinder(double rate_hz, const GapRule& rule) : rule_(rule) {
    if (!(rate_hz > 0.0) || !(rule.least_s > 0.0)) {
        throw std::invalid_argument("gap finder: rate and length of a gap must be above 0");
    }
    step_frames_ = std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(rate_hz * kStep_s)));
}

void GapFinder::push(std::span<const float> interleaved, bool counts) {
    for (std::size_t i = 0; i + 1 < interleaved.size();) {
        const std::size_t take = std::min(step_frames_ - gathered_, (interleaved.size() - i) / 2);
        for (const std::size_t end = i + 2 * take; i < end; i += 2) {
            for (std::size_t c = 0; c < 2; ++c) {
                const auto x = static_cast<double>(interleaved[i + c]);
                sums_[c] += x;
                squares_[c] += x * x;
            }
        }
        gathered_ += take;
        step_counts_ = step_counts_ && counts;
        if (gathered_ == step_frames_) {
            end_step();
        }
    }
}

void GapFinder::end_step() {
    const auto frames = static_cast<double>(step_frames_);
    double power = 0.0;
    for (std::size_t c = 0; c < 2; ++c) {
        const double mean = sums_[c] / frames;
        power = std::max(power, squares_[c] / frames - mean * mean);
    }
    const auto db = static_cast<float>(db_of(power));
    steps_.push_back({db, step_counts_});
    powers_[(steps_.size() - 1) % kHalfSecond] = power;
    in_a_row_ = step_counts_ ? in_a_row_ + 1 : 0;
    if (in_a_row_ >= kHalfSecond) {
        const double half_second =
            db_of(std::accumulate(powers_.begin(), powers_.end(), 0.0) / static_cast<double>(kHalfSecond));
        quietest_db_ = std::min(quietest_db_.value_or(half_second), half_second);
        loudest_db_ = std::max(loudest_db_.value_or(half_second), half_second);
    }
    if (step_counts_) { // else it goes on as it was
        const auto threshold = threshold_dbfs();
        if (threshold && static_cast<double>(db) < *threshold) {
            silent_steps_ += 1 + (sounding_steps_ < kClick ? sounding_steps_ : 0);
            sounding_steps_ = 0;
        } else if (++sounding_steps_ >= kClick) {
            silent_steps_ = 0;
        }
    }
    sums_ = squares_ = {};
    gathered_ = 0;
    step_counts_ = true;
}

std::optional<double> GapFinder::threshold_dbfs() const noexcept {
    if (!quietest_db_ || !loudest_db_) {
        return std::nullopt;
    }
    return std::min(std::max(*quietest_db_ + rule_.over_noise_db, *loudest_db_ - rule_.below_loudest_db),
                    *loudest_db_ - rule_.at_least_below_db);
}

double GapFinder::silent_s() const noexcept {
    return static_cast<double>(silent_steps_) * kStep_s;
}

/// What is not silent, clicks left out.
std::vector<GapFinder::Run> GapFinder::sounds() const {
    std::vector<Run> all;
    const auto threshold = threshold_dbfs();
    bool sounding = false;
    for (std::size_t n = 0; threshold && n < steps_.size(); ++n) {
        if (steps_[n].counts) {
            const bool now = static_cast<double>(steps_[n].db) >= *threshold;
            if (now && !sounding) {
                all.push_back({n, n});
            }
            sounding = now;
        }
        if (sounding) {
            all.back().end = n + 1;
        }
    }
    std::vector<Run> kept;
    for (std::size_t n = 0; n < all.size(); ++n) {
        const bool alone = (n == 0 || all[n].first - all[n - 1].end >= kClickSides) &&
                           (n + 1 == all.size() || all[n + 1].first - all[n].end >= kClickSides);
        if (!alone || all[n].end - all[n].first >= kClick) {
            kept.push_back(all[n]);
        }
    }
    return kept;
}

std::vector<ProgrammePlace> GapFinder::tracks() const {
    const auto least = static_cast<std::size_t>(std::lround(rule_.least_s / kStep_s));
    std::vector<Run> joined;
    for (const Run& run : sounds()) {
        if (!joined.empty() && run.first - joined.back().end < least) {
            joined.back().end = run.end;
        } else {
            joined.push_back(run);
        }
    }
    std::vector<ProgrammePlace> places;
    for (const Run& run : joined) {
        places.push_back(
            {static_cast<std::int64_t>(run.first * step_frames_), static_cast<std::int64_t>(run.end * step_frames_)});
    }
    return places;
}

} // namespace overbias::mastering
