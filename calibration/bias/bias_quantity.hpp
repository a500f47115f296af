// SPDX-License-Identifier: Apache-2.0
// How a watched quantity of the bias is compared. Pure, any thread. Private to calibration/.
#pragma once

#include "base/units.hpp"
#include "calibration/bias/bias_monitor.hpp"

namespace overbias::calibration {

[[nodiscard]] inline bool is_ratio(BiasQuantity quantity) noexcept {
    return quantity == BiasQuantity::Level || quantity == BiasQuantity::Frequency ||
           quantity == BiasQuantity::ThirdHarmonic;
}

/// Only a rise is a concern.
[[nodiscard]] inline bool rises_only(BiasQuantity quantity) noexcept {
    return quantity == BiasQuantity::ThirdHarmonic || quantity == BiasQuantity::Noise;
}

[[nodiscard]] inline double drift_of(BiasQuantity quantity, double now, double set_up) noexcept {
    if (quantity == BiasQuantity::Level) {
        return amplitude_db(now / set_up);
    }
    return is_ratio(quantity) ? 100.0 * (now / set_up - 1.0) : now - set_up;
}

} // namespace overbias::calibration
