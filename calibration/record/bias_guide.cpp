// SPDX-License-Identifier: Apache-2.0
#include "calibration/record/bias_guide.hpp"

#include "base/figure.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace overbias::calibration {

namespace {

constexpr std::size_t kMean = 3;   ///< readings that are taken together: noise is not to look like a peak
constexpr double kPassed_db = 0.3; ///< below the highest of this way up: the peak has been passed
constexpr double kUnder_db = 1.0;  ///< below the highest, turned back: clearly under-bias
/// Told to turn up, it has fallen by more than backlash and a late hand do: one turn went over the whole peak.
constexpr double kJumped_db = 1.5;
constexpr double kNoLevel_db = 1e9;
/// So many readings and nothing moved: the operator may be turning at the wrong screw.
constexpr std::size_t kPatience = 60;
constexpr double kMoves_db = 0.5; ///< noise and weave move it by half of that

} // namespace

BiasGuide::BiasGuide(const Config& config) : config_(config) {
    highest_db_ = -kNoLevel_db;
    begin(Phase::Reduce);
    say();
}

void BiasGuide::begin(Phase phase) {
    phase_ = phase;
    before_db_ = highest_db_;
    highest_db_ = -kNoLevel_db;
    lowest_db_ = kNoLevel_db;
    readings_ = 0;
    if (phase != Phase::Past) {
        last_.clear(); // a mean over two ways of turning belongs to neither
    }
    held_ = 0;
    seen_near_peak_ = false;
    turn_ = phase == Phase::Raise || phase == Phase::Past ? Turn::Up : Turn::Back;
}

void BiasGuide::add(double level_db) {
    if (!std::isfinite(level_db)) {
        last_.clear();
        words_ = "nothing comes off tape: check the tape, record ready and the reproduce side";
        turn_ = Turn::Hold;
        return;
    }
    last_.push_back(level_db);
    if (last_.size() > kMean) {
        last_.erase(last_.begin());
    }
    level_db_ = std::accumulate(last_.begin(), last_.end(), 0.0) / static_cast<double>(last_.size());
    if (last_.size() < kMean) {
        return;
    }
    follow();
    say();
}

/// Which leg this is, after the newest mean.
void BiasGuide::follow() {
    if (readings_++ == 0) {
        first_db_ = level_db_;
    }
    highest_db_ = std::max(highest_db_, level_db_);
    lowest_db_ = std::min(lowest_db_, level_db_);
    switch (phase_) {
    case Phase::Reduce:
        if (level_db_ < highest_db_ - kUnder_db) {
            begin(Phase::Raise);
        }
        break;
    case Phase::Raise:
        if (highest_db_ > first_db_ + kPassed_db ? level_db_ < highest_db_ - kPassed_db
                                                 : level_db_ < first_db_ - kJumped_db) {
            // A clumsy turn can jump over the top, but hardly on the way down and on the way up.
            peak_db_ = std::max(highest_db_, before_db_);
            begin(Phase::Past);
        }
        break;
    case Phase::Past:
        held_ = std::abs(to_go_db()) <= config_.target.tolerance_db ? held_ + 1 : 0;
        // Risen: somebody turned back, and which side this is can't be known any more.
        if (to_go_db() < -config_.target.tolerance_db ||
            (level_db_ > lowest_db_ + kPassed_db && to_go_db() > config_.target.tolerance_db)) {
            begin(Phase::Back);
        } else {
            turn_ = held_ > 0 ? Turn::Hold : Turn::Up;
        }
        break;
    case Phase::Back:
        seen_near_peak_ = seen_near_peak_ || level_db_ > peak_db_ - kPassed_db;
        // Fallen without having been there: it was on the near side already.
        if (level_db_ < (seen_near_peak_ ? highest_db_ : first_db_) - kUnder_db) {
            begin(Phase::Raise);
        }
        break;
    }
}

void BiasGuide::say() {
    const bool stuck = readings_ >= kPatience && highest_db_ - lowest_db_ < kMoves_db;
    switch (phase_) {
    case Phase::Reduce:
        words_ = stuck ? "the level does not follow: is this the bias screw of this track, and is the monitor on REPRO?"
                       : "turn bias down until the level has passed its peak and fallen by 1 dB";
        break;
    case Phase::Raise:
        words_ = stuck
                     ? "the level does not rise: turn bias up; if it is at its end, this deck's bias never peaks with "
                       "this tape"
                     : "under-bias: turn up slowly, through the peak";
        break;
    case Phase::Past:
        words_ = done()      ? "overbias " + figure(drop_db(), 2) + " dB: done"
                 : held_ > 0 ? "hold it there"
                             : figure(std::max(0.0, to_go_db()), 1) + " dB to go";
        break;
    case Phase::Back:
        words_ = to_go_db() < -config_.target.tolerance_db
                     ? "past by " + figure(-to_go_db(), 1) + " dB: turn back below the peak and come up again"
                     : "turn back below the peak and come up again";
        break;
    }
}

} // namespace overbias::calibration
