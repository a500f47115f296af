// SPDX-License-Identifier: Apache-2.0
// Setting bias by overbias where its adjuster can be set from here: which position to read next, from what was read so
// far. From under-bias up through the peak at the test frequency, on to the far side until the output has dropped by
// what the stock asks for (Handbook for Sound Engineers ch. 28). No time, no I/O: the caller sets position(), waits for
// the tape to reach the reproduce head, and tells what it read. Positions: 0 to 1, more is more bias; what a step gives
// is not known and need not be even. Thread: any one.
#pragma once

#include "calibration/procedure/peak_fit.hpp"

#include <optional>
#include <string>
#include <vector>

namespace overbias::calibration {

struct OverbiasTarget {
    double drop_db = 3.0;      ///< below the peak, on the far side
    double tolerance_db = 0.1; ///< either way
};

class BiasSearch {
  public:
    enum class State { Working, Done, Failed };

    /// `position`: where bias stands. `step`: the least that the adjuster can move by.
    BiasSearch(const OverbiasTarget& target, double position, double step);
    /// Where bias was set before and its peak was found: reads both again, and goes on only when the drop is not right
    /// any more.
    BiasSearch(const OverbiasTarget& target, double position, double step, double peak_position);
    /// Where another alignment of this deck has found the peak, and left bias.
    struct LastTime {
        double peak = 0.0, left_at = 0.0; ///< positions
    };
    /// Begins around that peak, and looks for it as ever when it is not there any more. `position`: where bias stands.
    [[nodiscard]] static BiasSearch from_last_time(const OverbiasTarget& target, double position, double step,
                                                   const LastTime& last);

    [[nodiscard]] State state() const noexcept { return state_; }
    /// To be set, and the output at the test frequency read there; when the search is done, where bias stays.
    [[nodiscard]] double position() const noexcept { return position_; }
    /// The next reading decides: it is worth averaging for longer.
    [[nodiscard]] bool decides() const noexcept { return phase_ == Phase::Confirm || phase_ == Phase::PeakAgain; }
    /// The next reading is one of those that the peak is fitted through.
    [[nodiscard]] bool fits() const noexcept { return phase_ == Phase::Fill; }
    void add(double level_db);

    /// The level is that of the curve fitted through the readings.
    [[nodiscard]] const std::optional<LevelAt>& peak() const noexcept { return peak_; }
    /// Below the peak, as last read; 0 until there is a peak.
    [[nodiscard]] double drop_db() const noexcept { return drop_db_; }
    /// What is going on, for the operator: "past the peak, 1.2 dB to go"; when it failed, why and what to do.
    [[nodiscard]] const std::string& words() const noexcept { return words_; }

  private:
    enum class Phase { LastTime, Down, Up, Fill, Seek, PeakAgain, Confirm };
    [[nodiscard]] double snapped(double position) const noexcept;
    [[nodiscard]] LevelAt highest() const noexcept;
    [[nodiscard]] bool fallen(bool above) const noexcept;
    void down();
    void up();
    void begin_fill();
    void filled();
    void seek();
    void far_side(double level_db);
    void fail(std::string why);

    OverbiasTarget target_;
    double step_;
    double position_;
    double origin_; ///< where it stood at first
    Phase phase_ = Phase::Down;
    State state_ = State::Working;
    std::vector<LevelAt> points_;
    std::vector<double> to_fill_; ///< positions, the next one last
    std::optional<LevelAt> peak_;
    std::optional<LevelAt> nearer_, further_; ///< on the far side: the points next to the drop that is looked for
    double width_1db_ = 0.05;
    double drop_db_ = 0.0;
    int fills_ = 0, seeks_ = 0;
    std::string words_ = "looking for the peak: reducing to under-bias";
};

} // namespace overbias::calibration
