// SPDX-License-Identifier: Apache-2.0
// FileMeasurement: everything the meters and analysers can say about a sound file.
//
// The file is walked through once, in pieces, for what holds for any sound (loudness, peaks, noise weightings,
// correlation) and for where its steady tones are; then the tones are read again: the longest one for tone figures and
// wow & flutter, all of them for the azimuth, for what they say together (test_tone_figures.hpp) and for how much of
// them is heard in the other channel. What does not apply is empty, never a guess. Levels: dBFS with a full-scale sine
// at 0. "Second less first": of two channels. Thread: any; blocks on the disk.
#pragma once

#include "base/result.hpp"
#include "calibration/measure/test_tone_figures.hpp"
#include "dsp/analysis/hum.hpp"
#include "dsp/analysis/wow_flutter.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace overbias::calibration {

/// ITU-R BS.1770-5, EBU Tech 3341 and 3342. Channels count with weight 1; of six (L R C LFE Ls Rs) the LFE with 0 and
/// the surrounds with 1.41, of five (L R C Ls Rs) the surrounds with 1.41.
struct LoudnessFigures {
    std::optional<double> integrated_lufs, range_lu;
    bool range_stable = false; ///< a minute or more was there
    std::optional<double> momentary_max_lufs, short_term_max_lufs;
    std::vector<std::optional<double>> true_peak_dbtp, sample_peak_dbfs;
    std::vector<std::uint64_t> clips; ///< runs of three full-scale samples and more
};

/// Of the longest tone, by channel; empty where that channel holds no tone there.
struct ToneFigures {
    double start_s = 0.0, duration_s = 0.0; ///< what was measured
    std::vector<std::optional<double>> frequency_hz, level_dbfs;
    std::vector<std::optional<double>> thd_percent;   ///< THD_F
    std::vector<std::optional<double>> thd_r_percent; ///< IEC 60268-3
    std::vector<std::optional<double>> h3_percent;    ///< third harmonic alone
    std::vector<std::optional<double>> thd_n_percent; ///< AES17
};

enum class AzimuthFrom {
    Nothing,
    Tones,         ///< resolved: no whole periods can be missing
    AmbiguousTone, ///< whole periods of the tone may be missing
    Programme      ///< an estimate: the programme may have delays of its own
};

/// Two channels, second less first. 0 dB, 0 us: alike.
struct StereoFigures {
    std::optional<double> level_difference_db;
    AzimuthFrom azimuth_from = AzimuthFrom::Nothing;
    std::optional<double> azimuth_us;         ///< positive: the second channel is later
    std::optional<double> azimuth_error_us;   ///< standard error
    std::optional<double> azimuth_period_us;  ///< AmbiguousTone: whole ones of these may be missing
    std::optional<double> azimuth_confidence; ///< Programme: 0 to 1
    double azimuth_averaging_s = 0.0;
    std::optional<double> phase_deg_at_carrier; ///< of the longest tone
    std::optional<double> correlation;          ///< over the whole file; empty when a channel is silent
};

/// Over the whole file, whatever it holds; dBFS, -200 at digital silence.
struct NoiseFigures {
    std::vector<double> rms_dbfs, band_dbfs, a_weighted_dbfs, c_weighted_dbfs, itu468_dbqps, ccir_arm_dbfs;
};

struct FileMeasurement {
    double sample_rate_hz = 0.0, duration_s = 0.0;
    std::size_t channels = 0;
    LoudnessFigures loudness;
    std::vector<double> dc_offset; ///< full scale 1
    std::vector<FoundTone> tones;  ///< in order of time
    std::optional<ToneFigures> tone;
    /// A tone of 1 to 13 kHz, 6 s or more: the longest one, or a file that is one however much it flutters.
    std::optional<dsp::WowFlutterReport> wow_flutter;
    std::size_t wow_flutter_channel = 0;
    std::optional<StereoFigures> stereo; ///< of files with two channels
    std::optional<NoiseFigures> noise;   ///< not of files below 50 ms
    std::vector<dsp::Hum> hum;           ///< by channel: of the quietest piece of a file that holds no programme
    TestToneFigures test_tones;
};

/// `progress`: told the share done, 0 to 1.
[[nodiscard]] Result<FileMeasurement> measure_file(const std::filesystem::path& path,
                                                   const std::function<void(double)>& progress = {});

} // namespace overbias::calibration
