// SPDX-License-Identifier: Apache-2.0
// The converters' own round trip, measured with a cable from output to input: what lies between "this frame leaves the
// card" and "this frame came back" when there is no tape between. A print's head delay is what remains beyond it.
//
// The signal is noise, 300 Hz to 12 kHz, another one in each channel, so that a swapped pair shows. The delay is the
// peak of the cross-correlation inside that band, to a small fraction of a frame (dsp/analysis/delay_estimator.hpp);
// gain is the least-squares one at the peak. The clocks' own rates come from two timestamps a stream, one at each end:
// 20 ppm between two cards are a frame a second at 48 kHz.
//
// Thread: any but the audio thread; allocates.
#pragma once

#include "audio/ports/pcm.hpp"
#include "base/result.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace overbias::audio {

/// A second of the signal, interleaved left/right, 24-bit words, `level_dbfs` rms re a full-scale sine, faded in and
/// out. The same for the same rate.
[[nodiscard]] std::vector<std::int32_t> loop_signal(double sample_rate_hz, double level_dbfs = -20.0);

/// Two points of a stream's clock, one near the signal's beginning and one near its end.
struct ClockPoints {
    StreamTimestamp begin, end;
};

/// Frames of `came_back` that are needed before and after the place where the signal should be.
inline constexpr double kLoopEarliest_s = 0.02;
inline constexpr double kLoopLatest_s = 0.15;

struct LoopRecording {
    double sample_rate_hz = 48000.0;         ///< nominal, of both
    std::span<const std::int32_t> sent;      ///< loop_signal()
    std::int64_t sent_from = 0;              ///< playback frame number of its first frame
    std::span<const std::int32_t> came_back; ///< interleaved left/right, consecutive frames
    std::int64_t came_back_from = 0;         ///< capture frame number of its first
    ClockPoints played, captured;
    double latest_s = kLoopLatest_s; ///< more where a tape's heads lie between
};

/// One channel of the return.
struct LoopChannel {
    bool heard = false; ///< one of the two signals came back here
    bool other = false; ///< and it was the other channel's
    bool inverted = false;
    double delay_frames = 0.0;        ///< round trip, in frames of the nominal rate
    double level_difference_db = 0.0; ///< came back against sent
    double confidence = 0.0;          ///< correlation inside the band, 0 to 1
    double came_back_dbfs = 0.0;      ///< all that was there, rms re a full-scale sine
};

struct LoopMeasurement {
    std::array<LoopChannel, 2> channels; ///< left, right
    double delay_frames = 0.0;           ///< both channels' mean
    /// What is wrong with the wiring, in words; empty: nothing, and delay_frames holds.
    std::string problem;
};

/// The error: the recording is too short, or the clock points can't be used.
[[nodiscard]] Result<LoopMeasurement> measure_loop(const LoopRecording& recording);

} // namespace overbias::audio
