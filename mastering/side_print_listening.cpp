// SPDX-License-Identifier: Apache-2.0
// What a print hears and counts on its way: everything played and captured goes to the comparison, with the places of
// its sections; lost frames are noted; and it is told up to where the tape is proven.
#include "mastering/side_print.hpp"

#include "base/figure.hpp"
#include "base/units.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace overbias::mastering {

namespace {

constexpr DeckDuration kCardKeeperPatience = std::chrono::milliseconds(100);
constexpr DeckDuration kProvenEvery = std::chrono::milliseconds(500);
constexpr double kFullScale = 2147483648.0;

} // namespace

/// Seconds of tape from the slate's planned first frame, at nominal speed.
double SidePrint::tape_s(std::int64_t played_frame) const {
    const double rate_hz = context_.installation.sample_rate_hz;
    const auto first = std::ranges::find(plan_.sections, ProgrammeSection::Kind::Track, &ProgrammeSection::kind);
    return static_cast<double>(played_frame - played_from_ - first->first_frame) / rate_hz +
           track_from_slate_s(whole_, first_track_, rate_hz);
}

double SidePrint::now_s() const {
    return seconds(context_.timeline.now());
}

/// Deck time at which that frame leaves the card.
double SidePrint::card_time_s(std::int64_t played_frame) const {
    const auto stamp = context_.engine.played_timestamp();
    return seconds(stamp.at) + static_cast<double>(played_frame - stamp.frame) / context_.installation.sample_rate_hz;
}

/// What the counter reads when that frame leaves the card.
double SidePrint::counter_at(std::int64_t played_frame) const {
    const auto stamp = context_.engine.played_timestamp();
    const double due_s = static_cast<double>(played_frame - stamp.frame) / context_.installation.sample_rate_hz -
                         seconds(context_.timeline.now() - stamp.at);
    return context_.transport.state().position_m + due_s * metres_per_second(context_.installation.tape_speed_ips);
}

/// What waits in the taps is from before this print.
void SidePrint::drop_old_frames() {
    while (context_.played.read(samples_).frames > 0) {
    }
    while (context_.tape_return.read(samples_).frames > 0) {
    }
    std::array<audio::XrunMark, 16> marks;
    while (context_.engine.take_xruns(marks) > 0) {
    }
}

/// Hands everything that was played and captured to the comparison.
void SidePrint::drain() {
    if (context_.engine.counters().lost.load(std::memory_order_relaxed)) {
        // Whoever keeps the card stops the deck, and then this job. It ends itself where nobody does.
        card_lost_ = card_lost_.value_or(context_.timeline.now());
        if (context_.timeline.now() - *card_lost_ >= kCardKeeperPatience) {
            fault("the sound card is gone; expected it to run through the print; check its cable and power");
        }
        return;
    }
    if (!comparison_ || !ended_by_.empty()) { // a tape that comes to a stop is no print to judge
        const bool plays_in = played_from_ >= 0 && ended_by_.empty();
        while (context_.played.read(samples_).frames > 0) {
        }
        while (return_ && return_->read(samples_).frames > 0) {
        }
        if (plays_in) {
            take_xruns();
        } else {
            drop_old_frames();
        }
        return;
    }
    const auto played = context_.engine.played_timestamp();
    const auto captured = return_->timestamp();
    comparison_->set_clocks({played.frame, seconds(played.at)}, {captured.frame, seconds(captured.at)});
    const auto pass = [this](auto& source, auto&& push) {
        for (;;) {
            const auto block = source.read(samples_);
            if (block.frames == 0) {
                return;
            }
            for (std::size_t i = 0; i < block.frames * 2; ++i) {
                floats_[i] = static_cast<float>(samples_[i] / kFullScale);
            }
            push(block.first_frame, std::span<const float>(floats_.data(), block.frames * 2));
        }
    };
    pass(context_.played, [this](std::int64_t first, std::span<const float> frames) {
        played_to_ = first + static_cast<std::int64_t>(frames.size() / 2);
        comparison_->push_reference(first, frames);
    });
    pass(*return_,
         [this](std::int64_t first, std::span<const float> frames) { comparison_->push_return(first, frames); });
    take_xruns();
}

void SidePrint::take_xruns() {
    std::array<audio::XrunMark, 16> marks;
    for (std::size_t count = context_.engine.take_xruns(marks); count > 0; count = context_.engine.take_xruns(marks)) {
        for (std::size_t i = 0; i < count && played_from_ >= 0; ++i) {
            const audio::XrunMark mark = return_->convert(marks[i]);
            PrintXrun xrun;
            xrun.direction = mark.queue_underrun ? "file" : mark.playback ? "playback" : "capture";
            // Both counters run from the same start, so for placing a mark the capture frame number, at the playback's
            // rate, serves as the playback one.
            xrun.tape_time_s = tape_s(mark.first_frame);
            xrun.length_ms = 1000.0 * static_cast<double>(mark.frames) / context_.installation.sample_rate_hz;
            for (const ProgrammeSection& section : plan_.sections) {
                const std::int64_t first = played_from_ + section.first_frame;
                if (section.kind == ProgrammeSection::Kind::Track && mark.first_frame < first + section.frames &&
                    mark.first_frame + mark.frames > first) {
                    xrun.track = first_track_ + static_cast<std::size_t>(section.index);
                }
            }
            if (mark.playback && comparison_) {
                comparison_->mark_not_proven(mark.first_frame, mark.frames,
                                             mark.queue_underrun
                                                 ? "the file could not be read fast enough: silence was played"
                                                 : "frames lost on the way to the card (xrun)");
            } // frames lost on capture are seen as a jump in the numbers
            owner_.emit({"xrun",
                         {{"direction", xrun.direction}, {"length_ms", figure(xrun.length_ms, 2)}},
                         mark.first_frame,
                         xrun.tape_time_s * metres_per_second(context_.installation.tape_speed_ips)});
            xruns_.push_back(xrun);
            live_failure("xrun", "frames were lost (" + xrun.direction + ", " + figure(xrun.length_ms, 2) + " ms)");
        }
    }
}

/// Up to where the tape has been judged, by the counter: what is known of it when nothing after this is heard.
void SidePrint::tell_proven() {
    const DeckTime now = context_.timeline.now();
    const LiveComparison live = comparison_->live();
    if (now - proven_told_ < kProvenEvery || live.judged_to_frame <= std::max(proven_to_, played_from_)) {
        return;
    }
    proven_told_ = now;
    proven_to_ = live.judged_to_frame;
    const double from_slate_m = tape_s(proven_to_) * metres_per_second(context_.installation.tape_speed_ips);
    std::map<std::string, std::string> detail{{"failing", live.failing.value_or("")},
                                              {"dropouts", std::to_string(live.dropouts)}};
    const auto add = [&detail](const char* name, const std::optional<double>& value) {
        if (value) {
            detail[name] = figure(*value, 4);
        }
    };
    add("delay_ms", live.delay_ms);
    add("level_difference_left_db", live.level_difference_db[0]);
    add("level_difference_right_db", live.level_difference_db[1]);
    owner_.emit({"proven",
                 detail,
                 proven_to_,
                 from_slate_m,
                 counter_at(proven_to_)});
}

/// What of the stream is to be judged: from this playback frame on.
void SidePrint::add_sections(std::int64_t from_frame) {
    for (const ProgrammeSection& section : plan_.sections) {
        const std::int64_t first = std::max(from_frame, played_from_ + section.first_frame);
        const std::int64_t frames = played_from_ + section.first_frame + section.frames - first;
        if (frames <= 0) {
            continue;
        }
        switch (section.kind) {
        case ProgrammeSection::Kind::Slate:
            comparison_->add_section(SectionKind::Slate, "slate", first, frames);
            break;
        case ProgrammeSection::Kind::Tone:
            comparison_->add_section(SectionKind::Tone, "tone", first, frames);
            break;
        case ProgrammeSection::Kind::Voice:
            comparison_->add_section(SectionKind::Voice, "voice slate", first, frames);
            break;
        case ProgrammeSection::Kind::LeadIn: // what the comparison hears before its first section
            break;
        case ProgrammeSection::Kind::Gap:
        case ProgrammeSection::Kind::PostRoll:
            comparison_->add_section(SectionKind::Gap, "gap", first, frames);
            break;
        case ProgrammeSection::Kind::Track:
            comparison_->add_section(SectionKind::Track,
                                     plan_.files[static_cast<std::size_t>(section.index)].path.filename().string(),
                                     first, frames);
            break;
        }
    }
}

} // namespace overbias::mastering
