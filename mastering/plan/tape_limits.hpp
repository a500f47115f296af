// SPDX-License-Identifier: Apache-2.0
// What a stock takes at a speed, third octave by third octave, as the level that reaches it: for warnings, never for a
// refusal (people print to tape to go there). From the figures of its profile, each with its source; where the profile
// has none there is no limit.
//   up to the frequency of the MOL   the same flux as at it: MOL - (F(f) - F(f_mol)), F the recorded flux of the
//                                    equalisation (tape/equalisation.hpp)
//   between MOL and the first SOL    the MOL: no tape gives more there
//   from a SOL on                    the SOL of the nearest frequency below
// Pure functions, any thread.
#pragma once

#include "mastering/plan/reel_plan.hpp"
#include "tape/tape_stock.hpp"

#include <optional>
#include <string>
#include <vector>

namespace overbias::mastering {

struct TapeBandLimit {
    bool saturation = false;            ///< held against SOL; else against MOL
    double level_re_operating_db = 0.0; ///< of what is sent in this band
    double figure_re_operating_db = 0.0;
    std::string basis; ///< "MOL at 1 kHz +9.5 dB re 320 nWb/m DIN (source)"
};

/// One entry a band; empty: nothing is known that a level in this band could be held against.
[[nodiscard]] std::vector<std::optional<TapeBandLimit>>
tape_band_limits(const tape::TapeStock& stock, const PlanTape& on, const std::vector<double>& nominal_hz);

} // namespace overbias::mastering
