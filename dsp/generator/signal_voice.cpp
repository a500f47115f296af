// SPDX-License-Identifier: Apache-2.0
#include "dsp/generator/signal_voice.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace overbias::dsp {
namespace {

using Kind = Signal::Kind;

constexpr double kTwoPi = 2.0 * std::numbers::pi;
constexpr double kLevelRamp_s = 0.01, kToneEdge_s = 0.005, kSweepEdge_s = 0.01;

double amplitude_of(double dbfs) noexcept {
    return std::pow(10.0, dbfs / 20.0);
}

/// Raised cosine from 0 at the beginning to 1 after edge_s, and back to 0 at the end. All in seconds.
double edges(double at_s, double length_s, double edge_s) noexcept {
    const double inside = std::clamp(std::min(at_s, length_s - at_s) / edge_s, 0.0, 1.0);
    return 0.5 - 0.5 * std::cos(std::numbers::pi * inside);
}

double advanced(double& cycles, double step) noexcept {
    const double now = cycles;
    cycles += step;
    cycles -= std::floor(cycles);
    return now;
}

} // namespace

SignalVoice::SignalVoice(double rate_hz, std::uint64_t seed) : rate_hz_(rate_hz), noise_(rate_hz, seed) {
}

void SignalVoice::rt_start(const Signal& signal) noexcept {
    signal_ = signal;
    finished_ = false;
    at_ = step_ = 0;
    const bool noise = signal.kind == Kind::WhiteNoise || signal.kind == Kind::PinkNoise;
    level_ = wanted_level_ = amplitude_of(signal.level_dbfs) * (noise ? 1.0 / std::numbers::sqrt2 : 1.0);
    level_step_ = 0.0;
    oscillator_ = {0.0, signal.frequency_hz / rate_hz_, 1.0};
    noise_.rt_reset();
    const auto count = static_cast<double>(signal.tone_count);
    for (std::size_t n = 0; n < signal.tone_count; ++n) {
        const auto k = static_cast<double>(n);
        tones_[n] = {0.5 * k * k / count, signal.tones[n].frequency_hz / rate_hz_,
                     amplitude_of(signal.tones[n].level_dbfs)};
    }
    if (signal.kind == Kind::Sequence) {
        oscillator_.cycles_per_sample = tones_[0].cycles_per_sample;
    }
}

void SignalVoice::rt_retune(const Signal& signal) noexcept {
    signal_ = signal;
    oscillator_.cycles_per_sample = signal.frequency_hz / rate_hz_;
    wanted_level_ = amplitude_of(signal.level_dbfs);
    level_step_ = (wanted_level_ - level_) / (kLevelRamp_s * rate_hz_);
}

double SignalVoice::rt_level() noexcept {
    if (level_ != wanted_level_) {
        level_ += level_step_;
        if ((level_step_ > 0.0) == (level_ >= wanted_level_)) {
            level_ = wanted_level_;
        }
    }
    return level_;
}

double SignalVoice::rt_sequence() noexcept {
    if (finished_) {
        return 0.0;
    }
    const SignalTone& tone = signal_.tones[step_];
    const double at_s = static_cast<double>(at_++) / rate_hz_;
    double value = 0.0;
    if (at_s < tone.duration_s) {
        value = tones_[step_].amplitude * edges(at_s, tone.duration_s, kToneEdge_s) *
                std::sin(kTwoPi * advanced(oscillator_.cycles, oscillator_.cycles_per_sample));
    }
    if (static_cast<double>(at_) / rate_hz_ >= tone.duration_s + tone.gap_s) {
        at_ = 0;
        if (step_ + 1 < signal_.tone_count) {
            ++step_;
        } else if (signal_.repeats) {
            step_ = 0;
        } else {
            finished_ = true;
        }
        oscillator_ = {0.0, tones_[step_].cycles_per_sample, 1.0};
    }
    return value;
}

/// sin(2 pi f1 T / L (e^(t L / T) - 1)), L = ln(f2 / f1): the frequency is f1 (f2 / f1)^(t / T).
double SignalVoice::rt_sweep() noexcept {
    if (finished_) {
        return 0.0;
    }
    const double t = static_cast<double>(at_++) / rate_hz_;
    const double rise = std::log(signal_.end_hz / signal_.frequency_hz);
    const double cycles = signal_.frequency_hz * signal_.duration_s / rise * std::expm1(t * rise / signal_.duration_s);
    const double value = edges(t, signal_.duration_s, kSweepEdge_s) * std::sin(kTwoPi * (cycles - std::floor(cycles)));
    if (static_cast<double>(at_) / rate_hz_ >= signal_.duration_s) {
        at_ = 0;
        finished_ = !signal_.repeats;
    }
    return value;
}

double SignalVoice::rt_burst() noexcept {
    const auto on = static_cast<std::size_t>(std::lround(signal_.on_s * rate_hz_));
    const auto period = on + static_cast<std::size_t>(std::lround(signal_.off_s * rate_hz_));
    const double value =
        at_ < on ? std::sin(kTwoPi * advanced(oscillator_.cycles, oscillator_.cycles_per_sample)) : 0.0;
    if (++at_ >= period) {
        at_ = 0;
        oscillator_.cycles = 0.0;
    }
    return value;
}

/// Each tone as a rotation that starts from its true phase with every block: a sine and a cosine a block instead of a
/// sine a sample.
void SignalVoice::rt_multitone(std::span<float> out) noexcept {
    std::fill(out.begin(), out.end(), 0.0F);
    for (std::size_t k = 0; k < signal_.tone_count; ++k) {
        Oscillator& tone = tones_[k];
        double re = tone.amplitude * std::cos(kTwoPi * tone.cycles);
        double im = tone.amplitude * std::sin(kTwoPi * tone.cycles);
        const double turn_re = std::cos(kTwoPi * tone.cycles_per_sample);
        const double turn_im = std::sin(kTwoPi * tone.cycles_per_sample);
        for (float& x : out) {
            x += static_cast<float>(im);
            const double next = re * turn_re - im * turn_im;
            im = re * turn_im + im * turn_re;
            re = next;
        }
        tone.cycles += tone.cycles_per_sample * static_cast<double>(out.size());
        tone.cycles -= std::floor(tone.cycles);
    }
}

void SignalVoice::rt_fill(std::span<float> out) noexcept {
    const auto fill = [&](auto source) {
        for (float& x : out) {
            x = static_cast<float>(source());
        }
    };
    switch (signal_.kind) {
    case Kind::Silence:
        return std::fill(out.begin(), out.end(), 0.0F);
    case Kind::Sine:
        return fill([&] {
            return rt_level() * std::sin(kTwoPi * advanced(oscillator_.cycles, oscillator_.cycles_per_sample));
        });
    case Kind::Square:
        return fill([&] {
            const double now = advanced(oscillator_.cycles, oscillator_.cycles_per_sample);
            return rt_level() * square_.rt_at(now, oscillator_.cycles_per_sample);
        });
    case Kind::Sequence:
        return fill([&] { return rt_sequence(); });
    case Kind::Sweep:
        return fill([&] { return level_ * rt_sweep(); });
    case Kind::Burst:
        return fill([&] { return level_ * rt_burst(); });
    case Kind::Multitone:
        return rt_multitone(out);
    case Kind::WhiteNoise:
        return fill([&] { return level_ * noise_.rt_white(); });
    case Kind::PinkNoise:
        return fill([&] { return level_ * noise_.rt_pink(); });
    }
}

} // namespace overbias::dsp
