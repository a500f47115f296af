// SPDX-License-Identifier: Apache-2.0
// CorrelationMeter: how alike two channels are, -1 ... +1:
//     r = <L R> / sqrt(<L^2> <R^2>)
// each mean one first-order low-pass of the same time constant (no standard; the usual stereo phase meter). Sines of
// phase difference p read cos p, mono +1, one channel turned over -1, independent noise 0 +- 1 / sqrt(2 B T). Where a
// channel holds nothing (mean square below -100 dBFS re 1.0), r is 0.
// Thread: one; no allocation.
#pragma once

#include <cstddef>
#include <span>

namespace overbias::dsp {

struct CorrelationCoefficients {
    double keep = 0;            ///< e^(-1 / (rate * time constant)); mean' = keep * mean + take * product
    double take = 0;            ///< 1 - keep
    double silence = 1e-10;     ///< mean square, full scale 1, below which a channel holds nothing
    std::size_t look_every = 0; ///< frames between two looks for lowest(); a hundredth of the time constant
};

/// Throws std::invalid_argument when a figure is not positive.
[[nodiscard]] CorrelationCoefficients correlation_coefficients(double sample_rate_hz, double time_constant_s);

/// r of three means, guarded.
[[nodiscard]] double correlation(double left_right, double left_left, double right_right, double silence) noexcept;

class CorrelationMeter {
  public:
    /// `time_constant_s`: 0.3 to 1 s is usual. Throws std::invalid_argument.
    CorrelationMeter(double sample_rate_hz, double time_constant_s);
    /// Both spans of the same size (the shorter one counts).
    void process(std::span<const float> left, std::span<const float> right) noexcept;

    /// Now, and lowest since the last call of lowest().
    [[nodiscard]] double reading() const noexcept;
    [[nodiscard]] double lowest() noexcept;

  private:
    CorrelationCoefficients c_;
    double left_right_ = 0, left_left_ = 0, right_right_ = 0;
    double lowest_ = 0;
    std::size_t to_look_;
};

} // namespace overbias::dsp
