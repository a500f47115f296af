// SPDX-License-Identifier: Apache-2.0
// A reel plan on the rig: sides of written programmes, what is on the tape before and after, where tracks really end.
#pragma once

#include "print_rig.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace overbias::test {

/// A deck whose tape roller slips by 0.1 %.
[[nodiscard]] PrintRigOptions slipping();
/// A plan of sides with so many tracks each, `seconds` long, every one a programme of its own.
[[nodiscard]] mastering::ReelPlan session_plan(const std::vector<std::size_t>& tracks_of_sides, int seconds,
                                               double gap_s = 2.0);
/// Runs until the job says this phase (its beginning), then `more_s` of deck time.
void run_to_phase(PrintRig& rig, const std::string& phase, double more_s);
/// Metres from the tape's beginning at which that playback frame passes, or has passed, the record head.
[[nodiscard]] double true_place_m(PrintRig& rig, std::int64_t frame);
/// Cells of the tape between two places.
[[nodiscard]] std::vector<std::int16_t> tape_between(PrintRig& rig, double from_m, double to_m);
/// A blank tape at its beginning, as the first was.
void thread_blank(PrintRig& rig, double place_m);

} // namespace overbias::test
