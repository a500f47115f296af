// SPDX-License-Identifier: Apache-2.0
// The levels of a programme as it will be played, in one walk through it: peaks, loudness, VU, and the passages whose
// third octaves reach what the tape takes (ThirdOctavePeaks: moments of 10 ms).
// Thread: any one; reads the file behind the reader.
#pragma once

#include "audio/sound_file.hpp"
#include "base/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace overbias::mastering {

struct LevelsConfig {
    double sample_rate_hz = 48000.0;
    double play_dbfs_at_operating_level = 0.0;
    /// Level re operating level of each third octave of dsp::ThirdOctavePeaks above which a passage is told; a band
    /// without a limit is empty. `group`: passages of bands with the same number are told together.
    struct BandLimit {
        double level_re_operating_db = 0.0;
        int group = 0;
    };
    std::vector<std::optional<BandLimit>> bands;
    std::size_t groups = 2;
};

/// A stretch in which a band of a group was over its limit; pauses of less than half a second are part of it.
struct LoudPassage {
    int group = 0;
    double from_s = 0.0, to_s = 0.0;
    double worst_at_s = 0.0, over_db = 0.0; ///< where it was most over
    double level_re_operating_db = 0.0;     ///< there
    double band_hz = 0.0;
    int channel = 0;
};

struct ProgrammeLevels {
    std::array<double, 2> true_peak_dbtp{}, sample_peak_dbfs{};
    std::array<double, 2> vu_max{}; ///< 0 VU at operating level
    std::optional<double> integrated_lufs, loudness_range_lu;
    std::vector<LoudPassage> passages; ///< in the order of time
};

/// Third octaves that limits are given for.
[[nodiscard]] const std::vector<double>& level_bands_hz();

/// `walked`: frames gone through so far, now and then; false from it ends the walk with an error.
[[nodiscard]] Result<ProgrammeLevels> measure_levels(audio::ProgrammeReader& reader, const LevelsConfig& config,
                                                     const std::function<bool(std::int64_t frames)>& walked);

} // namespace overbias::mastering
