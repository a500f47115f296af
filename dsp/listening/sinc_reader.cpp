// SPDX-License-Identifier: Apache-2.0
#include "dsp/listening/sinc_reader.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

namespace overbias::dsp {

namespace {

constexpr std::size_t kTaps = 2 * static_cast<std::size_t>(SincReader::kHalf);
constexpr std::size_t kSteps = 512;
constexpr double kStopband_db = 80.0;
constexpr double kBeta = 0.1102 * (kStopband_db - 8.7);

/// I0 by its power series.
double bessel_i0(double x) {
    double sum = 1.0, term = 1.0;
    for (int k = 1; term > 1e-16 * sum; ++k) {
        const double half = x / (2.0 * k);
        term *= half * half;
        sum += term;
    }
    return sum;
}

double kernel(double x) {
    const double edge = static_cast<double>(SincReader::kHalf);
    if (std::abs(x) >= edge) {
        return 0.0;
    }
    const double r = x / edge;
    const double window = bessel_i0(kBeta * std::sqrt(1.0 - r * r)) / bessel_i0(kBeta);
    const double angle = std::numbers::pi * x;
    return window * (x == 0.0 ? 1.0 : std::sin(angle) / angle);
}

std::vector<float> all_taps() {
    std::vector<float> taps((kSteps + 1) * kTaps);
    for (std::size_t step = 0; step <= kSteps; ++step) {
        // tap k is for the frame k - kHalf + 1 after the one before the place
        const double fraction = static_cast<double>(step) / kSteps;
        double sum = 0.0;
        std::array<double, kTaps> row{};
        for (std::size_t k = 0; k < kTaps; ++k) {
            const double away = static_cast<double>(k) - static_cast<double>(SincReader::kHalf) + 1.0 - fraction;
            const bool on_a_frame = away == std::round(away); // sin(pi n) is not quite zero in floating point
            row[k] = on_a_frame ? (away == 0.0 ? 1.0 : 0.0) : kernel(away);
            sum += row[k];
        }
        for (std::size_t k = 0; k < kTaps; ++k) {
            taps[step * kTaps + k] = static_cast<float>(row[k] / sum);
        }
    }
    return taps;
}

} // namespace

SincReader::SincReader(std::size_t frames)
    : mask_(std::bit_ceil(std::max(frames, 4 * kTaps)) - 1), kept_(2 * (mask_ + 1)), taps_(all_taps()) {
}

void SincReader::clear() noexcept {
    from_ = to_ = 0;
    begun_ = false;
}

void SincReader::push(std::int64_t first_frame, std::span<const float> interleaved) noexcept {
    const auto room = static_cast<std::int64_t>(mask_ + 1);
    const auto frames = static_cast<std::int64_t>(interleaved.size() / 2);
    if (!begun_ || first_frame < to_ || first_frame - to_ >= room) {
        from_ = to_ = first_frame;
        begun_ = true;
    }
    for (; to_ < first_frame; ++to_) {
        kept_[slot(to_)] = kept_[slot(to_) + 1] = 0.0F;
    }
    for (std::int64_t i = 0; i < frames; ++i, ++to_) {
        kept_[slot(to_)] = interleaved[2 * static_cast<std::size_t>(i)];
        kept_[slot(to_) + 1] = interleaved[2 * static_cast<std::size_t>(i) + 1];
    }
    from_ = std::max(from_, to_ - room);
}

std::array<float, 2> SincReader::at(std::int64_t frame, double fraction) const noexcept {
    if (!holds(frame)) {
        return {0.0F, 0.0F};
    }
    if (fraction == 0.0) {
        return {kept_[slot(frame)], kept_[slot(frame) + 1]};
    }
    const double place = fraction * static_cast<double>(kSteps);
    const auto step = std::min(static_cast<std::size_t>(place), kSteps - 1);
    const auto part = static_cast<float>(place - static_cast<double>(step));
    const float* const low = taps_.data() + step * kTaps;
    const float* const high = low + kTaps;
    float left = 0.0F, right = 0.0F;
    for (std::size_t k = 0; k < kTaps; ++k) {
        const float tap = low[k] + part * (high[k] - low[k]);
        const std::size_t place_of = slot(frame - kHalf + 1 + static_cast<std::int64_t>(k));
        left += tap * kept_[place_of];
        right += tap * kept_[place_of + 1];
    }
    return {left, right};
}

} // namespace overbias::dsp
