// SPDX-License-Identifier: Apache-2.0
// A test signal as a sound file, from its first sample on. What has neither beginning nor end (sine, square, multitone,
// noise) is faded in and out over 10 ms by raised cosines, so that it can be played without a click; a sequence, a
// sweep and bursts have edges of their own. The same signal, options and seed give the same file, bit for bit.
#pragma once

#include "audio/oscillator.hpp"
#include "base/result.hpp"
#include "dsp/generator/signal.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>

namespace overbias::audio {

struct SignalFileOptions {
    int sample_rate_hz = 48000;
    int channels = 2; ///< 1 or 2
    OscillatorChannels carrying = OscillatorChannels::Both;
    int bits = 24;            ///< as SoundFileFormat
    double duration_s = 30.0; ///< not for a sequence or a sweep: they last as long as they say
    std::uint64_t seed = 1;   ///< of noise and dither
    bool overwrite = false;
};

/// Frames that the file will have.
[[nodiscard]] std::int64_t signal_frames(const dsp::Signal& signal, const SignalFileOptions& options);

/// The error is one line: the signal can't be played at this rate, the file can't be written. Nothing is left behind
/// then, nor when `keep_on` (asked some times a second of signal) has said false; that is an error too.
[[nodiscard]] Result<void> write_signal_file(const std::filesystem::path& path, const dsp::Signal& signal,
                                             const SignalFileOptions& options,
                                             const std::function<bool()>& keep_on = {});

} // namespace overbias::audio
