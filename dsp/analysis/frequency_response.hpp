// SPDX-License-Identifier: Apache-2.0
// Frequency response of a deck, three ways.
//
//  - From a logarithmic sweep (A. Farina, "Simultaneous measurement of impulse response and distortion with a
//  swept-sine
//    technique", AES 108th convention, 2000): the capture divided by the sweep gives the impulse response, which is cut
//    out around its peak, without the images of the harmonics (they lie T ln(k) / ln(f2 / f1) earlier) and most of the
//    noise.
//  - From a series of tones: level of each, block by block at its own frequency, so that flutter does not lower it.
//  - From programme: each frame of the capture is brought into step with its reference (programme_follower.hpp), above
//    2 kHz in frames of 11 ms on the line between, else wow would look like a loss at high frequencies. Flutter faster
//    than 5 Hz is not followed and does: 20 log10 of exp(-(2 pi f t)^2 / 2), t its delay's rms, so 0.3 dB at 12.5 kHz
//    for 3.3 us, which is 0.035 % peak at 12 Hz. Then, summed over frames and over each third octave,
//    H = Sxy / Sxx,  coherence = |Sxy|^2 / (Sxx Syy),  standard error of |H| = sqrt((1 - coherence) / (2 n coherence))
//    (J. Bendat, A. Piersol, "Random Data", chapter 9), n the count of independent pieces. What is not coherent (noise,
//    distortion) does not lift H as it would a ratio of spectra; coherence and error say where there was programme
//    enough.
//
// Levels in dB of capture over reference, as they are: the caller takes his reference frequency's away.
// Thread: one. These allocate: not for the audio thread.
#pragma once

#include "dsp/analysis/programme_follower.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace overbias::dsp {

struct ResponsePoint {
    double frequency_hz = 0.0;
    double level_db = 0.0;
    double coherence = 1.0; ///< 0 ... 1, 1 where it is not measured
    double error_db = 0.0;  ///< standard error, 0 where it is not known
};

struct SweepResponseConfig {
    double rate_hz = 48000.0;
    double from_hz = 20.0, to_hz = 20000.0;
    double duration_s = 10.0;
    double before_s = 0.1; ///< of the impulse response before its peak that counts
    double after_s = 0.3;  ///< and after it; harmonics k are duration_s ln(k) / ln(to / from) before it
    double points_per_octave = 6.0;
};

struct SweepResponse {
    bool found = false;                ///< the impulse response stands 20 dB over the rest
    double delay_s = 0.0;              ///< of the capture's beginning to the sweep's
    bool reversed = false;             ///< the peak is negative
    std::vector<ResponsePoint> points; ///< from from_hz to to_hz
};

/// `capture` begins before the sweep in it or at most before_s after; the sweep is that of the generator at level_dbfs.
[[nodiscard]] SweepResponse response_from_sweep(std::span<const float> capture, double level_dbfs,
                                                const SweepResponseConfig& config);

struct ToneLevel {
    double frequency_hz = 0.0; ///< 0: there is no tone near the one asked for
    double level_dbfs = 0.0;   ///< peak of a sine
    double spread_db = 0.0;    ///< standard deviation over blocks of 20 ms
};

/// Level of a tone within 5 % of nominal_hz; 0.1 s or more.
[[nodiscard]] ToneLevel tone_level(std::span<const float> samples, double rate_hz, double nominal_hz);

/// What is left of a series when what was sent is taken away, dB; tones that were not found are left out.
struct SentTone {
    double frequency_hz = 0.0, level_dbfs = 0.0;
    std::span<const float> captured;
};
[[nodiscard]] std::vector<ResponsePoint> response_from_tones(std::span<const SentTone> tones, double rate_hz);

class ProgrammeResponse {
  public:
    /// Third octaves of these nominal centres. Frames of 85 ms tell nothing worth knowing below 100 Hz.
    ProgrammeResponse(double rate_hz, double lowest_hz = 100.0, double highest_hz = 16000.0);

    /// lag: by how many samples the capture is later, within +-reach. Bands without any programme are left out.
    [[nodiscard]] std::vector<ResponsePoint> measure(std::span<const float> reference, std::span<const float> capture,
                                                     double lag, double reach);
    /// Of the last measure(): share of the stretch in which the capture was found.
    [[nodiscard]] double used_share() const noexcept { return used_share_; }

  private:
    struct Sums;
    struct Place {
        double middle = 0.0, lag = 0.0; ///< samples of the reference; of the capture after it
    };
    void transform(std::span<const float> samples, std::size_t at, std::span<std::complex<float>> bins);
    void add_short(std::span<const float> reference, std::span<const float> capture, Place from, Place to, Sums& sums);

    double rate_hz_, lowest_hz_, highest_hz_;
    ProgrammeFollower follower_;
    RealFft short_fft_;
    std::vector<float> short_window_, time_;
    std::vector<std::complex<float>> x_, y_;
    double used_share_ = 0.0;
};

} // namespace overbias::dsp
