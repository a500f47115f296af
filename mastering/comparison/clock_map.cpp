// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/clock_map.hpp"

namespace overbias::mastering {

void ClockFit::add(std::int64_t frame, double time_s) {
    if (!any_) {
        any_ = true;
        first_frame_ = frame;
        first_time_s_ = time_s;
    } else if (frame <= last_frame_) {
        return; // told twice, or out of order
    }
    last_frame_ = frame;
    const double x = static_cast<double>(frame - first_frame_) / nominal_rate_hz_;
    const double y = time_s - first_time_s_ - x;
    n_ += 1.0;
    x_ += x;
    y_ += y;
    xx_ += x * x;
    xy_ += x * y;
    const double spread = n_ * xx_ - x_ * x_;
    if (x >= 2.0 && n_ >= 3.0 && spread > 0.0) {
        rate_known_ = true;
        slope_ = (n_ * xy_ - x_ * y_) / spread;
    }
    offset_ = (y_ - slope_ * x_) / n_;
}

double ClockFit::time_of(double frame) const noexcept {
    const double x = (frame - static_cast<double>(first_frame_)) / nominal_rate_hz_;
    return first_time_s_ + offset_ + x * (1.0 + slope_);
}

double ClockFit::frame_at(double time_s) const noexcept {
    const double x = (time_s - first_time_s_ - offset_) / (1.0 + slope_);
    return static_cast<double>(first_frame_) + x * nominal_rate_hz_;
}

std::optional<double> ClockMap::difference_ppm() const noexcept {
    if (!reference.rate_known() || !tape_return.rate_known()) {
        return std::nullopt;
    }
    return (tape_return.rate_hz() / reference.rate_hz() - 1.0) * 1e6;
}

} // namespace overbias::mastering
