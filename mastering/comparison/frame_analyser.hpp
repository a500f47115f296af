// SPDX-License-Identifier: Apache-2.0
// Figures of one analysis frame (about 85 ms) of what was sent beside what came: powers in third octaves, delay, and
// how each sent channel is found in each returned one. Powers are mean squares (a full-scale sine is 0.5).
#pragma once

#include "dsp/analysis/delay_estimator.hpp"
#include "dsp/analysis/fft.hpp"
#include "dsp/analysis/third_octave.hpp"

#include <array>
#include <span>
#include <vector>

namespace overbias::mastering {

inline constexpr std::size_t kBands = 26; ///< 50 Hz to 16 kHz
using BandPowers = std::array<float, kBands>;

struct FrameFigures {
    std::array<BandPowers, 2> sent{}, came{};
    std::array<double, 2> sent_power{}, came_power{}; ///< all bands
    /// Mean fourth power over mean square of what was sent: a cubic saturation x - c x^3 takes away c times this.
    /// Plain, and with the record emphasis, which drives the tape at high frequencies.
    std::array<double, 2> drive{}, emphasised_drive{};
    std::array<double, 2> emphasised_peak{}, emphasised_power{}; ///< largest square and mean square with that emphasis
    std::array<dsp::DelayEstimate, 2> delay{};                   ///< samples of came behind sent, both as cut out
    std::array<double, 2> sent_middle{}, came_middle{};          ///< power in the delay estimator's band
    std::array<std::array<double, 2>, 2> cross{};                ///< [sent][came] in that band, at the delay, same unit
};

class FrameAnalyser {
  public:
    explicit FrameAnalyser(double rate_hz);

    [[nodiscard]] std::size_t frame_size() const noexcept { return size_; }
    [[nodiscard]] const dsp::ThirdOctaveBands& bands() const noexcept { return bands_; }

    /// Both spans 2 * frame_size() samples, interleaved; `delay_guess` in samples, of each channel.
    void analyse(std::span<const float> sent, std::span<const float> came, std::array<double, 2> delay_guess,
                 FrameFigures& out);
    /// Fills only came and came_power.
    void analyse_return(std::span<const float> came, FrameFigures& out);
    /// After analyse(): the strongest match of a channel within +-reach samples of the guess.
    [[nodiscard]] dsp::DelayEstimate search(int channel, double delay_guess, double reach);
    /// After analyse() or analyse_return(): mean square around a frequency, +-width, in what came on a channel.
    [[nodiscard]] double came_power_near(int channel, double frequency_hz, double width_hz) const noexcept;
    [[nodiscard]] double sent_power_near(int channel, double frequency_hz, double width_hz) const noexcept;

  private:
    using Spectrum = std::vector<std::complex<float>>;
    void transform(std::span<const float> interleaved, std::size_t channel, Spectrum& out);
    [[nodiscard]] double power_near(const Spectrum& bins, double frequency_hz, double width_hz) const noexcept;

    double rate_hz_;
    std::size_t size_;
    dsp::RealFft fft_;
    dsp::ThirdOctaveBands bands_;
    dsp::DelayEstimator delay_;
    std::vector<float> window_, windowed_;
    std::array<Spectrum, 2> sent_, came_;
    float scale_; ///< |bin|^2 to mean square
    float emphasis_, short_wave_;
};

} // namespace overbias::mastering
