// SPDX-License-Identifier: Apache-2.0
// match_programme() for machines with more wow than it was made for: a place that sways by 0.1 ms blurs what lies above
// a kilohertz. Where there is no match with all of it, both are compared below 600 Hz; and where that fails too, with
// the channels exchanged. Shapes as there. Pure. Thread: any.
#pragma once

#include "mastering/programme_match.hpp"

#include <span>

namespace overbias::mastering {

/// `crossed`: also with the channels exchanged.
[[nodiscard]] Result<ProgrammeMatch> match_patiently(std::span<const float> heard, std::span<const float> reference,
                                                     bool crossed);

} // namespace overbias::mastering
