// SPDX-License-Identifier: Apache-2.0
// Short-term energy of a stereo signal in a few bands, hop by hop: what drop-outs are looked for in.
//
// One walk over the samples: eight filters side by side (three bands and the whole signal, both channels), four
// second-order sections each, their squares summed over hops of a fraction of a millisecond. Besides, the peak of the
// signal with the record emphasis: of one time constant at high frequencies and, where the standard has it, of another
// at low ones. It says how far the tape was driven. Bands are Butterworth
// 4th order at each edge, but for the lowest, 6th order below and 2nd above: bass is the loudest of most programmes and
// must not leak into it. Thread: one. Allocates in the constructor only.
#pragma once

#include "dsp/analysis/biquad.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <span>

namespace overbias::dsp {

struct BandEnergyConfig {
    double rate_hz = 48000.0;
    std::size_t hop_frames = 12;
    std::array<double, 4> edges_hz{400.0, 3000.0, 7000.0, 16000.0}; ///< three bands between them
    double emphasis_s = 35e-6;                                      ///< time constant of the peak's emphasis
    double low_emphasis_s = 0.0;                                    ///< that of low frequencies, down to 10 Hz; 0: none
};

/// Sums of squares over one hop; lane 2 * band + channel, band 3 is everything above 20 Hz.
struct HopEnergy {
    std::array<float, 8> energy{};
    std::array<float, 2> emphasised_peak{};
    std::array<float, 2> unused{};
};

inline constexpr std::size_t kEnergyBands = 3;
inline constexpr std::size_t kWholeBand = 3;

class BandEnergies {
  public:
    explicit BandEnergies(const BandEnergyConfig& config);
    ~BandEnergies();

    /// Feeds whole hops: interleaved.size() == 2 * hop_frames * out.size().
    void process(std::span<const float> interleaved, std::span<HopEnergy> out) noexcept;
    void reset() noexcept;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace overbias::dsp
