// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/delay_track.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::mastering {
namespace {

constexpr double kSure = static_cast<double>(kDelaySure);
constexpr double kLost = 0.6;       // below it a clear programme is not where it was expected
constexpr int kMissesToSearch = 2;  // frames in a row
constexpr double kSearch_s = 0.003; // 3 ms is a jump of 3 % at 15 in/s: more would be another programme
constexpr double kNear_s = 0.0006;  // as far as wow carries the delay from frame to frame
constexpr double kLow_s = 0.0003;   // less than half a period of 1.25 kHz
constexpr float kLowSure = 0.8F;    // what a delay that only the lows tell counts as
constexpr double kTone_s = 0.00024; // of the slate's 1 kHz, less than a quarter period
constexpr double kStep = 0.4;       // of each new estimate
constexpr double kFastStep = 0.8;   // where wow carries it off
constexpr double kFast_s = 40e-6;
constexpr double kLead = 0.7; // of the last movement: a swing of 2 Hz slows down by a third from frame to frame

} // namespace

std::optional<double> median_of(std::vector<double>& values) {
    if (values.empty()) {
        return std::nullopt;
    }
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

DelayTrack::DelayTrack(double rate_hz, double round_trip_s) : rate_hz_(rate_hz), round_trip_s_(round_trip_s) {
}

void DelayTrack::acquire(std::array<double, 2> lag_frames) {
    lag_ = acquired_lag_ = lag_frames;
    newest_sure_ = {};
    ahead_ = {};
    acquired_ = true;
}

void DelayTrack::update(const FrameFigures& figures, FrameAnalyser& analyser, const ClockMap& clocks,
                        std::int64_t centre_frame, double cut, std::array<bool, 2> clear, bool tone) {
    Observation seen{centre_frame, {0.0F, 0.0F}, {0.0, 0.0}};
    const double mapped = clocks.return_frame(static_cast<double>(centre_frame));
    for (int channel = 0; channel < 2; ++channel) {
        const auto c = static_cast<std::size_t>(channel);
        const bool before = newest_sure_[c];
        const double expected = lag_[c] + ahead_[c];
        newest_sure_[c] = false;
        ahead_[c] = 0.0;
        if (!clear[c]) {
            continue;
        }
        dsp::DelayEstimate estimate = figures.delay[c];
        if (!tone && std::abs(estimate.correlation) < kSure) {
            const auto near = analyser.search(channel, expected - cut, kNear_s * rate_hz_);
            if (std::abs(near.correlation) > std::abs(estimate.correlation)) {
                estimate = near;
            }
        }
        // Fast wow moves the delay within a frame by half a period of the highs: the lows still tell where it is.
        bool by_lows = false;
        if (!tone && std::abs(estimate.correlation) < kSure) {
            const auto low = analyser.search_low(channel, expected - cut, kLow_s * rate_hz_);
            by_lows = std::abs(low.correlation) > kSure;
            estimate = by_lows ? dsp::DelayEstimate{low.samples, std::copysign(kLowSure, low.correlation)} : estimate;
        }
        if (!tone && std::abs(estimate.correlation) < kLost && ++misses_[c] >= kMissesToSearch) {
            const auto wide = analyser.search(channel, lag_[c] - cut, kSearch_s * rate_hz_);
            if (std::abs(wide.correlation) > kSure) {
                estimate = wide;
                lag_[c] = wide.samples + cut;
            }
        }
        if (std::abs(estimate.correlation) < kLost) {
            continue;
        }
        const double lag = estimate.samples + cut;
        if (!by_lows && std::abs(estimate.correlation) < kSure && std::abs(lag - expected) > kFast_s * rate_hz_) {
            continue; // of something short another half wave fits as well
        }
        misses_[c] = 0;
        if (tone && std::abs(lag - acquired_lag_[c]) > kTone_s * rate_hz_) {
            lag_[c] = acquired_lag_[c];
            continue; // a half period off
        }
        const double moved = lag - lag_[c];
        lag_[c] += (std::abs(moved) > kFast_s * rate_hz_ ? kFastStep : kStep) * moved;
        const double step = before ? lag - newest_[c] : 0.0;
        ahead_[c] = lag - lag_[c] + (std::abs(step) > 0.5 * kFast_s * rate_hz_ ? kLead * step : 0.0);
        newest_[c] = lag;
        newest_sure_[c] = true;
        seen.sure[c] = static_cast<float>(std::abs(estimate.correlation));
        seen.return_frame[c] = mapped + lag;
    }
    if (seen.sure[0] > 0.0F || seen.sure[1] > 0.0F) {
        observations_.push_back(seen);
    }
}

std::optional<double> DelayTrack::azimuth_us(std::size_t newest, const ClockMap& clocks) const {
    constexpr std::size_t kFewest = 8;
    std::array<double, 64> apart{};
    std::size_t count = 0;
    newest = std::min({newest, apart.size(), observations_.size()});
    for (std::size_t n = observations_.size() - newest; n < observations_.size(); ++n) {
        if (const Observation& seen = observations_[n]; std::min(seen.sure[0], seen.sure[1]) >= kDelaySure) {
            apart[count++] = 1e6 * (delay_s(seen, 1, clocks) - delay_s(seen, 0, clocks));
        }
    }
    if (count < kFewest) {
        return std::nullopt;
    }
    const auto middle = apart.begin() + static_cast<std::ptrdiff_t>(count / 2);
    std::nth_element(apart.begin(), middle, apart.begin() + static_cast<std::ptrdiff_t>(count));
    return *middle;
}

double DelayTrack::delay_s(const Observation& o, int channel, const ClockMap& clocks) const noexcept {
    return clocks.tape_return.time_of(o.return_frame[static_cast<std::size_t>(channel)]) -
           clocks.reference.time_of(static_cast<double>(o.reference_frame)) - round_trip_s_;
}

double DelayTrack::delay_s(double lag_frames, const ClockMap& clocks) const noexcept {
    return lag_frames / clocks.tape_return.rate_hz() - round_trip_s_;
}

} // namespace overbias::mastering
