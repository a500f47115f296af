// SPDX-License-Identifier: Apache-2.0
// The delay of each channel, followed through the print.
//
// The lag is counted in frames of the return against the mapped reference. After the slate it is known to a few
// microseconds and moves slowly (flutter over the head distance makes tens of microseconds), so the search stays
// narrow; it opens only where a clear programme no longer correlates at the place expected.
#pragma once

#include "mastering/comparison/clock_map.hpp"
#include "mastering/comparison/frame_analyser.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace overbias::mastering {

inline constexpr float kDelaySure = 0.85F; ///< correlation of a delay that is believed

class DelayTrack {
  public:
    DelayTrack(double rate_hz, double round_trip_s);

    /// Makes room for so many observations more.
    void expect(std::size_t observations) {
        expected_ += observations;
        observations_.reserve(expected_);
    }
    /// From the slate. A channel without a lag of its own is given the other's.
    void acquire(std::array<double, 2> lag_frames);
    [[nodiscard]] bool acquired() const noexcept { return acquired_; }
    [[nodiscard]] double lag(int channel) const noexcept { return lag_[static_cast<std::size_t>(channel)]; }
    /// Where a frame's lag is looked for: as it moved over the two frames before, where both were sure.
    [[nodiscard]] double expected(int channel) const noexcept {
        return lag(channel) + ahead_[static_cast<std::size_t>(channel)];
    }
    /// Mean of both channels.
    [[nodiscard]] double lag() const noexcept { return 0.5 * (lag_[0] + lag_[1]); }

    /// One frame's estimates. `cut` is the return frame at which what came was cut out, less the mapped reference
    /// frame; `clear` says which channels have programme well over noise. `tone`: the programme is one and fits at
    /// every half period, so no search is made.
    void update(const FrameFigures& figures, FrameAnalyser& analyser, const ClockMap& clocks, std::int64_t centre_frame,
                double cut, std::array<bool, 2> clear, bool tone = false);

    struct Observation {
        std::int64_t reference_frame;
        std::array<float, 2> sure; ///< correlation, kDelaySure where the delay is believed; 0: not found
        std::array<double, 2> return_frame;
    };
    [[nodiscard]] const std::vector<Observation>& observations() const noexcept { return observations_; }
    /// Without the delay being known: where to look until it is.
    void assume(double lag_frames) { lag_ = {lag_frames, lag_frames}; }
    /// Right behind left, median of the newest observations of both channels; nullopt with fewer than eight.
    [[nodiscard]] std::optional<double> azimuth_us(std::size_t newest, const ClockMap& clocks) const;
    /// Head delay of an observation with the clocks as known now.
    [[nodiscard]] double delay_s(const Observation& observation, int channel, const ClockMap& clocks) const noexcept;
    [[nodiscard]] double delay_s(double lag_frames, const ClockMap& clocks) const noexcept;

  private:
    double rate_hz_, round_trip_s_;
    bool acquired_ = false;
    std::array<double, 2> lag_{};
    std::array<double, 2> acquired_lag_{};
    std::array<double, 2> newest_{}; ///< lag of the frame before
    std::array<bool, 2> newest_sure_{};
    std::array<double, 2> ahead_{}; ///< of lag_, where the next frame is expected
    std::array<int, 2> misses_{};
    std::size_t expected_ = 0;
    std::vector<Observation> observations_;
};

/// Median; the values are reordered. nullopt for none.
[[nodiscard]] std::optional<double> median_of(std::vector<double>& values);

} // namespace overbias::mastering
