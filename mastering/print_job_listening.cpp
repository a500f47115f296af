// SPDX-License-Identifier: Apache-2.0
// What a print hears and counts on its way: everything played and captured goes to the comparison, with the places of
// its sections; lost frames are noted; and it is told up to where the tape is proven.
#include "mastering/print_job_impl.hpp"

#include "base/figure.hpp"
#include "base/units.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace overbias::mastering {

namespace {

constexpr DeckDuration kCardKeeperPatience = std::chrono::milliseconds(100);
constexpr DeckDuration kProvenEvery = std::chrono::milliseconds(500);
constexpr double kFullScale = 2147483648.0;

} // namespace

/// Seconds of tape from the slate's onset, at nominal speed.
double PrintJob::tape_s(std::int64_t played_frame) const {
    const std::int64_t slate = played_from_ + plan_.sections[1].first_frame;
    return static_cast<double>(played_frame - slate) / context_.installation.sample_rate_hz;
}

/// What the counter reads when that frame leaves the card.
double PrintJob::counter_at(std::int64_t played_frame) const {
    const auto stamp = context_.engine.played_timestamp();
    const double due_s = static_cast<double>(played_frame - stamp.frame) / context_.installation.sample_rate_hz -
                         seconds(context_.timeline.now() - stamp.at);
    return context_.transport.state().position_m + due_s * metres_per_second(context_.installation.tape_speed_ips);
}

CounterPlaces PrintJob::track_places() const {
    CounterPlaces places(plan_.files.size());
    for (std::size_t n = 0; n < plan_.sections.size(); ++n) {
        if (plan_.sections[n].track < 0) {
            continue;
        }
        auto& place = places[static_cast<std::size_t>(plan_.sections[n].track)];
        for (std::size_t end = 0; end < 2 && n + end < section_counter_m_.size(); ++end) {
            place[end] = section_counter_m_[n + end];
        }
    }
    return places;
}

/// What waits in the taps is from before this print.
void PrintJob::drop_old_frames() {
    while (context_.played.read(samples_).frames > 0) {
    }
    while (context_.tape_return.read(samples_).frames > 0) {
    }
    std::array<audio::XrunMark, 16> marks;
    while (context_.engine.take_xruns(marks) > 0) {
    }
}

/// Hands everything that was played and captured to the comparison.
void PrintJob::drain() {
    if (context_.engine.counters().lost.load(std::memory_order_relaxed)) {
        // Whoever keeps the card stops the deck, and then this job. It ends itself where nobody does.
        card_lost_ = card_lost_.value_or(context_.timeline.now());
        if (context_.timeline.now() - *card_lost_ >= kCardKeeperPatience) {
            fault("the sound card is gone; expected it to run through the print; check its cable and power");
        }
        return;
    }
    if (!comparison_ || !stopped_by_.empty()) { // a tape that comes to a stop is no print to judge
        drop_old_frames();
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

void PrintJob::take_xruns() {
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
                    xrun.track = static_cast<std::size_t>(section.track);
                }
            }
            if (mark.playback) {
                comparison_->mark_not_proven(mark.first_frame, mark.frames,
                                             mark.queue_underrun
                                                 ? "the file could not be read fast enough: silence was played"
                                                 : "frames lost on the way to the card (xrun)");
            } // frames lost on capture are seen as a jump in the numbers
            emit({"xrun",
                  {{"direction", xrun.direction}, {"length_ms", figure(xrun.length_ms, 2)}},
                  mark.first_frame,
                  xrun.tape_time_s * metres_per_second(context_.installation.tape_speed_ips)});
            xruns_.push_back(std::move(xrun));
        }
    }
}

/// Up to where the tape has been judged, by the counter: what is known of it when nothing after this is heard.
void PrintJob::tell_proven() {
    const DeckTime now = context_.timeline.now();
    const LiveComparison live = comparison_->live();
    if (now - proven_told_ < kProvenEvery || live.judged_to_frame <= std::max(proven_to_, played_from_)) {
        return;
    }
    proven_told_ = now;
    proven_to_ = live.judged_to_frame;
    const double from_slate_m = tape_s(proven_to_) * metres_per_second(context_.installation.tape_speed_ips);
    emit({"proven",
          {{"failing", live.failing.value_or("")}, {"dropouts", std::to_string(live.dropouts)}},
          proven_to_,
          from_slate_m,
          slate_counter_m_ + from_slate_m});
}

void PrintJob::add_sections() {
    for (const ProgrammeSection& section : plan_.sections) {
        const std::int64_t first = played_from_ + section.first_frame;
        switch (section.kind) {
        case ProgrammeSection::Kind::Slate:
            comparison_->add_section(SectionKind::Slate, "slate", first, section.frames);
            break;
        case ProgrammeSection::Kind::Silence:
            if (section.first_frame > 0) { // the lead-in is what the comparison hears before its first section
                comparison_->add_section(SectionKind::Gap, "gap", first, section.frames);
            }
            break;
        case ProgrammeSection::Kind::Track:
            comparison_->add_section(SectionKind::Track,
                                     plan_.files[static_cast<std::size_t>(section.track)].path.filename().string(),
                                     first, section.frames);
            break;
        }
    }
}

} // namespace overbias::mastering
