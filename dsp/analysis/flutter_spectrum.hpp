// SPDX-License-Identifier: Apache-2.0
// Spectrum of the speed deviation and its lines, each with the rotating part it belongs to.
//
// Hann-windowed frames, half overlapping, their powers averaged; a line is a local maximum that stands `above_db` over
// the median of its neighbourhood. Frequency and height, as the peak of a sine in percent, come from the highest bin
// and the higher one beside it, exactly for a steady sine: with a their ratio, it lies d = (2 a - 1) / (a + 1) bins
// away, and the highest bin shows sin(pi d) / (pi d (1 - d^2)) of it, the transform of the Hann window. A line is named
// by the part whose turn, or one of its first `harmonics` multiples, lies within a bin and 1 % of it; of several, the
// lowest multiple, then the nearest. Thread: one; allocates in the constructor only.
#pragma once

#include "dsp/analysis/fft.hpp"

#include <array>
#include <complex>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace overbias::dsp {

/// Something that turns: capstan, pinch roller, supply reel. Frequency: turns a second at the speed measured.
struct RotatingPart {
    std::string name;
    double frequency_hz = 0.0;
};

struct FlutterLine {
    static constexpr std::size_t kNoPart = std::numeric_limits<std::size_t>::max();
    double frequency_hz = 0.0;
    double peak_percent = 0.0;
    std::size_t part = kNoPart; ///< index into the parts, kNoPart: none of them
    unsigned harmonic = 0;      ///< 1: once a turn
};

struct FlutterSpectrumConfig {
    double rate_hz = 2000.0; ///< of the deviation
    double frame_s = 8.0; ///< resolution is 1.5 / frame_s; rounded down to an even count of samples with small factors
    double highest_hz = 200.0;
    double above_db = 12.0;
    double least_percent = 0.0005;
    unsigned harmonics = 6;
};

class FlutterSpectrum {
  public:
    static constexpr std::size_t kMostLines = 32;

    /// Throws std::invalid_argument for a rate or a frame that is not above 0.
    explicit FlutterSpectrum(const FlutterSpectrumConfig& config);

    [[nodiscard]] std::size_t frame() const noexcept { return fft_.size(); }
    [[nodiscard]] double bin_hz() const noexcept { return bin_hz_; }

    /// Deviations (relative) in the order of time, at least frame() of them, else there are no lines.
    void analyse(std::span<const float> deviation, std::span<const RotatingPart> parts);

    /// Peak of a sine in each bin, percent; bin k is k * bin_hz().
    [[nodiscard]] std::span<const float> percent() const noexcept { return percent_; }
    /// Highest first.
    [[nodiscard]] std::span<const FlutterLine> lines() const noexcept { return {lines_.data(), count_}; }

  private:
    void name(FlutterLine& line, std::span<const RotatingPart> parts) const noexcept;
    void find_lines(std::span<const RotatingPart> parts);

    FlutterSpectrumConfig config_;
    RealFft fft_;
    double bin_hz_;
    std::vector<float> window_, frame_, percent_, neighbours_;
    std::vector<std::complex<float>> bins_;
    std::array<FlutterLine, kMostLines> lines_{};
    std::size_t count_ = 0;
};

} // namespace overbias::dsp
