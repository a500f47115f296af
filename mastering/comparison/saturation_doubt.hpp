// SPDX-License-Identifier: Apache-2.0
// Whether a hole in loud programme may be the tape's saturation. While one signal drives the tape to its limit a
// smaller one beside it is lost, all its bands about alike, until the half wave is over; the whole stays as loud as the
// tape can be. A flat drop-out takes the whole down with it; one by spacing takes the highs most and the lows hardly.
#pragma once

#include "dsp/analysis/band_energies.hpp"
#include "mastering/comparison/energy_track.hpp"

#include <array>
#include <cstdint>

namespace overbias::mastering {

/// What a hole that is in doubt looks like.
struct DoubtfulHole {
    int channel = 0;
    std::int64_t first_hop = 0;                      ///< of what was sent
    std::int64_t hops = 0;                           ///< its length
    double place = 0.0;                              ///< of first_hop in what came
    std::array<double, dsp::kEnergyBands> fall_db{}; ///< positive; 0: not judged or did not fall
    double depth_db = 0.0;
    double least_db = 6.0;                             ///< by which the whole band must have fallen
    double taken_db = 0.0;                             ///< from a half wave by saturation, more than around
    std::array<double, dsp::kEnergyBands> usual{};     ///< came over sent, as around it
    std::array<double, dsp::kEnergyBands> noise_hop{}; ///< of the tape, mean energy of a hop
};

/// The peak, in units of where the tape bends, beside which a small signal loses so much power: cosh^4.
[[nodiscard]] double drive_of_strain(float strain) noexcept;
/// What a tape like tanh takes of such a peak itself: the whole falls by that as well, 7 dB where all small signals are
/// lost.
[[nodiscard]] double taken_from_peaks_db(float strain) noexcept;

/// True when saturation explains the hole: it is short or not shaped like a spacing loss, and the whole band did not
/// fall.
[[nodiscard]] bool saturation_explains(const EnergyTrack& sent, const EnergyTrack& came, const DoubtfulHole& hole,
                                       double hops_per_s);

} // namespace overbias::mastering
