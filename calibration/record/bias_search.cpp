// SPDX-License-Identifier: Apache-2.0
#include "calibration/record/bias_search.hpp"

#include "base/figure.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>

namespace overbias::calibration {

namespace {

constexpr double kStride = 0.04;   ///< of the whole travel, while the peak is looked for
constexpr double kLook_db = 1.1;   ///< off a peak that is where it was: more than kFallen_db
constexpr double kFallen_db = 0.7; ///< below the highest reading: clearly on that side of the peak
constexpr double kFill_db = 0.4;   ///< the peak is fitted over what lies within this of it
constexpr double kFit_db = 0.6;    ///< and takes in readings that noise has put a little lower
constexpr std::size_t kFillPoints = 12;
constexpr int kMostFills = 3, kMostSeeks = 15;
constexpr double kMoves_db = 0.3; ///< a level that moves by less over the whole travel does not follow the adjuster

} // namespace

BiasSearch::BiasSearch(const OverbiasTarget& target, double position, double step)
    : target_(target), step_(step), position_(snapped(position)), origin_(position_) {
}

BiasSearch::BiasSearch(const OverbiasTarget& target, double position, double step, double peak_position)
    : BiasSearch(target, position, step) {
    phase_ = Phase::PeakAgain;
    position_ = snapped(peak_position);
    words_ = "reading the peak again";
}

BiasSearch BiasSearch::from_last_time(const OverbiasTarget& target, double position, double step,
                                      const LastTime& last) {
    BiasSearch search(target, position, step);
    // the drop grows as the square of the way: so far from the peak it is kLook_db on the far side
    const double away = (last.left_at - last.peak) * std::sqrt(kLook_db / target.drop_db);
    if (!(away > step) || !(last.peak > 0.0) || !(last.left_at <= 1.0)) {
        return search; // no peak and no drop past it
    }
    search.phase_ = Phase::LastTime;
    search.to_fill_ = {search.snapped(last.peak - away), search.snapped(last.peak)};
    search.position_ = search.snapped(last.peak + away);
    search.words_ = "looking where the peak was last time";
    return search;
}

double BiasSearch::snapped(double position) const noexcept {
    return std::clamp(std::round(position / step_) * step_, 0.0, 1.0);
}

LevelAt BiasSearch::highest() const noexcept {
    return *std::max_element(points_.begin(), points_.end(),
                             [](const LevelAt& a, const LevelAt& b) { return a.level_db < b.level_db; });
}

/// A reading on that side of the highest one is clearly below it.
bool BiasSearch::fallen(bool above) const noexcept {
    const LevelAt top = highest();
    return std::any_of(points_.begin(), points_.end(), [&](const LevelAt& point) {
        return (above ? point.position > top.position : point.position < top.position) &&
               point.level_db < top.level_db - kFallen_db;
    });
}

void BiasSearch::fail(std::string why) {
    state_ = State::Failed;
    words_ = std::move(why);
}

void BiasSearch::add(double level_db) {
    if (state_ != State::Working) {
        return;
    }
    if (!std::isfinite(level_db)) {
        fail("bias: nothing comes off tape at the test frequency; check the tape, record ready and the reproduce side");
        return;
    }
    if (phase_ != Phase::PeakAgain) {
        points_.push_back({position_, level_db});
    }
    switch (phase_) {
    case Phase::LastTime:
        if (to_fill_.empty()) {
            phase_ = Phase::Down;
            down(); // the lowest place was the last one
        } else {
            position_ = to_fill_.back();
            to_fill_.pop_back();
        }
        break;
    case Phase::Down:
        down();
        break;
    case Phase::Up:
        up();
        break;
    case Phase::Fill:
        if (to_fill_.empty()) {
            filled();
        } else {
            position_ = to_fill_.back();
            to_fill_.pop_back();
        }
        break;
    case Phase::PeakAgain:
        peak_ = LevelAt{position_, level_db};
        position_ = origin_;
        phase_ = Phase::Confirm;
        words_ = "reading the drop again";
        break;
    case Phase::Seek:
    case Phase::Confirm:
        far_side(level_db);
        break;
    }
}

void BiasSearch::down() {
    if (!fallen(false) && position_ > 0.0) {
        position_ = snapped(position_ - kStride);
        return;
    }
    phase_ = Phase::Up;
    up();
}

void BiasSearch::up() {
    const bool under = fallen(false);
    const bool over = fallen(true);
    if (under && over) {
        begin_fill();
        return;
    }
    const auto [lowest, furthest] = std::minmax_element(
        points_.begin(), points_.end(), [](const LevelAt& a, const LevelAt& b) { return a.position < b.position; });
    if (!over && furthest->position < 1.0) {
        words_ = "looking for the peak: more bias";
        position_ = snapped(furthest->position + kStride);
        return;
    }
    const auto [least, most] = std::minmax_element(
        points_.begin(), points_.end(), [](const LevelAt& a, const LevelAt& b) { return a.level_db < b.level_db; });
    if (most->level_db - least->level_db < kMoves_db) {
        fail("bias does not peak: the level moves by " + figure(most->level_db - least->level_db, 2) +
             " dB over the whole travel; expected a rise to a peak and a fall; check that the deck records, that the "
             "monitor is on REPRO, and that this adjuster is this track's bias");
    } else if (!over) {
        fail("bias does not peak: the level only rises, to the end of the travel; expected it to fall past a peak; "
             "check the bias oscillator and trap, and whether this tape suits the deck's bias range");
    } else {
        fail("bias does not peak: the level only falls from the beginning of the travel (" +
             figure(lowest->level_db - least->level_db, 1) +
             " dB); expected it to rise to a peak first; bias can't be made low enough for this tape");
    }
}

/// Readings evenly over the top.
void BiasSearch::begin_fill() {
    std::sort(points_.begin(), points_.end(),
              [](const LevelAt& a, const LevelAt& b) { return a.position < b.position; });
    const LevelAt top = highest();
    const auto below = std::find_if(points_.rbegin(), points_.rend(), [&](const LevelAt& point) {
        return point.position < top.position && point.level_db < top.level_db - 0.2;
    });
    const auto above = std::find_if(points_.begin(), points_.end(), [&](const LevelAt& point) {
        return point.position > top.position && point.level_db < top.level_db - 0.2;
    });
    const auto parabola =
        below == points_.rend() || above == points_.end() ? std::nullopt : parabola_through(*below, top, *above);
    if (!parabola || ++fills_ > kMostFills) {
        fail(
            "bias: the readings around the peak do not agree with each other; expected one smooth peak; check the tape "
            "for drop-outs and the heads for dirt");
        return;
    }
    width_1db_ = parabola->width_1db;
    const double half = width_1db_ * std::sqrt(kFill_db);
    // Up over every other place and down over the rest: a level that drifts meanwhile does not move the peak.
    const auto fill = [&](std::size_t n) {
        const double at = -1.0 + 2.0 * static_cast<double>(n) / static_cast<double>(kFillPoints - 1);
        to_fill_.push_back(snapped(parabola->peak.position + half * at));
    };
    for (std::size_t n = 1; n < kFillPoints; n += 2) {
        fill(n);
    }
    for (std::size_t n = (kFillPoints + 1) / 2; n-- > 0;) {
        fill(2 * n);
    }
    phase_ = Phase::Fill;
    words_ = "near the peak";
    position_ = to_fill_.back();
    to_fill_.pop_back();
}

void BiasSearch::filled() {
    peak_ = fit_peak(points_, kFit_db);
    if (!peak_) {
        begin_fill();
        return;
    }
    for (const LevelAt& point : points_) {
        if (point.position > peak_->position && point.level_db < peak_->level_db - kFill_db) {
            const bool enough = peak_->level_db - point.level_db >= target_.drop_db;
            std::optional<LevelAt>& side = enough ? further_ : nearer_;
            if (!side || (point.position < side->position) == enough) {
                side = point;
            }
        }
    }
    seek();
}

/// The next place for the drop: between a place with less and one with more of it, or the fitted width further on.
void BiasSearch::seek() {
    if (++seeks_ > kMostSeeks) {
        fail("bias: the drop of " + figure(target_.drop_db, 2) + " dB does not hold within " +
             figure(target_.tolerance_db, 2) + " dB; the last reading was " + figure(drop_db_, 2) +
             " dB; check tape, heads and the steadiness of bias");
        return;
    }
    const double aim_db = peak_->level_db - target_.drop_db;
    const LevelAt near = nearer_.value_or(*peak_);
    double at = 0.0;
    // the drop grows as the square of the way from the peak: its root is nearly straight
    const auto root = [&](const LevelAt& point) { return std::sqrt(std::max(0.0, peak_->level_db - point.level_db)); };
    const double wanted = std::sqrt(std::max(0.0, peak_->level_db - aim_db));
    if (further_ && root(*further_) > root(near)) {
        at = near.position +
             (further_->position - near.position) * (wanted - root(near)) / (root(*further_) - root(near));
    } else {
        at = nearer_ && root(near) > 0.0 ? peak_->position + (near.position - peak_->position) * wanted / root(near)
                                         : peak_->position + width_1db_ * wanted;
    }
    at = snapped(at);
    if (at >= 1.0 && nearer_ && nearer_->position >= 1.0) {
        fail("bias: at the end of its travel the level is " + figure(drop_db_, 2) + " dB past the peak; expected " +
             figure(target_.drop_db, 2) + " dB; this deck has too little bias for this tape");
        return;
    }
    position_ = at;
    phase_ = Phase::Seek;
}

void BiasSearch::far_side(double level_db) {
    drop_db_ = peak_->level_db - level_db;
    const double to_go_db = target_.drop_db - drop_db_;
    words_ = to_go_db >= 0.0 ? "past the peak, " + figure(to_go_db, 2) + " dB to go"
                             : "too far past the peak by " + figure(-to_go_db, 2) + " dB";
    if (phase_ == Phase::Confirm && std::abs(to_go_db) <= target_.tolerance_db) {
        state_ = State::Done;
        words_ = "overbias " + figure(drop_db_, 2) + " dB";
        return;
    }
    const LevelAt here{position_, level_db};
    (to_go_db >= 0.0 ? nearer_ : further_) = here;
    if (nearer_ && further_ && nearer_->position >= further_->position) {
        (to_go_db >= 0.0 ? further_ : nearer_).reset(); // what was read there before does not hold any more
    }
    if (phase_ == Phase::Seek && std::abs(to_go_db) <= 0.6 * target_.tolerance_db) {
        phase_ = Phase::Confirm;
        return;
    }
    seek();
}

} // namespace overbias::calibration
