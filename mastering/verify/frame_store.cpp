// SPDX-License-Identifier: Apache-2.0
#include "mastering/verify/frame_store.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace overbias::mastering {
namespace {

constexpr std::int64_t kTaps = FrameStore::kTaps;
constexpr int kPlaces = 512;
constexpr double kBeta = 9.0;
constexpr std::int64_t kKeepAtLeast = 1 << 16; ///< what is forgotten is moved out only then

/// Modified Bessel function of the first kind, order 0 (Abramowitz and Stegun 9.6.12).
double bessel_i0(double x) {
    double sum = 1.0, term = 1.0;
    for (int k = 1; k < 60 && term > 1e-12 * sum; ++k) {
        term *= 0.25 * x * x / (static_cast<double>(k) * k);
        sum += term;
    }
    return sum;
}

class Table {
  public:
    Table() : taps_(static_cast<std::size_t>((kPlaces + 1) * kTaps)) {
        const double half = static_cast<double>(kTaps) / 2.0;
        for (int place = 0; place <= kPlaces; ++place) {
            double sum = 0.0;
            std::array<double, kTaps> row{};
            for (std::int64_t tap = 0; tap < kTaps; ++tap) {
                const double t = static_cast<double>(tap - kTaps / 2 + 1) -
                                 static_cast<double>(place) / static_cast<double>(kPlaces);
                const double sinc = std::abs(t) < 1e-12 ? 1.0 : std::sin(std::numbers::pi * t) / (std::numbers::pi * t);
                const double inside = std::max(0.0, 1.0 - t * t / (half * half));
                row[static_cast<std::size_t>(tap)] = sinc * bessel_i0(kBeta * std::sqrt(inside)) / bessel_i0(kBeta);
                sum += row[static_cast<std::size_t>(tap)];
            }
            for (std::int64_t tap = 0; tap < kTaps; ++tap) { // no ripple at 0 Hz
                taps_[static_cast<std::size_t>(place * kTaps + tap)] =
                    static_cast<float>(row[static_cast<std::size_t>(tap)] / sum);
            }
        }
    }
    [[nodiscard]] const float* row(int place) const noexcept {
        return &taps_[static_cast<std::size_t>(place) * static_cast<std::size_t>(kTaps)];
    }

  private:
    std::vector<float> taps_;
};

const Table& table() {
    static const Table one;
    return one;
}

} // namespace

void FrameStore::begin(std::int64_t first_frame) {
    first_ = first_frame;
    samples_.clear();
}

void FrameStore::push(std::int64_t first_frame, std::span<const float> stereo) {
    const std::int64_t known = end() - first_frame;
    if (known < 0) {
        samples_.insert(samples_.end(), static_cast<std::size_t>(-2 * known), 0.0F);
    }
    const auto skip = static_cast<std::size_t>(std::max<std::int64_t>(0, 2 * known));
    if (skip < stereo.size()) {
        samples_.insert(samples_.end(), stereo.begin() + static_cast<std::ptrdiff_t>(skip), stereo.end());
    }
}

void FrameStore::forget_before(std::int64_t frame) {
    const std::int64_t gone = std::min(frame, end()) - first_;
    if (gone < std::max<std::int64_t>(kKeepAtLeast, static_cast<std::int64_t>(samples_.size() / 4))) {
        return;
    }
    samples_.erase(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(2 * gone));
    first_ += gone;
}

void FrameStore::copy(std::int64_t first_frame, std::span<float> stereo) const noexcept {
    std::ranges::fill(stereo, 0.0F);
    const std::int64_t from = std::max(first_frame, first_);
    const std::int64_t to = std::min(first_frame + static_cast<std::int64_t>(stereo.size() / 2), end());
    if (from < to) {
        std::copy_n(samples_.begin() + 2 * (from - first_), 2 * (to - from), stereo.begin() + 2 * (from - first_frame));
    }
}

void FrameStore::copy(std::int64_t first_frame, std::size_t channel, std::span<float> samples) const noexcept {
    for (std::size_t n = 0; n < samples.size(); ++n) {
        const std::int64_t at = first_frame + static_cast<std::int64_t>(n);
        samples[n] = at < first_ || at >= end() ? 0.0F : samples_[2 * static_cast<std::size_t>(at - first_) + channel];
    }
}

std::array<float, 2> FrameStore::between(double frame) const noexcept {
    const double whole = std::floor(frame);
    const std::int64_t from = static_cast<std::int64_t>(whole) - kTaps / 2 + 1 - first_;
    if (from < 0 || from + kTaps > static_cast<std::int64_t>(samples_.size() / 2)) {
        return {0.0F, 0.0F};
    }
    const double place = (frame - whole) * kPlaces;
    const int below = std::min(static_cast<int>(place), kPlaces - 1);
    const auto share = static_cast<float>(place - below);
    const float* a = table().row(below);
    const float* b = table().row(below + 1);
    const float* in = &samples_[static_cast<std::size_t>(2 * from)];
    float left = 0.0F, right = 0.0F;
    for (std::size_t tap = 0; tap < static_cast<std::size_t>(kTaps); ++tap) {
        const float h = a[tap] + share * (b[tap] - a[tap]);
        left += h * in[2 * tap];
        right += h * in[2 * tap + 1];
    }
    return {left, right};
}

} // namespace overbias::mastering
