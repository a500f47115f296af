// SPDX-License-Identifier: Apache-2.0
#include "controller/analysers/analyser_parts.hpp"

#include <algorithm>
#include <numbers>
#include <string>
#include <utility>

namespace overbias::controller {

namespace {

void add_reel(std::vector<TurningPart>& to, const char* name, double speed_m_s, const std::optional<double>& measured_m,
              const std::optional<double>& reckoned_m) {
    const std::optional<double> radius_m = measured_m ? measured_m : reckoned_m;
    if (radius_m && *radius_m > 0.0) {
        to.push_back({{name, speed_m_s / (2.0 * std::numbers::pi * *radius_m)},
                      measured_m ? "the reel's own tach" : "tape on the reel by the counter, hub and thickness"});
    }
}

} // namespace

std::vector<TurningPart> turning_parts(const tape::DeckProfile& profile, double speed_m_s,
                                       const std::optional<TapeOnReels>& tape, const transport::ReelReport* report) {
    std::vector<TurningPart> parts;
    if (!(speed_m_s > 0.0)) {
        return parts;
    }
    for (const tape::RotatingPartFigure& each : profile.rotating_parts) {
        parts.push_back({{each.name, speed_m_s / (each.circumference_mm.value * 1e-3)}, each.circumference_mm.source});
    }
    for (const auto& [key, figure] : profile.direct_drive.figures) {
        if (key == "capstan_circumference_m") {
            parts.push_back({{"capstan", speed_m_s / figure.value}, figure.source});
        }
    }
    std::optional<double> supply_m, take_up_m;
    if (tape) {
        const double wound_m = std::clamp(tape->place_m, 0.0, tape->geometry.tape_length_m);
        supply_m = transport::pack_radius_m(tape->geometry, tape->geometry.tape_length_m - wound_m);
        take_up_m = transport::pack_radius_m(tape->geometry, wound_m);
    }
    const transport::ReelReport none;
    const transport::ReelReport& reels = report != nullptr ? *report : none;
    add_reel(parts, "supply reel", speed_m_s, reels.supply.radius_m, supply_m);
    add_reel(parts, "take-up reel", speed_m_s, reels.take_up.radius_m, take_up_m);
    return parts;
}

} // namespace overbias::controller
