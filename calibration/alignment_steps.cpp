// SPDX-License-Identifier: Apache-2.0
// One step of an alignment, turned by converters.
#include "calibration/alignment_job_impl.hpp"
#include "calibration/bias_search.hpp"
#include "calibration/level_setting.hpp"

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

constexpr double kQuick_s = 0.15; ///< a reading on the way
constexpr double kFit_s = 0.3;    ///< one that the bias peak is fitted through
constexpr std::string_view kPeak = ".peak_position", kPosition = ".position";

/// Puts adjusters back to where they stood, however a step ends, unless what was found is kept.
class PutBack {
  public:
    PutBack(transport::DeckAdjust& adjust, transport::Adjuster adjuster) : adjust_(adjust), adjuster_(adjuster) {}
    PutBack(const PutBack&) = delete;
    PutBack& operator=(const PutBack&) = delete;
    ~PutBack() {
        for (std::size_t track = 0; track < stood_.size(); ++track) {
            (void)adjust_.set_adjuster(adjuster_, track, stood_[track]); // nobody is left who could be told of an error
        }
    }
    void stood(double position) { stood_.push_back(position); }
    void keep() { stood_.clear(); }

  private:
    transport::DeckAdjust& adjust_;
    transport::Adjuster adjuster_;
    std::vector<double> stood_; ///< of each track
};

} // namespace

Task<AlignmentJob::StepEnd> AlignmentJob::automatic(std::size_t index) {
    const ProcedureStep& step = procedure_.steps[index];
    if (!step.turns) {
        co_return co_await read_only(step);
    }
    if (step.reads == Reads::Overbias) {
        if (step.only_checks) {
            co_return co_await check_bias(step);
        }
        co_return co_await set_bias(step);
    }
    co_return co_await set_level(step);
}

Task<AlignmentJob::StepEnd> AlignmentJob::set_bias(const ProcedureStep& step) {
    const OverbiasTarget target{.drop_db = step.target, .tolerance_db = aim(step)};
    std::vector<BiasSearch> searches;
    PutBack back(context_.adjust, *step.turns);
    Levels begun{};
    for (std::size_t track = 0; track < kTracks; ++track) {
        begun[track] = position(*step.turns, track);
        back.stood(begun[track]);
        const double least = step_of(*step.turns, track);
        const auto* peak = context_.record.step(step.id + std::string(kPeak), static_cast<int>(track) + 1);
        const auto* set_at = context_.record.step(step.id + std::string(kPosition), static_cast<int>(track) + 1);
        // where this alignment itself has put it, and nobody has turned it since
        const bool known = peak != nullptr && set_at != nullptr && std::abs(set_at->reading - begun[track]) < least;
        searches.push_back(known ? BiasSearch(target, begun[track], least, peak->reading)
                                 : BiasSearch(target, begun[track], least));
    }
    const auto working = [](const BiasSearch& search) { return search.state() == BiasSearch::State::Working; };
    while (std::any_of(searches.begin(), searches.end(), working)) {
        double averaging_s = kQuick_s;
        for (std::size_t track = 0; track < kTracks; ++track) {
            set(*step.turns, track, searches[track].position());
            if (working(searches[track])) {
                averaging_s = std::max(averaging_s, searches[track].decides() ? step.averaging_s
                                                    : searches[track].fits()  ? kFit_s
                                                                              : kQuick_s);
            }
        }
        co_await tick_until(back_at(context_.timeline.now()));
        const Levels levels = re_sent(step, co_await read(averaging_s));
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
        show(step, std::move(shown));
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
        turned = turned || searches[track].position() != begun[track];
        store(step, channel, searches[track].drop_db(), step.averaging_s);
        store_position(step, kPeak, channel, searches[track].peak()->position);
        store_position(step, kPosition, channel, searches[track].position());
    }
    back.keep();
    keep();
    co_return turned ? StepEnd::Turned : StepEnd::Accepted;
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
        co_await tick_until(back_at(context_.timeline.now()));
        levels[place] = must_hear(step, co_await read(step.averaging_s));
    }
    for (std::size_t track = 0; track < kTracks; ++track) {
        store(step, static_cast<int>(track) + 1, levels[0][track] - levels[1][track], step.averaging_s);
    }
    keep();
    co_return StepEnd::Accepted;
}

Task<AlignmentJob::StepEnd> AlignmentJob::set_level(const ProcedureStep& step) {
    std::vector<LevelSetting> settings;
    PutBack back(context_.adjust, *step.turns);
    for (std::size_t track = 0; track < kTracks; ++track) {
        const double begun = position(*step.turns, track);
        back.stood(begun);
        settings.emplace_back(LevelTarget{.level_db = step.target, .tolerance_db = aim(step)}, begun,
                              step_of(*step.turns, track));
    }
    const auto working = [](const LevelSetting& each) { return each.state() == LevelSetting::State::Working; };
    Levels averaged{};
    for (int readings = 0; std::any_of(settings.begin(), settings.end(), working); ++readings) {
        // the first reading of the first round is seldom the last one
        const double averaging_s = round_ == 1 && readings == 0 ? kQuick_s : step.averaging_s;
        if (readings > 0) {
            for (std::size_t track = 0; track < kTracks; ++track) {
                set(*step.turns, track, settings[track].position());
            }
            co_await tick_until(back_at(context_.timeline.now()));
        }
        const Levels levels = re_sent(step, co_await read(averaging_s));
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
        show(step, std::move(shown));
        if (!failure_.empty()) {
            co_return StepEnd::Failed;
        }
        if (aborted()) {
            co_return StepEnd::Aborted;
        }
    }
    bool turned = false;
    for (std::size_t track = 0; track < kTracks; ++track) {
        turned = turned || settings[track].moved();
        store(step, static_cast<int>(track) + 1, step.target - settings[track].to_go_db(), averaged[track]);
        store_position(step, kPosition, static_cast<int>(track) + 1, settings[track].position());
    }
    back.keep();
    keep();
    co_return turned ? StepEnd::Turned : StepEnd::Accepted;
}

Task<AlignmentJob::StepEnd> AlignmentJob::read_only(const ProcedureStep& step) {
    accept(step, co_await read(step.averaging_s));
    co_return StepEnd::Accepted;
}

} // namespace overbias::calibration
