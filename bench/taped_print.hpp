// SPDX-License-Identifier: Apache-2.0
// A print as both converters saw it: what was played, and what came back off a tape that moves unevenly and adds noise.
// Made from closed forms, once; feeding it allocates nothing.
#pragma once

#include "mastering/off_tape_comparison.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace overbias::bench {

struct TapedPrint {
    mastering::ComparisonConfig config;
    std::vector<float> sent, came; ///< interleaved stereo, of the same length
    std::int64_t lead_in_from = 0, slate_from = 0, gap_from = 0, track_from = 0, track_end = 0; ///< frames of `sent`
    double play_rate_hz = 0.0, capture_rate_hz = 0.0;                                           ///< the two crystals
    double head_delay_s = 0.0;

    [[nodiscard]] std::int64_t frames() const noexcept { return static_cast<std::int64_t>(sent.size() / 2); }
};

/// Rest, start, record, slate, gap, `programme_s` of music-like programme, a second more. The return has a head delay
/// with wow and flutter, azimuth, gain and treble errors, hiss, and a crystal of its own.
[[nodiscard]] TapedPrint tape_print(double rate_hz, double programme_s);

/// Tells the comparison the plan.
void add_sections(const TapedPrint& print, mastering::OffTapeComparison& comparison);

/// Feeds frames first ... first + count - 1 of both streams, as a card delivers a period; clock points ten times a
/// second.
void feed_block(const TapedPrint& print, mastering::OffTapeComparison& comparison, std::int64_t first,
                std::int64_t count);

} // namespace overbias::bench
