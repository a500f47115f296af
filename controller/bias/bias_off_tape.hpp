// SPDX-License-Identifier: Apache-2.0
// What a job that has ended says about the bias from tape: the noise in the gap after a print's slate, 10 kHz from a
// record alignment or a quick check, third harmonic from a proof. Each quantity comes from one kind of measurement
// only, so that it is compared with its like. Pure, any thread.
#pragma once

#include "calibration/bias/bias_monitor.hpp"
#include "controller/job_runner.hpp"

#include <vector>

namespace overbias::controller {

struct BiasOffTape {
    int track = 1;
    calibration::BiasQuantity quantity = calibration::BiasQuantity::Noise;
    double value = 0.0; ///< as BiasMonitor::take() wants it
};

/// Empty for a job whose report has none, or is none.
[[nodiscard]] std::vector<BiasOffTape> bias_off_tape(const JobEnd& end);

} // namespace overbias::controller
