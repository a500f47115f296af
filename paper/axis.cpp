// SPDX-License-Identifier: Apache-2.0
#include "base/figure.hpp"
#include "paper/plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <utility>

namespace overbias::paper {

namespace {

using namespace std::chrono;

std::string frequency_label(double hz) {
    return hz >= 1000.0 ? figure(hz / 1000.0, 0) + "k" : figure(hz, 0);
}

double seconds_of(sys_seconds time) {
    return static_cast<double>(time.time_since_epoch().count());
}

std::string two_digits(unsigned value) {
    return (value < 10 ? "0" : "") + std::to_string(value);
}

/// Lines at whole multiples of a step below a day, or of days.
std::vector<Tick> even_ticks(sys_seconds first, sys_seconds last, seconds step) {
    std::vector<Tick> ticks;
    const auto count = (first.time_since_epoch() + step - seconds(1)) / step; // times before 1970 are not met
    for (sys_seconds at{count * step}; at <= last; at += step) {
        const auto day = floor<days>(at);
        const year_month_day date(day);
        std::string label = two_digits(static_cast<unsigned>(date.day()));
        label = two_digits(static_cast<unsigned>(date.month())) + "-" + label;
        if (step < days(1)) {
            const hh_mm_ss time(at - day);
            label += " " + two_digits(static_cast<unsigned>(time.hours().count())) + ":" +
                     two_digits(static_cast<unsigned>(time.minutes().count()));
        } else {
            label = std::to_string(static_cast<int>(date.year())) + "-" + label;
        }
        ticks.push_back({seconds_of(at), std::move(label)});
    }
    return ticks;
}

std::vector<Tick> month_ticks(sys_seconds first, sys_seconds last, int step_months) {
    std::vector<Tick> ticks;
    const year_month_day begin(floor<days>(first));
    int month = static_cast<int>(begin.year()) * 12 + static_cast<int>(static_cast<unsigned>(begin.month())) - 1;
    month -= month % step_months;
    for (;; month += step_months) {
        const year_month_day date{year(month / 12), std::chrono::month(static_cast<unsigned>(month % 12) + 1), day(1)};
        const sys_seconds at = sys_days(date);
        if (at > last) {
            return ticks;
        }
        if (at >= first) {
            const std::string year_text = std::to_string(month / 12);
            ticks.push_back(
                {seconds_of(at), step_months % 12 == 0
                                     ? year_text
                                     : year_text + "-" + two_digits(static_cast<unsigned>(month % 12) + 1)});
        }
    }
}

} // namespace

double Axis::share(double value) const noexcept {
    return logarithmic ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
}

Axis frequency_axis(double low_hz, double high_hz) {
    Axis axis{.low = low_hz, .high = std::max(high_hz, 2.0 * low_hz), .logarithmic = true, .title = "Hz", .ticks = {}};
    for (double decade = std::pow(10.0, std::floor(std::log10(axis.low))); decade <= axis.high; decade *= 10.0) {
        for (const int digit : {1, 2, 3, 4, 5, 6, 7, 8, 9}) {
            const double hz = digit * decade;
            if (hz >= axis.low * 0.999 && hz <= axis.high * 1.001) {
                const bool numbered = digit == 1 || digit == 2 || digit == 5;
                axis.ticks.push_back({hz, numbered ? frequency_label(hz) : std::string()});
            }
        }
    }
    return axis;
}

Axis value_axis(double low, double high, double least_span, std::string title) {
    if (!(high - low >= least_span)) {
        const double middle = 0.5 * (low + high);
        low = middle - 0.5 * least_span;
        high = middle + 0.5 * least_span;
    }
    constexpr int kMostSteps = 7;
    const double coarse = (high - low) / kMostSteps;
    const double power = std::pow(10.0, std::floor(std::log10(coarse)));
    double step = 10.0 * power;
    for (const double digit : {5.0, 2.0, 1.0}) {
        step = digit * power >= coarse ? digit * power : step;
    }
    const int decimals = std::max(0, static_cast<int>(-std::floor(std::log10(step) + 1e-9)));
    const auto first = static_cast<std::int64_t>(std::floor(low / step + 1e-9));
    const auto last = static_cast<std::int64_t>(std::ceil(high / step - 1e-9));
    Axis axis{.low = static_cast<double>(first) * step,
              .high = static_cast<double>(last) * step,
              .logarithmic = false,
              .title = std::move(title),
              .ticks = {}};
    for (std::int64_t i = first; i <= last; ++i) {
        const double value = static_cast<double>(i) * step;
        axis.ticks.push_back({value, i == 0 ? "0" : figure(value, decimals)});
    }
    return axis;
}

Axis time_axis(sys_seconds first, sys_seconds last, std::size_t most_labels) {
    if (last - first < hours(1)) { // a single alignment, or two on one morning
        first -= minutes(30);
        last += minutes(30);
    }
    const seconds margin = (last - first) / 20; // so that the first and the last point are not on the frame
    first -= margin;
    last += margin;
    Axis axis{.low = seconds_of(first), .high = seconds_of(last), .logarithmic = false, .title = "UTC", .ticks = {}};
    for (const seconds step :
         std::array<seconds, 8>{minutes(30), hours(1), hours(3), hours(6), hours(12), days(1), days(2), days(7)}) {
        // what does not fit anyhow is not made: half-hours of ten years
        if ((last - first) / step <= static_cast<std::int64_t>(most_labels)) {
            axis.ticks = even_ticks(first, last, step);
            if (axis.ticks.size() <= most_labels) {
                return axis;
            }
        }
    }
    for (const int step_months : {1, 3, 6, 12, 24, 60, 120, 240, 600}) {
        axis.ticks = month_ticks(first, last, step_months);
        if (axis.ticks.size() <= most_labels) {
            break;
        }
    }
    return axis;
}

} // namespace overbias::paper
