// SPDX-License-Identifier: Apache-2.0
// Filters behind the speed demodulator: weighting, unweighted, wow and flutter bands, side by side.
//
// Weighting of IEC 60386 / DIN 45507 / AES6-2008, 0 dB at 4 Hz. With s = j f, f in Hz,
//   H(s) = G  s / (s + 1.697178)  s^2 / (s^2 + s 0.433224 / 0.681107 + 0.433224^2)  1 / (1 + s / 6.049238)
//          (1 + s / 10.537819) / (1 + s / 19.569680)  (1 + s / 52.784153) / (1 + s / 89.473041)
//          (1 + s / 52.784157) / (1 + s / 33.412582).
// How it was found: the standard gives points, no network. The ten corners were fitted to the 17 points of 0.1 to 200
// Hz for the least largest error in dB (16th-power norm, Nelder-Mead from 400 random starts; 0.1 Hz counts 0.6). What
// is left, at most 0.18 dB but for 0.21 dB at 0.1 Hz, is the points' own unevenness between 20 and 200 Hz,
// where 4.5, 5.8, 4.6 and 5.7 dB an octave follow each other; the same order with fewer corners gives 0.19 (two pairs)
// and 0.27 dB (one pair). The gain peaks at 3.5 Hz, 0.036 dB above that at 4 Hz.
//
// From s to z: second-order high-pass by the bilinear transform (cookbook, see biquad.hpp); a first-order corner keeps
// its pole, z = e^(-2 pi p / rate), and its gain at 0 Hz, and gets the zero that gives the right gain at 200 Hz.
// Unweighted 0.3-200 Hz, wow 0.3-6 Hz, flutter 6-200 Hz: flat, -3 dB at the edges, Butterworth 4th order at the upper
// and at 6 Hz, 2nd order at 0.3 Hz so that the start of a recording is forgotten within seconds.
//
// Thread: one; no allocation after construction.
#pragma once

#include "dsp/analysis/biquad.hpp"

#include <array>
#include <vector>

namespace overbias::dsp {

enum FlutterBand : unsigned { kWeighted, kUnweighted, kWow, kFlutter };
inline constexpr std::size_t kFlutterBands = 4;

/// Sections of one band at a rate of the deviation of 1 kHz or more. Throws std::invalid_argument below.
[[nodiscard]] std::vector<BiquadCoefficients> flutter_band_sections(FlutterBand band, double rate_hz);

class FlutterFilters {
  public:
    explicit FlutterFilters(double rate_hz);
    /// One deviation in, one value for each band out, same unit.
    [[nodiscard]] std::array<float, kFlutterBands> rt_process(double deviation) noexcept;
    void rt_reset() noexcept;

  private:
    static constexpr std::size_t kSections = 4;
    // lane = band; two registers of two doubles: SSE on amd64, NEON on arm64, without naming either
    using Pair = double __attribute__((vector_size(16)));
    using Lanes = std::array<Pair, 2>;
    struct Section {
        Lanes b0, b1, b2, a1, a2;
    };
    std::array<Section, kSections> sections_{};
    std::array<Lanes, kSections> s1_{}, s2_{};
    double floor_ = 1e-30; ///< keeps denormal numbers out of the states; 570 dB below the least flutter there is
};

} // namespace overbias::dsp
