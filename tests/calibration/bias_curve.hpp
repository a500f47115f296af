// SPDX-License-Identifier: Apache-2.0
// A track's bias for tests: output at the test frequency against bias rises to a peak and falls 1.5 to 2.5 dB a dB of
// bias where it is 3 dB past it; the screw (or converter) moves bias along a bent line. Every seed is another deck.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>

namespace overbias::test {

class BiasCurve {
  public:
    explicit BiasCurve(std::uint64_t seed) : random_(seed) {
        over_ = evenly(0.25, 0.42);
        under_ = evenly(0.35, 0.6);
        smooth_ = seed % 2 == 0;
        range_db_ = evenly(15.0, 25.0);
        bend_ = evenly(-0.3, 0.3);
        peak_position_ = evenly(0.3, 0.6);
        top_db_ = evenly(-24.0, -16.0);
        start_ = std::clamp(peak_position_ + evenly(-0.2, 0.2), 0.05, 0.95);
    }

    [[nodiscard]] double start() const { return start_; }
    /// Bias over that of the peak.
    [[nodiscard]] double bias_db(double position) const { return along(position) - along(peak_position_); }
    /// Below the peak.
    [[nodiscard]] double drop_db(double position) const {
        const double bias = bias_db(position);
        if (smooth_) {
            // a (e^(kx) - 1 - kx): the curvature changes evenly through the peak
            const double k = -0.12;
            return over_ / (0.5 * k * k) * (std::exp(k * bias) - 1.0 - k * bias);
        }
        return (bias > 0.0 ? over_ : under_) * bias * bias;
    }
    [[nodiscard]] double level_db(double position) const { return top_db_ - drop_db(position); }
    [[nodiscard]] double noise_db(double sigma) { return std::normal_distribution<double>(0.0, sigma)(random_); }
    [[nodiscard]] double evenly(double low, double high) {
        return std::uniform_real_distribution<double>(low, high)(random_);
    }

  private:
    [[nodiscard]] double along(double position) const {
        const double x = 2.0 * position - 1.0;
        return 0.5 * range_db_ * (x + bend_ * (1.0 - x * x));
    }
    std::mt19937_64 random_;
    double over_, under_, range_db_, bend_, peak_position_, top_db_, start_;
    bool smooth_;
};

/// A hand on a screw with play: a turn is up to 15 % too long, and the first bit the other way moves nothing.
class ClumsyHand {
  public:
    explicit ClumsyHand(double position) : position_(position) {}
    void turn(double by, BiasCurve& chance) {
        hand_ += by * (1.0 + chance.evenly(0.0, 0.15)) + chance.evenly(-0.0005, 0.0005);
        if (hand_ > kPlay) {
            position_ += hand_ - kPlay;
            hand_ = kPlay;
        } else if (hand_ < 0.0) {
            position_ += hand_;
            hand_ = 0.0;
        }
        position_ = std::clamp(position_, 0.0, 1.0);
    }
    [[nodiscard]] double position() const { return position_; }

  private:
    static constexpr double kPlay = 0.01;
    double position_;
    double hand_ = 0.0; ///< where the hand is within the play
};

} // namespace overbias::test
