// SPDX-License-Identifier: Apache-2.0
// How a watched quantity of the bias is compared, and its limits. Pure, any thread.
#pragma once

#include "base/units.hpp"
#include "calibration/bias/bias_monitor.hpp"
#include "tape/bias_source.hpp"

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

/// The limits that the profile gives a quantity of a source.
[[nodiscard]] inline const tape::BiasLimit& bias_limit(const tape::BiasSource& source, BiasQuantity quantity) noexcept {
    switch (quantity) {
    case BiasQuantity::Level:
        return source.level_db;
    case BiasQuantity::Frequency:
        return source.frequency_percent;
    case BiasQuantity::HighFrequency:
        return source.high_frequency_db;
    case BiasQuantity::ThirdHarmonic:
        return source.third_harmonic_percent;
    case BiasQuantity::Noise:
        break;
    }
    return source.noise_db;
}

} // namespace overbias::calibration
