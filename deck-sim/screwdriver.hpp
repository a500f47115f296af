// SPDX-License-Identifier: Apache-2.0
// Screwdriver: an operator's hand on one screw, for tests that play the operator: it turns further than it was told to,
// and the screw has play, so that the first bit of a turn the other way moves nothing. Thread: any one.
#pragma once

#include "deck-sim/magnetics/noise.hpp"

#include <cstdint>
#include <functional>

namespace overbias::deck_sim {

class Screwdriver {
  public:
    struct Hand {
        double play = 0.01;      ///< of the screw, in positions (its whole range is 1)
        double overshoot = 0.15; ///< a turn is up to this share longer
        double tremor = 0.0005;  ///< and off by up to this, either way
    };
    /// `position` and `set`: where the screw stands, 0 to 1, and how it gets elsewhere.
    Screwdriver(std::function<double()> position, std::function<void(double)> set, Hand hand, std::uint64_t seed = 1);

    /// "A little up": turns by about `by` positions.
    void turn(double by);

  private:
    std::function<double()> position_;
    std::function<void(double)> set_;
    Hand hand_;
    magnetics::Random random_;
    double ahead_ = 0; ///< of the hand before the screw, within half the play
};

} // namespace overbias::deck_sim
