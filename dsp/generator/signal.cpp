// SPDX-License-Identifier: Apache-2.0
#include "dsp/generator/signal.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::dsp {
namespace {

using Kind = Signal::Kind;

constexpr double kHighest = 0.45;           // of the sample rate
constexpr double kLoudestPink_dbfs = -12.0; // its peaks, 13 dB over the rms once in many hours, stay below full scale
constexpr double kLoudestWhite_dbfs = -2.0;

/// What is wrong; nullptr: nothing. `came` gets the figure that is.
struct Fault {
    const char* expected = nullptr;
    double came = 0.0;
};

Fault wrong_tone(double frequency_hz, double level_dbfs, double rate_hz) noexcept {
    if (!(frequency_hz > 0.0 && frequency_hz <= kHighest * rate_hz)) {
        return {"expected frequencies above 0 Hz and up to 0.45 of the sample rate", frequency_hz};
    }
    if (!(level_dbfs <= 0.0)) {
        return {"expected levels of 0 dBFS or less", level_dbfs};
    }
    return {};
}

Fault wrong_tones(const Signal& signal, double rate_hz) noexcept {
    if (signal.tone_count == 0 || signal.tone_count > Signal::kMostTones) {
        return {"expected 1 to 32 tones", static_cast<double>(signal.tone_count)};
    }
    double peak = 0.0;
    for (std::size_t n = 0; n < signal.tone_count; ++n) {
        const SignalTone& tone = signal.tones[n];
        if (const Fault fault = wrong_tone(tone.frequency_hz, tone.level_dbfs, rate_hz); fault.expected != nullptr) {
            return fault;
        }
        if (signal.kind == Kind::Sequence && !(tone.duration_s >= 0.02 && tone.gap_s >= 0.0)) {
            return {"expected tones of 0.02 s or more and gaps of 0 s or more", tone.duration_s};
        }
        peak += std::pow(10.0, tone.level_dbfs / 20.0);
    }
    if (signal.kind == Kind::Multitone && peak > 1.0) {
        return {"expected tones whose peaks add up to full scale or less, dBFS", 20.0 * std::log10(peak)};
    }
    return {};
}

Fault wrong(const Signal& signal, double rate_hz) noexcept {
    switch (signal.kind) {
    case Kind::Silence:
        return {};
    case Kind::Sine:
        return wrong_tone(signal.frequency_hz, signal.level_dbfs, rate_hz);
    case Kind::Square:
        if (!(signal.level_dbfs <= -2.0)) {
            return {"expected a square of -2 dBFS or less, it overshoots by 1.6 dB", signal.level_dbfs};
        }
        return wrong_tone(signal.frequency_hz, signal.level_dbfs, rate_hz);
    case Kind::Sequence:
    case Kind::Multitone:
        return wrong_tones(signal, rate_hz);
    case Kind::Sweep: {
        const Fault end = wrong_tone(signal.end_hz, signal.level_dbfs, rate_hz);
        if (end.expected != nullptr || !(signal.duration_s >= 0.1)) {
            return end.expected != nullptr ? end : Fault{"expected a sweep of 0.1 s or more", signal.duration_s};
        }
        if (signal.frequency_hz == signal.end_hz) {
            return {"expected a sweep between two frequencies", signal.end_hz};
        }
        return wrong_tone(signal.frequency_hz, signal.level_dbfs, rate_hz);
    }
    case Kind::Burst:
        if (!(signal.on_s * rate_hz >= 1.0 && signal.off_s >= 0.0)) {
            return {"expected bursts of one sample or more and pauses of 0 s or more", signal.on_s};
        }
        return wrong_tone(signal.frequency_hz, signal.level_dbfs, rate_hz);
    case Kind::WhiteNoise:
        return signal.level_dbfs <= kLoudestWhite_dbfs
                   ? Fault{}
                   : Fault{"expected white noise of -2 dBFS or less", signal.level_dbfs};
    case Kind::PinkNoise:
        return signal.level_dbfs <= kLoudestPink_dbfs
                   ? Fault{}
                   : Fault{"expected pink noise of -12 dBFS or less", signal.level_dbfs};
    }
    return {"expected a kind of signal that there is", static_cast<double>(signal.kind)};
}

Signal with_tones(Kind kind, std::span<const SignalTone> tones) {
    Signal signal{.kind = kind};
    signal.tone_count = std::min(tones.size(), Signal::kMostTones);
    std::copy_n(tones.begin(), signal.tone_count, signal.tones.begin());
    return signal;
}

} // namespace

Signal sine_signal(double frequency_hz, double level_dbfs) {
    return {.kind = Kind::Sine, .level_dbfs = level_dbfs, .frequency_hz = frequency_hz};
}

Signal square_signal(double frequency_hz, double level_dbfs) {
    return {.kind = Kind::Square, .level_dbfs = level_dbfs, .frequency_hz = frequency_hz};
}

Signal sweep_signal(double from_hz, double to_hz, double duration_s, double level_dbfs) {
    return {.kind = Kind::Sweep,
            .level_dbfs = level_dbfs,
            .frequency_hz = from_hz,
            .end_hz = to_hz,
            .duration_s = duration_s};
}

Signal burst_signal(double frequency_hz, double level_dbfs, double on_s, double off_s) {
    return {.kind = Kind::Burst, .level_dbfs = level_dbfs, .frequency_hz = frequency_hz, .on_s = on_s, .off_s = off_s};
}

Signal noise_signal(Kind white_or_pink, double level_dbfs) {
    return {.kind = white_or_pink, .level_dbfs = level_dbfs};
}

Signal sequence_signal(std::span<const SignalTone> tones, bool repeats) {
    Signal signal = with_tones(Kind::Sequence, tones);
    signal.repeats = repeats;
    return signal;
}

Signal multitone_signal(std::span<const SignalTone> tones) {
    return with_tones(Kind::Multitone, tones);
}

std::string signal_complaint(const Signal& signal, double rate_hz) {
    const Fault fault = wrong(signal, rate_hz);
    return fault.expected == nullptr
               ? std::string()
               : "generator: " + std::string(fault.expected) + ", got " + std::to_string(fault.came);
}

bool rt_playable(const Signal& signal, double rate_hz) noexcept {
    return wrong(signal, rate_hz).expected == nullptr;
}

} // namespace overbias::dsp
