// SPDX-License-Identifier: Apache-2.0
// Plans and sound files for the tests of reel plans: a tape and a deck with round figures, and files whose levels are
// known because they were written so.
#pragma once

#include "mastering/plan/plan_check.hpp"
#include "mastering/plan/reel_plan_text.hpp"
#include "written_file.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace overbias::mastering::testing {

inline constexpr double kRate_hz = 48000.0;
inline constexpr double kOperating_dbfs = -12.0; ///< a sine sent at this level is recorded at operating level

/// A sine that begins and ends in a file of silence.
struct Burst {
    double frequency_hz = 1000.0;
    double peak_dbfs = -20.0;
    double from_s = 0.0, to_s = 0.0;
    double phase_rad = 0.0;
    bool left = true, right = true;
};

class PlanRig {
  public:
    /// Stereo, 24 bit.
    std::string file(const std::string& name, double duration_s, const std::vector<Burst>& bursts = {},
                     int rate_hz = 48000);
    std::filesystem::path folder() const { return folder_.path(); }
    audio::testing::SoundFolder& sounds() { return folder_; }

    /// One side with these files; a plan with nothing against it. 100 ft: 80 s at 15 ips.
    [[nodiscard]] static ReelPlan plan(const std::vector<std::string>& files);
    /// Card of 48 kHz, a stock with MOL and SOL, a deck that is lined up and was aligned yesterday.
    [[nodiscard]] static PlanCheckContext context();
    [[nodiscard]] static tape::TapeStock stock();
    [[nodiscard]] static PlanDeck deck();

  private:
    audio::testing::SoundFolder folder_;
};

/// Kinds of findings, in order.
[[nodiscard]] std::vector<std::string> kinds(const std::vector<PlanFinding>& findings);
/// The first of a kind; a test fails that has none.
[[nodiscard]] PlanFinding finding(const std::vector<PlanFinding>& findings, const std::string& kind);

} // namespace overbias::mastering::testing
