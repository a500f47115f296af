// SPDX-License-Identifier: Apache-2.0
// Figures of one analysis frame (about 85 ms) of what was sent beside what came: powers in third octaves, delay, and
// how each sent channel is found in each returned one. Powers are mean squares (a full-scale sine is 0.5).
#pragma once

#include "dsp/analysis/delay_estimator.hpp"
#include "dsp/analysis/fft.hpp"
#include "dsp/analysis/fft_of_four.hpp"
#include "dsp/analysis/fft_of_two.hpp"
#include "dsp/analysis/third_octave.hpp"

#include <array>
#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace overbias::mastering {

inline constexpr std::size_t kBands = 26; ///< 50 Hz to 16 kHz
using BandPowers = std::array<float, kBands>;
/// Twelfth octaves, four in each third (IEC 61260-1: for an even fraction the edges are those of the octave's thirds),
/// from 20 Hz to 20 kHz. At the bottom a band is narrower than a bin and may hold none.
inline constexpr std::size_t kFineBands = 120;
inline constexpr std::size_t kFirstFine = 14; ///< the fine band in which the third octave of 50 Hz begins
using FinePowers = std::array<float, kFineBands>;
using FineCross = std::array<std::complex<float>, kFineBands>;

struct FrameFigures {
    std::array<BandPowers, 2> sent{}, came{};
    std::array<double, 2> sent_power{}, came_power{}; ///< all bands
    /// Mean fourth power over mean square of what was sent: a cubic saturation x - c x^3 takes away c times this.
    /// Plain, and with the record emphasis, which drives the tape at high frequencies.
    std::array<double, 2> drive{}, emphasised_drive{};
    std::array<double, 2> emphasised_peak{}, emphasised_power{}; ///< largest square and mean square with that emphasis
    /// The emphasised one band by band, behind the emphasis undone: noise loses the same in all of them, a cymbal over
    /// a bass much more in its own.
    std::array<BandPowers, 2> band_drive{};
    std::array<dsp::DelayEstimate, 2> delay{};          ///< samples of came behind sent, both as cut out
    std::array<double, 2> sent_middle{}, came_middle{}; ///< power in the delay estimator's band
    std::array<std::array<double, 2>, 2> cross{};       ///< [sent][came] in that band, at the delay, same unit
    std::array<FinePowers, 2> fine_sent{}, fine_came{};
    std::array<FineCross, 2> fine_cross{}; ///< conj(sent) came as cut out, the delay still in it
};

class FrameAnalyser {
  public:
    /// Nothing above highest_hz is looked at.
    explicit FrameAnalyser(double rate_hz, double highest_hz = 20000.0);

    [[nodiscard]] std::size_t frame_size() const noexcept { return size_; }
    [[nodiscard]] double rate_hz() const noexcept { return rate_hz_; }
    [[nodiscard]] const std::vector<double>& band_hz() const noexcept { return band_hz_; } ///< nominal, of the thirds
    /// Mean frequency of a fine band's bins; 0 where it holds none.
    [[nodiscard]] double fine_hz(std::size_t band) const noexcept;

    /// Both spans 2 * frame_size() samples, interleaved; `delay_guess` in samples, of each channel.
    void analyse(std::span<const float> sent, std::span<const float> came, std::array<double, 2> delay_guess,
                 FrameFigures& out);
    /// Fills only came, fine_came and came_power.
    void analyse_return(std::span<const float> came, FrameFigures& out);
    /// After analyse(): the strongest match of a channel within +-reach samples of the guess.
    [[nodiscard]] dsp::DelayEstimate search(int channel, double delay_guess, double reach);
    /// The same in the lowest part of that band, which still holds together where the delay moves within the frame.
    [[nodiscard]] dsp::DelayEstimate search_low(int channel, double delay_guess, double reach);
    /// After analyse() or analyse_return(): mean square around a frequency, +-width, in what came on a channel.
    [[nodiscard]] double came_power_near(int channel, double frequency_hz, double width_hz) const noexcept;
    [[nodiscard]] double sent_power_near(int channel, double frequency_hz, double width_hz) const noexcept;
    /// After analyse(): the strongest bin of what was sent on either channel, between bins.
    [[nodiscard]] double sent_tone_hz() const noexcept;
    /// After analyse(): right against left around a frequency, what came against what was sent: a complex number whose
    /// angle is that phase (late is negative) and whose size is the product of the four amplitudes.
    [[nodiscard]] std::complex<double> right_against_left(double frequency_hz, double width_hz) const noexcept;

  private:
    using Spectrum = std::vector<std::complex<float>>;
    void sum_cross(std::size_t channel, FineCross& out) const noexcept;
    void sum_fine(const Spectrum& bins, FinePowers& fine, BandPowers& thirds, double& whole) const noexcept;
    void transform(std::span<const float> interleaved, std::size_t channel, Spectrum& out);
    void tell_drive(std::span<const float> sent, FrameFigures& out);
    void drive_of_bands(std::size_t channel, const BandPowers& power, BandPowers& out);
    [[nodiscard]] double power_near(const Spectrum& bins, double frequency_hz, double width_hz) const noexcept;

    double rate_hz_;
    std::size_t size_;
    dsp::RealFft fft_;
    dsp::FftOfFour both_; ///< sent and came at once
    dsp::FftOfTwo cube_fft_;
    std::vector<double> band_hz_;
    std::array<std::size_t, kFineBands + 1> fine_bin_{}; ///< first bin of each
    dsp::DelayEstimator delay_, low_delay_;
    std::vector<float> window_, windowed_, cube_;
    std::array<Spectrum, 2> sent_, came_, cube_bins_;
    std::vector<dsp::TwoFactors> held_; ///< a step's spectrum, bin by bin
    float scale_;                       ///< |bin|^2 to mean square
    std::size_t drive_step_;
    float emphasis_, short_wave_;
};

} // namespace overbias::mastering
