// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/flutter_detectors.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace overbias::dsp {
namespace {

constexpr double kCharge_s = 0.056, kDischarge_s = 0.80, kSmoothing_s = 0.056;
constexpr double kReference_hz = 4.0;

} // namespace

QuasiPeakFlutter::QuasiPeakFlutter(double rate_hz)
    : charge_(1.0 / (kCharge_s * rate_hz)), discharge_(1.0 - std::exp(-1.0 / (kDischarge_s * rate_hz))),
      smoothing_(1.0 - std::exp(-1.0 / (kSmoothing_s * rate_hz))) {
    // The needle of a 4 Hz sine of peak 1, once it swings steadily: its highest place is to read 1.
    double highest = 0.0;
    const auto steps = static_cast<int>(6.0 * rate_hz);
    for (int n = 0; n < steps; ++n) {
        const double now = rt_process(std::sin(2.0 * std::numbers::pi * kReference_hz * n / rate_hz));
        if (n > steps / 2) {
            highest = std::max(highest, now);
        }
    }
    gain_ = 1.0 / highest;
    rt_reset();
}

double QuasiPeakFlutter::follower(double now, double target) const noexcept {
    if (target > now) {
        return std::min(target, now + charge_ * std::sqrt(target * (target - now)));
    }
    return now + discharge_ * (target - now);
}

double QuasiPeakFlutter::rt_process(double deviation) noexcept {
    up_ = follower(up_, std::max(deviation, 0.0));
    down_ = follower(down_, std::max(-deviation, 0.0));
    reading_ += smoothing_ * (up_ + down_ - reading_);
    return gain_ * reading_;
}

void SwingMemory::rt_push(float deviation, bool counts) noexcept {
    ring_[at_] = counts ? std::abs(deviation) : kNothing;
    at_ = at_ + 1 == ring_.size() ? 0 : at_ + 1;
}

void SwingMemory::rt_reset() noexcept {
    std::fill(ring_.begin(), ring_.end(), kNothing);
    at_ = 0;
}

double SwingMemory::exceeded_by(double share) noexcept {
    const auto end = std::copy_if(ring_.begin(), ring_.end(), sorted_.begin(), [](float v) { return v >= 0.0F; });
    const auto count = end - sorted_.begin();
    if (count == 0) {
        return 0.0;
    }
    const auto above = static_cast<std::ptrdiff_t>(share * static_cast<double>(count));
    const auto at = sorted_.begin() + std::max<std::ptrdiff_t>(0, count - 1 - above);
    std::nth_element(sorted_.begin(), at, end);
    return static_cast<double>(*at);
}

double SwingMemory::rms() const noexcept {
    double sum = 0.0, count = 0.0;
    for (const float value : ring_) {
        if (value >= 0.0F) {
            sum += static_cast<double>(value) * static_cast<double>(value);
            count += 1.0;
        }
    }
    return count > 0.0 ? std::sqrt(sum / count) : 0.0;
}

} // namespace overbias::dsp
