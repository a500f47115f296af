// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/local_fit.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::dsp {

namespace {

constexpr double kFixed = 1e12;  ///< precision of a coefficient that is not to move
constexpr double kOff = 2.0;     ///< errors, beyond which a reading counts less
constexpr int kTurns = 8;        ///< of reweighting
constexpr std::size_t kMany = 5; ///< readings, from which on their scatter is a measure
constexpr double kMedianToSigma = 1.4826;

using Row = std::array<double, 4>;
using Matrix = std::array<Row, 4>;

Row powers(double d) {
    return {1.0, d, d * d, d * d * d};
}

double dot(const Row& a, const Row& b) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
}

/// Of a symmetric positive matrix, by Gauss and Jordan; no pivots are needed.
Matrix inverse(Matrix a) {
    Matrix out{};
    for (std::size_t i = 0; i < 4; ++i) {
        out[i][i] = 1.0;
    }
    for (std::size_t i = 0; i < 4; ++i) {
        const double pivot = a[i][i];
        for (std::size_t k = 0; k < 4; ++k) {
            a[i][k] /= pivot;
            out[i][k] /= pivot;
        }
        for (std::size_t j = 0; j < 4; ++j) {
            if (const double factor = a[j][i]; j != i) {
                for (std::size_t k = 0; k < 4; ++k) {
                    a[j][k] -= factor * a[i][k];
                    out[j][k] -= factor * out[i][k];
                }
            }
        }
    }
    return out;
}

} // namespace

LocalFit::LocalFit(std::span<const FitPoint> points, const FitKnowledge& known, double about) noexcept : about_(about) {
    points = points.first(std::min(points.size(), kMostPoints));
    std::array<double, kMostPoints> weight{}, off{};
    weight.fill(1.0);
    for (int turn = 0; turn < kTurns; ++turn) {
        Matrix normal{};
        Row right{};
        for (std::size_t i = 0; i < 4; ++i) {
            const double precision = known.error[i] > 0.0 ? 1.0 / (known.error[i] * known.error[i]) : kFixed;
            normal[i][i] = precision;
            right[i] = precision * known.mean[i];
        }
        for (std::size_t p = 0; p < points.size(); ++p) {
            const Row row = powers(points[p].x - about_);
            const double error = scatter_ * points[p].error;
            const double precision = weight[p] / (error * error);
            for (std::size_t i = 0; i < 4; ++i) {
                right[i] += precision * row[i] * points[p].y;
                for (std::size_t k = 0; k < 4; ++k) {
                    normal[i][k] += precision * row[i] * row[k];
                }
            }
        }
        covariance_ = inverse(normal);
        for (std::size_t i = 0; i < 4; ++i) {
            c_[i] = dot(covariance_[i], right);
        }
        for (std::size_t p = 0; p < points.size(); ++p) {
            off[p] = std::abs(points[p].y - value(points[p].x)) / points[p].error;
        }
        if (points.size() >= kMany) {
            std::array<double, kMostPoints> sorted = off;
            const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(points.size() / 2);
            std::nth_element(sorted.begin(), middle, sorted.begin() + static_cast<std::ptrdiff_t>(points.size()));
            // two of the readings' freedoms went into the fit, more or less
            const auto count = static_cast<double>(points.size());
            scatter_ = std::max(1.0, kMedianToSigma * *middle * std::sqrt(count / (count - 2.0)));
        } else if (points.size() > 1) {
            double squares = 0.0;
            for (std::size_t p = 0; p < points.size(); ++p) {
                squares += off[p] * off[p];
            }
            for (std::size_t i = 1; i < 4; ++i) {
                const double from = known.error[i] > 0.0 ? (c_[i] - known.mean[i]) / known.error[i] : 0.0;
                squares += from * from;
            }
            scatter_ = std::max(1.0, std::sqrt(squares / static_cast<double>(points.size() - 1)));
        }
        for (std::size_t p = 0; p < points.size(); ++p) {
            weight[p] = off[p] > kOff * scatter_ ? kOff * scatter_ / off[p] : 1.0;
        }
    }
}

double LocalFit::value(double x) const noexcept {
    return dot(c_, powers(x - about_));
}

double LocalFit::slope(double x) const noexcept {
    const double d = x - about_;
    return c_[1] + 2.0 * c_[2] * d + 3.0 * c_[3] * d * d;
}

double LocalFit::curvature(double x) const noexcept {
    return 2.0 * c_[2] + 6.0 * c_[3] * (x - about_);
}

double LocalFit::spread(const Row& row) const noexcept {
    double sum = 0.0;
    for (std::size_t i = 0; i < 4; ++i) {
        sum += row[i] * dot(covariance_[i], row);
    }
    return std::sqrt(std::max(0.0, sum));
}

double LocalFit::value_error(double x) const noexcept {
    return spread(powers(x - about_));
}

double LocalFit::slope_error(double x) const noexcept {
    const double d = x - about_;
    return spread({0.0, 1.0, 2.0 * d, 3.0 * d * d});
}

} // namespace overbias::dsp
