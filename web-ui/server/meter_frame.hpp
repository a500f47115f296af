// SPDX-License-Identifier: Apache-2.0
// What is told of the live meters: one frame for a stretch of time, for tape return and programme, with the highest (of
// correlation the lowest) since the frame before. Two frames that follow each other add up to one for both stretches,
// so that a reader who takes fewer frames misses none of the maxima. Thread: any; plain values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace overbias::web_ui {

/// Pairs are left, right. What stands for each meter's definition: dsp/meters/stereo_meters.hpp.
struct SourceMeters {
    static constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
    // highest in the stretch
    std::array<float, 2> vu{-60, -60};                                    ///< re operating level; -60 at rest
    std::array<float, 2> ppm_type_i_db{-120, -120};                       ///< re a sine at -18 dBFS
    std::array<float, 2> ppm_type_ii_db{-120, -120};                      ///< re a sine at -18 dBFS
    std::array<float, 2> true_peak_dbtp{-150, -150};                      ///< -150: silence
    std::array<float, 2> sample_peak_dbfs{-150, -150};                    ///< -150: silence
    float momentary_lufs = -120, short_term_lufs = -120, correlation = 0; ///< correlation: lowest in the stretch
    // as they stood at its end
    std::array<std::uint32_t, 2> clips{};            ///< since the daemon began
    float integrated_lufs = kNone, range_lu = kNone; ///< since the restart; kNone: nothing to tell yet
    float measured_s = 0;                            ///< time that integrated_lufs and range_lu stand for
};

struct MeterFrame {
    std::uint64_t capture_time_ns = 0; ///< deck time of the newest sample in it
    SourceMeters tape{};               ///< tape return
    SourceMeters programme{};          ///< sent to the deck
};

/// Makes `earlier` the frame of both stretches.
void absorb(MeterFrame& earlier, const MeterFrame& later) noexcept;

/// On the wire, little-endian: u8 type = 1, u8 version = 2, u16 flags = 0, u32 sequence, u64 capture_time_ns; then tape
/// and programme: the five pairs, M, S and correlation as f32, the clips as u32, I, LRA and measured_s as f32.
inline constexpr std::size_t kMeterFrameBytes = 16 + 2 * 18 * 4;
[[nodiscard]] std::array<std::uint8_t, kMeterFrameBytes> encode(const MeterFrame& frame,
                                                                std::uint32_t sequence) noexcept;

} // namespace overbias::web_ui
