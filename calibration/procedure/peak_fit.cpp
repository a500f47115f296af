// SPDX-License-Identifier: Apache-2.0
#include "calibration/procedure/peak_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

namespace overbias::calibration {

namespace {

constexpr std::size_t kTerms = 4;
using Row = std::array<double, kTerms + 1>;

/// Solves the normal equations in place; the last column becomes the solution. False: singular.
bool solve(std::array<Row, kTerms>& rows) {
    for (std::size_t i = 0; i < kTerms; ++i) {
        const auto pivot =
            std::max_element(rows.begin() + static_cast<std::ptrdiff_t>(i), rows.end(),
                             [i](const Row& a, const Row& b) { return std::abs(a[i]) < std::abs(b[i]); });
        std::swap(rows[i], *pivot);
        if (std::abs(rows[i][i]) < 1e-9) {
            return false;
        }
        for (std::size_t other = 0; other < kTerms; ++other) {
            const double share = other == i ? 0.0 : rows[other][i] / rows[i][i];
            for (std::size_t k = i; k <= kTerms; ++k) {
                rows[other][k] -= share * rows[i][k];
            }
        }
    }
    for (std::size_t i = 0; i < kTerms; ++i) {
        rows[i][kTerms] /= rows[i][i];
    }
    return true;
}

} // namespace

std::optional<LevelAt> fit_peak(std::span<const LevelAt> points, double within_db) {
    double highest = -1e9;
    for (const LevelAt& point : points) {
        highest = std::max(highest, point.level_db);
    }
    std::vector<LevelAt> near;
    std::copy_if(points.begin(), points.end(), std::back_inserter(near),
                 [&](const LevelAt& point) { return point.level_db >= highest - within_db; });
    if (near.size() < 5) {
        return std::nullopt;
    }
    const auto [low, high] = std::minmax_element(
        near.begin(), near.end(), [](const LevelAt& a, const LevelAt& b) { return a.position < b.position; });
    const double middle = 0.5 * (low->position + high->position);
    const double half = 0.5 * (high->position - low->position);
    if (half <= 0.0) {
        return std::nullopt;
    }
    std::array<Row, kTerms> rows{};
    for (const LevelAt& point : near) {
        const double x = (point.position - middle) / half;
        const std::array<double, kTerms> powers{1.0, x, x * x, x * x * x};
        for (std::size_t i = 0; i < kTerms; ++i) {
            for (std::size_t k = 0; k < kTerms; ++k) {
                rows[i][k] += powers[i] * powers[k];
            }
            rows[i][kTerms] += powers[i] * (point.level_db - highest);
        }
    }
    if (!solve(rows)) {
        return std::nullopt;
    }
    const double c0 = rows[0][kTerms];
    const double c1 = rows[1][kTerms];
    const double c2 = rows[2][kTerms];
    const double c3 = rows[3][kTerms];
    // c1 + 2 c2 x + 3 c3 x^2 = 0; of the two roots the one with the downward curvature, written so that a small c3 does
    // no harm
    const double root = c2 * c2 - 3.0 * c1 * c3;
    if (root <= 0.0 || c2 >= 0.0) {
        return std::nullopt;
    }
    const double x = c1 / (-c2 + std::sqrt(root));
    if (x < -1.0 || x > 1.0) {
        return std::nullopt;
    }
    return LevelAt{.position = middle + half * x, .level_db = highest + c0 + x * (c1 + x * (c2 + x * c3))};
}

std::optional<Parabola> parabola_through(const LevelAt& a, const LevelAt& b, const LevelAt& c) {
    if (a.position == b.position || b.position == c.position || a.position == c.position) {
        return std::nullopt;
    }
    const double slope_ab = (b.level_db - a.level_db) / (b.position - a.position);
    const double slope_bc = (c.level_db - b.level_db) / (c.position - b.position);
    const double curvature = (slope_bc - slope_ab) / (c.position - a.position);
    if (curvature >= 0.0) {
        return std::nullopt;
    }
    const double at = 0.5 * (a.position + b.position) - 0.5 * slope_ab / curvature;
    const double top = a.level_db + (at - a.position) * (slope_ab + curvature * (at - b.position));
    return Parabola{.peak = {at, top}, .width_1db = std::sqrt(-1.0 / curvature)};
}

} // namespace overbias::calibration
