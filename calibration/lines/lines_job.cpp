// SPDX-License-Identifier: Apache-2.0
// The lines job from its start to its end. Beside it: lines_job_cable.cpp (what is measured through the cable).
#include "calibration/lines/lines_job_impl.hpp"

#include "base/figure.hpp"
#include "dsp/analysis/tone.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace overbias::calibration {

using transport::JobOutcome;
using transport::Motion;

namespace {

constexpr double kLive_s = 0.1;
constexpr double kKnown_s = 1.0;          ///< so long the known voltage is averaged
constexpr double kToneShare = 0.5;        ///< of the power: less, and it is no steady tone
constexpr double kLeastFed_dbfs = -50.0;  ///< of the known voltage
constexpr double kOtherChannel_db = 20.0; ///< louder on the other channel: it is plugged in there
constexpr const char* kSides[] = {"left", "right"};

} // namespace

LinesJob::LinesJob(AlignmentContext context, LinesSetup setup)
    : AttendedProcedure(std::move(context), "lines", "converters and lines", "read a voltmeter and put in a cable"),
      setup_(std::move(setup)) {
    set_steps(setup_.vu_meters
                  ? std::vector<std::string>{"lines.play_dbu", "lines.vu", "lines.round_trip", "lines.capture_dbu"}
                  : std::vector<std::string>{"lines.play_dbu", "lines.round_trip", "lines.capture_dbu"});
}

std::string LinesJob::step_title(const std::string& id) const {
    if (id == "lines.play_dbu") {
        return "line into the deck";
    }
    if (id == "lines.vu") {
        return "VU meters";
    }
    if (id == "lines.round_trip") {
        return "cable in place of the deck";
    }
    return id == "lines.capture_dbu" ? "line out of the deck" : id;
}

double LinesJob::sent_dbfs() const {
    return context_.installation.chart.play_dbfs(0.0);
}

dsp::Signal LinesJob::reference() const {
    return dsp::sine_signal(kReference_hz, sent_dbfs());
}

/// Full scale of one playback channel; empty: skipped. `first`: of the channel before it.
Task<std::optional<double>> LinesJob::play_channel(std::size_t channel, std::optional<double> first, std::string note) {
    const std::string side = kSides[channel];
    co_await play(reference(), channel == 0 ? audio::OscillatorChannels::Left : audio::OscillatorChannels::Right);
    AlignmentView wanted =
        view("lines.play_dbu", OperatorTask::Enter,
             "1 kHz at operating level plays on the " + side + " line alone: put the voltmeter across the " + side +
                 " line into the deck, the deck connected, and enter what it reads");
    wanted.value_unit = unit_text(setup_.unit);
    wanted.note = std::move(note);
    std::optional<double> doubted;
    for (;;) {
        const OperatorWord word = co_await asked(wanted);
        if (word.says == OperatorSays::Skip) {
            co_return std::nullopt;
        }
        if (!word.value) {
            wanted.note = "there is no step before this one: enter the voltage, or skip it";
            continue;
        }
        const auto line = line_dbu(*word.value, setup_.unit, sent_dbfs());
        if (!line) {
            wanted.note = line.error().message;
            continue;
        }
        const double full_scale = *line - sent_dbfs();
        const std::string complaint = first ? apart_complaint(*first, full_scale) : std::string();
        const bool meant = doubted && std::abs(*doubted - full_scale) < 0.1;
        if (!complaint.empty() && !meant) {
            doubted = full_scale;
            wanted.note = complaint;
            continue;
        }
        co_return full_scale;
    }
}

Task<void> LinesJob::play_side() {
    std::string note;
    for (;;) {
        std::array<std::optional<double>, kTracks> full_scale;
        for (std::size_t c = 0; c < kTracks; ++c) {
            const auto first = c > 0 ? full_scale[0] : std::nullopt;
            full_scale[c] = co_await play_channel(c, first, std::exchange(note, {}));
        }
        context_.oscillator.stop();
        std::string told;
        for (std::size_t c = 0; c < kTracks; ++c) {
            if (full_scale[c]) {
                told += std::string(told.empty() ? "" : "; ") + kSides[c] + " line " +
                        line_text(*full_scale[c] + sent_dbfs()) + ", a full-scale sine " +
                        figure(*full_scale[c], 2, true) + " dBu";
                if (const auto last = last_alignment("lines.play_dbu", static_cast<int>(c) + 1)) {
                    told += " (last time " + figure(*last, 2, true) + " dBu)";
                }
            }
        }
        if (!told.empty()) {
            AlignmentView sure = view("lines.play_dbu", OperatorTask::Confirm,
                                      "Is that what the voltmeter read? Accept it, or go back to enter it again");
            sure.note = told;
            const OperatorWord word = co_await asked(std::move(sure));
            if (word.says == OperatorSays::Back) {
                continue;
            }
            if (word.says == OperatorSays::Skip) {
                co_return;
            }
        }
        for (std::size_t c = 0; c < kTracks; ++c) {
            if (full_scale[c]) {
                store("lines.play_dbu", static_cast<int>(c) + 1, *full_scale[c], "dBu", 0.0, true,
                      "of a full-scale sine; 1 kHz at operating level was sent");
            }
        }
        keep();
        co_return;
    }
}

/// Of the playback, as measured or as the installation has it.
std::optional<double> LinesJob::play_full_scale(std::size_t channel) const {
    const auto measured = stored("lines.play_dbu", static_cast<int>(channel) + 1);
    return measured ? measured : context_.installation.chart.play_dbu_at_full_scale;
}

Task<void> LinesJob::vu_meters() {
    const auto left = play_full_scale(0);
    const auto right = play_full_scale(1);
    if (!left || !right) {
        emit({"not_measured",
              {{"step", "lines.vu"}, {"reason", "the level of the line into the deck is not known"}},
              {},
              {}});
        co_return;
    }
    const double line = (*left + *right) / 2.0 + sent_dbfs();
    co_await play(reference(), audio::OscillatorChannels::Both);
    AlignmentView wanted =
        view("lines.vu", OperatorTask::Enter,
             "1 kHz at " + line_text(line) + " plays on both lines: enter what the VU meters on these lines show");
    wanted.value_unit = "VU";
    for (;;) {
        const OperatorWord word = co_await asked(wanted);
        if (word.says == OperatorSays::Skip) {
            break;
        }
        if (!word.value) {
            wanted.note = "enter what the meters show, or skip it";
            continue;
        }
        const auto zero = dbu_at_0_vu(*word.value, line);
        if (zero) {
            store("lines.vu", 0, *zero, "dBu", 0.0, true, "at 0 VU");
            keep();
            break;
        }
        wanted.note = zero.error().message;
    }
    context_.oscillator.stop();
}

/// A known voltage on one line out of the deck, fed by the operator.
Task<std::optional<double>> LinesJob::known_voltage(std::size_t channel) {
    const std::string side = kSides[channel];
    AlignmentView wanted =
        view("lines.capture_dbu", OperatorTask::Enter,
             "Feed a steady tone of about 1 kHz and known voltage into the " + side +
                 " line from the deck, near operating level, and enter the voltage that a voltmeter reads there");
    wanted.value_unit = unit_text(setup_.unit);
    wanted.unit = "dBFS";
    wanted.averaging_s = kLive_s;
    context_.oscillator.stop();
    listener_->listen(kReference_hz);
    for (;;) {
        const DeckTime to = context_.timeline.now() + deck_seconds(kLive_s);
        while (!listener_->heard_until(to)) {
            co_await tick();
        }
        if (const auto tone = listener_->tone(to - deck_seconds(kLive_s), to)) {
            wanted.tracks.clear();
            for (std::size_t c = 0; c < kTracks; ++c) {
                TrackReading reading;
                reading.channel = static_cast<int>(c) + 1;
                reading.reading = std::max(tone->level_dbfs[c], -150.0);
                reading.words = figure(*reading.reading, 1) + " dBFS arrive";
                wanted.tracks.push_back(std::move(reading));
            }
        }
        const auto word = shown(wanted);
        if (!word) {
            continue;
        }
        if (word->says == OperatorSays::Skip) {
            co_return std::nullopt;
        }
        if (!word->value) {
            wanted.note = "a value in " + wanted.value_unit + " is expected";
            continue;
        }
        const TapeStretch stretch = co_await take_stretch(kKnown_s);
        std::array<dsp::Tone, kTracks> tones;
        std::array<double, kTracks> dbfs{};
        for (std::size_t c = 0; c < kTracks; ++c) {
            tones[c] = dsp::strongest_tone(stretch.channels[c]);
            dbfs[c] = amplitude_db(std::max(tones[c].amplitude, 1e-8));
        }
        if (dbfs[1 - channel] > dbfs[channel] + kOtherChannel_db) {
            wanted.note = "the tone arrives on the " + std::string(kSides[1 - channel]) + " channel, expected on the " +
                          side + ": the lines are swapped, or it is fed into the other one";
            continue;
        }
        if (dbfs[channel] < kLeastFed_dbfs || tones[channel].share < kToneShare) {
            wanted.note = "no steady tone arrives on the " + side + " channel (" + figure(dbfs[channel], 1) +
                          " dBFS, expected above " + figure(kLeastFed_dbfs, 0) + "): check the cable and the generator";
            continue;
        }
        const auto line = line_dbu(*word->value, setup_.unit, dbfs[channel]);
        if (!line) {
            wanted.note = line.error().message;
            continue;
        }
        co_return *line - dbfs[channel];
    }
}

Task<void> LinesJob::capture_by_hand() {
    for (std::size_t c = 0; c < kTracks; ++c) {
        const int channel = static_cast<int>(c) + 1;
        if (stored("lines.capture_dbu", channel)) {
            continue;
        }
        const auto full_scale = co_await known_voltage(c);
        if (full_scale) {
            store("lines.capture_dbu", channel, *full_scale, "dBu", kKnown_s, true,
                  "of a full-scale sine; a known voltage was fed");
            keep();
        }
    }
}

/// What was measured in the place of what was known.
void LinesJob::hand_over() {
    tape::LevelChart chart = context_.installation.chart;
    const auto mean = [&](const std::string& id, std::optional<double>& into) {
        const auto left = stored(id, 1);
        const auto right = stored(id, 2);
        if (left || right) {
            into = (left.value_or(*right) + right.value_or(*left)) / 2.0;
        }
    };
    if (stored("lines.play_dbu", 1) || stored("lines.play_dbu", 2)) {
        mean("lines.play_dbu", chart.play_dbu_at_full_scale);
    }
    mean("lines.capture_dbu", chart.capture_dbu_at_full_scale);
    if (const auto zero = stored("lines.vu", 0)) {
        chart.dbu_at_0_vu = zero;
    }
    if (setup_.measured) {
        setup_.measured(chart);
    }
    const auto frames = stored("lines.round_trip", 0);
    if (frames && setup_.round_trip_measured) {
        setup_.round_trip_measured(*frames);
    }
}

Task<void> LinesJob::all_steps() {
    if (!stored("lines.play_dbu", 1) && !stored("lines.play_dbu", 2)) {
        co_await play_side();
    }
    if (setup_.vu_meters && !stored("lines.vu", 0)) {
        co_await vu_meters();
    }
    const bool known = stored("lines.capture_dbu", 1) && stored("lines.capture_dbu", 2);
    if (!known || !stored("lines.round_trip", 0)) {
        co_await with_cable();
    }
    co_await capture_by_hand();
    const auto left = stored("lines.capture_dbu", 1);
    const auto right = stored("lines.capture_dbu", 2);
    if (left && right) {
        store("lines.channel_difference", 0, *right - *left, "dB", 0.0, false,
              "full scale of the capture, right less left");
        keep();
    }
}

Task<JobOutcome> LinesJob::run() {
    const auto ended_with_job = begin();
    const Motion motion = context_.transport.state().current;
    if (motion != Motion::Stopped && motion != Motion::TapeOut && motion != Motion::Unknown) {
        refuse("converters and lines: the tape moves, expected the deck to stand still: test tones go to its inputs; "
               "press stop first");
    }
    std::string reason;
    try {
        co_await all_steps();
    } catch (const Ended& by_operator) {
        reason = "ended by the operator at " + by_operator.at;
    }
    context_.oscillator.stop();
    if (reason.empty()) {
        hand_over();
    }
    progress_ = {"done", 1.0, 0.0};
    const bool ended = reason.empty();
    co_return outcome(std::move(reason), ended);
}

std::unique_ptr<transport::Job> make_lines_job(AlignmentContext context, LinesSetup setup) {
    return std::make_unique<LinesJob>(std::move(context), std::move(setup));
}

} // namespace overbias::calibration
