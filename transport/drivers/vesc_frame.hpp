// SPDX-License-Identifier: Apache-2.0
// Frames of the VESC's serial protocol (vedderb/bldc: comm/packet.c, util/crc.c): 0x02 and one length byte, or 0x03 and
// two (big-endian), payload, CRC16 of the payload (polynomial 0x1021, initial value 0; big-endian), 0x03. Pure.
// Thread: any.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace overbias::transport::vesc {

using Bytes = std::vector<std::uint8_t>;

inline constexpr std::size_t kMostPayload = 512;
/// What a frame adds to a payload of at most 255 bytes.
inline constexpr std::size_t kFrameBytes = 5;

/// CRC16/XMODEM.
[[nodiscard]] std::uint16_t crc16(std::span<const std::uint8_t> bytes) noexcept;

/// The frame of a payload of 1 ... kMostPayload bytes; throws std::invalid_argument for any other.
[[nodiscard]] Bytes frame(std::span<const std::uint8_t> payload);

/// Takes bytes as they come, in any portions, and hands out the payload of each whole frame. Whatever is no frame
/// (garbage, a wrong checksum, a missing end) is dropped byte by byte and counted, so that a frame that began inside
/// it is still found.
class Decoder {
  public:
    void feed(std::span<const std::uint8_t> bytes,
              const std::function<void(std::span<const std::uint8_t> payload)>& take);
    /// A frame begun and not ended will not be: it is looked through for others next time.
    void give_up() noexcept;
    [[nodiscard]] bool waiting() const noexcept { return !held_.empty(); }
    [[nodiscard]] std::uint64_t frames() const noexcept { return frames_; }
    [[nodiscard]] std::uint64_t dropped_bytes() const noexcept { return dropped_; }

  private:
    void drop(std::size_t count);
    Bytes held_;
    std::uint64_t frames_ = 0, dropped_ = 0;
};

} // namespace overbias::transport::vesc
