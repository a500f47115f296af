// SPDX-License-Identifier: Apache-2.0
// What a used tape carries: an older print, a 1 kHz tone at operating level up to 18 m and something like music from
// there to the end. Made for any stretch of the tape alone, so that it is made only where the tape is touched.
#pragma once

#include <cstdint>
#include <span>

namespace overbias::deck_sim::magnetics {

inline constexpr double kOldToneEnd_m = 18.0;

/// Adds the old print to `cells` (interleaved flux, 16 bit), the first of which is cell `first` of `cell_m` length.
void add_old_print(std::int64_t first, double cell_m, double speed_m_s, double flux_scale_lsb,
                   std::span<std::int16_t> cells) noexcept;

} // namespace overbias::deck_sim::magnetics
