// SPDX-License-Identifier: Apache-2.0
// Where a side of a plan lies on its tape, and where its tracks do. Counter places are metres from the beginning of the
// reel, its leader included. Private to the check.
#pragma once

#include "mastering/plan/plan_check.hpp"

#include <map>
#include <optional>
#include <string>

namespace overbias::mastering {

class SidePlaces {
  public:
    SidePlaces(const PlanCheckContext& context, const std::vector<PlanFile>& files);

    /// `tape_end_m`: to where this tape has been printed on by the sides before. The lengths of a side that can't be
    /// laid out (a file is missing) are 0.
    [[nodiscard]] PlanSideCheck place(const ReelPlan& plan, std::size_t side, double tape_end_m) const;
    /// Least gap at which a print can go on; empty: the head block's distance is not known.
    [[nodiscard]] std::optional<double> least_gap_s(const ReelPlan& plan) const;

  private:
    void place_tracks(const ReelPlan& plan, double record_from_m, PlanSideCheck& out) const;

    const PlanCheckContext& context_;
    std::map<std::string, audio::SoundFileInfo> infos_; ///< of the files that could be read
};

} // namespace overbias::mastering
