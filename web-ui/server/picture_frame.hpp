// SPDX-License-Identifier: Apache-2.0
// What a panel draws of one source beside its meters: points of the goniometer and a third-octave spectrum. Sent only
// to who asked for it, the newest only. Thread: any; plain values.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace overbias::web_ui {

enum class PictureSource : std::uint8_t { None, Tape, Programme };

struct PictureFrame {
    PictureSource source = PictureSource::Tape;
    std::uint64_t capture_time_ns = 0;
    std::vector<std::pair<float, float>> points{}; ///< x = (L - R) / sqrt 2, y = (L + R) / sqrt 2; oldest first
    int first_band = 0; ///< number of the lowest third octave, 10 log10 of its centre in Hz (IEC 61260-1): 30 is 1 kHz
    std::array<std::vector<float>, 2> bands_dbfs{}, peaks_dbfs{}; ///< left, right; all of the same size
};

/// On the wire, little-endian: u8 type = 2, u8 version = 1, u16 source (1 tape, 2 programme), u32 0, u64
/// capture_time_ns, u16 points, u16 bands, i16 first_band, u16 0; x and y of each point as i16 (32767 is 1.0); levels
/// left, levels right, peaks left, peaks right of the bands as i16 (0.01 dB).
[[nodiscard]] std::string encode(const PictureFrame& picture);

} // namespace overbias::web_ui
