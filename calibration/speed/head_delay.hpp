// SPDX-License-Identifier: Apache-2.0
// The time from record head to reproduce head, and what it says about the tape's speed. With D the distance of the gaps
// and v the speed, the delay is D / v, so that
//   delay at the true speed = delay * v / v0 = delay * (1 + e)         e: speed error found with a calibration tape
//   D                       = v0 * delay at the true speed
//   e, later                = stored delay at the true speed / delay now - 1
// D need not be known for the last one, and what it changes by (temperature; another head block) does count: a delay
// holds for the head block, the equalisation and the azimuth it was measured with. Errors are standard deviations;
// those of a quotient add as the root of the squares of their relative values. Pure functions, any thread.
#pragma once

#include <cmath>

namespace overbias::calibration {

struct HeadDelay {
    double delay_s = 0.0; ///< above 0; mean of both tracks
    double uncertainty_s = 0.0;
};

struct SpeedError {
    double error_ppm = 0.0; ///< above 0: too fast
    double uncertainty_ppm = 0.0;
};

/// What the delay would be without the speed error, and how sure that is.
[[nodiscard]] inline HeadDelay at_true_speed(const HeadDelay& measured, const SpeedError& speed) noexcept {
    const double delay_s = measured.delay_s * (1.0 + speed.error_ppm * 1e-6);
    return {.delay_s = delay_s,
            .uncertainty_s =
                delay_s * std::hypot(measured.uncertainty_s / measured.delay_s, speed.uncertainty_ppm * 1e-6)};
}

/// The speed now, from the delay now and the one that was stored for the true speed.
[[nodiscard]] inline SpeedError speed_from_head_delay(const HeadDelay& now, const HeadDelay& stored) noexcept {
    return {.error_ppm = (stored.delay_s / now.delay_s - 1.0) * 1e6,
            .uncertainty_ppm =
                std::hypot(now.uncertainty_s / now.delay_s, stored.uncertainty_s / stored.delay_s) * 1e6};
}

} // namespace overbias::calibration
