// SPDX-License-Identifier: Apache-2.0
// FlacEncoder: a FLAC stream without an end (RFC 9639), 16 bit stereo, through libFLAC. The header and each frame come
// out as they are made; header and any run of frames that is numbered anew (renumbered_flac_frame) are a whole stream.
// Thread: one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace overbias::audio {

class FlacEncoder {
  public:
    static constexpr unsigned kBlock = 1024; ///< samples a frame

    /// `frame` gets each frame of the stream. Throws std::runtime_error when libFLAC cannot.
    FlacEncoder(unsigned rate_hz, std::function<void(std::string frame)> frame);
    ~FlacEncoder();
    FlacEncoder(const FlacEncoder&) = delete;
    FlacEncoder& operator=(const FlacEncoder&) = delete;

    /// "fLaC" and the metadata.
    [[nodiscard]] const std::string& header() const noexcept;
    /// Interleaved, -32768 ... 32767. False: libFLAC gave up.
    [[nodiscard]] bool encode(std::span<const std::int32_t> interleaved);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// A frame of a stream with a fixed block size as number `number` of another (RFC 9639, 9.1: coded number, CRC-8; 9.3:
/// CRC-16). Nothing: this is no such frame.
[[nodiscard]] std::optional<std::string> renumbered_flac_frame(std::string_view frame, std::uint32_t number);

} // namespace overbias::audio
