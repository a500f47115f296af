// SPDX-License-Identifier: Apache-2.0
#include "transport/position/tach_calibration.hpp"

#include "base/units.hpp"
#include "transport/position/figures.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace overbias::transport {

TachCalibration::TachCalibration(double edges_per_metre) : edges_per_metre_(edges_per_metre) {
    if (!(edges_per_metre > 0.0)) {
        throw std::invalid_argument("tach calibration: edges_per_metre must be above 0, got " +
                                    std::to_string(edges_per_metre));
    }
}

double TachCalibration::least_length_m(double reading_error_m) const noexcept {
    return std::hypot(1.0 / edges_per_metre_, reading_error_m) / kMostUncertainty;
}

Result<std::string> TachCalibration::begin(double place_m, PositionKnowledge knowledge) {
    if (knowledge != PositionKnowledge::Known) {
        return Error{"tach calibration: the counter is doubtful: zero it while the tape stands, then begin again"};
    }
    under_way_ = true;
    doubtful_ = false;
    from_m_ = last_m_ = furthest_m_ = place_m;
    back_m_ = 0.0;
    // 5 m with 1 mm of reading error are 0.04 %
    return "Draw a mark on the back of the tape where it passes a fixed edge (a guide near the roller). Play some "
           "metres "
           "(at least " +
           length_text(least_length_m(0.001)) +
           " with a rule read to 1 mm; 5 m are better), stop, and draw a second mark at the same edge. Do not move the "
           "tape back. Measure from mark to mark along the tape, and give the length.";
}

void TachCalibration::observe(double place_m, PositionKnowledge knowledge) noexcept {
    if (!under_way_) {
        return;
    }
    doubtful_ = doubtful_ || knowledge != PositionKnowledge::Known;
    last_m_ = place_m;
    furthest_m_ = std::max(furthest_m_, place_m);
    back_m_ = std::max(back_m_, furthest_m_ - place_m);
}

Result<TachCalibrationResult> TachCalibration::finish(double place_m, double length_m, double reading_error_m) {
    const auto refused = [](const std::string& why) { return Error{"tach calibration: " + why}; };
    if (!under_way_) {
        return refused("not begun: begin it while the tape stands, and draw the first mark");
    }
    observe(place_m, PositionKnowledge::Known);
    if (doubtful_) {
        under_way_ = false;
        return refused("the tach lost edges or the counter became doubtful on the way: mend the tach, zero the counter "
                       "and begin again");
    }
    if (!std::isfinite(length_m) || !(length_m > 0.0) || !(reading_error_m > 0.0) || !(reading_error_m < length_m)) {
        return refused("the length must be above 0 and the reading error above 0 and below the length, got " +
                       length_text(length_m) + " and " + length_text(reading_error_m));
    }
    const double edges = (place_m - from_m_) * edges_per_metre_;
    const double edge_m = 1.0 / edges_per_metre_;
    if (edges <= -2.0) {
        under_way_ = false;
        return refused("the count ran backwards by " + figure(-edges, 0) +
                       " edges while the tape went forward: the two phases are exchanged, or the direction line is the "
                       "wrong way round; exchange them in the profile or at the plug and begin again");
    }
    if (edges < 2.0) {
        return refused("no edges were counted over " + length_text(length_m) +
                       " of tape: does the roller turn, is the tach wired?");
    }
    if (back_m_ > 2.0 * edge_m && back_m_ > 0.01 * (place_m - from_m_)) {
        under_way_ = false;
        return refused("the tape was moved back by " + length_text(back_m_) +
                       " on the way: begin again and only play forward");
    }
    TachCalibrationResult result;
    result.edges = edges;
    result.edges_per_metre = edges / length_m;
    result.edges_per_inch = result.edges_per_metre * kMetresPerInch;
    result.uncertainty = std::hypot(1.0 / edges, reading_error_m / length_m);
    if (result.uncertainty > kMostUncertainty) {
        return refused("too short: " + figure(edges, 0) + " edges over " + length_text(length_m) + " read to " +
                       length_text(reading_error_m) + " give it only to " + percent_text(result.uncertainty) +
                       ", wanted is " + percent_text(kMostUncertainty) + ": play on to at least " +
                       length_text(std::hypot(length_m / edges, reading_error_m) / kMostUncertainty) +
                       " and measure again");
    }
    under_way_ = false;
    const double ratio = result.edges_per_metre / edges_per_metre_;
    result.message = figure(result.edges_per_metre, 2) + " edges a metre (" + figure(result.edges_per_inch, 3) +
                     " an inch) +- " + percent_text(result.uncertainty) + ": " + figure(edges, 0) + " edges over " +
                     length_text(length_m) + ", read to " + length_text(reading_error_m) + ". Until now " +
                     figure(edges_per_metre_, 2) + " were used, " + figure(100.0 * (ratio - 1.0), 2) + " % off.";
    for (const double multiple : {2.0, 4.0, 0.5, 0.25}) {
        if (std::abs(ratio / multiple - 1.0) < 0.05) {
            result.message += " That is " + figure(multiple, 2) +
                              " times as many: one figure may count pulses, the other both edges of both phases.";
        }
    }
    return result;
}

} // namespace overbias::transport
