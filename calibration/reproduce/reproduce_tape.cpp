// SPDX-License-Identifier: Apache-2.0
// Where the tones are on the tape, and getting to one of them.
#include "calibration/reproduce/reproduce_job_impl.hpp"

#include "base/units.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace overbias::calibration {

using transport::Motion;

namespace {

constexpr double kSureTone_s = 1.5;     ///< a tone that has played so long is one
constexpr double kBeginning_s = 60.0;   ///< leader and announcement before the first tone
constexpr double kOver_s = 15.0;        ///< after so much silence the tape's tones are over
constexpr double kAhead_s = 1.2;        ///< tape before a tone's beginning, to come up to speed
constexpr double kWorthWaiting_s = 8.0; ///< a tone that comes so soon is not wound to
constexpr double kLateTone_s = 12.0;    ///< where it ought to have been
constexpr double kWholeTape_s = 3600.0;
constexpr double kOtherTone = 0.03, kOtherToneUnknown = 0.06; ///< relative; with the deck's speed known, and before
constexpr double kSettle_s = 0.05;
constexpr double kSameTone = 0.01, kSamePlace_m = 0.5;

} // namespace

DeckTime ReproduceJob::at(std::int64_t frame) {
    const auto stamp = listener_->timestamp();
    return stamp.at + deck_seconds(static_cast<double>(frame - stamp.frame) / context_.engine.sample_rate_hz());
}

double ReproduceJob::place_m(std::int64_t frame) {
    return context_.transport.state().position_m -
           seconds(context_.timeline.now() - at(frame)) * metres_per_second(deck_.speed_ips);
}

void ReproduceJob::note_tone(const ReproduceTones::Tone& heard, bool whole) {
    Placed now{.heard = heard,
               .begin_m = place_m(heard.begin_frame),
               .end_m = place_m(heard.end_frame),
               .whole = whole,
               .tone = std::nullopt};
    for (Placed& each : map_) {
        if (std::abs(each.heard.frequency_hz / heard.frequency_hz - 1.0) < kSameTone &&
            (!counted_ || (each.begin_m < now.end_m + kSamePlace_m && now.begin_m < each.end_m + kSamePlace_m))) {
            each.heard = heard;
            each.begin_m = std::min(each.begin_m, now.begin_m);
            each.end_m = std::max(each.end_m, now.end_m);
            each.whole = each.whole || whole;
            return;
        }
    }
    map_.push_back(now);
    map_.back().tone = tape_ ? tone_of(heard) : std::nullopt;
}

void ReproduceJob::note_tones() {
    for (; noted_ < tones_.ended().size(); ++noted_) {
        note_tone(tones_.ended()[noted_], true);
    }
    const auto tone = tones_.playing();
    if (tone &&
        static_cast<double>(tone->end_frame - tone->begin_frame) >= kSureTone_s * context_.engine.sample_rate_hz()) {
        note_tone(*tone, false);
    }
}

ReproduceJob::Placed* ReproduceJob::placed(std::size_t tone) {
    const auto found = std::find_if(map_.begin(), map_.end(), [&](const Placed& each) { return each.tone == tone; });
    return found == map_.end() ? nullptr : &*found;
}

/// By its frequency; of several with that by where it is.
std::optional<std::size_t> ReproduceJob::tone_of(const ReproduceTones::Tone& heard) {
    const double limit = speed_error_ != 0.0 ? kOtherTone : kOtherToneUnknown;
    const double begin_m = place_m(heard.begin_frame);
    std::optional<std::size_t> best;
    double least = 1e9;
    for (std::size_t tone = 0; tone < tape_->tones.size(); ++tone) {
        const double off =
            std::abs(heard.frequency_hz / (tape_->tones[tone].frequency_hz * (1.0 + speed_error_)) - 1.0);
        const Placed* where = counted_ ? placed(tone) : nullptr;
        const bool here =
            where != nullptr && begin_m > where->begin_m - kSamePlace_m && begin_m < where->end_m + kSamePlace_m;
        const double score = here ? off - 1.0 : off;
        if (off <= limit && score < least) {
            least = score;
            best = tone;
        }
    }
    return best;
}

bool ReproduceJob::plays(std::size_t tone) {
    const auto heard = tones_.playing();
    return heard && context_.transport.state().current == Motion::Playing && tone_of(*heard) == tone;
}

void ReproduceJob::heed(const std::optional<OperatorWord>& word) {
    if (!word) {
        return;
    }
    if (word->says == OperatorSays::Abort) {
        throw OperatorEnded{};
    }
    rewind_asked_ = rewind_asked_ || word->says == OperatorSays::Back;
}

Task<void> ReproduceJob::play_on() {
    co_await tick();
    const Motion motion = context_.transport.state().current;
    if (motion == Motion::TapeOut) {
        fault("the tape has run out of the deck; thread the calibration tape again, with leader, and start anew");
    }
    if (motion != Motion::Playing) { // somebody has pressed a key: nothing plays on by itself
        while (context_.transport.state().current != Motion::Playing) {
            show_listening("the deck does not play: press play, at the tape's beginning or before the tone");
            heed(context_.operator_port->take());
            co_await tick();
        }
        tones_.restart();
        noted_ = 0;
    }
    note_tones();
}

Task<void> ReproduceJob::play_tape() {
    if (context_.transport.state().current != Motion::Playing) {
        co_await start_playing();
        tones_.restart();
        noted_ = 0;
    }
}

Task<void> ReproduceJob::rewind_tape() {
    rewind_asked_ = false;
    co_await stop_on_tape();
    if (counted_) {
        co_await wind_to(0.0);
    } else {
        AlignmentView asked{.procedure = "reproduce",
                            .step_id = "reproduce.rewind",
                            .title = "rewind",
                            .instruction = "rewind the calibration tape to its beginning, and "
                                           "accept when it stands there",
                            .task = OperatorTask::Confirm,
                            .value_unit = "",
                            .note = "the place of the tape is not known here",
                            .step = step_,
                            .steps = plan_.steps.size(),
                            .round = round_,
                            .unit = "",
                            .tracks = {}};
        const OperatorWord word = co_await ask(std::move(asked));
        heed(word);
        rewind_asked_ = false;
        std::string still = "standing still";
        co_await wait_for(Motion::Stopped, 60.0, std::move(still));
    }
    co_await play_tape();
}

/// Leader is silent too: only what follows a tone is the end.
bool ReproduceJob::tape_is_over() const {
    return tones_.silent_s() > (tones_.ended().empty() ? kBeginning_s : kOver_s);
}

Task<bool> ReproduceJob::wait_here(std::size_t tone, double most_s) {
    const DeckTime deadline = context_.timeline.now() + deck_seconds(most_s);
    std::size_t known = map_.size();
    while (!plays(tone)) {
        if (map_.size() > known) { // each tone that comes tells more of the tape
            known = map_.size();
            const NamedTape name = named(true);
            if (name.verdict == NamedTape::Verdict::Wrong) {
                refuse(name.words);
            }
        }
        heed(context_.operator_port->take());
        if (context_.timeline.now() >= deadline || rewind_asked_ || (tones_.silent_s() > kOver_s && !map_.empty())) {
            co_return false;
        }
        show_listening("waiting for " + hz_text(tape_->tones[tone].frequency_hz));
        co_await play_on();
    }
    co_return true;
}

double ReproduceJob::before_m(const Placed& tone) const {
    return std::max(0.0, tone.begin_m - kAhead_s * metres_per_second(deck_.speed_ips));
}

Task<void> ReproduceJob::play_from(double place) {
    show_listening("winding back");
    co_await stop_on_tape();
    co_await wind_to(place);
    co_await play_tape();
}

/// It is not on the tape: what it serves is left out.
void ReproduceJob::give_up(std::size_t tone) {
    absent_.push_back(tone);
    const std::string hz = hz_text(tape_->tones[tone].frequency_hz);
    plan_.missing += (plan_.missing.empty() ? "" : "; ") + hz + " did not come on the whole tape: what it serves was " +
                     "not aligned. Heard: " + named(false).words;
    emit({"not_checked", {{"tone", hz}, {"reason", "not heard"}}, std::nullopt, std::nullopt, std::nullopt});
}

Task<bool> ReproduceJob::come_to(std::size_t tone) {
    if (std::find(absent_.begin(), absent_.end(), tone) != absent_.end()) {
        co_return false;
    }
    bool rewound = false;
    while (!plays(tone)) {
        if (rewind_asked_) {
            co_await rewind_tape();
        }
        const Placed* where = counted_ ? placed(tone) : nullptr;
        const double speed_m_s = metres_per_second(deck_.speed_ips);
        if (where != nullptr) {
            const double to_m = before_m(*where);
            const double ahead_m = where->begin_m - context_.transport.state().position_m;
            const bool soon = context_.transport.state().current == Motion::Playing && ahead_m > 0.0 &&
                              ahead_m < kWorthWaiting_s * speed_m_s;
            if (!soon) {
                co_await play_from(to_m);
            }
            if (!co_await wait_here(tone, kLateTone_s) && !rewind_asked_) {
                map_.erase(map_.begin() + (placed(tone) - map_.data())); // it is not where it was
            }
            continue;
        }
        co_await play_tape();
        if (!co_await wait_here(tone, kWholeTape_s) && !rewind_asked_) {
            if (rewound) {
                give_up(tone);
                co_return false;
            }
            rewound = true;
            co_await rewind_tape();
        }
    }
    const auto heard = tones_.playing();
    heard_hz_ = heard->frequency_hz;
    listener_->listen(heard_hz_);
    listening_since_ = context_.timeline.now() + deck_seconds(kSettle_s);
    co_return true;
}

} // namespace overbias::calibration
