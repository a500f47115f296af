// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/mol_search.hpp"

#include "dsp/analysis/local_fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>
#include <string>
#include <utility>

namespace overbias::dsp {

namespace {

constexpr double kSilence_db = -200.0;
constexpr double kOverNoise_db = 10.0; ///< noise alone does that once in 20 000 readings
constexpr double kNearby_db = 1.25;    ///< readings so near the place are readings of it
constexpr double kSure = 3.0;          ///< errors, that a reading is off 3 % by to be on that side of it
constexpr double kDeep_db = 40.0;      ///< below 3 %: what happens there tells nothing of the place
constexpr double kFarthest_db = 30.0;  ///< from the nearest reading
constexpr double kSameLevel_db = 0.05;
/// Readings on, above and below the place in turn: together they tell place and slope.
constexpr std::array<double, 3> kAround_db{0.0, 1.0, -1.0};
constexpr FitKnowledge kThird{{0.0, 2.0, 0.02, 0.0}, {1e6, 0.5, 0.05, 0.0}};
constexpr FitKnowledge kAnyThird{{0.0, 2.0, 0.0, 0.0}, {1e6, 5.0, 1.0, 0.0}};
constexpr double kDoubt = 3.0; ///< scatter, from which on what is known of tapes is not believed
constexpr FitKnowledge kFundamental{{0.0, 0.9, -0.02, 0.0}, {1e6, 0.3, 0.03, 0.0}};

double percent_db(double percent) {
    return percent > 0.0 ? 20.0 * std::log10(percent / 100.0) : kSilence_db;
}

/// By how much the fit may miss a reading so far from the target: not at all near by, a fiftieth far off.
double model_error_db(double off_db) {
    const double off = std::abs(off_db);
    return 0.02 * off * std::min(1.0, off / 5.0);
}

} // namespace

MolReading mol_reading(double sent_db, const Distortion& read) noexcept {
    const double third = read.third_percent();
    return {sent_db, read.fundamental_dbfs,
            std::isfinite(third) ? read.fundamental_dbfs + percent_db(third) : kSilence_db,
            read.fundamental_dbfs + percent_db(read.third_noise_percent)};
}

MolSearch::MolSearch(const MolSearchConfig& config) : config_(config) {
    if (!(config.lowest_sent_db <= config.first_sent_db && config.first_sent_db <= config.highest_sent_db)) {
        throw std::invalid_argument("MOL search: levels to send: expected lowest <= first <= highest, got " +
                                    std::to_string(config.lowest_sent_db) + ", " +
                                    std::to_string(config.first_sent_db) + ", " +
                                    std::to_string(config.highest_sent_db) + " dB");
    }
    if (!(config.target_percent > 0.0 && config.longest_step_db > 0.0 && config.reading_error_db > 0.0)) {
        throw std::invalid_argument("MOL search: expected a target, a step and a reading error above 0");
    }
    config_.most_readings = std::clamp<std::size_t>(config.most_readings, 1, kMostReadings);
}

bool MolSearch::add(const MolReading& reading) noexcept {
    if (count_ == kMostReadings || !std::isfinite(reading.sent_db) || !std::isfinite(reading.fundamental_db) ||
        !std::isfinite(reading.third_db) || !std::isfinite(reading.noise_db)) {
        return false;
    }
    readings_[count_++] = reading;
    return true;
}

double MolSearch::ratio_db(const MolReading& reading) const noexcept {
    return reading.third_db - reading.fundamental_db - percent_db(config_.target_percent);
}

bool MolSearch::stands_out(const MolReading& reading) noexcept {
    return reading.third_db > kSilence_db && reading.third_db >= reading.noise_db + kOverNoise_db;
}

/// A third harmonic that can not be told from noise is less than 3 % all the same, if the noise is.
bool MolSearch::tells(const MolReading& reading) const noexcept {
    return stands_out(reading) ||
           reading.noise_db + kOverNoise_db - reading.fundamental_db <= percent_db(config_.target_percent);
}

/// Lowest and highest level sent of the readings over the noise.
std::pair<double, double> MolSearch::told() const noexcept {
    std::pair<double, double> ends{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
    for (const MolReading& reading : readings()) {
        if (stands_out(reading)) {
            ends = {std::min(ends.first, reading.sent_db), std::max(ends.second, reading.sent_db)};
        }
    }
    return ends;
}

std::optional<MolSearch::Estimate> MolSearch::estimate() const noexcept {
    std::array<FitPoint, kMostReadings> third{}, fundamental{};
    std::size_t used = 0;
    double below = -std::numeric_limits<double>::infinity(), above = -below; // of 3 %, between which it must lie
    double nearest = std::numeric_limits<double>::infinity(), about = 0.0;
    for (const MolReading& reading : readings()) {
        const double off = ratio_db(reading);
        // noise of power N in the band of a sine of power S moves its amplitude by sqrt(N / S) / sqrt(2), rms, less
        // what the length of the stretch averages out
        const double noise =
            std::hypot(config_.reading_error_db,
                       8.686 / std::numbers::sqrt2 * std::pow(10.0, (reading.noise_db - reading.third_db) / 20.0));
        if (tells(reading) && (!stands_out(reading) || off < -kSure * noise)) {
            below = std::max(below, reading.sent_db);
        }
        if (!stands_out(reading)) {
            continue;
        }
        above = off > kSure * noise ? std::min(above, reading.sent_db) : above;
        const double model = model_error_db(off);
        third[used] = {reading.sent_db, off, std::hypot(noise, model)};
        fundamental[used] = {reading.sent_db, reading.fundamental_db, std::hypot(config_.reading_error_db, model)};
        ++used;
        if (std::abs(off) < nearest) {
            nearest = std::abs(off);
            about = reading.sent_db;
        }
    }
    if (used == 0) {
        return std::nullopt;
    }
    LocalFit fit(std::span<const FitPoint>(third).first(used), kThird, about);
    // one that is lost in the noise says that there is no more than noise: where the fit claims more, it counts
    std::size_t all = used;
    for (const MolReading& reading : readings()) {
        const double most =
            reading.noise_db + kOverNoise_db - reading.fundamental_db - percent_db(config_.target_percent);
        if (!stands_out(reading) && all < third.size() && most > -kDeep_db && fit.value(reading.sent_db) > most) {
            third[all++] = {reading.sent_db, most - kOverNoise_db, kOverNoise_db / 2.0};
        }
    }
    if (all > used) {
        fit = LocalFit(std::span<const FitPoint>(third).first(all), kThird, about);
    }
    if (fit.scatter() > kDoubt) {
        fit = LocalFit(std::span<const FitPoint>(third).first(all), kAnyThird, about);
    }
    double sent = about;
    double slope = std::max(fit.slope(about), 0.5);
    for (int turn = 0; turn < 20; ++turn) { // Newton's, on a slope that never turns round
        sent = std::clamp(sent - fit.value(sent) / slope, about - kFarthest_db, about + kFarthest_db);
        slope = std::max(fit.slope(sent), 0.5);
    }
    const LocalFit output{std::span(fundamental).first(used), kFundamental, about};
    Estimate estimate;
    estimate.sent_db = sent;
    estimate.sent_error_db = fit.value_error(sent) / slope;
    if (below < above && std::isfinite(above - below) && (sent < below || sent > above)) {
        // harder a bend than is known beforehand: half way, until readings are near enough to tell
        estimate.sent_db = sent = (below + above) / 2.0;
        estimate.sent_error_db = (above - below) / std::sqrt(12.0);
    }
    estimate.output_db = output.value(sent);
    estimate.output_error_db = std::hypot(output.slope(sent) * estimate.sent_error_db, output.value_error(sent));
    return estimate;
}

std::optional<double> MolSearch::next_level() const noexcept {
    if (count_ == 0) {
        return config_.first_sent_db;
    }
    if (count_ >= config_.most_readings) {
        return std::nullopt;
    }
    double highest = readings_[0].sent_db, lowest = highest;
    for (const MolReading& reading : readings()) {
        highest = std::max(highest, reading.sent_db);
        lowest = std::min(lowest, reading.sent_db);
    }
    const double top = std::min(config_.highest_sent_db, highest + config_.longest_step_db);
    const auto found = estimate();
    if (!found) {
        return top > highest + kSameLevel_db ? std::optional(top) : std::nullopt;
    }
    std::size_t near = 0;
    for (const MolReading& reading : readings()) {
        near += std::abs(reading.sent_db - found->sent_db) <= kNearby_db ? 1 : 0;
    }
    const auto [low, high] = told();
    const bool between = low <= found->sent_db && found->sent_db <= high;
    if (near >= kAround_db.size() && between && found->output_error_db <= config_.tolerance_db) {
        return std::nullopt;
    }
    // at an end, with the place beyond it: once is enough
    if ((found->sent_db > config_.highest_sent_db && highest >= config_.highest_sent_db - kSameLevel_db) ||
        (found->sent_db < config_.lowest_sent_db && lowest <= config_.lowest_sent_db + kSameLevel_db)) {
        return std::nullopt;
    }
    double wanted = found->sent_db + kAround_db[near % kAround_db.size()];
    if (near >= kAround_db.size() && !between) { // one on the other side is what is missing
        wanted = found->sent_db + (found->sent_db > high ? kAround_db[1] : kAround_db[2]);
    }
    return std::clamp(wanted, config_.lowest_sent_db, top);
}

MolResult MolSearch::result() const noexcept {
    MolResult result;
    result.readings = count_;
    const MolReading *loudest = nullptr, *softest = nullptr;
    for (const MolReading& reading : readings()) {
        result.above_noise += stands_out(reading) ? 1 : 0;
        if (!tells(reading)) {
            continue;
        }
        if (ratio_db(reading) < 0.0 && (!loudest || reading.fundamental_db > loudest->fundamental_db)) {
            loudest = &reading;
        }
        if (ratio_db(reading) >= 0.0 && (!softest || reading.fundamental_db < softest->fundamental_db)) {
            softest = &reading;
        }
    }
    const auto found = estimate();
    const auto [below, above] = told();
    if (found) {
        result.sent_db = found->sent_db;
        result.sent_error_db = found->sent_error_db;
        result.output_db = found->output_db;
        result.error_db = found->output_error_db;
        if (found->sent_db >= below - found->sent_error_db && found->sent_db <= above + found->sent_error_db &&
            result.above_noise > 1) {
            result.verdict = MolResult::Verdict::Found;
            return result;
        }
    }
    if (!loudest && !softest) {
        return result;
    }
    const bool beyond = loudest && (!found || found->sent_db > above);
    result.bound_db = beyond || !softest ? loudest->fundamental_db : softest->fundamental_db;
    if (found &&
        std::min(std::abs(found->sent_db - above), std::abs(found->sent_db - below)) <= config_.extrapolates_db) {
        result.verdict = MolResult::Verdict::Extrapolated;
    } else {
        result.verdict = beyond || !softest ? MolResult::Verdict::MoreThan : MolResult::Verdict::LessThan;
    }
    return result;
}

} // namespace overbias::dsp
