// SPDX-License-Identifier: Apache-2.0
// TapeReturn: what comes back from the deck, at the playback's nominal rate, whatever rate the capture has: frames,
// clock and xruns all counted in the same frames. At equal rates every frame is handed on as it came.
//
// Thread: one, not the audio thread; made where reading begins, after what waits in the tap from before was dropped.
#pragma once

#include "audio/block_engine.hpp"
#include "audio/rate_bridge.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace overbias::audio {

class TapeReturn {
  public:
    /// `capture_rate_hz` is the nominal one. Throws as RateBridge does.
    TapeReturn(BlockEngine& engine, FrameTap& tap, double capture_rate_hz);

    /// As FrameTap::read(); at unequal rates some tens of milliseconds late.
    FrameTap::Block read(std::span<std::int32_t> out);
    /// The capture's newest timestamp.
    [[nodiscard]] StreamTimestamp timestamp();
    /// A mark of the engine with a capture's frame numbers converted; a playback's is left as it is.
    [[nodiscard]] XrunMark convert(XrunMark mark) const;

  private:
    BlockEngine& engine_;
    FrameTap& tap_;
    std::optional<RateBridge> bridge_; ///< null at equal rates
    std::vector<std::int32_t> piece_;
};

} // namespace overbias::audio
