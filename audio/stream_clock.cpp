// SPDX-License-Identifier: Apache-2.0
#include "audio/stream_clock.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::audio {

namespace {

constexpr double kBin_s = 0.1;
// A line shorter than about this says less of the slope than the crystal's tolerance does.
constexpr double kTelling_s = 1.0;
// No converter's crystal is as far off; NTP may bend CLOCK_MONOTONIC by 500 ppm.
constexpr double kSteepest = 1000e-6;
constexpr double kSettled_s = 1.0;
constexpr double kTooEarly_s = 1e-3;
constexpr int kEarlyInARow = 20;

} // namespace

void StreamClock::rt_restart() noexcept {
    *this = StreamClock(rate_hz_);
}

void StreamClock::rt_add(std::int64_t frame, std::int64_t at_ns) noexcept {
    if (readings_ == 0) {
        first_frame_ = frame;
        first_ns_ = at_ns;
    }
    const double x_s = static_cast<double>(frame - first_frame_) / rate_hz_;
    const double late_s = static_cast<double>(at_ns - first_ns_) * 1e-9 - x_s;
    if (span_s_ >= kSettled_s && late_s < offset_s_ + slope_ * x_s - kTooEarly_s) {
        if (++early_in_a_row_ < kEarlyInARow) {
            return;
        }
        rt_restart();
        rt_add(frame, at_ns);
        return;
    }
    early_in_a_row_ = 0;
    ++readings_;
    const auto bin = static_cast<std::int64_t>(std::floor(x_s / kBin_s));
    if (bin < 0) {
        return;
    }
    Point& point = points_[static_cast<std::size_t>(bin) % kBins];
    if (point.bin > bin || (point.bin == bin && point.late_s <= late_s)) {
        return;
    }
    point = {bin, x_s, late_s};
    rt_fit(bin);
}

void StreamClock::rt_fit(std::int64_t newest_bin) noexcept {
    // lower convex hull, from the oldest point to the newest
    std::array<const Point*, kBins> hull;
    std::size_t corners = 0;
    double sum_x_s = 0.0;
    std::size_t count = 0;
    const auto bins = static_cast<std::int64_t>(kBins);
    for (std::int64_t bin = std::max<std::int64_t>(0, newest_bin - bins + 1); bin <= newest_bin; ++bin) {
        const Point& point = points_[static_cast<std::size_t>(bin) % kBins];
        if (point.bin != bin) {
            continue;
        }
        sum_x_s += point.x_s;
        ++count;
        while (corners >= 2) {
            const Point& a = *hull[corners - 2];
            const Point& b = *hull[corners - 1];
            if ((b.late_s - a.late_s) * (point.x_s - a.x_s) < (point.late_s - a.late_s) * (b.x_s - a.x_s)) {
                break; // b lies below the line from a to the new point
            }
            --corners;
        }
        hull[corners++] = &point;
    }
    const double middle_s = sum_x_s / static_cast<double>(count);
    span_s_ = hull[corners - 1]->x_s - hull[0]->x_s;
    longest_s_ = std::max(longest_s_, span_s_);
    double slope = 0.0;
    if (corners >= 2) {
        std::size_t right = 1;
        while (right + 1 < corners && hull[right]->x_s < middle_s) {
            ++right;
        }
        const Point& a = *hull[right - 1];
        const Point& b = *hull[right];
        const double length = std::pow(span_s_ / kTelling_s, 4.0);
        slope = std::clamp((b.late_s - a.late_s) / (b.x_s - a.x_s), -kSteepest, kSteepest) * length / (1.0 + length);
    }
    slope_ = slope;
    offset_s_ = hull[0]->late_s - slope * hull[0]->x_s;
    for (std::size_t i = 1; i < corners; ++i) {
        offset_s_ = std::min(offset_s_, hull[i]->late_s - slope * hull[i]->x_s);
    }
}

std::int64_t StreamClock::rt_time_ns(std::int64_t frame) const noexcept {
    const double x_s = static_cast<double>(frame - first_frame_) / rate_hz_;
    return first_ns_ + std::llround((x_s + offset_s_ + slope_ * x_s) * 1e9);
}

double StreamClock::rt_frame(std::int64_t at_ns) const noexcept {
    const double y_s = static_cast<double>(at_ns - first_ns_) * 1e-9;
    return static_cast<double>(first_frame_) + (y_s - offset_s_) / (1.0 + slope_) * rate_hz_;
}

std::optional<double> StreamClock::rt_drift_ppm() const noexcept {
    // the window's oldest tenth comes and goes
    if (longest_s_ < kWindow_s - 2.0 * kBin_s) {
        return std::nullopt;
    }
    return (1.0 / (1.0 + slope_) - 1.0) * 1e6;
}

} // namespace overbias::audio
