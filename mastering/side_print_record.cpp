// SPDX-License-Identifier: Apache-2.0
// What a run of a side leaves in the session: tracks that are done, as soon as they are, and in the end the run's
// verdict and the side's.
#include "mastering/side_print.hpp"

#include "base/host_time.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace overbias::mastering {

namespace {

constexpr double kAfterTrack_s = 0.5; ///< recorded beyond a track before it counts as done

} // namespace

/// How many of this run's tracks have been judged to their end, and enough of the gap after them is recorded.
std::size_t SidePrint::tracks_on_tape(std::int64_t judged_to) const {
    const double rate_hz = context_.installation.sample_rate_hz;
    std::size_t done = 0;
    for (std::size_t n = 0; n + 1 < plan_.sections.size(); ++n) {
        const ProgrammeSection& section = plan_.sections[n];
        if (section.kind != ProgrammeSection::Kind::Track) {
            continue;
        }
        const ProgrammeSection& after = plan_.sections[n + 1];
        const std::int64_t beyond =
            std::min(static_cast<std::int64_t>(kAfterTrack_s * rate_hz), after.silent() ? after.frames / 2 : 0);
        if (judged_to < played_from_ + section.first_frame + section.frames + beyond) {
            break;
        }
        ++done;
    }
    return done;
}

void SidePrint::keep_tracks(const ComparisonResult& result, std::size_t up_to) {
    const double rate_hz = context_.installation.sample_rate_hz;
    for (std::size_t i = 0; i < std::min(up_to, result.tracks.size()); ++i) {
        const std::size_t index = first_track_ + i;
        SessionTrack& track = record_.tracks.at(index);
        for (std::size_t n = 0; n < plan_.sections.size(); ++n) {
            if (plan_.sections[n].kind == ProgrammeSection::Kind::Track &&
                plan_.sections[n].index == static_cast<int>(i)) {
                track.start_m = n < section_counter_m_.size() ? std::optional(section_counter_m_[n]) : std::nullopt;
                track.end_m =
                    n + 1 < section_counter_m_.size() ? std::optional(section_counter_m_[n + 1]) : std::nullopt;
            }
        }
        track.verdict = result.tracks[i].pass ? "pass" : "fail";
        track.report = track_report({.side = record_,
                                     .index = index,
                                     .file = plan_.files[i],
                                     .converted = stream_.converted(i),
                                     .trim_db = plan_.trims_db[i],
                                     .result = result.tracks[i],
                                     .from_slate_s = track_from_slate_s(whole_, index, rate_hz),
                                     .speed_ips = context_.installation.tape_speed_ips,
                                     .xruns = xruns_});
    }
}

void SidePrint::keep_run(const ComparisonResult& result) {
    record_.runs.back().report =
        run_report({.result = result,
                    .slate_sent_re_operating_db = first_track_ == 0 && !plan_.tones.empty()
                                                      ? std::optional(plan_.tones.front().level_re_operating_db)
                                                      : std::nullopt,
                    .xruns = xruns_,
                    .concerns = concerns_,
                    .ended_by = ended_by_,
                    .ended_words = ended_words_});
}

void SidePrint::note_tracks() {
    const std::size_t done = tracks_on_tape(comparison_->live().judged_to_frame);
    if (done <= tracks_kept_) {
        return;
    }
    const ComparisonResult result = comparison_->so_far();
    if (result.tracks.size() < done) {
        return; // judged to there, and not yet told
    }
    keep_tracks(result, done);
    for (std::size_t i = tracks_kept_; i < done; ++i) {
        record_.tracks.at(first_track_ + i).done = true;
    }
    tracks_kept_ = done;
    record_.earlier = result.for_next_run;
    keep_run(result);
    owner_.changed();
}

/// The tape is at rest: the run's verdict, and the side's when this was its end.
void SidePrint::conclude() {
    const ComparisonResult result = comparison_->finish();
    const bool whole = ended_by_.empty();
    keep_tracks(result, result.tracks.size());
    keep_run(result);
    SessionRun& run = record_.runs.back();
    run.ended_utc = utc_text(host_now().utc_ns);
    run.ended = whole ? "complete" : ended_by_ + ": " + ended_words_;
    if (whole) {
        if (first_track_ == 0 || result.for_next_run.head_delay_s) {
            record_.earlier = result.for_next_run;
        }
        for (SessionTrack& track : record_.tracks) {
            track.done = true;
        }
        const bool all = std::ranges::all_of(record_.tracks, [](const SessionTrack& t) { return t.verdict == "pass"; });
        record_.verdict = all && runs_are_good(record_) ? "pass" : "fail";
    }
    owner_.changed();
}

} // namespace overbias::mastering
