// SPDX-License-Identifier: Apache-2.0
// The top of a curve that rises to a peak and falls, from readings at a few places: least squares for a cubic, whose
// third-order term takes up that the two sides are not equally steep. Pure functions, any thread.
#pragma once

#include <optional>
#include <span>

namespace overbias::calibration {

/// A level read where an adjuster stood (0 to 1).
struct LevelAt {
    double position = 0.0;
    double level_db = 0.0;
};

/// Of the points within `within_db` of the highest one. Empty: they are fewer than five, or their cubic has no peak
/// between them.
[[nodiscard]] std::optional<LevelAt> fit_peak(std::span<const LevelAt> points, double within_db);

/// The parabola through three points: where its peak is, and how far from it (in positions) it is 1 dB lower. Empty:
/// the three have no peak, or two stand at the same place.
struct Parabola {
    LevelAt peak;
    double width_1db = 0.0;
};
[[nodiscard]] std::optional<Parabola> parabola_through(const LevelAt& a, const LevelAt& b, const LevelAt& c);

} // namespace overbias::calibration
