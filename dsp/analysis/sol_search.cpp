// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/sol_search.hpp"

#include "dsp/analysis/local_fit.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace overbias::dsp {

namespace {

constexpr std::size_t kFewest = 3;
constexpr double kSameLevel_db = 0.05;
constexpr double kModelError = 0.3;   ///< dB, of a reading a dB below the highest; with the square of it
constexpr double kLeastFall_db = 0.2; ///< after a top
constexpr double kNearby_db = 2.5;    ///< readings so near the top are readings of it
constexpr std::size_t kEnough = 5;    ///< of these
/// Readings on, above and below the top in turn: together they tell place, height, bend and what is
/// lopsided about it.
constexpr std::array<double, 4> kAround_db{0.0, 1.5, -2.0, 0.5};
constexpr double kPlace_db = 0.25; ///< error of the place besides: a flat top is not quite a cubic
constexpr double kStraight = 0.75; ///< dB a dB, above: long steps up
constexpr FitKnowledge kShape{{0.0, 0.0, -0.12, -0.015}, {1e6, 1.0, 0.15, 0.02}};

} // namespace

SolSearch::SolSearch(const SolSearchConfig& config) : config_(config) {
    if (!(config.lowest_sent_db <= config.first_sent_db && config.first_sent_db <= config.highest_sent_db)) {
        throw std::invalid_argument("SOL search: levels to send: expected lowest <= first <= highest, got " +
                                    std::to_string(config.lowest_sent_db) + ", " +
                                    std::to_string(config.first_sent_db) + ", " +
                                    std::to_string(config.highest_sent_db) + " dB");
    }
    if (!(config.longest_step_db > 0.0 && config.reading_error_db > 0.0)) {
        throw std::invalid_argument("SOL search: expected a step and a reading error above 0");
    }
    config_.most_readings = std::clamp<std::size_t>(config.most_readings, kFewest, kMostReadings);
}

bool SolSearch::add(const SolReading& reading) noexcept {
    if (count_ == kMostReadings || !std::isfinite(reading.sent_db) || !std::isfinite(reading.output_db) ||
        !std::isfinite(reading.error_db)) {
        return false;
    }
    readings_[count_++] = reading;
    return true;
}

double SolSearch::highest_sent() const noexcept {
    double highest = readings_[0].sent_db;
    for (const SolReading& reading : readings()) {
        highest = std::max(highest, reading.sent_db);
    }
    return highest;
}

double SolSearch::lowest_sent() const noexcept {
    double lowest = readings_[0].sent_db;
    for (const SolReading& reading : readings()) {
        lowest = std::min(lowest, reading.sent_db);
    }
    return lowest;
}

LocalFit SolSearch::fit() const noexcept {
    const SolReading loudest = *std::ranges::max_element(readings(), {}, &SolReading::output_db);
    std::array<FitPoint, kMostReadings> points{};
    const auto fitted = [&](double top_db, const auto& height_db) {
        for (std::size_t i = 0; i < count_; ++i) {
            const SolReading& reading = readings_[i];
            const double below = std::max(0.0, top_db - height_db(reading));
            const double model = kModelError * below * below;
            points[i] = {reading.sent_db, reading.output_db,
                         std::hypot(config_.reading_error_db, reading.error_db, model)};
        }
        return LocalFit(std::span<const FitPoint>(points).first(count_), kShape, loudest.sent_db);
    };
    // how far below the top by the readings, then, without their noise, by the curve
    const LocalFit rough = fitted(loudest.output_db, [](const SolReading& reading) { return reading.output_db; });
    const double top_db = rough.value(highest_place(rough));
    return fitted(top_db, [&](const SolReading& reading) {
        return reading.output_db < top_db - 1.0 ? reading.output_db : rough.value(reading.sent_db);
    });
}

/// Of the curve near the highest reading, farther off a cubic means nothing: a walk of small steps, and Newton's from
/// there.
double SolSearch::highest_place(const LocalFit& curve) const noexcept {
    constexpr int kSteps = 64;
    constexpr double kReach_db = 4.0;
    const double middle = std::ranges::max_element(readings(), {}, &SolReading::output_db)->sent_db;
    const double lowest = std::max(lowest_sent(), middle - kReach_db);
    const double highest = std::min(highest_sent(), middle + kReach_db);
    double sent = lowest;
    for (int i = 1; i <= kSteps; ++i) {
        const double here = lowest + (highest - lowest) * i / kSteps;
        sent = curve.value(here) > curve.value(sent) ? here : sent;
    }
    for (int turn = 0; turn < 4; ++turn) {
        const double bend = curve.curvature(sent);
        sent = bend < 0.0 ? std::clamp(sent - curve.slope(sent) / bend, lowest, highest) : sent;
    }
    return sent;
}

/// The fitted curve's, when the readings go beyond it and have fallen.
std::optional<SolSearch::Top> SolSearch::top() const noexcept {
    if (count_ < kFewest) {
        return std::nullopt;
    }
    const LocalFit curve = fit();
    const double sent = highest_place(curve);
    if (!(curve.curvature(sent) < 0.0)) {
        return std::nullopt;
    }
    const double bend = std::min(curve.curvature(sent), -1e-3);
    const Top top{sent, std::hypot(curve.slope_error(sent) / bend, kPlace_db), curve.value(sent),
                  curve.value_error(sent)};
    const bool falls = std::ranges::any_of(readings(), [&](const SolReading& reading) {
        const double error = std::hypot(config_.reading_error_db, reading.error_db);
        return reading.sent_db > sent + kSameLevel_db &&
               top.output_db - reading.output_db > std::max(kLeastFall_db, 3.0 * error);
    });
    return falls && sent > lowest_sent() + kSameLevel_db ? std::optional(top) : std::nullopt;
}

/// From the highest level sent to the next one a dB or more below it.
double SolSearch::rises() const noexcept {
    SolReading last = readings_[0];
    for (const SolReading& reading : readings()) {
        last = reading.sent_db > last.sent_db ? reading : last;
    }
    const SolReading* before = nullptr;
    for (const SolReading& reading : readings()) {
        if (reading.sent_db <= last.sent_db - 1.0 && (!before || reading.sent_db > before->sent_db)) {
            before = &reading;
        }
    }
    return before ? (last.output_db - before->output_db) / (last.sent_db - before->sent_db) : 0.0;
}

std::optional<double> SolSearch::next_level() const noexcept {
    if (count_ == 0) {
        return config_.first_sent_db;
    }
    if (count_ >= config_.most_readings) {
        return std::nullopt;
    }
    const double highest = highest_sent();
    const auto found = top();
    if (!found) {
        const double lowest = lowest_sent();
        const auto loudest = std::ranges::max_element(readings(), {}, &SolReading::output_db);
        if (count_ >= 2 && loudest->sent_db <= lowest + kSameLevel_db) { // it has begun beyond the top
            return lowest > config_.lowest_sent_db + kSameLevel_db
                       ? std::optional(std::max(config_.lowest_sent_db, lowest - config_.longest_step_db))
                       : std::nullopt;
        }
        if (highest >= config_.highest_sent_db - kSameLevel_db) {
            return std::nullopt;
        }
        const bool straight = count_ < 2 || rises() > kStraight;
        const double step = straight ? config_.longest_step_db : config_.longest_step_db / 2.0;
        return std::min(config_.highest_sent_db, highest + step);
    }
    std::size_t near = 0;
    for (const SolReading& reading : readings()) {
        near += std::abs(reading.sent_db - found->sent_db) <= kNearby_db ? 1 : 0;
    }
    if (near >= kEnough && found->error_db <= config_.tolerance_db) {
        return std::nullopt;
    }
    return std::clamp(found->sent_db + kAround_db[near % kAround_db.size()], config_.lowest_sent_db,
                      config_.highest_sent_db);
}

SolResult SolSearch::result() const noexcept {
    SolResult result;
    result.readings = count_;
    if (count_ < kFewest) {
        return result;
    }
    result.rises_db_per_db = rises();
    if (const auto found = top()) {
        result.verdict = SolResult::Verdict::Found;
        result.output_db = found->output_db;
        result.error_db = found->error_db;
        result.sent_db = found->sent_db;
        result.sent_error_db = found->sent_error_db;
        return result;
    }
    result.verdict = SolResult::Verdict::MoreThan;
    result.output_db = readings_[0].output_db;
    for (const SolReading& reading : readings()) {
        if (reading.output_db >= result.output_db) {
            result.output_db = reading.output_db;
            result.sent_db = reading.sent_db;
            result.error_db = std::max(config_.reading_error_db, reading.error_db);
        }
    }
    return result;
}

} // namespace overbias::dsp
