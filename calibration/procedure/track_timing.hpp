// SPDX-License-Identifier: Apache-2.0
// By how much one track is late, from the phase between the tracks of a tone sent alike on both. Azimuth delays by
// d tan(theta) / v at every frequency (d between the tracks, v the tape's speed), so that the phase in degrees is
// 360 f times the delay: a high tone is fine and known only to whole periods, a low one tells which period. Pure
// functions, any thread.
#pragma once

#include <cmath>

namespace overbias::calibration {

/// A track that is late lags in phase.
[[nodiscard]] inline double late_us_of_phase(double phase_deg, double frequency_hz) noexcept {
    return -1e6 * phase_deg / 360.0 / frequency_hz;
}

/// `fine_us`, read at `frequency_hz`, in the period that a coarser reading says.
[[nodiscard]] inline double in_period(double fine_us, double coarse_us, double frequency_hz) noexcept {
    const double period_us = 1e6 / frequency_hz;
    return fine_us + period_us * std::round((coarse_us - fine_us) / period_us);
}

} // namespace overbias::calibration
