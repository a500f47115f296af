// SPDX-License-Identifier: Apache-2.0
// Playing of the programme queue, started and stopped by the control thread, read by the audio thread. Plain data.
#pragma once

#include <cstdint>

namespace overbias::audio {

/// What the control thread wants of the queue, in one atomic word so that the audio thread never sees half of it.
struct QueueOrder {
    std::uint32_t runs = 0;  ///< how often playing was started
    std::uint32_t stops = 0; ///< how often it was stopped; 31 bits
    bool playing = false;

    [[nodiscard]] std::uint64_t packed() const noexcept {
        return (std::uint64_t{runs} << 32U) | (std::uint64_t{stops & 0x7fffffffU} << 1U) | (playing ? 1U : 0U);
    }
    static QueueOrder unpacked(std::uint64_t word) noexcept {
        return {static_cast<std::uint32_t>(word >> 32U), static_cast<std::uint32_t>(word >> 1U) & 0x7fffffffU,
                (word & 1U) != 0};
    }
};

} // namespace overbias::audio
