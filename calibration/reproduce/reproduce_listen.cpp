// SPDX-License-Identifier: Apache-2.0
// Which calibration tape plays.
#include "calibration/reproduce/reproduce_job_impl.hpp"

#include "base/figure.hpp"
#include "base/units.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace overbias::calibration {

namespace {

constexpr double kBeginning_s = 60.0; ///< leader and announcement before the first tone
constexpr double kShow_s = 0.25;
constexpr double kDead_db = -30.0; ///< a track against the other one, on a tape recorded over both

} // namespace

/// A tape recorded over its whole width: a track that has none of the tones is dead.
void ReproduceJob::must_hear_both() const {
    for (std::size_t track = 0; track < kTracks; ++track) {
        if (std::all_of(map_.begin(), map_.end(), [&](const Placed& each) {
                return each.heard.level_dbfs[track] < each.heard.level_dbfs[1 - track] + kDead_db;
            })) {
            dead_track(track, map_.front().heard.frequency_hz, map_.front().heard.level_dbfs[1 - track]);
        }
    }
}

void ReproduceJob::dead_track(std::size_t track, double hz, double other_dbfs) {
    refuse("track " + std::to_string(track + 1) + " is dead: " + hz_text(hz) + " comes off track " +
           std::to_string(2 - track) + " at " + figure(other_dbfs, 1) + " dBFS, and nothing of it off track " +
           std::to_string(track + 1) + "; check that track's head, amplifier and line");
}

NamedTape ReproduceJob::named(bool still_playing) const {
    std::array<std::vector<tape::HeardTone>, kTracks> heard;
    for (const Placed& each : map_) {
        for (std::size_t track = 0; track < kTracks; ++track) {
            std::optional<double> duration_s;
            if (each.whole && counted_) {
                duration_s = (each.end_m - each.begin_m) / metres_per_second(deck_.speed_ips);
            }
            heard[track].push_back({.frequency_hz = each.heard.frequency_hz,
                                    .level_db = each.heard.level_dbfs[track],
                                    .duration_s = duration_s});
        }
    }
    return name_tape(heard, setup_.tapes, setup_.chosen ? &*setup_.chosen : nullptr, deck_, still_playing);
}

void ReproduceJob::take_tape(const NamedTape& named) {
    tape_ = named.tape;
    speed_error_ = named.speed_error;
    std::vector<bool> there(tape_->tones.size(), false);
    for (std::size_t n = 0; n < map_.size(); ++n) {
        map_[n].tone.reset();
        if (n < named.tones.size() && named.tones[n] != tape::TapeFit::kNone) {
            map_[n].tone = named.tones[n];
            there[named.tones[n]] = true;
        }
    }
    if (!listened_to_first(*tape_)) { // what it has not been heard yet may come
        there.assign(there.size(), true);
    }
    plan_ = reproduce_plan(*tape_, there, deck_, setup_.limits);
    if (plan_.steps.empty()) {
        refuse("nothing can be aligned with this tape: " + plan_.missing);
    }
    emit({"calibration_tape",
          {{"tape", tape_->id}, {"heard", named.words}, {"speed_error", figure(100.0 * speed_error_, 3) + " %"}},
          std::nullopt,
          std::nullopt,
          std::nullopt});
}

/// Stops, says what is wrong, and asks for the tape (or the deck's switch) to be put right.
Task<bool> ReproduceJob::wrong_tape(std::string words, bool may_skip) {
    tape_words_ = words;
    emit({"wrong_tape", {{"heard", words}}, std::nullopt, std::nullopt, std::nullopt});
    co_await stop_on_tape();
    if (counted_) {
        co_await wind_to(0.0);
    }
    std::string instruction = "put right what is wrong, thread the tape at its beginning, and accept";
    instruction += may_skip ? "; where everything is as it should be, and only the deck is that far off, skip" : "";
    const bool accepted = co_await thread_tape(std::move(instruction), std::move(words), may_skip);
    tape_words_.clear();
    co_return accepted;
}

/// Until it is known what plays. A chosen tape of few tones is known by its first one; what else it has is seen to as
/// it comes.
Task<void> ReproduceJob::identify() {
    for (;;) {
        progress_.phase = "recognising the calibration tape";
        co_await play_tape();
        if (setup_.chosen && !listened_to_first(*setup_.chosen)) {
            const DeckTime deadline = context_.timeline.now() + deck_seconds(kBeginning_s);
            while (map_.empty() && context_.timeline.now() < deadline) {
                heed(context_.operator_port->take());
                show_listening("listening for the first tone");
                co_await play_on();
            }
        } else {
            co_await listen_through();
        }
        if (map_.empty()) {
            std::string nothing = "no tone was heard: is this a calibration tape, does it stand at its beginning, is "
                                  "the monitor on REPRO, and are the lines from the deck connected?";
            (void)co_await wrong_tape(std::move(nothing), false);
            continue;
        }
        const bool all_heard = !setup_.chosen || listened_to_first(*setup_.chosen);
        if (all_heard) { // else the first reading tells
            must_hear_both();
        }
        const NamedTape name = named(!all_heard);
        if (name.verdict == NamedTape::Verdict::Unclear) {
            refuse(name.words);
        }
        if (name.verdict == NamedTape::Verdict::Right) {
            take_tape(name);
            co_return;
        }
        const bool may_skip = name.verdict == NamedTape::Verdict::Equalisation;
        if (!co_await wrong_tape(name.words, may_skip)) {
            take_tape(name);
            co_return;
        }
    }
}

/// To the last of its tones; nothing is turned meanwhile.
Task<void> ReproduceJob::listen_through() {
    const DeckTime deadline = context_.timeline.now() + deck_seconds(kBeginning_s);
    std::size_t known = 0;
    bool all = false;
    for (;;) {
        heed(context_.operator_port->take());
        if (rewind_asked_) {
            co_await rewind_tape();
        }
        show_listening("nothing is to be turned yet: the tape is listened to first");
        co_await play_on();
        if (map_.size() != known) {
            known = map_.size();
            const NamedTape name = named(true);
            all = setup_.chosen && setup_.chosen->complete && name.tape &&
                  static_cast<std::size_t>(std::count_if(name.tones.begin(), name.tones.end(), [](std::size_t each) {
                      return each != tape::TapeFit::kNone;
                  })) >= name.tape->tones.size();
        }
        if (all || (!map_.empty() && tape_is_over()) || (map_.empty() && context_.timeline.now() >= deadline)) {
            break;
        }
    }
}

void ReproduceJob::show_listening(const std::string& note) {
    if (context_.timeline.now() < shown_at_) {
        return;
    }
    shown_at_ = context_.timeline.now() + deck_seconds(kShow_s);
    const auto heard = tones_.playing();
    const std::string now = heard            ? hz_text(heard->frequency_hz) + " plays; "
                            : tones_.other() ? "no tone: the announcer; "
                                             : "";
    show({.procedure = "reproduce",
          .step_id = tape_ && step_ < plan_.steps.size() ? plan_.steps[step_].id : "reproduce.tape",
          .title = tape_ && step_ < plan_.steps.size() ? plan_.steps[step_].title : "calibration tape",
          .instruction = "listening to the calibration tape",
          .task = OperatorTask::Watch,
          .value_unit = "",
          .note = now + note,
          .step = step_,
          .steps = plan_.steps.size(),
          .round = round_,
          .unit = "",
          .tracks = {}});
}

} // namespace overbias::calibration
