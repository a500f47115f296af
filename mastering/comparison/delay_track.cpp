// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/delay_track.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::mastering {
namespace {

constexpr double kSure = 0.85;      // correlation that is believed
constexpr double kLost = 0.6;       // below it a clear programme is not where it was expected
constexpr int kMissesToSearch = 2;  // frames in a row
constexpr double kSearch_s = 0.003; // 3 ms is a jump of 3 % at 15 in/s: more would be another programme
constexpr double kStep = 0.4;       // of each new estimate

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
    lag_ = lag_frames;
    acquired_ = true;
}

void DelayTrack::update(const FrameFigures& figures, FrameAnalyser& analyser, const ClockMap& clocks,
                        std::int64_t centre_frame, double cut, std::array<bool, 2> clear) {
    Observation seen{centre_frame, {0.0F, 0.0F}, {0.0, 0.0}};
    const double mapped = clocks.return_frame(static_cast<double>(centre_frame));
    for (int channel = 0; channel < 2; ++channel) {
        const auto c = static_cast<std::size_t>(channel);
        if (!clear[c]) {
            continue;
        }
        dsp::DelayEstimate estimate = figures.delay[c];
        if (std::abs(estimate.correlation) < kLost && ++misses_[c] >= kMissesToSearch) {
            const auto wide = analyser.search(channel, lag_[c] - cut, kSearch_s * rate_hz_);
            if (std::abs(wide.correlation) > kSure) {
                estimate = wide;
                lag_[c] = wide.samples + cut;
            }
        }
        if (std::abs(estimate.correlation) < kSure) {
            continue;
        }
        misses_[c] = 0;
        const double lag = estimate.samples + cut;
        lag_[c] += kStep * (lag - lag_[c]);
        seen.sure[c] = 1.0F;
        seen.return_frame[c] = mapped + lag;
    }
    if (seen.sure[0] > 0.0F || seen.sure[1] > 0.0F) {
        observations_.push_back(seen);
    }
}

double DelayTrack::delay_s(const Observation& o, int channel, const ClockMap& clocks) const noexcept {
    return clocks.tape_return.time_of(o.return_frame[static_cast<std::size_t>(channel)]) -
           clocks.reference.time_of(static_cast<double>(o.reference_frame)) - round_trip_s_;
}

double DelayTrack::delay_s(double lag_frames, const ClockMap& clocks) const noexcept {
    return lag_frames / clocks.tape_return.rate_hz() - round_trip_s_;
}

} // namespace overbias::mastering
