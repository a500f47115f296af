// SPDX-License-Identifier: Apache-2.0
// The chunks of a Broadcast Wave file as bytes. Private to audio/. Sources: RIFF/WAVE (Microsoft and IBM, 1991: fmt,
// fact, cue, LIST/adtl), EBU Tech 3285 v2 (bext), EBU Tech 3306 (RF64, ds64). Thread: any; pure.
#pragma once

#include "audio/broadcast_wave.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::audio {

/// Little-endian bytes, put together chunk by chunk.
class ChunkBytes {
  public:
    void id(std::string_view four) { bytes_.append(four.substr(0, 4)); }
    void number(std::uint64_t value, int bytes) {
        for (int i = 0; i < bytes; ++i) {
            bytes_.push_back(static_cast<char>(value >> (8 * i) & 0xFFU));
        }
    }
    void u16(std::uint64_t value) { number(value, 2); }
    void u32(std::uint64_t value) { number(value, 4); }
    void u64(std::uint64_t value) { number(value, 8); }
    void text(std::string_view value) { bytes_.append(value); }
    void zeros(std::size_t count) { bytes_.append(count, '\0'); }
    /// Exactly so long: cut, or filled with zeros.
    void field(std::string_view value, std::size_t bytes);
    /// A whole chunk, with the byte that makes its length even.
    void chunk(std::string_view four, std::string_view body);

    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
    [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

  private:
    std::string bytes_;
};

/// How large everything is when the header is written.
struct WaveSizes {
    std::uint64_t file_bytes = 0; ///< whole file
    std::uint64_t data_bytes = 0;
};

/// Everything before the samples, BroadcastWaveWriter::kHeaderBytes long. Empty: the coding history has no room.
[[nodiscard]] std::string wave_header(const BroadcastWaveFormat& format, const BroadcastExtension& extension,
                                      const WaveSizes& sizes);
/// iXML, cue and LIST/adtl; what there is none of is left out.
[[nodiscard]] std::string wave_trailer(const std::string& ixml, const std::vector<WaveMark>& marks);

} // namespace overbias::audio
