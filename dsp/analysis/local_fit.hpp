// SPDX-License-Identifier: Apache-2.0
// LocalFit: a cubic through a few readings with errors, near a place of interest, when the shape is known beforehand
// within limits.
//
//     y(x) = c0 + c1 d + c2 d^2 + c3 d^3,  d = x - about
//
// Least squares weighted by 1 / error^2, each coefficient drawn to what is known of it (mean, error) as by one more
// reading (Gaussian prior; W. Press et al., "Numerical Recipes", 15.4, with rows added for the priors): with few or
// distant readings the answer leans on what is known and its error says so, with many near ones on the readings.
// A reading that is more than twice its error off counts less, in proportion (P. Huber, 1964), so that one that fell
// into a drop-out does not pull. Errors that prove too small are scaled up to what the readings scatter: from five
// readings on by the median, so that the ones off do not count; with fewer by the mean square, priors included.
// Pure mathematics; no allocation.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace overbias::dsp {

struct FitPoint {
    double x = 0.0, y = 0.0;
    double error = 1.0; ///< standard error of y, above 0
};

/// What is known of the coefficients before any reading. An error of 0 leaves the coefficient where it is.
struct FitKnowledge {
    std::array<double, 4> mean{};
    std::array<double, 4> error{1e6, 1e6, 0.0, 0.0};
};

class LocalFit {
  public:
    static constexpr std::size_t kMostPoints = 64;
    /// Points beyond kMostPoints are left out.
    LocalFit(std::span<const FitPoint> points, const FitKnowledge& known, double about) noexcept;

    /// By how much the readings scatter more than their errors say, 1 or more: how far to doubt what was known.
    [[nodiscard]] double scatter() const noexcept { return scatter_; }
    [[nodiscard]] double value(double x) const noexcept;
    [[nodiscard]] double slope(double x) const noexcept;
    [[nodiscard]] double curvature(double x) const noexcept; ///< second derivative
    [[nodiscard]] double value_error(double x) const noexcept;
    [[nodiscard]] double slope_error(double x) const noexcept;

  private:
    using Row = std::array<double, 4>;
    [[nodiscard]] double spread(const Row& row) const noexcept;

    double about_, scatter_ = 1.0;
    Row c_{};
    std::array<Row, 4> covariance_{};
};

} // namespace overbias::dsp
