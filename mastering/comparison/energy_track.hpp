// SPDX-License-Identifier: Apache-2.0
// The newest seconds of a stream's short-term energies. Hop h holds frames h * hop_frames ... (h + 1) * hop_frames - 1
// of the stream.
#pragma once

#include "dsp/analysis/band_energies.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace overbias::mastering {

/// Lanes of dsp::HopEnergy as plain sums.
using LaneEnergies = std::array<float, 8>;

class EnergyTrack {
  public:
    EnergyTrack(const dsp::BandEnergyConfig& config, double keep_s);

    /// The same frames as FrameRing::push(); a jump starts the filters afresh.
    void push(std::int64_t first_frame, std::span<const float> interleaved);

    [[nodiscard]] std::int64_t begin() const noexcept { return begin_; }
    [[nodiscard]] std::int64_t end() const noexcept { return end_; }
    [[nodiscard]] const dsp::HopEnergy& at(std::int64_t hop) const noexcept {
        return hops_[static_cast<std::size_t>(hop & mask_)];
    }
    /// Energies of `hops` hops from a place between hops on (linear between neighbours); the hops must be there.
    [[nodiscard]] LaneEnergies sum(double first_hop, int hops) const noexcept;
    [[nodiscard]] bool has(double first_hop, int hops) const noexcept {
        return first_hop >= static_cast<double>(begin_) && first_hop + hops + 1 < static_cast<double>(end_);
    }

  private:
    void restart(std::int64_t frame);
    dsp::BandEnergies bank_;
    std::size_t hop_frames_;
    std::vector<dsp::HopEnergy> hops_;
    std::vector<dsp::HopEnergy> fresh_;
    std::vector<float> rest_; ///< frames of a hop that is not complete
    std::int64_t mask_, begin_ = 0, end_ = 0;
    std::int64_t next_frame_ = -1;
    std::int64_t skip_ = 0; ///< frames until the next hop begins
};

} // namespace overbias::mastering
