// SPDX-License-Identifier: Apache-2.0
// Wow from the trace of a delay, 0.2 to 5 Hz.
//
// Head to head: what is read now was recorded one head delay tau ago, and the tape runs L = distance of the heads while
// the delay lasts. With the speed v (1 + e(t)) the delay is tau - d(t), d(t) = integral of e from t - tau to t, so
//   D(f) = E(f) tau e^(-j pi f tau) sinc(f tau):
// a comb, which is undone up to where a quarter of it is left. Against a reference that does not move (a replay) the
// delay's slope is the speed: D(f) = E(f) / (j 2 pi f). Each value of the trace is itself an average over a frame with
// the weight of its window's square; that is undone too. The trace has one value a frame of 85 ms, so flutter of 6 to
// 17 Hz is folded into the band, weakened by comb and frame.
#pragma once

#include "mastering/off_tape_result.hpp"

#include <optional>
#include <vector>

namespace overbias::mastering {

/// One value a frame; frames without a sure delay are empty.
using DelayTrace = std::vector<std::optional<double>>;

struct WowFound {
    Wow wow;
    /// Seconds of the trace (start, end) over which five-second pieces exceed the limit; empty when none does.
    std::optional<double> from_s, to_s;
};

/// trace in seconds of delay, frame_s apart. tau_s: head delay; 0: the reference does not move. nullopt when the trace
/// has no 10 s in a row (single frames may be missing).
[[nodiscard]] std::optional<WowFound> wow_of(const DelayTrace& trace, double frame_s, double tau_s,
                                             double limit_percent);

/// Where the trace begins to swing: before it one variance, behind it a larger one; looked for around `from_s`.
struct WowPlace {
    double at_s = 0.0, within_s = 0.0;
};
[[nodiscard]] std::optional<WowPlace> wow_place(const DelayTrace& trace, double frame_s, double from_s);

} // namespace overbias::mastering
