// SPDX-License-Identifier: Apache-2.0
#include "transport/locator.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace overbias::transport {

namespace {

constexpr double kBackwards_m = 0.20;       // against the key: not dither, nor what is left of the last move
constexpr double kMovedMetres = 0.003;      // two edges of a usual roller: the tape has begun to move
constexpr double kSpeedSpanSeconds = 0.080; // speed and acceleration are taken from the positions of this long ...
constexpr double kSpeedSamples = 8.0;       // ... and of at least so many counts
constexpr double kSampleSeconds = 0.0015;
constexpr double kAtOnceSeconds = 0.0003; // a stop due this soon is pressed now
constexpr double kNotWorthSeconds = 0.1;
constexpr double kEndDeviations = 3.0; // before the end of the tape nothing is risked
constexpr double kEndPlayed_m = 0.25;
constexpr int kDampedAfter = 2; // overshoots in one locate; then only a part of the distance is aimed for
constexpr double kDamping = 0.7;
constexpr double kLateReach = 4.0;         // what is played, when jogs have failed again and again
constexpr double kSpeedChange = 0.005;     // smaller changes of speed are not sent
constexpr double kPlanAhead = 1.3;         // the plan is made this share before the servo would have to slow down
constexpr double kPlanStep = 1.2;          // between the speeds it tries
constexpr double kNoServo_m_s = 1e3;       // the brakes alone, from whatever speed it has come to
constexpr double kFirstCorrection_s = 1.0; // what a miss costs: a short move, and until it is still
constexpr double kCorrectionMemory = 0.2;
constexpr double kCorrection_m = 1.0;  // moves up to this, after the first, are corrections
constexpr int kCorrectionsByKey = 2;   // where the servo can be told a speed; then, and ...
constexpr double kTooManyMisses = 0.3; // ... where so many of them had missed, it takes the tape there slowly
constexpr double kMissMemory = 0.2;
constexpr double kSlowJog_s = 0.5;

std::string metres(double value_m) {
    std::string text = std::to_string(value_m);
    text.resize(text.find('.') + 3);
    return text + " m";
}

} // namespace

Locator::Locator(const LocatorConfig& config)
    : config_(config), stops_({.first_deceleration_m_s2 = config.first_deceleration_m_s2,
                               .tape_length_m = std::max(config.tape_length_m, 1.0)}),
      correction_s_(kFirstCorrection_s) {
}

void Locator::begin(double target_m) {
    target_m_ = target_m;
    moves_ = overshoots_ = 0;
    failure_.clear();
    look_again_at_.reset();
    phase_ = Phase::Resting;
}

void Locator::cancel() noexcept {
    phase_ = Phase::Idle;
    look_again_at_.reset();
}

LocatorMemory Locator::memory() const {
    return {.stops = stops_.samples(),
            .shortest_jog_m = shortest_jog_m_,
            .shuttle_deceleration_m_s2 = servo_.known() ? servo_.deceleration_m_s2() : 0.0,
            .shuttle_delay_s = servo_.known() ? servo_.delay_s() : 0.0};
}

void Locator::remember(const LocatorMemory& memory) {
    for (const StopSample& stop : memory.stops) {
        stops_.learn(stop);
    }
    for (std::size_t way = 0; way < shortest_jog_m_.size(); ++way) {
        if (memory.shortest_jog_m[way] > 0.0 && memory.shortest_jog_m[way] < 1.0) {
            shortest_jog_m_[way] = memory.shortest_jog_m[way];
        }
    }
    servo_.remember(memory.shuttle_deceleration_m_s2, memory.shuttle_delay_s);
}

LocatorStep Locator::step(const LocatorView& view) {
    look_again_at_.reset();
    switch (phase_) {
    case Phase::Idle:
        return LocatorStep::Wait;
    case Phase::Resting:
        return view.still ? decide(view) : LocatorStep::Wait;
    case Phase::Driving:
        return drive(view);
    case Phase::Braking:
        if (!view.still) {
            return LocatorStep::Wait;
        }
        learn_stop(view);
        phase_ = Phase::Resting;
        return decide(view);
    }
    return LocatorStep::Wait;
}

LocatorStep Locator::decide(const LocatorView& view) {
    const double left_m = target_m_ - view.position_m;
    const bool late = moves_ >= config_.patience;
    if (std::abs(left_m) <= (late ? config_.arrived_late_m : config_.arrived_m)) {
        phase_ = Phase::Idle;
        return LocatorStep::Arrived;
    }
    if (moves_ > 0 && !passes_ && left_m * sign() < 0.0) {
        ++overshoots_;
    }
    if (moves_ >= config_.most_moves) {
        return fail("locate to " + metres(target_m_) + ": still " + metres(left_m) + " away after " +
                    std::to_string(moves_) + " moves, " + std::to_string(overshoots_) +
                    " of them past it; check brakes and tape counter of the deck");
    }
    const StopKind way = left_m > 0.0 ? StopKind::Forward : StopKind::Rewind;
    // a jog that would go as far past the target as the tape now is before it does not help
    const double shortest_m = shortest_jog_m_[static_cast<std::size_t>(way)];
    const bool at_the_end = way == StopKind::Forward && config_.tape_length_m - target_m_ < kEndPlayed_m &&
                            left_m < kEndPlayed_m; // what might run beyond the end is played
    const bool jog_fails = late || at_the_end || std::abs(left_m) < 0.5 * shortest_m;
    const double reach_s = late ? kLateReach * config_.play_reach_s : config_.play_reach_s;
    const bool near = std::abs(left_m) <= reach_s * config_.play_speed_m_s;
    if (jog_fails && near) {
        if (way == StopKind::Forward) {
            return view.settled ? start(view, StopKind::Play, target_m_) : LocatorStep::Wait;
        }
        return start(view, StopKind::Rewind, target_m_ - std::max(config_.lead_m, shortest_m));
    }
    const double share = overshoots_ >= kDampedAfter ? kDamping : 1.0;
    return start(view, way, view.position_m + share * left_m);
}

LocatorStep Locator::start(const LocatorView& view, StopKind move, double aim_m) {
    move_ = move;
    aim_m_ = std::clamp(aim_m, -config_.before_zero_m, config_.tape_length_m);
    passes_ = aim_m_ * sign() > target_m_ * sign();
    from_m_ = view.position_m;
    started_ = view.now;
    correction_ = moves_ > 0 && std::abs(aim_m_ - from_m_) <= kCorrection_m && move != StopKind::Play;
    ++moves_;
    phase_ = Phase::Driving;
    moving_ = false;
    count_ = next_ = 0;
    servo_.move_begins();
    if (move == StopKind::Play) {
        return LocatorStep::PressPlay;
    }
    shuttle_m_s_ = 0.0; // the deck's own wind is its fastest; a speed is set from where it must slow down
    enter_m_s_.reset();
    if (shuttles() && correction_ && (moves_ > kCorrectionsByKey || key_misses_ > kTooManyMisses)) {
        enter_m_s_ = kNoServo_m_s;
        shuttle_m_s_ = sign() * std::clamp(std::abs(aim_m_ - from_m_) / kSlowJog_s, config_.slowest_shuttle_m_s,
                                           config_.fastest_shuttle_m_s);
        return LocatorStep::Shuttle;
    }
    return move == StopKind::Forward ? LocatorStep::PressFastForward : LocatorStep::PressRewind;
}

const Locator::Sample& Locator::back(std::size_t n) const noexcept {
    return samples_[(next_ + 2 * samples_.size() - 1 - n) % samples_.size()];
}

void Locator::take_sample(const LocatorView& view) {
    const DeckTime counted_at = view.counted_at == DeckTime{} ? view.now : view.counted_at;
    const bool moved = sign() * (view.position_m - from_m_) >= kMovedMetres;
    if (!moving_ && !moved) {
        count_ = next_ = 0; // the start of motion bounds the time over which speed may be taken
    }
    const Sample sample{moved || moving_ ? counted_at : view.now, view.position_m};
    moving_ = moving_ || moved;
    if (count_ > 0 && sample.at - back(0).at < deck_seconds(kSampleSeconds)) {
        return;
    }
    samples_[next_] = sample;
    next_ = (next_ + 1) % samples_.size();
    count_ = std::min(count_ + 1, samples_.size());
}

double Locator::since_count_s(const LocatorView& view) const noexcept {
    if (count_ < 2) {
        return 0.0;
    }
    // a count that is missing for long says that the tape is slower, not further
    const double between_s = seconds(back(0).at - back(count_ - 1).at) / static_cast<double>(count_ - 1);
    return std::clamp(seconds(view.now - back(0).at), 0.0, 2.0 * between_s + kTick_s);
}

/// Two mean speeds, over the newer and the older half of the span, each true in the middle of its time.
TapeMotion Locator::motion(const LocatorView& view) const {
    const double along_m_s = std::max(sign() * view.velocity_m_s, 0.0);
    if (!moving_) {
        return {};
    }
    if (count_ < 3) {
        return {along_m_s, 0.0};
    }
    // a counter that is read seldom needs more time to tell
    const double all_s = seconds(back(0).at - back(count_ - 1).at);
    const double between_s = all_s / static_cast<double>(count_ - 1);
    const double span_s = std::min(std::max(kSpeedSpanSeconds, kSpeedSamples * between_s), all_s);
    const auto go_back = [&](std::size_t from) {
        std::size_t n = from + 1;
        while (n + 1 < count_ && seconds(back(from).at - back(n).at) < 0.49 * span_s) {
            ++n;
        }
        return n;
    };
    const std::size_t middle = go_back(0);
    if (middle + 1 >= count_) {
        return {along_m_s, 0.0};
    }
    const std::size_t oldest = go_back(middle);
    const double newer_s = seconds(back(0).at - back(middle).at);
    const double older_s = seconds(back(middle).at - back(oldest).at);
    const double newer_m_s = sign() * (back(0).position_m - back(middle).position_m) / newer_s;
    const double older_m_s = sign() * (back(middle).position_m - back(oldest).position_m) / older_s;
    const double acceleration_m_s2 = (newer_m_s - older_m_s) / (0.5 * (newer_s + older_s));
    const double since_middle_s = 0.5 * newer_s + since_count_s(view);
    return {std::max(newer_m_s + acceleration_m_s2 * since_middle_s, 0.0), acceleration_m_s2};
}

LocatorStep Locator::drive(const LocatorView& view) {
    take_sample(view);
    const TapeMotion now = motion(view);
    if (sign() * (view.position_m - from_m_) < -kBackwards_m) {
        return fail("locate to " + metres(target_m_) + ": told to wind " + (sign() > 0.0 ? "forward" : "back") +
                    ", and the tape counter went " + metres(kBackwards_m) +
                    " the other way; check the tach's direction line");
    }
    if (now.speed_m_s <= 0.0) {
        return LocatorStep::Wait; // not begun to move
    }
    const double here_m = view.position_m + sign() * now.speed_m_s * since_count_s(view);
    const double left_m = sign() * (aim_m_ - here_m);
    const RunOn run = stops_.run_on(move_, now.speed_m_s, here_m);
    const double end_m = sign() > 0.0 ? config_.tape_length_m : -config_.before_zero_m;
    const double room_m = sign() * (end_m - here_m);
    const double to_end_m = room_m - run.expected_m - kEndDeviations * run.deviation_m;
    const double to_stop_m = std::min(left_m - run.expected_m, to_end_m);
    // While it gathers speed the run-on grows as well, by 2 s / v for every m/s.
    const double closing_m_s =
        now.speed_m_s + std::max(now.acceleration_m_s2, 0.0) * 2.0 * run.expected_m / now.speed_m_s;
    const double time_to_stop_s = to_stop_m / closing_m_s;
    if (time_to_stop_s <= kAtOnceSeconds) {
        return brake(here_m, now.speed_m_s);
    }
    // Near enough already, and a servo that lags creeps ever more slowly: what is left is not worth the time.
    const bool near_enough = left_m - run.expected_m <= config_.arrived_m;
    if (shuttle_m_s_ != 0.0 && near_enough && time_to_stop_s > kNotWorthSeconds) {
        return brake(here_m, now.speed_m_s);
    }
    if (time_to_stop_s < kTick_s) {
        look_again_at_ = view.now + deck_seconds(time_to_stop_s);
        return LocatorStep::Wait;
    }
    return shuttles() && move_ != StopKind::Play ? follow_profile(view, now, left_m) : LocatorStep::Wait;
}

/// The speed from which the stop key is to be pressed: the servo is slower than the brakes, but from a lower speed they
/// hit more surely. For constant decelerations servo a and brakes c the way from v through v1 takes longer than brakes
/// alone by (v - v1)^2 / (2 v) (1 / a - 1 / c); a miss costs a correction.
double Locator::plan(const TapeMotion& now, double place_m) const {
    const auto miss_s = [this](const RunOn& run) {
        return correction_s_ * std::erfc(config_.arrived_m / (run.deviation_m * std::sqrt(2.0)));
    };
    const double speed = now.speed_m_s;
    const RunOn full = stops_.run_on(move_, speed, place_m);
    const double brakes_s_per_m_s = 2.0 * full.expected_m / (speed * speed);
    const double slower_s_per_m_s =
        servo_.known() ? std::max(1.0 / servo_.deceleration_m_s2() - brakes_s_per_m_s, 0.0) : 0.0;
    double best_m_s = kNoServo_m_s, best_s = miss_s(full);
    for (double enter = speed / kPlanStep; enter > config_.slowest_shuttle_m_s; enter /= kPlanStep) {
        const double longer_s = servo_.delay_s() + (speed - enter) * (speed - enter) / (2.0 * speed) * slower_s_per_m_s;
        const double takes_s = longer_s + miss_s(stops_.run_on(move_, enter, place_m));
        if (takes_s < best_s) {
            best_s = takes_s;
            best_m_s = enter;
        }
    }
    return best_m_s;
}

LocatorStep Locator::brake(double here_m, double speed_m_s) {
    shortest_possible_ = std::abs(here_m - from_m_) < 3.0 * kMovedMetres;
    phase_ = Phase::Braking;
    brake_from_m_ = here_m;
    brake_speed_m_s_ = speed_m_s;
    servo_.move_ends();
    return LocatorStep::PressStop;
}

LocatorStep Locator::follow_profile(const LocatorView& view, const TapeMotion& now, double left_m) {
    if (!enter_m_s_) {
        if (left_m > kPlanAhead * servo_.slowing_m(now.speed_m_s)) {
            return LocatorStep::Wait;
        }
        enter_m_s_ = plan(now, view.position_m);
    }
    const double enter_m_s = *enter_m_s_;
    const double told_m_s = std::abs(shuttle_m_s_);
    if (enter_m_s >= kNoServo_m_s) {
        return LocatorStep::Wait;
    }
    if (told_m_s > enter_m_s) {
        servo_.watch(view.now, now, told_m_s);
    } else {
        servo_.not_slowing();
    }
    const double slowing_left_m = left_m - stops_.run_on(move_, enter_m_s, aim_m_).expected_m;
    const double profile_m_s = servo_.speed_m_s(now, slowing_left_m, enter_m_s);
    if (told_m_s == 0.0 && profile_m_s >= now.speed_m_s) {
        return LocatorStep::Wait; // the wind key still does
    }
    const double wanted_m_s = std::clamp(profile_m_s, config_.slowest_shuttle_m_s, config_.fastest_shuttle_m_s);
    if (std::abs(wanted_m_s - told_m_s) <= kSpeedChange * told_m_s) {
        return LocatorStep::Wait;
    }
    shuttle_m_s_ = sign() * wanted_m_s;
    return LocatorStep::Shuttle;
}

void Locator::learn_stop(const LocatorView& view) {
    if (correction_) {
        if (shuttle_m_s_ == 0.0) {
            const bool missed = std::abs(target_m_ - view.position_m) > config_.arrived_m;
            key_misses_ += kMissMemory * ((missed ? 1.0 : 0.0) - key_misses_);
        }
        correction_s_ += kCorrectionMemory * (seconds(view.now - started_) - correction_s_);
    }
    stops_.learn({.kind = move_,
                  .speed_m_s = brake_speed_m_s_,
                  .place_m = brake_from_m_,
                  .run_on_m = sign() * (view.position_m - brake_from_m_)});
    if (shortest_possible_ && move_ != StopKind::Play) {
        const double seen_m = std::abs(view.position_m - from_m_);
        double& shortest_m = shortest_jog_m_[static_cast<std::size_t>(move_)];
        shortest_m = shortest_m > 0.0 ? 0.5 * (shortest_m + seen_m) : seen_m;
    }
}

LocatorStep Locator::fail(std::string why) {
    phase_ = Phase::Idle;
    failure_ = std::move(why);
    return LocatorStep::Failed;
}

} // namespace overbias::transport
