// SPDX-License-Identifier: Apache-2.0
// Fade: a value that goes from where it is to where it shall be along half a cosine, w(x) = (1 - cos(pi x)) / 2. Two
// that change places add up to one all the way, so what is the same in both keeps its level. Against a step the
// spectrum of such an edge is lower by (2 f T)^2 - 1 at frequency f, T its length.
// Pure, any one thread; no allocation.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace overbias::dsp {

class Fade {
  public:
    /// `samples`: length of an edge, at least one.
    Fade(double value, std::int64_t samples) noexcept
        : from_(value), to_(value), length_(std::max<std::int64_t>(1, samples)), at_(length_) {}

    void go_to(double value) noexcept {
        if (value != to_) {
            from_ = value_at(at_);
            to_ = value;
            at_ = 0;
        }
    }
    /// The next sample's value.
    double next() noexcept {
        if (at_ == length_) {
            return to_;
        }
        return value_at(++at_);
    }
    [[nodiscard]] bool resting() const noexcept { return at_ == length_; }
    [[nodiscard]] double target() const noexcept { return to_; }
    [[nodiscard]] double value() const noexcept { return value_at(at_); }

  private:
    [[nodiscard]] double value_at(std::int64_t at) const noexcept {
        if (at == length_) {
            return to_;
        }
        const double x = static_cast<double>(at) / static_cast<double>(length_);
        return from_ + (to_ - from_) * 0.5 * (1.0 - std::cos(std::numbers::pi * x));
    }

    double from_, to_;
    std::int64_t length_, at_;
};

} // namespace overbias::dsp
