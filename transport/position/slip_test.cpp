// SPDX-License-Identifier: Apache-2.0
#include "transport/position/slip_test.hpp"

#include "transport/position/figures.hpp"

#include <cmath>

namespace overbias::transport {

namespace {
constexpr double kStudersFigure = 0.001; // A80/R
}

Result<std::string> SlipTest::begin(double place_m, PositionKnowledge knowledge) {
    if (knowledge != PositionKnowledge::Known) {
        return Error{"slip test: the counter is doubtful: zero it while the tape stands, then begin again"};
    }
    under_way_ = true;
    doubtful_ = away_ = false;
    mark_m_ = last_m_ = place_m;
    travelled_m_ = 0.0;
    passes_ = 0;
    return "Draw a chalk mark on the back of the tape where it passes a fixed edge (a guide near the roller). Wind "
           "away "
           "and locate back to " +
           length_text(place_m) + ", as many times as you like, " + length_text(config_.least_travel_m) +
           " of travel or more together. Stop there and measure how far the mark lies from the edge: plus when it lies "
           "beyond in the direction of play, minus when it has not come so far.";
}

void SlipTest::observe(double place_m, PositionKnowledge knowledge) noexcept {
    if (!under_way_) {
        return;
    }
    doubtful_ = doubtful_ || knowledge != PositionKnowledge::Known;
    travelled_m_ += std::abs(place_m - last_m_);
    last_m_ = place_m;
    const double from_mark_m = std::abs(place_m - mark_m_);
    if (from_mark_m > config_.away_m) {
        away_ = true;
    } else if (away_ && from_mark_m < 0.5 * config_.away_m) {
        away_ = false;
        ++passes_;
    }
}

Result<SlipTestResult> SlipTest::finish(double place_m, double mark_beyond_m, double reading_error_m) {
    if (!under_way_) {
        return Error{"slip test: not begun: begin it while the tape stands, and draw the mark"};
    }
    observe(place_m, PositionKnowledge::Known);
    if (doubtful_) {
        under_way_ = false;
        return Error{
            "slip test: the counter lost edges or became doubtful on the way, so the result would mean nothing: "
            "mend the tach, zero the counter and begin again"};
    }
    if (!std::isfinite(mark_beyond_m) || !(reading_error_m > 0.0) || !std::isfinite(reading_error_m)) {
        return Error{"slip test: the distance of the mark must be a number and the reading error above 0, got " +
                     length_text(mark_beyond_m) + " and " + length_text(reading_error_m)};
    }
    if (passes_ < 1 || travelled_m_ < config_.least_travel_m) {
        return Error{"slip test: the tape has travelled " + length_text(travelled_m_) + " and been away and back " +
                     std::to_string(passes_) + " times; needed are " + length_text(config_.least_travel_m) +
                     " and once at least: wind away and locate back to " + length_text(mark_m_)};
    }
    SlipTestResult result;
    result.travelled_m = travelled_m_;
    result.passes = passes_;
    const double lost_m = mark_beyond_m - (place_m - mark_m_);
    result.net_slip = lost_m / travelled_m_;
    result.uncertainty = std::hypot(reading_error_m, 1.0 / config_.edges_per_metre) / travelled_m_;
    result.carry_on = std::abs(result.net_slip) + result.uncertainty;
    if (std::abs(result.net_slip) > 0.1) {
        return Error{"slip test: the mark would be off by " + percent_text(result.net_slip) +
                     " of the travel: that is not slip but another mark, another unit (metres are expected) or a tach "
                     "that does not count: look again, then give the distance once more"};
    }
    under_way_ = false;
    result.passed = result.carry_on <= kStudersFigure;
    result.message =
        "The mark is off by " + signed_length_text(lost_m) + " after " + length_text(travelled_m_) + " of travel (" +
        std::to_string(passes_) + (passes_ == 1 ? " pass" : " passes") + "): net slip " +
        figure(100.0 * result.net_slip, 3) + " % +- " + figure(100.0 * result.uncertainty, 3) + " %. " +
        (result.passed ? "Within 0.1 %, the figure Studer states for the A80/R."
                       : "Above 0.1 %, the figure Studer states for the A80/R: clean the roller (it may be "
                         "glazed), check its bearing and the tape's wrap round it, then test again.");
    return result;
}

} // namespace overbias::transport
