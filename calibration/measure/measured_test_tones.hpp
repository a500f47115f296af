// SPDX-License-Identifier: Apache-2.0
// Measures what test tones say together (test_tone_figures.hpp). Thread: any; blocks on the disk; allocates.
#pragma once

#include "base/result.hpp"
#include "calibration/measure/measured_stretch.hpp"

#include <functional>
#include <span>

namespace overbias::calibration {

/// All channels from a time on, for at most so many seconds.
using ReadStretch = std::function<Result<Channels>(double start_s, double duration_s)>;

/// `tones`: what was found in the file, in order of time. Fails when reading does.
[[nodiscard]] Result<TestToneFigures> measure_test_tones(std::span<const FoundTone> tones, std::size_t channels,
                                                         double rate_hz, const ReadStretch& read);

/// The two tones of a stretch; empty when it holds no such pair.
[[nodiscard]] std::optional<IntermodulationFigures> measure_two_tones(std::span<const float> channel, double rate_hz);

} // namespace overbias::calibration
