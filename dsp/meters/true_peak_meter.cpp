// SPDX-License-Identifier: Apache-2.0
#include "dsp/meters/true_peak_meter.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::dsp {

TruePeakMeter::TruePeakMeter(double sample_rate_hz) : filter_(true_peak_filter(sample_rate_hz)) {
}

void TruePeakMeter::process(std::span<const float> samples) noexcept {
    constexpr std::size_t kTaps = 2 * kTruePeakPairs;
    for (const float sample : samples) {
        past_[at_] = past_[at_ + kTaps] = std::isfinite(sample) ? static_cast<double>(sample) : 0.0;
        at_ = (at_ + 1) % kTaps;
        const double* const oldest = past_.data() + at_;
        const double* const before = oldest + kTruePeakPairs - 1; // and, one on, after
        double half = 0.0;
        for (std::size_t k = 0; k < kTruePeakPairs; ++k) {
            half += filter_.half[k] * (*(before - k) + before[1 + k]);
        }
        highest_ = std::max({highest_, std::abs(half), std::abs(oldest[kTaps - 1])});
        if (filter_.oversampling == 4) {
            double first = 0.0, third = 0.0;
            for (std::size_t k = 0; k < kTruePeakPairs; ++k) {
                first += filter_.near[k] * *(before - k) + filter_.far[k] * before[1 + k];
                third += filter_.far[k] * *(before - k) + filter_.near[k] * before[1 + k];
            }
            highest_ = std::max({highest_, std::abs(first), std::abs(third)});
        }
    }
}

double TruePeakMeter::highest_dbtp() noexcept {
    const double highest = highest_ > 0.0 ? std::max(kSilence_dbtp, 20.0 * std::log10(highest_)) : kSilence_dbtp;
    highest_ = 0.0;
    return highest;
}

} // namespace overbias::dsp
