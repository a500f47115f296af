// SPDX-License-Identifier: Apache-2.0
// One signal from its beginning: what a generator fades to and away from.
#pragma once

#include "dsp/generator/noise_source.hpp"
#include "dsp/generator/signal.hpp"
#include "dsp/generator/square_source.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace overbias::dsp {

/// Thread: one. Allocates in the constructor only.
class SignalVoice {
  public:
    SignalVoice(double rate_hz, std::uint64_t seed);

    void rt_start(const Signal& signal) noexcept;
    /// A sine or square goes on in its phase with another frequency and, over 10 ms, level.
    void rt_retune(const Signal& signal) noexcept;
    void rt_fill(std::span<float> out) noexcept;

    [[nodiscard]] Signal::Kind kind() const noexcept { return signal_.kind; }
    /// A sequence or sweep that does not repeat has come to its end.
    [[nodiscard]] bool finished() const noexcept { return finished_; }
    /// Of a sequence: the tone now playing or, in its gap, played last.
    [[nodiscard]] std::size_t step() const noexcept { return step_; }

  private:
    struct Oscillator {
        double cycles = 0.0, cycles_per_sample = 0.0, amplitude = 0.0;
    };
    double rt_sequence() noexcept;
    double rt_sweep() noexcept;
    double rt_burst() noexcept;
    double rt_level() noexcept;
    void rt_multitone(std::span<float> out) noexcept;

    double rate_hz_;
    NoiseSource noise_;
    SquareSource square_;
    Signal signal_;
    Oscillator oscillator_;
    std::array<Oscillator, Signal::kMostTones> tones_{};
    double level_ = 0.0, wanted_level_ = 0.0, level_step_ = 0.0;
    std::size_t at_ = 0, step_ = 0; ///< samples into the sweep, burst or tone; tone of the sequence
    bool finished_ = false;
};

} // namespace overbias::dsp
