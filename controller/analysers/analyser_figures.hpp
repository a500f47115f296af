// SPDX-License-Identifier: Apache-2.0
// What the analysers say of the newest seconds of a stereo stream: what kind of signal it is, its tone, the second
// channel against the first, noise and hum. What does not apply is empty, never a guess. Wow and flutter are apart
// (analyser_flutter.hpp): that meter runs on.
//
// Each figure is a mean over the shortest time that it needs, so that a screwdriver sees what it does: tone and levels
// the times below; azimuth the whole of the playing tone (weave turns it slowly), and its last second beside that.
// Thread: any; allocates. Some tens of milliseconds for ten seconds at 48 kHz.
#pragma once

#include "calibration/measure/file_measurement.hpp"
#include "calibration/measure/measured_stretch.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace overbias::controller {

enum class Heard {
    Nothing,   ///< no samples, or digital silence
    Noise,     ///< below -40 dBFS and no tone (but hum)
    Tone,      ///< one steady tone in one channel or both
    Programme, ///< anything else
};

struct StretchFigures {
    static constexpr double kTone_s = 2.0;   ///< tone figures at most, of the tone that plays
    static constexpr double kLevels_s = 4.0; ///< noise, hum, correlation, level difference where no tone is
    static constexpr double kAzimuthNow_s = 1.0;

    Heard heard = Heard::Nothing;
    double levels_s = 0.0; ///< that noise, hum, correlation and rms stand for

    /// The tone that plays: its figures, how long it has played, and in which channel it was followed.
    std::optional<calibration::ToneFigures> tone; ///< duration_s: averaging time
    double tone_plays_s = 0.0;
    std::size_t tone_channel = 0;
    /// All in the memory; times from now, begin and end 0 or below.
    std::vector<calibration::FoundTone> tones;

    std::optional<calibration::StereoFigures> stereo; ///< not of silence
    std::optional<double> azimuth_now_us, azimuth_now_error_us;
    double azimuth_now_s = 0.0;

    std::optional<calibration::NoiseFigures> noise; ///< of whatever is heard; not of digital silence
    std::vector<dsp::Hum> hum;                      ///< by channel; of noise only
};

/// `memory`: two channels, in the order of time.
[[nodiscard]] StretchFigures measure_newest(const calibration::Channels& memory, double rate_hz);

} // namespace overbias::controller
