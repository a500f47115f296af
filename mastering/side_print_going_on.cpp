// SPDX-License-Identifier: Apache-2.0
// How a side goes on at a track boundary. The deck plays towards it in record-safe, and what comes off tape is matched
// with the files that are there; that tells when the end of the track before passes the heads, whatever the counter has
// slipped (side_print_hearing.cpp). Only then record, in the gap:
//   record is pressed when the end has passed the record head, plus how well that is known and a margin;
//   the new track's first frame comes when the end has passed by the planned gap, to the sample;
//   between the two must pass what lies between erase and record head, since that was not erased.
// No match, no record.
#include "mastering/side_print.hpp"

#include "base/figure.hpp"
#include "base/units.hpp"
#include "mastering/punch_in.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace overbias::mastering {

using transport::JobStopped;
using transport::Motion;
using transport::PositionKnowledge;

namespace {

constexpr DeckDuration kTick = std::chrono::milliseconds(5);
constexpr double kPreroll_s = 16.0; ///< heard before the boundary: start, three looks, room
constexpr double kPressAfter_s = 0.05;  ///< after the end is known to have passed
constexpr double kDecideBefore_s = 1.5; ///< record is pressed: the lead of silence has to be under way
constexpr double kFar_s = 60.0;         ///< from the boundary: the tape is wound again
constexpr double kLead_s = 0.3;         ///< silence queued before its whole length is known
constexpr double kMostUncertain_s = 0.1;
constexpr double kRoom_s = 0.3; ///< of the gap, for pressing and the record amplifier
constexpr double kUsualUncertainty_s = 0.02;
constexpr double kWideReach_s = 90.0; ///< where the counter is not to be trusted
constexpr double kBraking_m = 6.0;    ///< of a wind
constexpr double kNear_m = 1.0;       ///< of the place wound to, when it is wound back to; beyond it is wound again
constexpr int kWinds = 4;
constexpr double kWindTimeout_s = 900.0;
constexpr int kApproaches = 3;

double gap_before_s(const PrintPlan& whole, std::size_t track, double sample_rate_hz) {
    for (const ProgrammeSection& section : whole.sections) {
        if (section.kind == ProgrammeSection::Kind::Gap && section.index == static_cast<int>(track)) {
            return static_cast<double>(section.frames) / sample_rate_hz;
        }
    }
    return 0.0;
}

double least_gap_s(double erase_to_record_m, double speed_ips, double uncertainty_s) {
    return erase_to_record_m / metres_per_second(speed_ips) + uncertainty_s + kRoom_s;
}

} // namespace

std::string boundary_obstacle(const SessionPrint& print, const std::optional<double>& erase_to_record_m,
                              double sample_rate_hz) {
    const auto [side, track] = print.from;
    if (track == 0) {
        return {};
    }
    const std::string where = boundary_words(print.session, print.from);
    if (!erase_to_record_m) {
        return "the print can't go on at " + where +
               ": the distance from erase to record head is not known, so how long the gap has to be isn't either; "
               "give "
               "deck.erase_to_record_mm, or begin the side anew";
    }
    const double least_s = least_gap_s(*erase_to_record_m, print.session.speed_ips, kUsualUncertainty_s);
    const auto gap_s = [&](std::size_t t) { return gap_before_s(print.sides.at(side), t, sample_rate_hz); };
    const SessionSide& record = print.session.sides.at(side);
    for (std::size_t t = 0; t < track; ++t) {
        if (!record.tracks.at(t).done || !record.tracks[t].end_m) {
            return "the print can't go on at " + where + ": track " + std::to_string(t + 1) +
                   " is not done, so nothing can tell where its end lies";
        }
    }
    if (gap_s(track) >= least_s) {
        return {};
    }
    std::size_t would_do = track;
    while (would_do > 0 && gap_s(would_do) < least_s) {
        --would_do;
    }
    return "the print can't go on at " + where + ": the gap is " + figure(gap_s(track), 2) +
           " s, and going on takes at least " + figure(least_s, 2) +
           " s (what lies between erase and record head, how well the place is known, and 0.3 s); " +
           (would_do == 0 ? "begin side " + record.name + " anew (boundary 1)"
                          : "the boundary before track " + std::to_string(would_do + 1) +
                                " would do: what follows it is printed again");
}

double SidePrint::record_head_at_s() const {
    const double head_delay_s = record_.earlier.head_delay_s.value_or(
        context_.comparison.record_to_reproduce_m / metres_per_second(context_.installation.tape_speed_ips));
    return boundary_end_s_ - head_delay_s;
}

double SidePrint::press_at_s() const {
    return record_head_at_s() + boundary_uncertainty_s_ + kPressAfter_s;
}

/// The machine's counter goes by the tape again: on the scale of the recording the end of the track before is where it
/// was then.
void SidePrint::correct_counter() {
    const double speed_m_s = metres_per_second(context_.installation.tape_speed_ips);
    const double past_s = now_s() - (record_head_at_s() - context_.comparison.round_trip_s);
    const double here_m = end_place_m_ + past_s * speed_m_s;
    const double was_m = context_.transport.state().position_m;
    const auto set = context_.transport.correct_position(
        here_m, std::hypot(record_.slate_uncertainty_m, boundary_uncertainty_s_ * speed_m_s));
    refuse_if(set, "correcting the counter");
    owner_.emit({"position_corrected",
                 {{"what", "the end of " + finder_->track().name},
                  {"shift_m", figure(here_m - was_m, 3)},
                  {"uncertainty_s", figure(boundary_uncertainty_s_, 4)}},
                 std::nullopt,
                 std::nullopt});
}

/// To the pre-roll. A counter that is in doubt may be a long way off: then only about there, and what is heard tells.
Task<void> SidePrint::go_near_boundary() {
    auto& transport = context_.transport;
    const double speed_m_s = metres_per_second(context_.installation.tape_speed_ips);
    const double target_m = end_place_m_ - kPreroll_s * speed_m_s;
    if (transport.state().position_knowledge == PositionKnowledge::Known) {
        co_await locate(target_m, "arriving before the boundary");
        co_return;
    }
    set_phase("winding to about the boundary", 0);
    const DeckTime deadline = context_.timeline.now() + deck_seconds(kWindTimeout_s);
    for (int wind = 0; wind < kWinds; ++wind) {
        const double way_m = transport.state().position_m - target_m;
        const bool back = way_m > 0.0;
        if (back ? way_m < kNear_m : -way_m < kBraking_m) {
            break;
        }
        // A short wind does not come up to the speed from which it would coast so far.
        const double brake_m = std::min(kBraking_m, std::abs(way_m) / 4.0);
        const auto answer = back ? transport.rewind() : transport.fast_forward();
        refuse_if(answer, "winding");
        const auto there = [&] {
            const double left_m = transport.state().position_m - target_m;
            return back ? left_m <= brake_m : left_m >= -brake_m;
        };
        while (!there()) {
            co_await context_.timeline.sleep_for(kTick);
            drain();
            if (!transport.state().fault.empty() || transport.state().tape_out || context_.timeline.now() >= deadline) {
                fault("the tape did not come to the boundary by winding" +
                      (transport.state().fault.empty() ? std::string() : ": " + transport.state().fault));
            }
        }
        refuse_if(transport.stop(), "stop");
        co_await wait_for(Motion::Stopped, 60.0, "standing still");
    }
}

/// Plays until the tape has told where it is, in time to record: then true. False: it is known now, but the tape has to
/// be wound once more.
Task<bool> SidePrint::hear_boundary(bool counter_serves) {
    auto& transport = context_.transport;
    set_phase("listening for the boundary", 0);
    drop_old_frames();
    while (looking_) { // at what was heard the time before
        co_await context_.timeline.sleep_for(kTick);
        drain();
    }
    heard_.clear();
    looked_to_ = 0;
    finder_->forget();
    told_ = {};
    refuse_if(transport.play(), "play");
    co_await wait_for(Motion::Playing, 10.0, "play speed");
    drop_old_frames();
    const double speed_m_s = metres_per_second(context_.installation.tape_speed_ips);
    double reach_s = 2.0 + 3.0 * transport.state().position_uncertainty_m / speed_m_s;
    reach_s = counter_serves ? std::min(reach_s, 20.0) : std::max(reach_s, kWideReach_s);
    const double give_up_s =
        counter_serves ? std::max(expected_end_s() - 1.0, now_s() + TrackEndFinder::kListen_s + 4.0) : now_s() + 25.0;
    for (;;) {
        co_await context_.timeline.sleep_for(kTick);
        if (transport.state().current != Motion::Playing) {
            fault(transport.state().fault.empty() ? "the deck left play by itself" : transport.state().fault);
        }
        hear();
        if (told_.last) {
            look(told_.last->end_s, 0.5);
        } else {
            look(expected_end_s(), reach_s);
        }
        if (told_.known) {
            const double left_s = press_at_s() - now_s();
            if (left_s < kDecideBefore_s || left_s > kFar_s) {
                correct_counter();
                refuse_if(transport.stop(), "stop");
                co_await wait_for(Motion::Stopped, 60.0, "standing still");
                co_return false;
            }
            if (boundary_uncertainty_s_ <= kMostUncertain_s && left_s < kDecideBefore_s + 1.0) {
                correct_counter();
                co_return true;
            }
        } else if (now_s() > give_up_s && !looking_) {
            refuse_unmatched();
        }
    }
}

void SidePrint::lay_first_gap(double first_track_at_s) {
    const double rate_hz = context_.installation.sample_rate_hz;
    ProgrammeSection& gap = plan_.sections.front();
    const auto frames =
        static_cast<std::int64_t>(std::llround((first_track_at_s - card_time_s(played_from_)) * rate_hz));
    const std::int64_t longer = frames - gap.frames;
    gap.frames = frames;
    for (std::size_t i = 1; i < plan_.sections.size(); ++i) {
        plan_.sections[i].first_frame += longer;
    }
    plan_.frames += longer;
}

/// Silence runs from the card already when record is pressed, and the track follows it at its time.
Task<void> SidePrint::punch_in() {
    auto& transport = context_.transport;
    const double rate_hz = context_.installation.sample_rate_hz;
    const double speed_ips = context_.installation.tape_speed_ips;
    const double erase_to_record_m = *context_.erase_to_record_m;
    const double gap_s = gap_before_s(whole_, first_track_, rate_hz);
    if (const double least_s = least_gap_s(erase_to_record_m, speed_ips, boundary_uncertainty_s_); gap_s < least_s) {
        transport.stop();
        throw JobStopped(JobStopped::Kind::Refused,
                         "nothing was recorded: the gap is " + figure(gap_s, 2) + " s, and with the place known to " +
                             figure(boundary_uncertainty_s_, 3) + " s it takes " + figure(least_s, 2) +
                             " s to go on there; go on from an earlier boundary");
    }
    set_phase("going into record in the gap", 0);
    const std::vector<std::int32_t> silence(2 * static_cast<std::size_t>(kLead_s * rate_hz), 0);
    for (std::size_t sent = 0; sent < silence.size();) {
        sent += 2 * context_.engine.queue_write(std::span(silence).subspan(sent));
        if (sent < silence.size()) {
            co_await context_.timeline.sleep_for(kTick);
        }
    }
    context_.engine.start_playing();
    while ((played_from_ = context_.engine.played_from()) < 0) {
        co_await context_.timeline.sleep_for(kTick);
        hear();
    }
    const double first_track_at_s = record_head_at_s() - context_.comparison.round_trip_s + gap_s;
    lay_first_gap(first_track_at_s);
    stream_.begin_at(static_cast<std::int64_t>(silence.size() / 2));
    fill_queue();
    while (now_s() < press_at_s()) {
        const double left_s = press_at_s() - now_s();
        co_await context_.timeline.sleep_for(std::min<DeckDuration>(kTick, deck_seconds(std::max(left_s, 0.0005))));
        fill_queue();
        drain();
    }
    if (!xruns_.empty() || transport.state().current != Motion::Playing) {
        transport.stop();
        fault("frames were lost just before record was to be pressed: nothing was recorded; resume again");
    }
    refuse_if(transport.arm(), "arming record");
    const auto answer = transport.record();
    refuse_if(answer, "record");
    const DeckTime deadline = context_.timeline.now() + deck_seconds(2.0);
    while (transport.state().current != Motion::Recording && context_.timeline.now() < deadline) {
        co_await context_.timeline.sleep_for(kTick);
        fill_queue();
        drain();
    }
    const double on_s = now_s();
    if (transport.state().current != Motion::Recording ||
        !begins_on_erased_tape(first_track_at_s, on_s, erase_to_record_m, speed_ips)) {
        transport.stop();
        fault("record came too late in the gap (" + figure(on_s - press_at_s(), 2) +
              " s after it was pressed), so the track would begin on tape that is not erased");
    }
    record_.runs.back().from_m = transport.state().position_m;
    owner_.emit({"record_on", {}, std::nullopt, transport.state().position_m});
    ComparisonConfig config = context_.comparison;
    config.earlier = record_.earlier;
    comparison_ = std::make_unique<OffTapeComparison>(config);
    const double clean_s = erased_from_s(on_s, erase_to_record_m, speed_ips) + 0.05;
    add_sections(played_from_ + static_cast<std::int64_t>((clean_s - card_time_s(played_from_)) * rate_hz));
}

Task<void> SidePrint::go_on() {
    const double rate_hz = context_.installation.sample_rate_hz;
    const double speed_m_s = metres_per_second(context_.installation.tape_speed_ips);
    end_place_m_ = record_.tracks.at(first_track_ - 1).end_m.value_or(0.0);
    KnownProgramme known{.what = "side " + record_.name,
                         .tracks = {},
                         .speed_ips = context_.installation.tape_speed_ips,
                         .uncertainty_m = 0.0,
                         .reel_uuid = record_.reel_uuid,
                         .made_utc = {}};
    const std::size_t last = first_track_ - 1;
    const double end_s =
        track_from_slate_s(whole_, last, rate_hz) + whole_.files[last].duration_s(); // from the slate, as planned
    // What comes after the boundary may be on the tape as well, from a run that was broken off: it is listed, so that
    // it is known for what it is.
    for (std::size_t t = 0; t < whole_.files.size(); ++t) {
        const audio::SoundFileInfo& file = whole_.files[t];
        const double start_m = end_place_m_ - (end_s - track_from_slate_s(whole_, t, rate_hz)) * speed_m_s;
        known.tracks.push_back({.name = "track " + std::to_string(t + 1) + " (" + file.path.filename().string() + ")",
                                .file = file.path,
                                .duration_s = file.duration_s(),
                                .start_m = start_m,
                                .end_m = start_m + file.duration_s() * speed_m_s});
    }
    finder_ = std::make_shared<TrackEndFinder>(std::move(known), last);
    bool counter_serves = context_.transport.state().position_knowledge == PositionKnowledge::Known;
    for (int approach = 0; approach < kApproaches; ++approach) {
        co_await go_near_boundary();
        const bool in_time = co_await hear_boundary(counter_serves);
        if (in_time) {
            co_await punch_in();
            co_return;
        }
        counter_serves = true;
    }
    refuse_unmatched();
}

} // namespace overbias::mastering
