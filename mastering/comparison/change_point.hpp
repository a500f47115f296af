// SPDX-License-Identifier: Apache-2.0
// Where a figure that is followed in short steps changes and stays changed: the most likely place, and how far off it
// can be.
//
// Model: one level before, another one after, between them a ramp (a loose head takes 20 ms, a change of speed shows in
// the delay for as long as the tape needs from head to head); noise is Gaussian with a memory, x[i] = r x[i - 1] +
// e[i]. With that memory taken out of the values and of the model (whitening) the two levels are least squares at every
// place, from running sums. The interval holds every place whose likelihood is not less than the best one's by more
// than e^-3: 95 % and more of it. Steps without a value say nothing, so a change within them is anywhere in them.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace overbias::mastering {

/// One figure, step by step; NaN: not known.
using TraceLane = std::vector<float>;

struct ChangeSearch {
    double step_s = 0.005;
    /// Length of the Hann window whose square weights each value around its place.
    double window_s = 0.010;
    std::span<const double> ramps_s; ///< lengths that are tried
    /// What else moves the values, in any units, each step; empty: nothing does. What values have in common where it is
    /// alike is taken out.
    std::span<const float> drive = {};
};

struct ChangePoint {
    double begin_s = 0.0; ///< of the ramp, from the place of the first value
    double ramp_s = 0.0;
    double earliest_s = 0.0, latest_s = 0.0; ///< of begin_s
    std::vector<double> change;              ///< of each lane
    double evidence = 0.0;                   ///< logarithm of how much more likely than no change at all
};

/// All lanes change at one place, each by an amount of its own. nullopt: too few values, or no better than no change.
[[nodiscard]] std::optional<ChangePoint> find_change(std::span<const TraceLane> lanes, const ChangeSearch& search);

} // namespace overbias::mastering
