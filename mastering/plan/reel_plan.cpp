// SPDX-License-Identifier: Apache-2.0
#include "mastering/plan/reel_plan.hpp"

#include <algorithm>
#include <filesystem>

namespace overbias::mastering {

std::string PlanTrack::name() const {
    return title.empty() ? std::filesystem::path(file).filename().string() : title;
}

int ReelPlan::reels() const noexcept {
    return sides.empty() ? 0 : reel_of(sides.size() - 1);
}

int ReelPlan::reel_of(std::size_t side) const noexcept {
    int reel = 1;
    for (std::size_t i = 1; i <= side && i < sides.size(); ++i) {
        reel += sides[i].new_tape ? 1 : 0;
    }
    return reel;
}

std::size_t ReelPlan::tracks() const noexcept {
    std::size_t all = 0;
    for (const PlanSide& side : sides) {
        all += side.tracks.size();
    }
    return all;
}

TapeSpan ReelPlan::gap_before(std::size_t side, std::size_t track) const {
    return sides.at(side).tracks.at(track).gap.value_or(gap);
}

} // namespace overbias::mastering
