// SPDX-License-Identifier: Apache-2.0
// One step of a reproduce alignment: by hand, by converters, or only read.
#include "base/figure.hpp"
#include "calibration/procedure/level_setting.hpp"
#include "calibration/procedure/put_back.hpp"
#include "calibration/reproduce/reproduce_guide.hpp"
#include "calibration/reproduce/reproduce_job_impl.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace overbias::calibration {

namespace {

/// A new reading so often, each the mean of so long; within the aim for at most so long, and it is held.
constexpr double kLive_s = 0.1, kLevelMean_s = 0.3, kTimingMean_s = 2.0, kHold_s = 2.0;
constexpr double kSet_s = 0.08; ///< from the converter to the capture

} // namespace

bool ReproduceJob::can_set(transport::Adjuster adjuster) const {
    return step_of(adjuster, 0) && step_of(adjuster, 1);
}

std::optional<double> ReproduceJob::step_of(transport::Adjuster adjuster, std::size_t track) const {
    for (const transport::AdjusterOffer& offer : context_.adjust.capabilities().adjusters) {
        if (offer.adjuster == adjuster && offer.track == track && offer.step > 0.0) {
            return offer.step;
        }
    }
    return std::nullopt;
}

double ReproduceJob::position(transport::Adjuster adjuster, std::size_t track) const {
    const auto stands = context_.adjust.adjuster(adjuster, track);
    if (!stands) {
        fault(stands.error().message);
    }
    return *stands;
}

void ReproduceJob::set(transport::Adjuster adjuster, std::size_t track, double position) {
    if (auto done = context_.adjust.set_adjuster(adjuster, track, position); !done) {
        fault(done.error().message);
    }
}

Task<ReproduceJob::StepEnd> ReproduceJob::guided(const ReproduceStep& step) {
    const bool timing = step.reads != ReproduceStep::Reads::Level;
    const double mean_s = timing ? kTimingMean_s : kLevelMean_s;
    ReproduceGuide guide(step, static_cast<std::size_t>(std::ceil(kHold_s / kLive_s)));
    bool first = true;
    for (;;) {
        if (!plays(step.tone) || first) {
            if (!co_await come_to(step.tone)) {
                co_return StepEnd::Skipped;
            }
        }
        const DeckTime next = context_.timeline.now() + deck_seconds(kLive_s);
        while (context_.timeline.now() < next) {
            co_await play_on();
        }
        const DeckTime to = certain_until();
        const DeckTime from = to - deck_seconds(mean_s);
        first = false;
        const auto word = context_.operator_port->take();
        if (word && word->says == OperatorSays::Abort) {
            throw OperatorEnded{};
        }
        if (word && word->says == OperatorSays::Skip) {
            co_return StepEnd::Skipped;
        }
        if (word && word->says == OperatorSays::Back) {
            co_return StepEnd::Back;
        }
        if (word && word->says == OperatorSays::Accept) {
            break;
        }
        const auto tone = from >= listening_since_ ? listener_->tone(from, to) : std::nullopt;
        if (!tone) {
            continue; // not so long yet, or frames were lost
        }
        const Reading now = reading(step, *tone);
        if (step.turns == transport::Adjuster::ReproduceHigh && !guide.turned()) {
            hint_ = equalisation_hint(*tape_, step.tone, deck_, now.db);
        }
        show(view(step, OperatorTask::Turn, guide.look(now.db, now.late_us)));
    }
    const auto accepted = co_await read_tone(step);
    if (!accepted) {
        co_return StepEnd::Skipped;
    }
    store(step, *accepted);
    co_return guide.turned() ? StepEnd::Turned : StepEnd::Accepted;
}

Task<ReproduceJob::StepEnd> ReproduceJob::only_read(const ReproduceStep& step) {
    const auto read = co_await read_tone(step);
    if (!read) {
        co_return StepEnd::Skipped;
    }
    std::vector<TrackReading> shown;
    if (step.reads != ReproduceStep::Reads::Level) {
        shown.push_back({.channel = 0,
                         .reading = read->late_us,
                         .turn = std::nullopt,
                         .done = true,
                         .words = late_words(read->late_us)});
    }
    for (std::size_t track = 0; step.reads == ReproduceStep::Reads::Level && track < kTracks; ++track) {
        shown.push_back({.channel = static_cast<int>(track) + 1,
                         .reading = read->db[track],
                         .turn = std::nullopt,
                         .done = true,
                         .words = figure(read->db[track], 2, true) + " dB"});
    }
    show(view(step, OperatorTask::Watch, std::move(shown)));
    store(step, *read);
    co_return StepEnd::Accepted;
}

Task<ReproduceJob::StepEnd> ReproduceJob::set_level(const ReproduceStep& step) {
    std::vector<LevelSetting> settings;
    PutBack back(context_.adjust, *step.turns);
    for (std::size_t track = 0; track < kTracks; ++track) {
        const double begun = position(*step.turns, track);
        back.stood(begun);
        settings.emplace_back(LevelTarget{.level_db = 0.0, .tolerance_db = step.aim}, begun,
                              *step_of(*step.turns, track));
    }
    const auto working = [](const LevelSetting& each) { return each.state() == LevelSetting::State::Working; };
    double averaging_s = 0.0;
    while (std::any_of(settings.begin(), settings.end(), working)) {
        const auto read = co_await read_tone(step);
        if (!read) {
            co_return StepEnd::Skipped;
        }
        averaging_s = read->averaging_s;
        std::vector<TrackReading> shown;
        for (std::size_t track = 0; track < kTracks; ++track) {
            LevelSetting& setting = settings[track];
            if (working(setting)) {
                setting.add(read->db[track]);
            }
            shown.push_back({.channel = static_cast<int>(track) + 1,
                             .reading = -setting.to_go_db(),
                             .turn = std::nullopt,
                             .done = setting.state() == LevelSetting::State::Done,
                             .words = setting.words()});
            if (setting.state() == LevelSetting::State::Failed) {
                const std::string hint = equalisation_hint(*tape_, step.tone, deck_, read->db);
                failure_ = step.title + " of track " + std::to_string(track + 1) + ": " + setting.words() +
                           (hint.empty() ? "" : "; " + hint);
            }
        }
        show(view(step, OperatorTask::Watch, std::move(shown)));
        if (!failure_.empty()) {
            co_return StepEnd::Failed;
        }
        for (std::size_t track = 0; track < kTracks; ++track) {
            set(*step.turns, track, settings[track].position());
        }
        listening_since_ = context_.timeline.now() + deck_seconds(kSet_s);
    }
    bool turned = false;
    for (std::size_t track = 0; track < kTracks; ++track) {
        const int channel = static_cast<int>(track) + 1;
        turned = turned || settings[track].moved();
        store_value(step.id, channel, -settings[track].to_go_db(), step.unit(), step.tolerance, averaging_s,
                    step.remark);
        store_value(step.id + ".position", channel, settings[track].position(), "of travel", std::nullopt, 0.0, "");
    }
    back.keep();
    keep();
    co_return turned ? StepEnd::Turned : StepEnd::Accepted;
}

} // namespace overbias::calibration
