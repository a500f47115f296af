// SPDX-License-Identifier: Apache-2.0
// Where in a known programme some seconds off tape lie.
//
// The heard seconds are cut into blocks of 0.25 s, so that a speed error, wow and flutter do not spoil the correlation
// within one. Each block is correlated with the whole reference, both channels together and with 6 dB an octave of
// pre-emphasis, which takes out most of what music is always full of:
//   rho_m(l) = sum x_m[n] r[n + l] / sqrt(sum x_m^2 * sum r^2 over the same frames)
// Places where many blocks have a high |rho| at lags that belong together (within 0.5 % of speed) are candidates. For
// each the blocks are added with their signs along every speed within that range: what is alike by chance cancels, what
// was recorded adds up. The place is taken only when
//   - enough of it was audible,
//   - the mean rho is high,
//   - most blocks lie on one straight line of place against time (its scatter is the uncertainty), and
//   - no other place of the reference is nearly as good: a steady tone, a loop of the same bar, silence have no place.
// Shapes: interleaved stereo floats, full scale 1.0, at kMatchRate_hz. Pure. Thread: any.
#pragma once

#include "base/result.hpp"

#include <span>

namespace overbias::mastering {

inline constexpr double kMatchRate_hz = 4000.0;

struct MatchLimits {
    double least_audible_s = 2.0; ///< of what was heard
    double least_correlation = 0.5;
    double most_runner_up = 0.95; ///< share of the best place's correlation
    double least_agreeing = 0.6;  ///< share of the audible blocks
};

struct ProgrammeMatch {
    double heard_s = 0.0;         ///< after the first frame heard: the middle of the blocks that agree ...
    double programme_s = 0.0;     ///< ... and what was heard then, after the reference's first frame
    double uncertainty_s = 0.0;   ///< how far single blocks lie off the line
    double speed = 1.0;           ///< seconds of programme a second
    double correlation = 0.0;     ///< mean rho; its sign is left out
    double runner_up = 0.0;       ///< of the next best place, as a share of the best
    int blocks = 0, agreeing = 0; ///< audible ones; those on the line
    bool inverted = false;        ///< polarity
};

/// The error says which condition does not hold, with figures, as words that follow "no match: ".
[[nodiscard]] Result<ProgrammeMatch> match_programme(std::span<const float> heard, std::span<const float> reference,
                                                     const MatchLimits& limits = {});

} // namespace overbias::mastering
