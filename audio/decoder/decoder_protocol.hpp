// SPDX-License-Identifier: Apache-2.0
// What overbias-decoder and its parent say to each other. Samples go through shared memory, in blocks that are filled
// and taken in turn; everything else is messages of one size over a socket (SOCK_SEQPACKET), so that no length the
// parent believes lies where the child could change it. The parent trusts nothing: every message is checked.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace overbias::audio {

// Descriptors the child begins with; it has no other.
inline constexpr int kDecoderFile = 3;
inline constexpr int kDecoderMemory = 4;
inline constexpr int kDecoderSocket = 5;

/// The child could not lock itself in, and touched nothing.
inline constexpr int kDecoderNotLockedIn = 90;

inline constexpr std::size_t kBlockFrames = 8192;
inline constexpr std::size_t kBlockBytes = kBlockFrames * 2 * sizeof(double);
/// Decoded ahead: what a disk may take to wake up without the playing thread waiting for it.
inline constexpr double kAheadS = 6.0;
inline constexpr int kHighestDecodedRateHz = 192000;
inline constexpr std::size_t kMostBlocks = static_cast<std::size_t>(kAheadS * kHighestDecodedRateHz) / kBlockFrames + 1;
inline constexpr std::size_t kDecoderMemoryBytes = kMostBlocks * kBlockBytes;

/// Blocks in use for a file of this rate.
[[nodiscard]] constexpr std::size_t blocks_ahead(int rate_hz) {
    const auto blocks = static_cast<std::size_t>(kAheadS * std::max(rate_hz, 0)) / kBlockFrames + 1;
    return std::clamp<std::size_t>(blocks, 4, kMostBlocks);
}

struct DecoderMessage {
    enum class Kind : std::uint32_t {
        // to the child
        Begin = 1, ///< frames: blocks of the memory in use; allowed: how many of them may be filled now
        Taken,     ///< frames: so many more may be filled
        Count,     ///< in place of Begin: decode everything, keep nothing, say how much it was
        // from the child
        Opened = 16, ///< format, rate_hz, channels, frames: what the header says
        Refused,     ///< error: why the file is not opened
        Filled,      ///< frames in the next block; fewer than kBlockFrames: the end. error: why
        Counting,    ///< still at it
        Counted,     ///< frames, error
    };
    Kind kind{};
    std::int32_t format = 0, rate_hz = 0, channels = 0;
    std::int64_t frames = 0;
    std::int32_t error = 0; ///< libsndfile's; 0: none
    std::int32_t allowed = 0;
};
static_assert(sizeof(DecoderMessage) == 32);

} // namespace overbias::audio
