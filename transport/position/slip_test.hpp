// SPDX-License-Identifier: Apache-2.0
// The slip test by a chalk mark, guided: a mark on the tape is wound away and brought back; how far it then lies from
// where it was drawn, less what the counter says, is what the roller has lost on the way.
//   net slip = (true displacement - displacement by the counter) / tape travelled, either way
//   its uncertainty = sqrt(reading error^2 + edge^2) / travel
// That is the share the counter's uncertainty grows by (TapeCounterConfig::slip). It shows what does not come back:
// slip that differs between winding and playing, starts and stops, a glazed roller. A roller that slips by the same
// share both ways comes back true; that is part of edges_per_metre and shows in the calibration by a measured length
// (tach_calibration.hpp). Source of the test: RTZ users' chalk mark (groupdiy.com 66694); of the comparison: 0.1 %, the
// figure Studer states for the A80/R (deploy.doczz.net/doc/5740441). Pure. Thread: any, one at a time.
#pragma once

#include "base/result.hpp"
#include "transport/machine.hpp"

#include <string>

namespace overbias::transport {

struct SlipTestConfig {
    double edges_per_metre = 630.0;
    double least_travel_m = 100.0; ///< there and back together: 1 mm of reading is then 1e-5
    double away_m = 5.0;           ///< further than this from the mark is away; returned from there is a pass
};

struct SlipTestResult {
    double net_slip = 0.0;    ///< share of the travel; positive: the tape ran further forward than was counted
    double uncertainty = 0.0; ///< same unit
    double travelled_m = 0.0;
    int passes = 0;        ///< times away and back
    double carry_on = 0.0; ///< what to set the counter's slip to: |net slip| + uncertainty
    bool passed = false;   ///< not above 0.1 %, uncertainty included
    std::string message;   ///< for the operator: result, comparison, what to do
};

class SlipTest {
  public:
    explicit SlipTest(const SlipTestConfig& config) : config_(config) {}

    /// The tape stands, the mark is being drawn. Answers what to do next.
    Result<std::string> begin(double place_m, PositionKnowledge knowledge);
    /// Every few milliseconds while the tape moves: counts travel and passes.
    void observe(double place_m, PositionKnowledge knowledge) noexcept;
    [[nodiscard]] bool under_way() const noexcept { return under_way_; }
    [[nodiscard]] double travelled_m() const noexcept { return travelled_m_; }
    [[nodiscard]] int passes() const noexcept { return passes_; }
    [[nodiscard]] double mark_m() const noexcept { return mark_m_; }
    /// `mark_beyond_m`: how far the mark lies beyond where it was drawn, in the direction of play; negative: it has not
    /// come so far. Ends the test when it succeeds. The error says what is missing.
    Result<SlipTestResult> finish(double place_m, double mark_beyond_m, double reading_error_m = 0.001);

  private:
    SlipTestConfig config_;
    bool under_way_ = false;
    bool doubtful_ = false;
    bool away_ = false;
    double mark_m_ = 0.0, last_m_ = 0.0, travelled_m_ = 0.0;
    int passes_ = 0;
};

} // namespace overbias::transport
