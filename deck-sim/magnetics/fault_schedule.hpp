// SPDX-License-Identifier: Apache-2.0
// When and where the faults of the signal path happen. Times become places here: a drop-out asked for at a moment is
// the stretch of tape that was at the record head then. Thread: the timeline's; nothing allocates after construction.
#pragma once

#include "deck-sim/faults.hpp"
#include "deck-sim/motion.hpp"
#include "deck-sim/settings.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace overbias::deck_sim::magnetics {

class Card;
class RecordChain;
class TapeDefects;

class FaultSchedule {
  public:
    FaultSchedule(const Settings& settings, std::span<const Fault> faults);

    /// Prepares what the faults need and places those that are given as places of the tape.
    void prepare(TapeDefects& defects);
    /// Puts into effect what happens in the step.
    void process(const MotionStep& step, Card& card, RecordChain& record, TapeDefects& defects) noexcept;
    /// Faults in programme time count from here, those of an earlier programme that are still to come are forgotten.
    void programme_starts(double time_s) noexcept;
    [[nodiscard]] const std::vector<Fault>& faults() const noexcept { return faults_; }

  private:
    [[nodiscard]] std::optional<double> place_at(double time_s) const noexcept;

    static constexpr std::size_t kSteps = 4096; ///< remembered, 4 s of them
    double speed_m_s_;
    double sample_rate_hz_, capture_rate_hz_;
    std::vector<Fault> faults_;
    std::vector<char> done_;
    bool all_done_ = false;
    std::optional<double> programme_s_;
    std::array<MotionStep, kSteps> past_{};
    std::size_t steps_ = 0;
};

} // namespace overbias::deck_sim::magnetics
