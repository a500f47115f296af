// SPDX-License-Identifier: Apache-2.0
// What a follower's map says of the tape's movement. Pure.
#pragma once

#include "mastering/verify/replay.hpp"

#include <optional>
#include <span>

namespace overbias::mastering {

/// `clock_ppm`: the return's crystal against its nominal rate, positive: it counts too many frames.
[[nodiscard]] ReplayFigures replay_figures(std::span<const TapeFollower::Point> points, std::int64_t hop_frames,
                                           std::int64_t frame_size, double rate_hz, std::int64_t programme_frames,
                                           std::optional<double> clock_ppm);

} // namespace overbias::mastering
