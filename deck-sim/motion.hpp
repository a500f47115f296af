// SPDX-License-Identifier: Apache-2.0
// What the mechanics of the simulated deck tell its magnetics: where the tape was during one short step of time.
//
// Place: a point of the tape is named by its distance in metres from the tape's beginning. `x` is the place that is at
// the RECORD head. In play x grows. The erase head touches place x + erase_to_record (tape not yet recorded), the
// reproduce head x - record_to_reproduce.
#pragma once

#include <array>

namespace overbias::deck_sim {

struct MotionStep {
    double t0_s = 0, t1_s = 0;              ///< deck time at the ends of the step (1 ms apart)
    double x0_m = 0, x1_m = 0;              ///< place at the record head, wow and flutter included
    double v0_m_s = 0, v1_m_s = 0;          ///< tape speed at the ends; between them x(t) is the cubic through the four
    bool contact = false;                   ///< tape lies on the heads (false: lifted, threaded out or broken)
    bool recording = false;                 ///< the deck is in record (bias and erase current flow on some track)
    std::array<bool, 2> tracks{true, true}; ///< of those that are recorded; the others keep what they carry
};

} // namespace overbias::deck_sim
