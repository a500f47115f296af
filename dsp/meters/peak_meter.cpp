// SPDX-License-Identifier: Apache-2.0
#include "dsp/meters/peak_meter.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace overbias::dsp {

PeakMeter::PeakMeter(ClipRule rule) : rule_(rule) {
    if (rule.run == 0 || !(rule.full_scale > 0.0F)) {
        throw std::invalid_argument("peak meter: a clip is a run of " + std::to_string(rule.run) +
                                    " samples at or beyond " + std::to_string(rule.full_scale) +
                                    ": both must be positive");
    }
}

void PeakMeter::process(std::span<const float> samples) noexcept {
    for (const float sample : samples) {
        const float level = std::isfinite(sample) ? std::abs(sample) : 0.0F;
        highest_ = std::max(highest_, level);
        run_ = level >= rule_.full_scale ? run_ + (run_ < rule_.run + 1 ? 1 : 0) : 0;
        clips_ += run_ == rule_.run ? 1 : 0;
    }
}

double PeakMeter::highest_dbfs() noexcept {
    const double highest =
        highest_ > 0.0F ? std::max(kSilence_dbfs, 20.0 * std::log10(static_cast<double>(highest_))) : kSilence_dbfs;
    highest_ = 0.0F;
    return highest;
}

} // namespace overbias::dsp
