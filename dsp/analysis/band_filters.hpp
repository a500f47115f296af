// SPDX-License-Identifier: Apache-2.0
// The inner loop of BandEnergies, on whatever vector unit there is: eight cascades side by side.
#pragma once

#include "dsp/analysis/band_energies.hpp"

#include <array>
#include <cstddef>

namespace overbias::dsp {

inline constexpr std::size_t kBandLanes = 8; ///< lane 2 * band + channel
inline constexpr std::size_t kBandSections = 4;

/// Digital silence would let the filters' states decay into denormal numbers, which cost a hundred times as much. Noise
/// 240 dB below full scale keeps them away and reaches no figure.
inline constexpr std::size_t kBandFloor = 64;

struct BandFilters {
    using Lanes = std::array<float, kBandLanes>;
    /// Transposed direct form II: y = b0 x + s1, s1' = b1 x + minus_a1 y + s2, s2' = b2 x + minus_a2 y.
    struct alignas(64) Section {
        Lanes b0{}, b1{}, b2{}, minus_a1{}, minus_a2{}, s1{}, s2{};
    };
    std::array<Section, kBandSections> sections{};
    alignas(32) Lanes previous{}; ///< the frame before, L, R, L, R ...
    std::array<float, kBandFloor> floor{};
    std::size_t floor_at = 0;
    std::size_t hop_frames = 1;
    float emphasis = 0.0F;                       ///< time constant in samples
    alignas(32) Lanes low{};                     ///< the signal below where the low emphasis ends
    float low_share = 0.0F, low_emphasis = 0.0F; ///< what its pole takes of a sample; times it is added
};

/// Reads 2 * hop_frames * hops samples, interleaved.
void band_filters(BandFilters& filters, const float* interleaved, HopEnergy* out, std::size_t hops) noexcept;

} // namespace overbias::dsp
