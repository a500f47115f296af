// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/azimuth.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace overbias::dsp {
namespace {

constexpr std::size_t kMostFrames = 8192;
constexpr double kLeastCorrelation = 0.5; // against the reference: below, the frame is noise or something else
constexpr double kAgreeing = 0.8;         // channels of a programme that agree
constexpr double kNear_us = 5.0;

} // namespace

ProgrammeAzimuth::ProgrammeAzimuth(const ProgrammeAzimuthConfig& config)
    : config_(config), follower_(config.rate_hz, config.low_hz, config.high_hz), a_(frame() / 2 + 1), b_(a_.size()) {
    frames_.reserve(kMostFrames);
    sorted_.reserve(kMostFrames);
}

/// Mean, spread and error of frames_, the outliers (five times the median distance from the median) left out.
AzimuthEstimate ProgrammeAzimuth::average(std::size_t length) {
    AzimuthEstimate result;
    const auto median_of = [](std::vector<double>& values) {
        const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
        std::nth_element(values.begin(), middle, values.end());
        return *middle;
    };
    if (frames_.size() < 8) {
        return result;
    }
    std::vector<double>& values = sorted_;
    values.clear();
    for (const Frame& frame : frames_) {
        values.push_back(frame.delay_us);
    }
    const double median = median_of(values);
    for (double& value : values) {
        value = std::abs(value - median);
    }
    const double reach = 5.0 * std::max(median_of(values), 0.05);
    constexpr std::size_t kParts = 8;
    std::array<double, kParts> sums{}, counts{};
    double sum = 0.0, squares = 0.0, count = 0.0;
    for (const Frame& frame : frames_) {
        if (std::abs(frame.delay_us - median) <= reach) {
            const std::size_t part = std::min(kParts - 1, frame.at * kParts / length);
            sums[part] += frame.delay_us;
            counts[part] += 1.0;
            sum += frame.delay_us;
            count += 1.0;
        }
    }
    result.found = true;
    result.delay_us = sum / count;
    for (const Frame& frame : frames_) {
        if (std::abs(frame.delay_us - median) <= reach) {
            squares += (frame.delay_us - result.delay_us) * (frame.delay_us - result.delay_us);
        }
    }
    result.spread_us = std::sqrt(squares / count);
    double part_squares = 0.0, parts = 0.0;
    for (std::size_t p = 0; p < kParts; ++p) {
        if (counts[p] > 0.0) {
            const double away = sums[p] / counts[p] - result.delay_us;
            part_squares += away * away;
            parts += 1.0;
        }
    }
    result.error_us = parts > 1.0 ? std::sqrt(part_squares / (parts - 1.0) / parts) : result.spread_us;
    const double hop_s = static_cast<double>(follower_.hop()) / config_.rate_hz;
    result.averaging_s = count * hop_s;
    result.used_share = std::min(1.0, result.averaging_s * config_.rate_hz / static_cast<double>(length));
    return result;
}

AzimuthEstimate ProgrammeAzimuth::against_reference(std::span<const float> reference_first,
                                                    std::span<const float> reference_second,
                                                    std::span<const float> first, std::span<const float> second,
                                                    double lag, double reach) {
    const std::size_t length = std::min({reference_first.size(), reference_second.size(), first.size(), second.size()});
    frames_.clear();
    double reversed = 0.0;
    follower_.begin(reference_first.first(length), first.first(length), lag, reach);
    while (frames_.size() < kMostFrames && follower_.next()) {
        follower_.transform(reference_second, follower_.at(), a_);
        follower_.transform(second, follower_.there(), b_);
        // about where the first channel is, and, if it is better there, as far as a head can be turned
        DelayEstimator& estimator = follower_.estimator();
        auto other = estimator.fine(a_, b_, follower_.delay());
        const auto wide =
            estimator.coarse(a_, b_, std::round(follower_.delay()), config_.most_us * 1e-6 * config_.rate_hz);
        if (std::abs(wide.correlation) > std::abs(other.correlation)) {
            other = wide;
        }
        if (std::abs(other.correlation) < kLeastCorrelation) {
            continue;
        }
        reversed += follower_.correlation() * other.correlation < 0.0 ? 1.0 : 0.0;
        frames_.push_back({(other.samples - follower_.delay()) / config_.rate_hz * 1e6, follower_.at()});
    }
    AzimuthEstimate result = average(std::max<std::size_t>(length, 1));
    result.reversed = result.found && reversed > 0.5 * static_cast<double>(frames_.size());
    result.confidence = result.found ? 1.0 : 0.0;
    return result;
}

AzimuthEstimate ProgrammeAzimuth::alone(std::span<const float> first, std::span<const float> second) {
    const std::size_t length = std::min(first.size(), second.size());
    frames_.clear();
    double looked_at = 0.0, reversed = 0.0;
    for (std::size_t at = 0; at + frame() <= length && frames_.size() < kMostFrames; at += follower_.hop()) {
        follower_.transform(first, at, a_);
        follower_.transform(second, at, b_);
        const auto found = follower_.estimator().coarse(a_, b_, 0.0, config_.most_us * 1e-6 * config_.rate_hz);
        looked_at += 1.0;
        if (std::abs(found.correlation) >= kAgreeing) {
            reversed += found.correlation < 0.0 ? 1.0 : 0.0;
            frames_.push_back({found.samples / config_.rate_hz * 1e6, at});
        }
    }
    AzimuthEstimate result = average(std::max<std::size_t>(length, 1));
    if (!result.found) {
        return result;
    }
    const auto agreeing = static_cast<double>(frames_.size());
    const auto near = static_cast<double>(std::count_if(frames_.begin(), frames_.end(), [&](const Frame& frame) {
        return std::abs(frame.delay_us - result.delay_us) <= kNear_us;
    }));
    result.reversed = reversed > 0.5 * agreeing;
    result.confidence = agreeing / looked_at * near / agreeing;
    return result;
}

} // namespace overbias::dsp
