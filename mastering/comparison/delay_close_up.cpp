// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/delay_close_up.hpp"

#include "dsp/analysis/window.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace overbias::mastering {
namespace {

constexpr double kApart_s = 4e-6;   // change of the time between channels in half a second: half of azimuth's limit
constexpr double kDelay_s = 60e-6;  // of the delay: 700 ppm of that at 15 in/s
constexpr std::size_t kBeside = 4;  // frames on either side of a change
constexpr std::size_t kBetween = 2; // that the change itself may fill
constexpr int kAfter = 3;           // frames more, so that there is enough behind it
constexpr int kRest = 6;
constexpr std::size_t kMost = 32;
constexpr double kAtOnce = 12.0;
constexpr double kAFrame = 1.0 / 240.0; // one in 20 s
constexpr float kSureWindow = 0.9F;

double middle(std::array<double, kBeside> values) {
    std::sort(values.begin(), values.end());
    return 0.5 * (values[kBeside / 2 - 1] + values[kBeside / 2]);
}

} // namespace

DelayCloseUp::DelayCloseUp(double rate_hz, std::size_t frame_size)
    : rate_hz_(rate_hz), frame_size_(static_cast<std::int64_t>(frame_size)), size_(frame_size / 8),
      step_(static_cast<std::size_t>(std::lround(0.005 * rate_hz))), fft_(size_),
      estimator_(size_, rate_hz, 400.0, 5000.0), window_(dsp::hann_window(size_)), sent_(2 * size_), came_(2 * size_) {
    for (auto& bins : bins_) {
        bins.resize(estimator_.last_bin());
    }
    stretches_.reserve(kMost);
}

void DelayCloseUp::begin() {
    count_ = 0;
    wait_ = rest_ = 0;
    strongest_ = 0.0;
    allowed_ = kAtOnce;
    stretches_.clear();
}

/// The newest frames against those before; what isn't sure, as a frame within which the speed changes, is passed over.
double DelayCloseUp::strength_now() const noexcept {
    constexpr std::size_t kAll = 2 * kBeside + kBetween;
    const auto change = [&](double left, double right) {
        std::array<double, kBeside> before{};
        std::array<double, kBeside> after{};
        std::size_t sure = 0;
        for (std::size_t back = 0; back < std::min(count_, 2 * kAll) && sure < kAll; ++back) {
            const Seen& at = seen(back);
            if ((left == 0.0 || at.sure[0]) && (right == 0.0 || at.sure[1])) {
                const double value = left * at.lag[0] + right * at.lag[1];
                if (sure < kBeside) {
                    after[sure] = value;
                } else if (sure >= kBeside + kBetween) {
                    before[sure - kBeside - kBetween] = value;
                }
                ++sure;
            }
        }
        return sure < kAll ? 0.0 : std::abs(middle(after) - middle(before)) / rate_hz_;
    };
    return std::max({change(1.0, 0.0) / kDelay_s, change(0.0, 1.0) / kDelay_s, change(-1.0, 1.0) / kApart_s});
}

void DelayCloseUp::add(std::int64_t frame, const DelayTrack& delay, const ClockMap& clocks, const Rings& rings) {
    allowed_ = std::min(kAtOnce, allowed_ + kAFrame);
    rest_ = std::max(0, rest_ - 1);
    const std::int64_t centre = frame + frame_size_ / 2;
    const auto& all = delay.observations();
    if (!all.empty() && all.back().reference_frame == centre) {
        Seen& now = seen_[count_++ % kSeen];
        now.frame = centre;
        const double mapped = clocks.return_frame(static_cast<double>(centre));
        for (std::size_t c = 0; c < 2; ++c) {
            now.sure[c] = all.back().sure[c] >= kDelaySure;
            now.lag[c] =
                all.back().sure[c] > 0.0F ? all.back().return_frame[c] - mapped : delay.lag(static_cast<int>(c));
        }
    }
    if (const double strength = strength_now(); strength > 1.0 && rest_ == 0 && allowed_ >= 1.0) {
        strongest_ = std::max(strongest_, strength);
        wait_ = wait_ == 0 ? kAfter : wait_;
    }
    if (wait_ > 0 && --wait_ == 0) {
        look(frame + frame_size_, strongest_, clocks, rings);
        allowed_ -= 1.0;
        rest_ = kRest;
        strongest_ = 0.0;
    }
}

/// Of the nearest frame.
std::array<double, 2> DelayCloseUp::lag_at(std::int64_t frame) const noexcept {
    std::size_t best = 0;
    for (std::size_t back = 1; back < std::min(count_, kSeen); ++back) {
        best = std::abs(seen(back).frame - frame) < std::abs(seen(best).frame - frame) ? back : best;
    }
    return seen(best).lag;
}

void DelayCloseUp::look(std::int64_t end_frame, double strength, const ClockMap& clocks, const Rings& rings) {
    auto into = stretches_.end();
    if (stretches_.size() < kMost) {
        into = stretches_.insert(into, Stretch{});
    } else {
        into = std::min_element(stretches_.begin(), stretches_.end(),
                                [](const Stretch& a, const Stretch& b) { return a.strength < b.strength; });
        if (into->strength >= strength) {
            return;
        }
    }
    const auto size = static_cast<std::int64_t>(size_);
    const std::int64_t from = end_frame - size - static_cast<std::int64_t>((kSteps - 1) * step_);
    into->first_frame = from + size / 2;
    into->strength = strength;
    std::array<std::span<std::complex<float>>, 4> out{bins_[0], bins_[1], bins_[2], bins_[3]};
    std::array<double, 2> newest{};
    std::array<bool, 2> follows{};
    for (std::size_t n = 0; n < kSteps; ++n) {
        const std::int64_t at = from + static_cast<std::int64_t>(n * step_);
        const double mapped = clocks.return_frame(static_cast<double>(at));
        const std::array<double, 2> lag = lag_at(at + size / 2);
        const auto cut = std::llround(mapped + 0.5 * (lag[0] + lag[1]));
        const bool there = rings.sent.has(at, size) && rings.came.has(cut, size);
        if (there) {
            rings.sent.copy(at, sent_);
            rings.came.copy(cut, came_);
            fft_.forward(sent_, came_, window_, out);
        }
        for (std::size_t c = 0; c < 2; ++c) {
            into->delay_s[c][n] = std::numeric_limits<float>::quiet_NaN();
            if (!there) {
                follows[c] = false;
                continue;
            }
            // From window to window the delay moves by microseconds; from frame to frame it may move by a half wave.
            const double base = static_cast<double>(cut) - mapped;
            const auto estimate = estimator_.fine(bins_[c], bins_[2 + c], (follows[c] ? newest[c] : lag[c]) - base);
            follows[c] = std::abs(static_cast<float>(estimate.correlation)) > kSureWindow;
            newest[c] = estimate.samples + base;
            if (follows[c]) {
                into->delay_s[c][n] = static_cast<float>(newest[c] / rate_hz_);
            }
        }
    }
}

} // namespace overbias::mastering
