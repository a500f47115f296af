// SPDX-License-Identifier: Apache-2.0
#include "controller/cue_mute.hpp"

#include <cmath>

namespace overbias::controller {

std::optional<bool> CueMute::update(bool lifters_defeated, std::span<const std::int32_t> frames, DeckTime now) {
    bool loud = false;
    if (lifters_defeated) {
        const double limit = std::pow(10.0, settings_.limit_dbfs / 20.0) * 2147483648.0;
        for (const std::int32_t sample : frames) {
            loud = loud || std::abs(static_cast<double>(sample)) > limit;
        }
    }
    if (loud) {
        loud_at_ = now;
    }
    const bool wanted = lifters_defeated && (loud || (muted_ && now - loud_at_ < deck_seconds(settings_.hold_s)));
    if (wanted == muted_) {
        return std::nullopt;
    }
    muted_ = wanted;
    return muted_;
}

} // namespace overbias::controller
