// SPDX-License-Identifier: Apache-2.0
// Whether the return turns, in the middle of a track, into what is being sent just now: the monitor was switched from
// the reproduce head to input or sync. Looked for only where a clear programme is no longer found at the head delay; a
// held note fits at any delay, so that between two attacks it may seem to come off tape still.
#pragma once

#include "mastering/comparison/clock_map.hpp"
#include "mastering/comparison/frame_analyser.hpp"
#include "mastering/comparison/frame_ring.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace overbias::mastering {

class InputWatch {
  public:
    /// direct_lag: frames of the return by which the converters alone are late.
    InputWatch(std::size_t frame_size, double direct_lag)
        : size_(static_cast<std::int64_t>(frame_size)), direct_lag_(direct_lag), cut_(2 * frame_size),
          block_(static_cast<std::int64_t>(frame_size) / 20),
          blocks_{std::vector<float>(2 * static_cast<std::size_t>(block_)),
                  std::vector<float>(2 * static_cast<std::size_t>(block_)),
                  std::vector<float>(2 * static_cast<std::size_t>(block_))} {}

    void begin() {
        astray_ = found_ = 0;
        astray_from_ = -1;
        seen_ = 0;
        from_.reset();
    }
    struct Streams {
        const FrameRing& sent;
        const FrameRing& came;
        const ClockMap& clocks;
    };
    /// A frame as it was analysed at the head delay, what was sent in it, and which channels have clear programme.
    /// Analyses again where needed: the analyser's spectra are then those.
    void add(std::int64_t frame, const FrameFigures& figures, std::array<bool, 2> clear, double tape_lag,
             std::span<const float> sent, const Streams& streams, FrameAnalyser& analyser);
    /// The first reference frame that is not seen off tape; empty: none.
    [[nodiscard]] std::optional<std::int64_t> from() const noexcept { return from_; }

  private:
    [[nodiscard]] bool fits_directly(std::int64_t frame, std::array<bool, 2> clear, const FrameFigures& figures,
                                     std::span<const float> sent, const Streams& streams, FrameAnalyser& analyser);
    [[nodiscard]] std::int64_t place(const Streams& streams);

    std::int64_t size_;
    double direct_lag_;
    std::vector<float> cut_;
    FrameFigures direct_;
    std::int64_t block_; ///< 4 ms, for the place
    std::array<std::vector<float>, 3> blocks_;
    static constexpr std::size_t kLags = 32;
    std::array<double, kLags> tape_lag_{}; ///< of the newest frames
    std::size_t seen_ = 0;
    int astray_ = 0, found_ = 0;
    std::int64_t astray_from_ = -1;
    std::optional<std::int64_t> from_;
};

} // namespace overbias::mastering
