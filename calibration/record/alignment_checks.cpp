// SPDX-License-Identifier: Apache-2.0
// What an alignment reads without turning: levels, timing, noise, the drop past the bias peak, and whether the EQ
// switches stand alike.
#include "calibration/record/alignment_job_impl.hpp"

#include "calibration/procedure/track_timing.hpp"
#include "calibration/record/equalisation_switches.hpp"
#include "dsp/analysis/noise.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace overbias::calibration {

namespace {

constexpr const char* kEqualisationNote = "record.equalisation";
constexpr double kCoarse_s = 0.5;
constexpr double kShown_s = 0.1; ///< a reading that is not done yet is shown so often
/// The EQ switches are looked at where tape is driven by neither boost.
constexpr double kEqualisationLow_db = -10.0, kEqualisationHigh_db = -20.0;

} // namespace

Task<AlignmentJob::StepEnd> AlignmentJob::read_only(const ProcedureStep& step) {
    double coarse_us = 0.0;
    if (step.coarse_hz > 0.0) {
        coarse_us = co_await read_coarse(step, kCoarse_s);
        co_await play(step);
    }
    const StereoTone tone = co_await read_and_show(step, coarse_us);
    if (aborted()) {
        co_return StepEnd::Aborted;
    }
    accept(step, tone, coarse_us);
    co_return StepEnd::Accepted;
}

Task<StereoTone> AlignmentJob::read_and_show(const ProcedureStep& step, double coarse_us) {
    const DeckTime from = context_.timeline.now();
    const DeckTime to = from + deck_seconds(step.averaging_s);
    DeckTime next = from + deck_seconds(kShown_s);
    while (!listener_->heard_until(to)) {
        co_await tick();
        if (context_.timeline.now() < next) {
            continue;
        }
        next += deck_seconds(kShown_s);
        if (const auto so_far = listener_->tone(from, next - deck_seconds(2.0 * kShown_s))) {
            std::vector<TrackReading> shown;
            for (const auto& [channel, reading] : readings(step, *so_far, coarse_us)) {
                shown.push_back({.channel = channel, .reading = reading, .turn = std::nullopt, .words = "reading"});
            }
            show(step, std::move(shown), OperatorTask::Watch);
        }
    }
    if (const auto tone = listener_->tone(from, to)) {
        co_return *tone;
    }
    co_return co_await read(step.averaging_s); // frames were lost in it
}

Task<double> AlignmentJob::read_coarse(const ProcedureStep& step, double averaging_s) {
    ProcedureStep coarse = step;
    coarse.frequency_hz = step.coarse_hz;
    co_await play(coarse);
    const StereoTone tone = co_await read(averaging_s);
    (void)must_hear(coarse, tone);
    co_return late_us_of_phase(tone.phase_deg, step.coarse_hz);
}

Task<AlignmentJob::StepEnd> AlignmentJob::read_noise(const ProcedureStep& step) {
    co_await play_silence();
    TapeStretch stretch = co_await take_stretch(step.averaging_s);
    const auto taken = std::make_shared<const TapeStretch>(std::move(stretch));
    std::function<Levels()> work = [taken] {
        Levels dbfs{};
        for (std::size_t track = 0; track < kTracks; ++track) {
            dbfs[track] = dsp::measure_noise(taken->channels[track], taken->rate_hz).a_dbfs;
        }
        return dbfs;
    };
    const Levels dbfs = co_await calculated<Levels>(std::move(work));
    if (aborted()) {
        co_return StepEnd::Aborted;
    }
    std::vector<TrackReading> shown;
    for (std::size_t track = 0; track < kTracks; ++track) {
        const double noise_db = context_.installation.chart.captured_re_operating_db(dbfs[track]);
        const int channel = static_cast<int>(track) + 1;
        shown.push_back({.channel = channel, .reading = noise_db, .turn = std::nullopt, .done = true, .words = "done"});
        store(step, channel, noise_db, step.averaging_s);
    }
    show(step, std::move(shown), OperatorTask::Watch);
    keep();
    co_return StepEnd::Accepted;
}

/// The drop against the peak as the last alignment has left both; bias goes back to where it was.
Task<AlignmentJob::StepEnd> AlignmentJob::check_bias(const ProcedureStep& step) {
    PutBack back(context_.adjust, *step.turns);
    Levels stands{};
    Levels peak{};
    for (std::size_t track = 0; track < kTracks; ++track) {
        const int channel = static_cast<int>(track) + 1;
        stands[track] = position(*step.turns, track);
        back.stood(stands[track]);
        const auto at = last_alignment(step.id + std::string(kPeak), channel);
        const auto set_at = last_alignment(step.id + std::string(kPosition), channel);
        if (!at || !set_at || std::abs(*set_at - stands[track]) >= step_of(*step.turns, track)) {
            emit({"not_checked",
                  {{"step", step.id},
                   {"reason", at ? "bias of track " + std::to_string(channel) +
                                       " was moved since the last record alignment; align again"
                                 : "no record alignment from here is known for this tape, speed and head block"}},
                  std::nullopt,
                  std::nullopt,
                  context_.transport.state().position_m});
            back.keep(); // nothing was moved
            co_return StepEnd::Skipped;
        }
        peak[track] = *at;
    }
    std::array<Levels, 2> levels{};
    for (std::size_t place = 0; place < 2; ++place) {
        for (std::size_t track = 0; track < kTracks; ++track) {
            set(*step.turns, track, place == 0 ? peak[track] : stands[track]);
        }
        co_await settle(step);
        const StereoTone tone = co_await read(step.averaging_s);
        levels[place] = must_hear(step, tone);
    }
    for (std::size_t track = 0; track < kTracks; ++track) {
        store(step, static_cast<int>(track) + 1, levels[0][track] - levels[1][track], step.averaging_s);
    }
    keep();
    co_return StepEnd::Accepted;
}

/// After the level at 1 kHz, before HF: what a wrong switch does is not trimmed away yet.
Task<std::string> AlignmentJob::wrong_equalisation() {
    const tape::AlignmentKey& key = context_.record.key;
    if (!procedure_.watches_equalisation || !equalisation_can_differ(key.equalisation, key.speed_ips)) {
        co_return std::string();
    }
    ProcedureStep look;
    look.title = "EQ switches";
    std::array<Levels, 2> levels{};
    for (const bool high : {false, true}) {
        look.frequency_hz = high ? ResponseEnds::kHigh_hz : ResponseEnds::kLow_hz;
        look.level_db = high ? kEqualisationHigh_db : kEqualisationLow_db;
        co_await play(look);
        const StereoTone tone = co_await read(shortest_s(look));
        levels[high ? 1 : 0] = must_hear(look, tone);
    }
    ResponseEnds ends;
    for (std::size_t track = 0; track < kTracks; ++track) {
        const tape::AlignmentStep* mid = context_.record.step("record.level", static_cast<int>(track) + 1);
        const double mid_db = mid == nullptr ? 0.0 : mid->reading;
        ends.low_db[track] = levels[0][track] - mid_db;
        ends.high_db[track] = levels[1][track] - mid_db;
    }
    high_off_db_ = ends.high_db;
    const auto apart = switches_apart(key.equalisation, key.speed_ips, ends);
    co_return apart ? switches_apart_words(key.equalisation, *apart, ends) : std::string();
}

bool AlignmentJob::told_before(const std::string& wrong_equalisation) {
    const bool told = !procedure_.compares && context_.record.step(kEqualisationNote, 1) != nullptr;
    for (std::size_t track = 0; track < kTracks; ++track) {
        tape::AlignmentStep note;
        note.id = kEqualisationNote;
        note.channel = static_cast<int>(track) + 1;
        note.reading = high_off_db_[track];
        note.unit = "dB";
        note.accepted_at = context_.utc_now();
        note.remark = (told ? "begun again as it stands: " : "") + wrong_equalisation;
        context_.record.steps.push_back(std::move(note));
    }
    keep();
    return told;
}

} // namespace overbias::calibration
