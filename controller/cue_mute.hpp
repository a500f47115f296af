// SPDX-License-Identifier: Apache-2.0
// CueMute: while the lifters are defeated the tape lies on the heads at any speed, and what comes off it can be loud
// enough to burn a tweeter: the room's monitors are muted while the tape return is above a level. Pure. Thread: any,
// one at a time.
#pragma once

#include "base/async/timeline.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace overbias::controller {

class CueMute {
  public:
    struct Settings {
        double limit_dbfs = -20.0; ///< sample peak
        double hold_s = 0.5;       ///< quiet for this long opens the monitors again
    };
    CueMute() = default;
    explicit CueMute(const Settings& settings) : settings_(settings) {}

    /// `frames`: the tape return since the last call, any number of channels side by side, full scale 2^31. The mute
    /// relay's new state where it has to change.
    [[nodiscard]] std::optional<bool> update(bool lifters_defeated, std::span<const std::int32_t> frames, DeckTime now);
    [[nodiscard]] bool muted() const noexcept { return muted_; }

  private:
    Settings settings_;
    bool muted_ = false;
    DeckTime loud_at_{};
};

} // namespace overbias::controller
