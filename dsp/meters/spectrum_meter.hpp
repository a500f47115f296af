// SPDX-License-Identifier: Apache-2.0
// SpectrumMeter: live spectrum of one channel, as lines of a windowed Fourier transform and as third octaves.
//
// Every update the newest `fft_size` samples are windowed and transformed. Lines are levels of the sine that stands on
// the bin (amplitude through the window's sum, so noise reads by its share a bin); between two bins a line reads up to
// 1.4 dB (Hann) or 0.8 dB (Blackman-Harris) low. Third octaves (dsp/analysis/third_octave.hpp) add powers and divide by
// the window's power: a sine reads its level in one band wherever its bin falls, noise its power in the band. All in
// dBFS with a full-scale sine at 0; -200 where nothing is.
// Average: first order on powers, by update. Peak hold: a peak stays `hold_s`, then falls `decay_db_per_s` until the
// reading is above it.
// Thread: one. Allocates in the constructor only. No standard; band edges IEC 61260-1.
#pragma once

#include "dsp/analysis/fft.hpp"
#include "dsp/analysis/third_octave.hpp"

#include <complex>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace overbias::dsp {

enum class SpectrumWindow { hann, blackman_harris };

struct SpectrumConfig {
    double rate_hz = 48000.0;
    std::size_t fft_size = 16384; ///< a power of two, 4096 to 65536
    SpectrumWindow window = SpectrumWindow::hann;
    double updates_per_s = 20.0;
    double average_s = 0.0; ///< time constant of the average; 0: every update stands for itself
    double hold_s = 1.0;
    double decay_db_per_s = 20.0;
    double highest_hz = 20000.0; ///< nominal centre of the highest third octave; cut to what the rate holds
};

class SpectrumMeter {
  public:
    /// Throws std::invalid_argument.
    explicit SpectrumMeter(const SpectrumConfig& config);
    void process(std::span<const float> samples) noexcept;

    /// Line k is k * rate / fft_size, k = 0 ... fft_size / 2.
    [[nodiscard]] std::span<const float> lines_dbfs() const noexcept { return lines_.level; }
    [[nodiscard]] std::span<const float> line_peaks_dbfs() const noexcept { return lines_.peak; }
    /// Third octaves; the lowest is the first one wide enough for the window, five bins (Hann: 20 Hz from 65536 samples
    /// at 48 kHz) or eight.
    [[nodiscard]] const std::vector<double>& band_nominal_hz() const noexcept { return bands_of_.nominal_hz(); }
    [[nodiscard]] std::span<const float> bands_dbfs() const noexcept { return bands_.level; }
    [[nodiscard]] std::span<const float> band_peaks_dbfs() const noexcept { return bands_.peak; }
    /// Transforms done so far: tells a reader whether anything is new.
    [[nodiscard]] std::uint64_t updates() const noexcept { return updates_; }
    /// Lets all peaks fall to the reading at the next update.
    void forget_peaks() noexcept;

  private:
    struct Display {
        std::vector<float> power, level, peak;
        std::vector<std::uint32_t> held; ///< updates since the peak was reached
        explicit Display(std::size_t size);
    };
    void update() noexcept;
    void show(Display& display, std::span<const float> power) const noexcept;

    RealFft fft_;
    ThirdOctaveBands bands_of_;
    std::size_t hop_, to_hop_, filled_ = 0, next_ = 0;
    std::vector<float> window_, ring_, frame_, line_power_, band_power_;
    std::vector<std::complex<float>> bins_;
    float line_scale_, band_scale_, newest_share_, fall_db_;
    std::uint32_t hold_updates_;
    Display lines_, bands_;
    std::uint64_t updates_ = 0;
};

} // namespace overbias::dsp
