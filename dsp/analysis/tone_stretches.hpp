// SPDX-License-Identifier: Apache-2.0
// ToneStretches: where in a recording steady tones are, such as those of a calibration tape, and which.
//
// The signal is looked at in segments of about 0.17 s (Hann window, power spectrum). A segment is a tone when at least
// half of its power lies within 15 % of one frequency: wide enough for a tone with flutter of 10 %, too narrow for
// noise or speech. Segments of one frequency (2 %) and one level (3 dB) in a row are a stretch; a single odd one
// between them (a drop-out) belongs to it. Voice, noise and silence are what lies between stretches.
// One channel. Thread: one. Allocates as stretches are found.
#pragma once

#include "dsp/analysis/fft.hpp"

#include <complex>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace overbias::dsp {

struct ToneStretch {
    double start_s = 0.0, duration_s = 0.0; ///< true to a segment at either end: measure 0.2 s away from both
    double frequency_hz = 0.0;              ///< centre of its power; measure it for more than 0.5 %
    double level_dbfs = 0.0;                ///< of the sine, full-scale sine 0
};

class ToneStretches {
  public:
    static constexpr double kLeast_s = 1.0; ///< shorter ones are notes

    /// Throws std::invalid_argument when the rate is not positive.
    explicit ToneStretches(double rate_hz);
    void process(std::span<const float> samples);
    /// What has been found so far, in order; the one that goes on included.
    [[nodiscard]] std::vector<ToneStretch> found() const;

  private:
    struct Look {
        double frequency_hz, power; ///< no tone: frequency 0
    };
    struct Run {
        std::uint64_t first, last;
        double frequency_sum, power_sum;
        std::uint64_t count;
        [[nodiscard]] bool fits(const Look& look, double bin_hz) const noexcept;
        void add(const Look& look, std::uint64_t segment) noexcept;
    };
    [[nodiscard]] Look look();
    void take(const Look& look);
    void close();
    [[nodiscard]] std::optional<ToneStretch> stretch_of(const Run& run) const;

    double rate_hz_;
    RealFft fft_;
    std::vector<float> window_, gathered_, windowed_;
    std::vector<std::complex<float>> bins_;
    std::size_t filled_ = 0;
    std::uint64_t segment_ = 0;
    std::optional<Run> run_, next_; ///< next: of the odd segment just seen
    std::vector<ToneStretch> found_;
};

} // namespace overbias::dsp
