// SPDX-License-Identifier: Apache-2.0
// One step of an alignment, turned by converters.
#include "calibration/procedure/earlier_alignment.hpp"
#include "calibration/procedure/level_setting.hpp"
#include "calibration/record/alignment_job_impl.hpp"
#include "calibration/record/bias_search.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace overbias::calibration {

namespace {

constexpr double kFit_s = 0.3; ///< a reading that the bias peak is fitted through

} // namespace

Task<AlignmentJob::StepEnd> AlignmentJob::automatic(std::size_t index) {
    const ProcedureStep& step = procedure_.steps[index];
    if (step.reads == Reads::Overbias) {
        if (step.only_checks) {
            co_return co_await check_bias(step);
        }
        co_return co_await set_bias(step);
    }
    co_return co_await set_level(step);
}

Task<void> AlignmentJob::settle(const ProcedureStep& step) {
    const DeckTime back = back_at(context_.timeline.now()) + deck_seconds(settling_s(step));
    co_await tick_until(back);
}

/// From what is known of the peak: out of this alignment, or out of the last one.
BiasSearch AlignmentJob::bias_search(const ProcedureStep& step, std::size_t track, double stands) const {
    const OverbiasTarget target{.drop_db = step.target, .tolerance_db = aim(step)};
    const double least = step_of(*step.turns, track);
    const int channel = static_cast<int>(track) + 1;
    const std::string peak_id = step.id + std::string(kPeak);
    const std::string position_id = step.id + std::string(kPosition);
    const auto* peak = context_.record.step(peak_id, channel);
    const auto* set_at = context_.record.step(position_id, channel);
    // where this alignment itself has put it, and nobody has turned it since
    if (peak != nullptr && set_at != nullptr && std::abs(set_at->reading - stands) < least) {
        return {target, stands, least, peak->reading};
    }
    const auto last_peak = last_full_value(context_.history, context_.record.key, peak_id, channel);
    const auto last_set = last_full_value(context_.history, context_.record.key, position_id, channel);
    if (last_peak && last_set) {
        return BiasSearch::from_last_time(target, stands, least,
                                          {.peak = last_peak->step.reading, .left_at = last_set->step.reading});
    }
    return {target, stands, least};
}

std::optional<AlignmentJob::Levels> AlignmentJob::left_last_time(const ProcedureStep& step) const {
    const std::string id = step.id + std::string(kPosition);
    Levels left{};
    for (std::size_t track = 0; track < kTracks; ++track) {
        const int channel = static_cast<int>(track) + 1;
        const auto last = last_full_value(context_.history, context_.record.key, id, channel);
        if (!last || context_.record.step(id, channel) != nullptr) {
            return std::nullopt;
        }
        left[track] = last->step.reading;
    }
    return left;
}

Task<AlignmentJob::StepEnd> AlignmentJob::set_bias(const ProcedureStep& step) {
    std::vector<BiasSearch> searches;
    PutBack back(context_.adjust, *step.turns);
    Levels begun{};
    for (std::size_t track = 0; track < kTracks; ++track) {
        begun[track] = position(*step.turns, track);
        back.stood(begun[track]);
        searches.push_back(bias_search(step, track, begun[track]));
    }
    const auto working = [](const BiasSearch& search) { return search.state() == BiasSearch::State::Working; };
    while (std::any_of(searches.begin(), searches.end(), working)) {
        double averaging_s = shortest_s(step);
        for (std::size_t track = 0; track < kTracks; ++track) {
            set(*step.turns, track, searches[track].position());
            if (working(searches[track])) {
                averaging_s = std::max(averaging_s, searches[track].decides() ? step.averaging_s
                                                    : searches[track].fits()  ? kFit_s
                                                                              : shortest_s(step));
            }
        }
        co_await settle(step);
        const StereoTone tone = co_await read(averaging_s);
        const Levels levels = re_sent(step, tone);
        std::vector<TrackReading> shown;
        for (std::size_t track = 0; track < kTracks; ++track) {
            BiasSearch& search = searches[track];
            if (working(search)) {
                search.add(levels[track]);
            }
            shown.push_back({.channel = static_cast<int>(track) + 1,
                             .reading = search.peak() ? std::optional(search.drop_db()) : std::nullopt,
                             .turn = std::nullopt,
                             .done = search.state() == BiasSearch::State::Done,
                             .words = search.words()});
            if (search.state() == BiasSearch::State::Failed) {
                failure_ = "track " + std::to_string(track + 1) + ": " + search.words();
            }
        }
        show(step, std::move(shown), OperatorTask::Watch);
        if (!failure_.empty()) {
            co_return StepEnd::Failed;
        }
        if (aborted()) {
            co_return StepEnd::Aborted;
        }
    }
    bool turned = false;
    for (std::size_t track = 0; track < kTracks; ++track) {
        const int channel = static_cast<int>(track) + 1;
        set(*step.turns, track, searches[track].position());
        turned = turned || has_moved(step, track, begun[track], searches[track].position());
        store(step, channel, searches[track].drop_db(), step.averaging_s);
        store_position(step, kPeak, channel, searches[track].peak()->position);
        store_position(step, kPosition, channel, searches[track].position());
    }
    back.keep();
    keep();
    co_return turned ? StepEnd::Turned : StepEnd::Accepted;
}

/// From where the last alignment has left it, where there is one, else from where it stands.
Task<AlignmentJob::StepEnd> AlignmentJob::set_level(const ProcedureStep& step) {
    std::vector<LevelSetting> settings;
    PutBack back(context_.adjust, *step.turns);
    Levels begun{};
    auto last = left_last_time(step);
    bool elsewhere = false;
    for (std::size_t track = 0; track < kTracks; ++track) {
        begun[track] = position(*step.turns, track);
        back.stood(begun[track]);
        elsewhere = elsewhere || (last && has_moved(step, track, begun[track], (*last)[track]));
    }
    if (!elsewhere) {
        last.reset();
    }
    for (std::size_t track = 0; track < kTracks; ++track) {
        settings.emplace_back(LevelTarget{.level_db = step.target, .tolerance_db = aim(step)},
                              last ? (*last)[track] : begun[track], step_of(*step.turns, track));
    }
    const auto working = [](const LevelSetting& each) { return each.state() == LevelSetting::State::Working; };
    Levels averaged{};
    for (int readings = 0; std::any_of(settings.begin(), settings.end(), working); ++readings) {
        // the first reading of the first round is seldom the last one
        const double averaging_s = round_ == 1 && readings == 0 && !last ? shortest_s(step) : step.averaging_s;
        if (readings > 0 || last) {
            for (std::size_t track = 0; track < kTracks; ++track) {
                set(*step.turns, track, settings[track].position());
            }
            co_await settle(step);
        }
        const StereoTone tone = co_await read(averaging_s);
        const Levels levels = re_sent(step, tone);
        std::vector<TrackReading> shown;
        for (std::size_t track = 0; track < kTracks; ++track) {
            LevelSetting& setting = settings[track];
            if (working(setting)) {
                setting.add(levels[track]);
                averaged[track] = averaging_s;
            }
            shown.push_back({.channel = static_cast<int>(track) + 1,
                             .reading = step.target - setting.to_go_db(),
                             .turn = std::nullopt,
                             .done = setting.state() == LevelSetting::State::Done,
                             .words = setting.words()});
            if (setting.state() == LevelSetting::State::Failed) {
                failure_ = step.title + " of track " + std::to_string(track + 1) + ": " + setting.words();
            }
        }
        show(step, std::move(shown), OperatorTask::Watch);
        if (!failure_.empty() && step.where_there_is_one) {
            co_return co_await leave_as_it_was(step, begun);
        }
        if (!failure_.empty()) {
            co_return StepEnd::Failed;
        }
        if (aborted()) {
            co_return StepEnd::Aborted;
        }
    }
    bool turned = false;
    for (std::size_t track = 0; track < kTracks; ++track) {
        turned = turned || has_moved(step, track, begun[track], settings[track].position());
        store(step, static_cast<int>(track) + 1, step.target - settings[track].to_go_db(), averaged[track]);
        store_position(step, kPosition, static_cast<int>(track) + 1, settings[track].position());
    }
    back.keep();
    keep();
    co_return turned ? StepEnd::Turned : StepEnd::Accepted;
}

/// An adjuster that not every deck has, and that does not reach: the alignment does not hang on it, its limit tells.
Task<AlignmentJob::StepEnd> AlignmentJob::leave_as_it_was(const ProcedureStep& step, const Levels& begun) {
    for (std::size_t track = 0; track < kTracks; ++track) {
        set(*step.turns, track, begun[track]);
    }
    co_await settle(step);
    const StereoTone tone = co_await read(step.averaging_s);
    ProcedureStep noted = step;
    noted.remark = std::exchange(failure_, "") + "; left as it was" + (step.remark.empty() ? "" : "; " + step.remark);
    accept(noted, tone, 0.0);
    co_return StepEnd::Accepted;
}

} // namespace overbias::calibration
