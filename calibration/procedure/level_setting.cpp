// SPDX-License-Identifier: Apache-2.0
#include "calibration/procedure/level_setting.hpp"

#include "base/figure.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace overbias::calibration {

namespace {

constexpr double kGuess_db = 12.0;  ///< a whole travel gives about this much, until two readings tell
constexpr double kFirstMove = 0.25; ///< of the travel at most, while only the guess is known
constexpr double kLeastSlope_db = 1.0, kMostSlope_db = 100.0;
/// Within this share of the tolerance it is done: the next reading will not be exactly the same.
constexpr double kInside = 0.5;
constexpr int kMostReadings = 15;
constexpr double kDead_travel = 0.1; ///< moved by this much without an effect: the adjuster is not this one

} // namespace

LevelSetting::LevelSetting(const LevelTarget& target, double position, double step)
    : target_(target), step_(step), position_(std::clamp(std::round(position / step) * step, 0.0, 1.0)),
      origin_(position_), slope_db_(kGuess_db) {
}

void LevelSetting::add(double level_db) {
    if (state_ != State::Working) {
        return;
    }
    if (!std::isfinite(level_db)) {
        state_ = State::Failed;
        words_ = "nothing comes off tape; expected a tone of " + figure(target_.level_db, 1) +
                 " dB; check the tape, record ready and the reproduce side";
        return;
    }
    to_go_db_ = target_.level_db - level_db;
    words_ = figure(std::abs(to_go_db_), 2) + (to_go_db_ >= 0.0 ? " dB low" : " dB high");
    const LevelAt here{position_, level_db};
    if (!first_) {
        first_ = here;
    }
    if (std::abs(to_go_db_) <= kInside * target_.tolerance_db) {
        state_ = State::Done;
        return;
    }
    if (before_ && std::abs(here.position - before_->position) >= step_) {
        const double slope = (here.level_db - before_->level_db) / (here.position - before_->position);
        const double moved = std::abs(here.position - first_->position);
        if (moved >= kDead_travel && std::abs(here.level_db - first_->level_db) < 0.1) {
            state_ = State::Failed;
            words_ = "the level does not follow: moved by " + figure(100.0 * moved, 0) +
                     " % of the travel, it changed by " + figure(here.level_db - first_->level_db, 2) +
                     " dB; check that this converter is this track's, and that the monitor is on REPRO";
            return;
        }
        // Two readings close together say more about noise than about the slope.
        if (std::abs(here.level_db - before_->level_db) > 0.5 * target_.tolerance_db) {
            slope_db_ = std::clamp(slope, kLeastSlope_db, kMostSlope_db);
        }
    }
    double move = to_go_db_ / slope_db_;
    if (!before_) {
        move = std::clamp(move, -kFirstMove, kFirstMove);
    }
    const double next = std::clamp(std::round((position_ + move) / step_) * step_, 0.0, 1.0);
    if (next == position_) {
        if (std::abs(to_go_db_) <= target_.tolerance_db) {
            state_ = State::Done; // as near as its steps are
            return;
        }
        if (next == 0.0 || next == 1.0) {
            state_ = State::Failed;
            words_ = std::string("at the ") + (next == 1.0 ? "upper" : "lower") + " end of its travel and still " +
                     words_ + "; set the coarse level of this track first";
            return;
        }
    }
    if (++readings_ >= kMostReadings) {
        state_ = State::Failed;
        words_ = "does not settle: after " + std::to_string(readings_) + " readings still " + words_ +
                 "; check tape and heads for what makes the level unsteady";
        return;
    }
    before_ = here;
    position_ = next;
}

LevelGuide::LevelGuide(const LevelTarget& target, std::size_t hold_readings)
    : target_(target), hold_readings_(hold_readings) {
}

void LevelGuide::add(double level_db) {
    if (!std::isfinite(level_db)) {
        held_ = 0;
        words_ = "nothing comes off tape: check the tape, record ready and the reproduce side";
        return;
    }
    to_go_db_ = target_.level_db - level_db;
    const double size_db = std::abs(to_go_db_);
    if (size_db <= target_.tolerance_db) {
        ++held_;
        words_ = done() ? "done" : "hold it there";
        return;
    }
    held_ = 0;
    words_ = std::string(to_go_db_ > 0.0 ? "turn up" : "turn down") + (size_db < 0.5 ? " a little: " : ": ") +
             figure(size_db, size_db < 0.5 ? 2 : 1) + " dB";
}

} // namespace overbias::calibration
