// SPDX-License-Identifier: Apache-2.0
// Setting a trim whose reading rises with it (level, HF, LF) to a target: which position to read next, from what was
// read so far; and for a person who turns, what to do. No time, no I/O. Thread: any one.
#pragma once

#include "calibration/procedure/peak_fit.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace overbias::calibration {

struct LevelTarget {
    double level_db = 0.0;
    double tolerance_db = 0.1; ///< either way
};

/// Where the adjuster can be set from here. Positions: 0 to 1, more gives a higher reading.
class LevelSetting {
  public:
    enum class State { Working, Done, Failed };

    /// `position`: where it stands. `step`: the least that it can move by.
    LevelSetting(const LevelTarget& target, double position, double step);

    [[nodiscard]] State state() const noexcept { return state_; }
    /// To be set, and read there; when done, where it stays.
    [[nodiscard]] double position() const noexcept { return position_; }
    void add(double level_db);
    /// Target less reading.
    [[nodiscard]] double to_go_db() const noexcept { return to_go_db_; }
    /// It was moved since it began.
    [[nodiscard]] bool moved() const noexcept { return position_ != origin_; }
    /// "0.4 dB low"; when it failed, why and what to do.
    [[nodiscard]] const std::string& words() const noexcept { return words_; }

  private:
    LevelTarget target_;
    double step_;
    double position_, origin_;
    State state_ = State::Working;
    std::optional<LevelAt> before_, first_;
    double slope_db_; ///< a whole travel, as last seen
    double to_go_db_ = 0.0;
    int readings_ = 0;
    std::string words_;
};

/// Where a person turns.
class LevelGuide {
  public:
    /// Readings come evenly; so many within tolerance in a row, and it is done.
    LevelGuide(const LevelTarget& target, std::size_t hold_readings);

    void add(double level_db);
    [[nodiscard]] bool done() const noexcept { return held_ >= hold_readings_; }
    /// Target less reading: above 0 turn up.
    [[nodiscard]] double to_go_db() const noexcept { return to_go_db_; }
    /// "turn up a little: 0.3 dB".
    [[nodiscard]] const std::string& words() const noexcept { return words_; }

  private:
    LevelTarget target_;
    std::size_t hold_readings_;
    std::size_t held_ = 0;
    double to_go_db_ = 0.0;
    std::string words_ = "waiting for a reading";
};

} // namespace overbias::calibration
