// SPDX-License-Identifier: Apache-2.0
// Finds the delay from the programme itself, where no slate says it: a second of what was sent is looked for in what
// came, 400 Hz to 5 kHz, and what is found is proven frame by frame. A programme that repeats itself (a tone) fits at
// several delays and says nothing.
#pragma once

#include "mastering/comparison/clock_map.hpp"
#include "mastering/comparison/frame_analyser.hpp"
#include "mastering/comparison/frame_ring.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace overbias::mastering {

struct ProgrammeSearch {
    std::int64_t first_frame = 0;            ///< of the reference
    double earliest_s = 0.0, latest_s = 0.0; ///< delays searched
    double least_power = 0.0;                ///< mean square sent below which nothing is looked for
};

/// Frames both rings must hold from first_frame on: of the reference, and of the return from the mapped frame on.
[[nodiscard]] std::int64_t programme_frames_needed(const ProgrammeSearch& search, double rate_hz);

/// Lag of the return in frames against the mapped reference, of both channels. nullopt: not enough signal, not found,
/// or it fits more than once. Allocates.
[[nodiscard]] std::optional<std::array<double, 2>> find_programme(const FrameRing& reference,
                                                                  const FrameRing& tape_return, const ClockMap& clocks,
                                                                  const ProgrammeSearch& search,
                                                                  FrameAnalyser& analyser);

} // namespace overbias::mastering
