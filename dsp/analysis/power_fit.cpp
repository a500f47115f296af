// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/power_fit.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <stdexcept>
#include <string>
#include <utility>

namespace overbias::dsp {

namespace {

using Complex = std::complex<double>;
constexpr std::size_t kPoints = 600;
constexpr double kAudible_hz = 24000.0;
constexpr double kInaudibleWeight = 0.02;

double unscaled(const AnalogPrototype& prototype, double frequency_hz) {
    const Complex s(0.0, 2.0 * std::numbers::pi * frequency_hz);
    double product = std::pow(std::abs(s), prototype.zeros_at_zero);
    for (const auto& pair : prototype.pole_pairs) {
        for (const Complex& pole : pair) {
            product /= std::abs(s - pole) / std::abs(pole);
        }
    }
    return product;
}

/// Least squares of rows * c = rest by orthogonalised columns (modified Gram-Schmidt).
std::vector<double> least_squares(std::vector<std::vector<long double>> columns, std::vector<long double> rest) {
    const std::size_t n = columns.size(), rows = columns.front().size();
    std::vector<std::vector<long double>> r(n, std::vector<long double>(n + 1, 0.0L));
    const auto dot = [rows](const auto& a, const auto& b) {
        long double sum = 0.0L;
        for (std::size_t k = 0; k < rows; ++k) {
            sum += a[k] * b[k];
        }
        return sum;
    };
    for (std::size_t i = 0; i < n; ++i) {
        r[i][i] = std::sqrt(dot(columns[i], columns[i]));
        for (long double& x : columns[i]) {
            x /= r[i][i];
        }
        for (std::size_t j = i + 1; j < n; ++j) {
            r[i][j] = dot(columns[i], columns[j]);
            for (std::size_t k = 0; k < rows; ++k) {
                columns[j][k] -= r[i][j] * columns[i][k];
            }
        }
        r[i][n] = dot(columns[i], rest);
        for (std::size_t k = 0; k < rows; ++k) {
            rest[k] -= r[i][n] * columns[i][k];
        }
    }
    std::vector<double> c(n);
    for (std::size_t i = n; i-- > 0;) {
        long double value = r[i][n];
        for (std::size_t j = i + 1; j < n; ++j) {
            value -= r[i][j] * static_cast<long double>(c[j]);
        }
        c[i] = static_cast<double>(value / r[i][i]);
    }
    return c;
}

double cosine_sum(const std::vector<double>& c, double w) {
    double sum = 0.0;
    for (std::size_t n = 0; n < c.size(); ++n) {
        sum += c[n] * std::cos(static_cast<double>(n) * w);
    }
    return sum;
}

/// Zeros of the cosine sum inside the unit circle. sum c_n cos nw with z = e^jw is, times 2 z^m, a palindromic
/// polynomial of degree 2 m; it is solved in x = cos w to keep its zeros in pairs.
std::vector<Complex> inner_zeros(const std::vector<double>& c) {
    const std::size_t m = c.size() - 1;
    std::vector<double> poly(m + 1, 0.0), before(m + 1, 0.0), now(m + 1, 0.0); // Chebyshev polynomials in powers of x
    before[0] = 1.0;
    poly[0] = c[0];
    if (m >= 1) {
        now[1] = 1.0;
    }
    for (std::size_t n = 1; n <= m; ++n) {
        for (std::size_t k = 0; k <= n; ++k) {
            poly[k] += c[n] * now[k];
        }
        std::vector<double> next(m + 1, 0.0);
        for (std::size_t k = 0; k < m; ++k) {
            next[k + 1] = 2.0 * now[k];
        }
        for (std::size_t k = 0; k <= m; ++k) {
            next[k] -= before[k];
        }
        before = std::exchange(now, next);
    }
    std::vector<Complex> x(m);
    for (std::size_t i = 0; i < m; ++i) {
        x[i] = 2.0 * std::pow(Complex(0.4, 0.9), static_cast<double>(i + 1)); // Durand and Kerner's start
    }
    double moved = 1.0;
    for (int turn = 0; turn < 500 && moved > 1e-15; ++turn) {
        moved = 0.0;
        for (std::size_t i = 0; i < m; ++i) {
            Complex value = poly[m];
            for (std::size_t k = m; k-- > 0;) {
                value = value * x[i] + poly[k];
            }
            Complex others = poly[m];
            for (std::size_t j = 0; j < m; ++j) {
                others *= j == i ? 1.0 : x[i] - x[j];
            }
            x[i] -= value / others;
            moved = std::max(moved, std::abs(value / others) / std::abs(x[i]));
        }
    }
    for (Complex& root : x) {
        const Complex away = std::sqrt(root * root - 1.0);
        root = std::abs(root - away) < 1.0 ? root - away : root + away;
        if (std::abs(root.imag()) < 1e-7 * std::abs(root)) {
            root = root.real();
        }
    }
    return x;
}

/// c of the best P > 0 of this degree; empty when the best one is not positive.
template <typename Target>
std::vector<double> fitted(const Target& target, double rate_hz, int degree) {
    std::vector<std::vector<long double>> columns(static_cast<std::size_t>(degree) + 1);
    const auto angle = [](std::size_t k) {
        return std::numbers::pi * (static_cast<double>(k) + 0.5) / static_cast<double>(kPoints);
    };
    const auto weight = [rate_hz](double w) {
        return w * rate_hz / (2.0 * std::numbers::pi) <= kAudible_hz ? 1.0 : kInaudibleWeight;
    };
    std::vector<long double> wanted(kPoints), unit(kPoints);
    for (std::size_t k = 0; k < kPoints; ++k) {
        wanted[k] = static_cast<long double>(weight(angle(k)));
        unit[k] = wanted[k] / static_cast<long double>(target(angle(k)));
    }
    for (std::size_t n = 0; n < columns.size(); ++n) {
        columns[n].resize(kPoints);
        for (std::size_t k = 0; k < kPoints; ++k) {
            columns[n][k] = unit[k] * static_cast<long double>(std::cos(static_cast<double>(n) * angle(k)));
        }
    }
    std::vector<double> c = least_squares(std::move(columns), std::move(wanted));
    for (std::size_t k = 0; k <= 4 * kPoints; ++k) {
        if (!(cosine_sum(c, std::numbers::pi * static_cast<double>(k) / (4.0 * kPoints)) > 0.0)) {
            return {};
        }
    }
    return c;
}

/// (b0, b1, b2) of two zeros at a time: conjugates together, real ones as they come, the last one perhaps alone.
std::vector<std::array<double, 3>> numerators(const std::vector<Complex>& zeros) {
    std::vector<std::array<double, 3>> pairs;
    std::vector<double> real;
    for (const Complex& zero : zeros) {
        if (zero.imag() > 0.0) {
            pairs.push_back({1.0, -2.0 * zero.real(), std::norm(zero)});
        } else if (zero.imag() == 0.0) {
            real.push_back(zero.real());
        }
    }
    for (std::size_t i = 0; i < real.size(); i += 2) {
        const double other = i + 1 < real.size() ? real[i + 1] : 0.0;
        pairs.push_back({1.0, -real[i] - other, real[i] * other});
    }
    return pairs;
}

} // namespace

double magnitude(const AnalogPrototype& prototype, double frequency_hz) {
    return unscaled(prototype, frequency_hz) / unscaled(prototype, prototype.unity_at_hz);
}

std::vector<BiquadCoefficients> fit_sections(const AnalogPrototype& prototype, double rate_hz, int degree) {
    if (!(rate_hz > 2.0 * prototype.unity_at_hz) || !std::isfinite(rate_hz)) {
        throw std::invalid_argument("weighting filter: sample rate " + std::to_string(rate_hz) +
                                    " Hz, expected more than " + std::to_string(2.0 * prototype.unity_at_hz));
    }
    std::vector<BiquadCoefficients> sections;
    for (const auto& [p, q] : prototype.pole_pairs) {
        const Complex first = std::exp(p / rate_hz), second = std::exp(q / rate_hz);
        sections.push_back({1.0, 0.0, 0.0, -(first + second).real(), (first * second).real()});
    }
    const auto target = [&](double w) {
        double denominator = 1.0;
        const double frequency_hz = w * rate_hz / (2.0 * std::numbers::pi);
        for (const BiquadCoefficients& section : sections) {
            denominator /= magnitude(section, frequency_hz, rate_hz);
        }
        const double whole = magnitude(prototype, frequency_hz) * denominator /
                             std::pow(2.0 * std::sin(w / 2.0), prototype.zeros_at_zero);
        return whole * whole;
    };
    std::vector<double> c;
    for (int m = degree; c.empty(); --m) {
        if (m < 0) {
            throw std::runtime_error("weighting filter: no numerator fits at " + std::to_string(rate_hz) + " Hz");
        }
        c = fitted(target, rate_hz, m);
    }
    std::vector<Complex> zeros(static_cast<std::size_t>(prototype.zeros_at_zero), Complex(1.0));
    const std::vector<Complex> fitted_zeros = inner_zeros(c);
    zeros.insert(zeros.end(), fitted_zeros.begin(), fitted_zeros.end());
    const auto pairs = numerators(zeros);
    sections.resize(std::max(sections.size(), pairs.size()));
    double gain = 1.0;
    for (std::size_t i = 0; i < sections.size(); ++i) {
        if (i < pairs.size()) {
            sections[i].b0 = pairs[i][0];
            sections[i].b1 = pairs[i][1];
            sections[i].b2 = pairs[i][2];
        }
        gain *= magnitude(sections[i], prototype.unity_at_hz, rate_hz);
    }
    for (double* b : {&sections.front().b0, &sections.front().b1, &sections.front().b2}) {
        *b /= gain;
    }
    return sections;
}

} // namespace overbias::dsp
