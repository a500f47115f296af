// SPDX-License-Identifier: Apache-2.0
// Frame numbers of two streams with crystals of their own, tied together by deck time.
//
// Each stream's clock points are fitted by a line (least squares over all of them), so that single points may carry
// jitter. With less than two seconds of points the nominal rate is taken. Without any point frame 0 of both streams is
// taken as the same moment.
#pragma once

#include <cstdint>
#include <optional>

namespace overbias::mastering {

class ClockFit {
  public:
    explicit ClockFit(double nominal_rate_hz) : nominal_rate_hz_(nominal_rate_hz) {}

    void add(std::int64_t frame, double time_s);
    [[nodiscard]] double time_of(double frame) const noexcept;
    [[nodiscard]] double frame_at(double time_s) const noexcept;
    [[nodiscard]] double rate_hz() const noexcept { return nominal_rate_hz_ / (1.0 + slope_); }
    [[nodiscard]] bool rate_known() const noexcept { return rate_known_; }

  private:
    double nominal_rate_hz_;
    bool any_ = false, rate_known_ = false;
    std::int64_t first_frame_ = 0, last_frame_ = 0;
    double first_time_s_ = 0.0;
    // Deviation of time from nominal, y, against nominal time since the first point, x.
    double n_ = 0.0, x_ = 0.0, y_ = 0.0, xx_ = 0.0, xy_ = 0.0;
    double slope_ = 0.0, offset_ = 0.0;
};

class ClockMap {
  public:
    explicit ClockMap(double nominal_rate_hz) : reference(nominal_rate_hz), tape_return(nominal_rate_hz) {}

    ClockFit reference;
    ClockFit tape_return;

    /// Frame of the return stream that was at the converter when this frame of the reference was.
    [[nodiscard]] double return_frame(double reference_frame) const noexcept {
        return tape_return.frame_at(reference.time_of(reference_frame));
    }
    [[nodiscard]] double reference_frame(double return_frame) const noexcept {
        return reference.frame_at(tape_return.time_of(return_frame));
    }
    /// Return crystal against reference crystal, positive: the return's is faster.
    [[nodiscard]] std::optional<double> difference_ppm() const noexcept;
};

} // namespace overbias::mastering
