// SPDX-License-Identifier: Apache-2.0
#include "controller/position_match.hpp"

#include "audio/sound_stretch.hpp"
#include "base/figure.hpp"
#include "base/units.hpp"
#include "controller/tape_position.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace overbias::controller {

using mastering::KnownProgramme;
using transport::MachineState;
using transport::Motion;
using transport::PositionKnowledge;

namespace {

constexpr double kFullScale = 2147483648.0;
constexpr double kPatience_s = 20.0; ///< for kListen_s without a gap
constexpr DeckDuration kUnaskedEvery = std::chrono::seconds(20);

std::string place_text(double tape_m, double play_speed_ips) {
    return figure(tape_m, 3) + " m (" + tape_time_text(tape_m, play_speed_ips) + ")";
}

} // namespace

PositionMatch::PositionMatch(Parts parts) : parts_(std::move(parts)) {
}

/// Empty, or why there is nothing to listen to.
std::string PositionMatch::not_playing() {
    const MachineState& state = parts_.transport.state();
    if (state.current == Motion::Playing) {
        return "";
    }
    return "the tape must be playing for this, and the machine is " + std::string(name_of(state.current)) +
           ": play somewhere inside the programme";
}

void PositionMatch::begin(Request request, Done done) {
    if (phase_ != Phase::Idle && !unasked_) {
        return done(Error{"it is being done already"});
    }
    if (phase_ != Phase::Idle) {
        let_go("asked for");
    }
    if (const std::string against = not_playing(); !against.empty()) {
        return done(Error{against});
    }
    // as a print does; where it is switched by hand the operator has to
    const transport::CommandResult monitor = parts_.transport.select_monitor(transport::MonitorSelect::Repro);
    monitor_ = monitor.denied() ? monitor.reason : std::string();
    start(std::move(request), std::move(done), false);
}

void PositionMatch::start(Request request, Done done, bool unasked) {
    request_ = std::move(request);
    done_ = std::move(done);
    unasked_ = unasked;
    phase_ = Phase::Preparing;
    ++run_;
    parts_.worker.post([programme = request_.programme, here = back_here(), this] {
        auto known = std::make_shared<Result<KnownProgramme>>(programme());
        here([this, known] { prepared(std::move(*known)); });
    });
}

std::function<void(std::function<void()>)> PositionMatch::back_here() {
    return [&timeline = parts_.timeline, alive = std::weak_ptr<bool>(alive_), run = run_,
            this](std::function<void()> then) {
        timeline.post([alive, run, this, then = std::move(then)] {
            if (!alive.expired() && run == run_ && phase_ != Phase::Idle) {
                then();
            }
        });
    };
}

void PositionMatch::prepared(Result<KnownProgramme> programme) {
    if (!programme) {
        return refuse(programme.error().message);
    }
    programme_ = std::move(programme).value();
    if (const std::string against = not_playing(); !against.empty()) {
        return refuse(against);
    }
    const double ips = parts_.transport.state().play_speed_ips;
    if (std::abs(programme_.speed_ips - ips) > 0.005 * ips) {
        return refuse(programme_.what + " was printed at " + figure(programme_.speed_ips, 2) +
                      " ips, and the deck plays at " + figure(ips, 2) + " ips: switch the speed");
    }
    if (!request_.heard) {
        programme_.shift(parts_.heard_later_m());
    }
    stereo_.clear();
    give_up_at_ = parts_.timeline.now() + deck_seconds(kPatience_s);
    phase_ = Phase::Listening;
}

void PositionMatch::let_go(const std::string& why) {
    history_.clear();
    if (phase_ != Phase::Idle) {
        refuse(why);
    }
}

void PositionMatch::end(const Result<Corrected>& result) {
    phase_ = Phase::Idle;
    stereo_ = {};
    if (const Done done = std::exchange(done_, {})) {
        done(result);
    }
}

void PositionMatch::tick() {
    const MachineState& state = parts_.transport.state();
    history_.note(parts_.timeline.now(), state.position_m, state.position_uncertainty_m);
    if (state.tape_out) {
        on_this_tape_.reset(); // it may be another one that is threaded next
    }
    if (phase_ == Phase::Listening) {
        if (const std::string against = not_playing(); !against.empty()) {
            refuse(against);
        } else if (parts_.timeline.now() >= give_up_at_) {
            refuse("the sound card did not give " + figure(kListen_s, 0) + " s of tape return without a gap");
        }
    } else if (phase_ == Phase::Idle && on_this_tape_) {
        begin_unasked(state);
    }
}

void PositionMatch::begin_unasked(const MachineState& state) {
    const DeckTime now = parts_.timeline.now();
    if (state.position_knowledge != PositionKnowledge::Doubtful || state.current != Motion::Playing ||
        now < try_unasked_at_) {
        return;
    }
    try_unasked_at_ = now + kUnaskedEvery;
    start({.programme = [known = *on_this_tape_] { return Result<KnownProgramme>(known); },
           .heard = false,
           .within_s = {},
           .force = false},
          unasked_done_, true);
}

void PositionMatch::heard(std::int64_t first_frame, std::span<const std::int32_t> frames) {
    if (phase_ != Phase::Listening || frames.empty()) {
        return;
    }
    if (!stereo_.empty() && first_frame != first_frame_ + static_cast<std::int64_t>(stereo_.size() / 2)) {
        stereo_.clear(); // frames were lost: from here anew
    }
    if (stereo_.empty()) {
        first_frame_ = first_frame;
    }
    for (const std::int32_t sample : frames) {
        stereo_.push_back(static_cast<float>(sample / kFullScale));
    }
    if (static_cast<double>(stereo_.size() / 2) >= kListen_s * parts_.return_rate_hz) {
        compare();
    }
}

void PositionMatch::compare() {
    const audio::StreamTimestamp stamp = parts_.return_clock();
    auto heard = std::make_shared<Heard>();
    heard->stereo = std::move(stereo_);
    heard->rate_hz = parts_.return_rate_hz;
    heard->from = stamp.at - deck_seconds(static_cast<double>(stamp.frame - first_frame_) / heard->rate_hz);
    heard->programme = programme_;
    heard->history = history_;
    const MachineState& state = parts_.transport.state();
    const double play_m_s = metres_per_second(state.play_speed_ips);
    const double back_s = seconds(parts_.timeline.now() - heard->from);
    const double reach_m =
        play_m_s * std::clamp(request_.within_s.value_or(3.0 * state.position_uncertainty_m / play_m_s),
                              request_.within_s ? 0.0 : kLeastReach_s, kMostReach_s);
    heard->from_m = state.position_m - play_m_s * back_s - reach_m;
    heard->to_m = state.position_m + reach_m;
    phase_ = Phase::Comparing;
    parts_.worker.post([heard, here = back_here(), this] {
        auto found = std::make_shared<Result<Found>>(look_for(*heard));
        here([this, found, heard] { compared(*found, *heard); });
    });
}

/// Worker's thread: of this object nothing is touched.
Result<PositionMatch::Found> PositionMatch::look_for(const Heard& heard) {
    const auto stretch = mastering::read_stretch(heard.programme, heard.from_m, heard.to_m);
    if (!stretch) {
        return stretch.error();
    }
    const auto match = mastering::match_programme(
        audio::at_other_rate(heard.stereo, heard.rate_hz, mastering::kMatchRate_hz), stretch->stereo);
    if (!match) {
        return Error{"no match in " + heard.programme.what + " between " + figure(heard.from_m, 1) + " m and " +
                     figure(heard.to_m, 1) + " m: " + match.error().message};
    }
    return Found{*match, stretch->at(match->programme_s, heard.programme)};
}

void PositionMatch::compared(const Result<Found>& found, const Heard& heard) {
    if (!found) {
        return refuse(found.error().message +
                      (monitor_.empty() ? "" : "; is the deck's output at REPRO? It can't be switched: " + monitor_));
    }
    const mastering::KnownTrack& track = heard.programme.tracks[found->place.track];
    Corrected corrected;
    corrected.what = "track " + std::to_string(found->place.track + 1) + " of " + heard.programme.what + " (" +
                     track.name + ", " + figure(found->place.programme_s, 2) + " s)";
    corrected.programme_s = found->place.programme_s;
    corrected.match = found->match;
    corrected.unasked = unasked_;
    const double edge_m =
        1.0 / parts_.transport.deck().counter_edges_per_metre.value_or(parts_.transport.config().edges_per_metre);
    const MachineState& state = parts_.transport.state();
    const auto correction = transport::correct_by_audio(
        {.what = corrected.what,
         .at = heard.from + deck_seconds(found->match.heard_s),
         .time_uncertainty_s = found->match.uncertainty_s,
         .tape_m = found->place.tape_m,
         .tape_uncertainty_m = std::hypot(heard.programme.uncertainty_m, edge_m)},
        heard.history, request_.force || state.position_knowledge != PositionKnowledge::Known);
    if (!correction) {
        return refuse(correction.error().message);
    }
    corrected.old_tape_m = state.position_m;
    corrected.tape_m = state.position_m + correction->shift_m;
    corrected.uncertainty_m = correction->uncertainty_m;
    const transport::CommandResult set = parts_.transport.correct_position(corrected.tape_m, corrected.uncertainty_m);
    if (set.denied()) {
        return refuse(set.reason);
    }
    history_.shift(correction->shift_m);
    const double ips = state.play_speed_ips;
    corrected.text = correction->message + "; the place was " + place_text(corrected.old_tape_m, ips) + " and is " +
                     place_text(corrected.tape_m, ips);
    end(corrected);
}

} // namespace overbias::controller
