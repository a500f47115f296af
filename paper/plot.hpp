// SPDX-License-Identifier: Apache-2.0
// Plots for paper: curves over frequency or time in a frame, with the limits shaded. Curves are told apart by dashes
// and by the shape of their points, not by colour. Any thread.
#pragma once

#include "paper/drawing.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace overbias::paper {

struct Tick {
    double value = 0.0;
    std::string label; ///< empty: a line without a number
};

struct Axis {
    double low = 0.0, high = 1.0;
    bool logarithmic = false;
    std::string title; ///< with the unit
    std::vector<Tick> ticks;
    /// From 0 to 1; below and above for what lies outside.
    [[nodiscard]] double share(double value) const noexcept;
};

/// Hertz, logarithmic: lines at 1 to 9 of each decade, numbers at 20, 50, 100 ... 20k. At least an octave.
[[nodiscard]] Axis frequency_axis(double low_hz, double high_hz);
/// Wide enough for `low` and `high`, and never narrower than `least_span`; its numbers are 1, 2 or 5 times a power of
/// ten apart, four to nine of them.
[[nodiscard]] Axis value_axis(double low, double high, double least_span, std::string title);
/// Seconds since 1970 in UTC; at most `most_labels` numbers: years, months, days or hours, as there is room.
[[nodiscard]] Axis time_axis(std::chrono::sys_seconds first, std::chrono::sys_seconds last, std::size_t most_labels);

enum class PointShape { None, Dot, Ring, Cross };

struct Curve {
    std::string name;                              ///< for the key below the plot; empty: not in it
    std::vector<std::pair<double, double>> points; ///< x and y in the axes' units
    Pen pen;
    PointShape shape = PointShape::None;
};

/// The area between two limits; straight between its places.
struct LimitBand {
    struct Place {
        double x = 0.0, low = 0.0, high = 0.0;
    };
    std::string name;
    std::vector<Place> places; ///< by x; a single one is drawn across the whole plot
};

struct Plot {
    std::string title;
    Axis x, y;
    std::vector<LimitBand> bands{};
    std::vector<Curve> curves{};
};

/// All of it, with title, numbers and key, inside the box. What lies outside the axes is cut off at the frame; points
/// that are no finite numbers are left out, and their curve is broken there.
void draw_plot(Page& page, const Plot& plot, const Box& box);

} // namespace overbias::paper
