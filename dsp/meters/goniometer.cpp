// SPDX-License-Identifier: Apache-2.0
#include "dsp/meters/goniometer.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace overbias::dsp {

Goniometer::Goniometer(double sample_rate_hz, double points_per_s, std::size_t kept) {
    if (!(sample_rate_hz > 0.0) || !(points_per_s > 0.0) || kept == 0 ||
        !std::isfinite(sample_rate_hz / points_per_s)) {
        throw std::invalid_argument("goniometer: sample rate " + std::to_string(sample_rate_hz) + " Hz, " +
                                    std::to_string(points_per_s) + " points a second, " + std::to_string(kept) +
                                    " kept: all must be positive");
    }
    ring_.resize(kept);
    stretch_ = static_cast<std::size_t>(std::max(1.0, std::ceil(sample_rate_hz / points_per_s)));
    choose();
}

void Goniometer::choose() noexcept {
    dice_ = dice_ * 1664525U + 1013904223U; // Numerical Recipes' quick generator; its upper bits are good enough
    chosen_ = (static_cast<std::uint64_t>(dice_) * stretch_) >> 32U;
}

void Goniometer::process(std::span<const float> left, std::span<const float> right) noexcept {
    const std::size_t frames = std::min(left.size(), right.size());
    constexpr float kTurn = std::numbers::sqrt2_v<float> / 2.0F;
    for (std::size_t i = 0; i < frames;) {
        const std::size_t here = std::min(frames - i, stretch_ - frame_);
        if (chosen_ >= frame_ && chosen_ < frame_ + here) {
            const float l = left[i + chosen_ - frame_], r = right[i + chosen_ - frame_];
            ring_[next_] = {(l - r) * kTurn, (l + r) * kTurn};
            next_ = (next_ + 1) % ring_.size();
            waiting_ = std::min(waiting_ + 1, ring_.size());
        }
        i += here;
        frame_ += here;
        if (frame_ == stretch_) {
            frame_ = 0;
            choose();
        }
    }
}

std::size_t Goniometer::take(std::span<GoniometerPoint> out) noexcept {
    const std::size_t count = std::min(waiting_, out.size());
    for (std::size_t i = 0; i < count; ++i) {
        out[i] = ring_[(next_ + ring_.size() - count + i) % ring_.size()];
    }
    waiting_ = 0;
    return count;
}

} // namespace overbias::dsp
