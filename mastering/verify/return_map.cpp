// SPDX-License-Identifier: Apache-2.0
#include "mastering/verify/return_map.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::mastering {
namespace {

constexpr std::int64_t kSide = 3;          ///< neighbours either side
constexpr std::int64_t kBridge = 400;      ///< knots looked through for a measured one
constexpr double kLeastDeterminant = 1e-6; ///< of the normal equations, with weights of about one

} // namespace

void ReturnMap::begin(std::int64_t first_knot) {
    first_ = first_knot;
    knots_.clear();
}

void ReturnMap::rewind(std::int64_t knot) {
    while (end() > knot && !knots_.empty()) {
        knots_.pop_back();
    }
}

void ReturnMap::forget_before(std::int64_t knot) {
    while (first_ < knot && !knots_.empty()) {
        knots_.pop_front();
        ++first_;
    }
}

double ReturnMap::smooth(std::int64_t knot) const {
    const ReturnKnot& here = at(knot);
    // weighted parabola about the knot: sums of w, w x^n, w y x^n with y against the knot's own place
    std::array<double, 5> s{};
    std::array<double, 3> t{};
    int before = 0, after = 0;
    const std::int64_t from = std::max(first_, knot - kSide), to = std::min(end() - 1, knot + kSide);
    for (std::int64_t k = from; k <= to; ++k) {
        const ReturnKnot& each = at(k);
        if (each.weight <= 0.0 || each.branch != here.branch) {
            continue;
        }
        (k <= knot ? before : after) += 1;
        const auto x = static_cast<double>(k - knot);
        double power = each.weight;
        for (std::size_t n = 0; n < s.size(); ++n) {
            s[n] += power;
            if (n < t.size()) {
                t[n] += power * (each.return_frame - here.return_frame);
            }
            power *= x;
        }
    }
    if (before >= 2 && after >= 2) {
        const double determinant = s[0] * (s[2] * s[4] - s[3] * s[3]) - s[1] * (s[1] * s[4] - s[2] * s[3]) +
                                   s[2] * (s[1] * s[3] - s[2] * s[2]);
        if (determinant > kLeastDeterminant * s[0] * s[0] * s[0]) {
            return here.return_frame + (t[0] * (s[2] * s[4] - s[3] * s[3]) - s[1] * (t[1] * s[4] - t[2] * s[3]) +
                                        s[2] * (t[1] * s[3] - s[2] * t[2])) /
                                           determinant;
        }
    }
    if (here.weight > 0.0) {
        return here.return_frame;
    }
    // not measured: on the straight line between the measured ones on both sides
    const auto find = [&](std::int64_t step) {
        for (std::int64_t k = knot + step; k >= first_ && k < end() && std::abs(k - knot) <= kBridge; k += step) {
            if (at(k).branch != here.branch) {
                break;
            }
            if (at(k).weight > 0.0) {
                return k;
            }
        }
        return knot;
    };
    const std::int64_t a = find(-1), b = find(1);
    if (a == knot || b == knot) {
        return here.return_frame;
    }
    const double share = static_cast<double>(knot - a) / static_cast<double>(b - a);
    return at(a).return_frame + share * (at(b).return_frame - at(a).return_frame);
}

std::optional<ReturnMap::Line> ReturnMap::line(std::int64_t knot, std::int64_t back) const {
    double n = 0.0, x = 0.0, y = 0.0, xx = 0.0, xy = 0.0;
    if (knots_.empty()) {
        return std::nullopt;
    }
    const int branch = knots_.back().branch;
    const double origin = knots_.back().return_frame;
    for (std::int64_t k = std::max(first_, knot - back); k < std::min(end(), knot); ++k) {
        const ReturnKnot& each = at(k);
        if (each.weight <= 0.0 || each.branch != branch) {
            continue;
        }
        const auto u = static_cast<double>(k - knot);
        const double v = each.return_frame - origin;
        n += 1.0;
        x += u;
        y += v;
        xx += u * u;
        xy += u * v;
    }
    const double spread = n * xx - x * x;
    if (n < 3.0 || spread <= 0.0) {
        return std::nullopt;
    }
    Line out;
    out.slope = (n * xy - x * y) / spread;
    out.at = origin + (y - out.slope * x) / n;
    return out;
}

} // namespace overbias::mastering
