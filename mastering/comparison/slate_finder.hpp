// SPDX-License-Identifier: Apache-2.0
// Finds the slate in the return: its onset (the time at which a tone's envelope crosses half its steady amplitude, seen
// the same way in both streams), then the delay to microseconds from the tone's phase, which is ambiguous by half a
// period and needs the onset.
#pragma once

#include "mastering/comparison/clock_map.hpp"
#include "mastering/comparison/frame_ring.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace overbias::mastering {

struct SlateChannel {
    bool sent = false;        ///< the reference has a tone on this channel
    bool present = false;     ///< the return has it too, well over noise
    bool onset_found = false; ///< false with present: the tone was there before the search began, or swelled
    double lag_frames = 0.0;  ///< return frame minus mapped reference frame; onset_found only
    double onset_return_frame = 0.0;
    bool inverted = false;
    double sent_amplitude = 0.0;
    double came_amplitude = 0.0;
    double came_cycles_per_frame = 0.0;
    double before_amplitude = 0.0; ///< of the tone in the return before its onset was due
};

struct SlateSearch {
    std::int64_t first_frame = 0; ///< reference frame at which the slate begins
    double listen_s = 1.5;        ///< of the slate used; a shorter slate shortens the search
    double earliest_s = -0.35;    ///< delays searched
    double latest_s = 0.6;
    double before_s = 0.3;         ///< looked at ahead of the onset that is due
    double expected_delay_s = 0.0; ///< with the converters
    double expected_gain = 1.0;    ///< came / sent amplitude
};

/// Frames both rings must hold from first_frame on, in their own numbers.
[[nodiscard]] std::int64_t slate_frames_needed(const SlateSearch& search, double rate_hz);

/// nullopt when the frames are not all there.
[[nodiscard]] std::optional<std::array<SlateChannel, 2>> find_slate(const FrameRing& reference,
                                                                    const FrameRing& tape_return,
                                                                    const ClockMap& clocks, const SlateSearch& search,
                                                                    double rate_hz);

} // namespace overbias::mastering
