// SPDX-License-Identifier: Apache-2.0
// StreamClock: a straight line through readings (frame number, time) of one stream, so that a frame has a time and the
// card's crystal a rate against the system's clock.
//
// A reading is late, never early: between the card's count and the clock a thread is preempted, an interrupt waits, a
// USB packet is on its way. So the line is the highest one that has no reading above it in time, under the readings of
// the last ten seconds: of the lower convex hull the edge below their middle, the linear programme of Moon, Skelly and
// Towsley ("Estimation and removal of clock skew from network delay measurements", INFOCOM 1999). A reading that is
// early by more than a millisecond against a settled line is the driver's slip and left out, until so many come in a
// row that the line itself is wrong.
//
// Units: frames, nanoseconds of whatever clock the caller reads. Pure arithmetic; no allocation, any one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace overbias::audio {

class StreamClock {
  public:
    explicit StreamClock(double nominal_rate_hz) noexcept : rate_hz_(nominal_rate_hz) {}

    /// Forgets everything.
    void rt_restart() noexcept;
    /// Frame number `frame` passed at `at_ns`, or a little before. Frames should not run backwards.
    void rt_add(std::int64_t frame, std::int64_t at_ns) noexcept;

    [[nodiscard]] bool rt_valid() const noexcept { return readings_ > 0; }
    /// Time of a frame on the line. rt_valid() only.
    [[nodiscard]] std::int64_t rt_time_ns(std::int64_t frame) const noexcept;
    /// Frame, with its fraction, that passed at a time. rt_valid() only.
    [[nodiscard]] double rt_frame(std::int64_t at_ns) const noexcept;
    /// The card's rate over its nominal one, less one, in parts per million; null until the line is ten seconds long.
    [[nodiscard]] std::optional<double> rt_drift_ppm() const noexcept;

    static constexpr double kWindow_s = 10.0;

  private:
    static constexpr std::size_t kBins = 100; ///< a tenth of a second each; each keeps its earliest reading
    struct Point {
        std::int64_t bin = -1; ///< -1: empty
        double x_s = 0.0;      ///< nominal time since the first reading's frame
        double late_s = 0.0;   ///< time since the first reading, less x
    };
    void rt_fit(std::int64_t newest_bin) noexcept;

    double rate_hz_;
    std::array<Point, kBins> points_{};
    std::uint64_t readings_ = 0;
    std::int64_t first_frame_ = 0, first_ns_ = 0;
    double offset_s_ = 0.0, slope_ = 0.0; ///< the line: late = offset + slope * x
    double span_s_ = 0.0;
    double longest_s_ = 0.0;
    int early_in_a_row_ = 0;
};

} // namespace overbias::audio
