// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/screwdriver.hpp"

#include <algorithm>
#include <utility>

namespace overbias::deck_sim {

Screwdriver::Screwdriver(std::function<double()> position, std::function<void(double)> set, Hand hand,
                         std::uint64_t seed)
    : position_(std::move(position)), set_(std::move(set)), hand_(hand), random_(seed * 17 + 1) {
}

void Screwdriver::turn(double by) {
    const double turned =
        by * (1.0 + hand_.overshoot * random_.uniform()) + hand_.tremor * (2.0 * random_.uniform() - 1.0);
    ahead_ += turned;
    const double half = hand_.play / 2.0;
    const double moved = ahead_ > half ? ahead_ - half : ahead_ < -half ? ahead_ + half : 0.0;
    ahead_ = std::clamp(ahead_, -half, half);
    if (moved != 0.0) {
        set_(std::clamp(position_() + moved, 0.0, 1.0));
    }
}

} // namespace overbias::deck_sim
