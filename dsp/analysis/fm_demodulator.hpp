// SPDX-License-Identifier: Apache-2.0
// Speed of a tape from a recorded tone: frequency and level of one carrier, a few thousand times a second.
//
// A complex band-pass, the low-pass h shifted to the carrier, takes the tone's analytic signal out of the real samples
// and decimates it in the same step:  y[m] = sum over k of x[m D - k] h[k] e^(j w (k - middle)).  The frequency is the
// phase advance between two outputs, arg(y[m] conj(y[m-1])), less what the carrier advances in D samples; the level is
// |y|. That advance is the mean frequency over an output period T, which lowers flutter at f by sin(pi f T) / (pi f T);
// the first term of it is made good, d[m] - (d[m-1] - 2 d[m] + d[m+1]) / 24. h is symmetric, so that level flutter (AM)
// does not turn into speed. It is a Kaiser window design (J. F. Kaiser, "Nonrecursive digital filter design using the
// I0-sinh window function", 1974), 70 dB, with two zeros more at twice the carrier, where the tone's own negative
// frequency lies, and the droop of these zeros made good in the pass-band.
//
// Pass-band: +-10 % of the carrier and 40 Hz, for a deck at the wrong speed, or `widest_hz` of flutter and 3 % of the
// carrier, whichever is wider. The output rate is at least 2 kHz and the decimation odd: a flutter of 200 or 100 Hz
// then does not meet the samples always in the same phase, which would show a statistical detector few of its values.
//
// Thread: one. Allocates in the constructor only. A block may have any length.
#pragma once

#include "dsp/analysis/fm_filter.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace overbias::dsp {

struct FmDemodulatorConfig {
    double rate_hz = 48000.0;
    double carrier_hz = 3150.0;   ///< nominal, 1 to 13 kHz, below half the rate
    double widest_hz = 200.0;     ///< highest flutter frequency wanted; 0.4 of the carrier at most
    double power_memory_s = 10.0; ///< time constant of whole_power() and carrier_power()
};

struct FmSample {
    float deviation = 0.0F; ///< frequency / nominal carrier - 1
    float level = 0.0F;     ///< peak amplitude of the carrier, full scale 1
};

class FmDemodulator {
  public:
    /// Throws std::invalid_argument when carrier, rate and width do not go together.
    explicit FmDemodulator(const FmDemodulatorConfig& config);

    [[nodiscard]] double output_rate_hz() const noexcept { return output_rate_hz_; }
    [[nodiscard]] std::size_t decimation() const noexcept { return decimation_; }
    [[nodiscard]] std::size_t taps() const noexcept { return real_.size(); }
    /// Largest deviation that the pass-band holds, as in FmSample.
    [[nodiscard]] double widest_deviation() const noexcept { return widest_deviation_; }
    /// Outputs that so many samples give at most.
    [[nodiscard]] std::size_t most_outputs(std::size_t samples) const noexcept { return samples / decimation_ + 1; }

    /// Takes samples, writes what they complete (out.size() >= most_outputs(samples.size())), returns how many.
    std::size_t process(std::span<const float> samples, std::span<FmSample> out) noexcept;
    void reset() noexcept;

    /// Mean square of the samples, the last ones counting most, and of the carrier in them: their ratio is near 1 for a
    /// tone.
    [[nodiscard]] double whole_power() const noexcept { return samples_ > 0.0 ? whole_ / samples_ : 0.0; }
    [[nodiscard]] double carrier_power() const noexcept { return outputs_ > 0.0 ? carrier_ / outputs_ : 0.0; }

  private:
    static constexpr std::size_t kChunk = 2048;
    static constexpr std::size_t kUnsure = 4; ///< outputs until the first whole one, and that one

    std::size_t rt_chunk(std::span<const float> samples, FmSample* out) noexcept;

    std::size_t decimation_ = 1;
    double output_rate_hz_ = 0.0, widest_deviation_ = 0.0;
    float to_deviation_ = 0.0F;           ///< radians an output to relative frequency
    FmTurn turn_;                         ///< e^(j w D): the nominal advance
    std::vector<float> real_, imaginary_; ///< coefficients in the order of the samples
    std::vector<float> history_;          ///< samples not yet done with
    /// Of a chunk's outputs; what the next ones need of those before stands in front: one of re_, im_ and size_, two of
    /// deviation_.
    std::vector<float> re_, im_, deviation_, size_;
    std::size_t unsure_ = kUnsure;
    std::size_t kept_ = 0;   ///< samples in history_
    double forgotten_ = 0.0; ///< of the powers with each sample
    double whole_ = 0.0, carrier_ = 0.0, samples_ = 0.0, outputs_ = 0.0;
};

} // namespace overbias::dsp
