// SPDX-License-Identifier: Apache-2.0
// Noise and an equaliser for the modelled deck.
#pragma once

#include "comparison_tape_model.hpp"

#include <cmath>
#include <cstdint>
#include <numbers>

namespace comparison_test {

/// Sum of four uniform numbers: near enough to a normal one.
class Noise {
  public:
    explicit Noise(unsigned seed) : state_(seed * 2654435761U + 1U) {}
    double next() {
        double sum = 0.0;
        for (int k = 0; k < 2; ++k) {
            state_ ^= state_ << 13;
            state_ ^= state_ >> 17;
            state_ ^= state_ << 5;
            sum += static_cast<double>(state_ & 0xffffU) + static_cast<double>(state_ >> 16);
        }
        return (sum / 65536.0 - 2.0) * std::numbers::sqrt3;
    }

  private:
    std::uint32_t state_;
};

struct PeakFilter { // RBJ peaking equaliser
    PeakFilter(double hz, double db, double q) {
        const double a = std::pow(10.0, db / 40.0);
        const double w = 2.0 * std::numbers::pi * hz / kModelRate;
        const double alpha = std::sin(w) / (2.0 * q);
        const double a0 = 1.0 + alpha / a;
        b0 = (1.0 + alpha * a) / a0;
        b1 = a1 = -2.0 * std::cos(w) / a0;
        b2 = (1.0 - alpha * a) / a0;
        a2 = (1.0 - alpha / a) / a0;
    }
    double run(double x) {
        const double y = b0 * x + s1;
        s1 = b1 * x - a1 * y + s2;
        s2 = b2 * x - a2 * y;
        return y;
    }
    double b0, b1, b2, a1, a2, s1 = 0.0, s2 = 0.0;
};

} // namespace comparison_test
