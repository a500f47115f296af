// SPDX-License-Identifier: Apache-2.0
// What a generator is to play. Levels are dBFS; a full-scale sine is 0 dBFS. Sines, sweeps, bursts and each tone of
// several by their peak; noise by its rms re that of a full-scale sine; a square by the height of its flat parts.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>

namespace overbias::dsp {

struct SignalTone {
    double frequency_hz = 1000.0;
    double level_dbfs = -20.0;
    double duration_s = 30.0; ///< in a sequence
    double gap_s = 0.0;       ///< silence after it, in a sequence
};

struct Signal {
    enum class Kind {
        Silence,
        Sine,
        Square,     ///< band-limited: flat to 0.38 of the sample rate, nothing folded back above -80 dB
        Sequence,   ///< tones one after the other, each faded in and out over 5 ms
        Sweep,      ///< logarithmic, frequency_hz to end_hz in duration_s, faded over 10 ms at both ends
        Burst,      ///< sine on for on_s from a zero crossing, off for off_s
        Multitone,  ///< all tones at once, phases pi k^2 / N (Newman) to keep the peaks low
        WhiteNoise, ///< evenly distributed values: peaks 4.8 dB over the rms
        PinkNoise,  ///< -3.01 dB an octave from 20 Hz to 20 kHz or 0.45 of the sample rate
    };
    static constexpr std::size_t kMostTones = 32;

    Kind kind = Kind::Silence;
    double level_dbfs = -20.0;
    double frequency_hz = 1000.0;
    double end_hz = 20000.0;
    double duration_s = 10.0;
    double on_s = 0.01, off_s = 0.99;
    std::array<SignalTone, kMostTones> tones{};
    std::size_t tone_count = 0;
    bool repeats = false; ///< sequence and sweep begin again; else silence follows
};

[[nodiscard]] Signal sine_signal(double frequency_hz, double level_dbfs);
[[nodiscard]] Signal square_signal(double frequency_hz, double level_dbfs);
[[nodiscard]] Signal sweep_signal(double from_hz, double to_hz, double duration_s, double level_dbfs);
[[nodiscard]] Signal burst_signal(double frequency_hz, double level_dbfs, double on_s, double off_s);
[[nodiscard]] Signal noise_signal(Signal::Kind white_or_pink, double level_dbfs);
/// Of the tones the first kMostTones.
[[nodiscard]] Signal sequence_signal(std::span<const SignalTone> tones, bool repeats = false);
[[nodiscard]] Signal multitone_signal(std::span<const SignalTone> tones);

/// Empty when it can be played at this rate, else what is wrong, what was expected and what came.
[[nodiscard]] std::string signal_complaint(const Signal& signal, double rate_hz);
/// The same without the words.
[[nodiscard]] bool rt_playable(const Signal& signal, double rate_hz) noexcept;

} // namespace overbias::dsp
