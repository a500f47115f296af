// SPDX-License-Identifier: Apache-2.0
// Flutter: how the tape's speed departs from what the drive gives it, as a share f(t) of that speed. Wow once a turn of
// the supply reel, a sine at the capstan's frequency, one at each turn of the tape roller, and scrape flutter: Gaussian
// noise from 20 to 200 Hz. Thread: the timeline's.
#pragma once

#include "deck-sim/settings.hpp"

#include <array>
#include <cstdint>

namespace overbias::deck_sim {

class Flutter {
  public:
    explicit Flutter(const Settings& settings);

    struct Step {
        double at_end = 0; ///< f at the end of the step
        double mean = 0;   ///< mean of f over the step, to fourth order, so that place and speed agree
    };
    /// One step of kStep_s. `supply_turn_rad_s`: of the supply reel; `speed_m_s`: of the tape over the roller.
    Step step(double supply_turn_rad_s, double speed_m_s) noexcept;

    /// One more sine from now on, beginning at its zero: `peak` is a share of the speed. The last one that was given
    /// counts.
    void add_wow(double hz, double peak) noexcept;

    static constexpr double kStep_s = 0.001;

  private:
    /// Second-order section, transposed direct form II.
    struct Section {
        double b0 = 0, b1 = 0, b2 = 0, a1 = 0, a2 = 0;
        double s1 = 0, s2 = 0;
        double filter(double in) noexcept;
    };
    double next_scrape() noexcept;
    double next_gaussian() noexcept;

    double wow_peak_, capstan_peak_, roller_peak_;
    double capstan_rad_step_;
    double supply_rad_ = 0, capstan_rad_ = 0, roller_rad_ = 0;
    double added_peak_ = 0, added_rad_ = 0, added_rad_step_ = 0;
    double sines_ = 0; ///< at the end of the last step
    std::array<Section, 3> scrape_filter_;
    double scrape_gain_ = 0;
    std::array<double, 4> scrape_{}; ///< at the ends of the last step, this one, and one ahead
    std::uint64_t random_;
};

} // namespace overbias::deck_sim
