// SPDX-License-Identifier: Apache-2.0
// What a reproduce alignment reads, stores and shows.
#include "calibration/reproduce/reproduce_job_impl.hpp"

#include "base/figure.hpp"
#include "base/units.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace overbias::calibration {

namespace {

/// A level is the median of so many pieces: a short drop-out of the tape is in one of them.
constexpr double kPiece_s = 0.5;
/// What is certain of a tone that plays ends so long before what was heard of it: the frame that heard it last may
/// reach beyond its end.
constexpr double kCertain_s = 0.1;
constexpr double kRecognised_s = 1.5; ///< of a tone until it is listened to
constexpr double kLeastMean_s = 0.5;
constexpr int kReadTries = 8;
constexpr double kDead_db = -30.0; ///< a track against the other one
constexpr double kReversed_deg = 90.0;

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
}

} // namespace

/// A track that is late lags in phase. At the high tone the period is the one nearest to what was read last.
ReproduceJob::Reading ReproduceJob::reading(const ReproduceStep& step, const StereoTone& tone) {
    for (std::size_t track = 0; track < kTracks; ++track) {
        if (tone.level_dbfs[track] < tone.level_dbfs[1 - track] + kDead_db) {
            dead_track(track, heard_hz_, tone.level_dbfs[1 - track]);
        }
    }
    Reading out;
    const double expected = expected_db(*tape_, step.tone, deck_);
    for (std::size_t track = 0; track < kTracks; ++track) {
        out.db[track] = context_.installation.chart.captured_re_operating_db(tone.level_dbfs[track]) - expected;
    }
    out.late_us = -1e6 * tone.phase_deg / 360.0 / heard_hz_;
    if (step.reads == ReproduceStep::Reads::Coarse && std::abs(tone.phase_deg) > kReversed_deg) {
        refuse("one track's polarity is reversed: " + hz_text(heard_hz_) +
               " of a tape recorded over both tracks comes " + figure(tone.phase_deg, 0) +
               " degrees apart; exchange pins 2 and 3 of one line, or of one head's leads");
    }
    if (step.reads == ReproduceStep::Reads::Timing) {
        const double period_us = 1e6 / heard_hz_;
        out.late_us += period_us * std::round((near_us_ - out.late_us) / period_us);
    }
    if (step.reads != ReproduceStep::Reads::Level) {
        near_us_ = out.late_us;
    }
    return out;
}

DeckTime ReproduceJob::certain_until() {
    const auto heard = tones_.playing();
    return heard ? at(heard->end_frame) - deck_seconds(kCertain_s) : DeckTime{};
}

Task<std::optional<ReproduceJob::Reading>> ReproduceJob::read_while(const ReproduceStep& step, double averaging_s) {
    const DeckTime from = std::max(context_.timeline.now(), listening_since_);
    const DeckTime to = from + deck_seconds(averaging_s);
    while (plays(step.tone) && certain_until() < to) {
        heed(context_.operator_port->take());
        co_await play_on();
    }
    if (!plays(step.tone)) {
        co_return std::nullopt;
    }
    const auto whole = listener_->tone(from, to);
    const int pieces = std::max(1, static_cast<int>(averaging_s / kPiece_s));
    std::array<std::vector<double>, kTracks> levels;
    for (int piece = 0; piece < pieces; ++piece) {
        const auto each = listener_->tone(from + deck_seconds(averaging_s * piece / pieces),
                                          from + deck_seconds(averaging_s * (piece + 1) / pieces));
        if (!whole || !each) {
            co_return std::nullopt; // frames were lost
        }
        for (std::size_t track = 0; track < kTracks; ++track) {
            levels[track].push_back(each->level_dbfs[track]);
        }
    }
    StereoTone tone = *whole;
    for (std::size_t track = 0; track < kTracks; ++track) {
        tone.level_dbfs[track] = median(levels[track]);
    }
    Reading out = reading(step, tone);
    out.averaging_s = averaging_s;
    co_return out;
}

Task<std::optional<ReproduceJob::Reading>> ReproduceJob::read_tone(const ReproduceStep& step) {
    const double speed_m_s = metres_per_second(deck_.speed_ips);
    for (int tries = 0; tries < kReadTries; ++tries) {
        if (!co_await come_to(step.tone)) {
            co_return std::nullopt;
        }
        double averaging_s = step.averaging_s;
        const Placed* where = counted_ ? placed(step.tone) : nullptr;
        if (where != nullptr && where->whole) {
            averaging_s =
                std::clamp((where->end_m - where->begin_m) / speed_m_s - kRecognised_s, kLeastMean_s, averaging_s);
            const double left_s = (where->end_m - context_.transport.state().position_m) / speed_m_s;
            if (left_s < averaging_s + 2.0 * kCertain_s && tries == 0) {
                co_await play_from(before_m(*where));
                continue;
            }
        }
        const auto read = co_await read_while(step, averaging_s);
        if (read) {
            co_return read;
        }
    }
    fault(hz_text(tape_->tones[step.tone].frequency_hz) + " could not be read in " + std::to_string(kReadTries) +
          " attempts: expected a steady tone of " + figure(step.averaging_s, 1) +
          " s; check the tape for drop-outs, and the sound card's cable and buffers");
}

bool ReproduceJob::within(const ReproduceStep& step, const Reading& reading, double limit) {
    if (step.reads != ReproduceStep::Reads::Level) {
        return std::abs(reading.late_us) <= limit;
    }
    return std::all_of(reading.db.begin(), reading.db.end(), [&](double each) { return std::abs(each) <= limit; });
}

void ReproduceJob::store_value(const std::string& id, int channel, double value, std::string_view unit,
                               std::optional<double> tolerance, double averaging_s, const std::string& remark) {
    const bool by_hand = context_.guided && averaging_s > 0.0;
    context_.record.steps.push_back({.id = id,
                                     .channel = channel,
                                     .reading = value,
                                     .unit = std::string(unit),
                                     .target = averaging_s > 0.0 ? std::optional(0.0) : std::nullopt,
                                     .tolerance = tolerance,
                                     .averaging_s = averaging_s,
                                     .accepted_at = context_.utc_now(),
                                     .accepted_by = by_hand ? context_.operator_name : "",
                                     .calibration_tape = tape_->id,
                                     .bound = tape::Bound::BothSides,
                                     .remark = remark});
    emit({"aligned",
          {{"step", id}, {"channel", std::to_string(channel)}, {"reading", figure(value, 3) + " " + std::string(unit)}},
          std::nullopt,
          std::nullopt,
          context_.transport.state().position_m});
}

void ReproduceJob::store(const ReproduceStep& step, const Reading& reading) {
    if (step.reads != ReproduceStep::Reads::Level) {
        store_value(step.id, 0, reading.late_us, step.unit(), step.tolerance, reading.averaging_s, step.remark);
    } else {
        for (std::size_t track = 0; track < kTracks; ++track) {
            store_value(step.id, static_cast<int>(track) + 1, reading.db[track], step.unit(), step.tolerance,
                        reading.averaging_s, step.remark);
        }
    }
    keep();
}

AlignmentView ReproduceJob::view(const ReproduceStep& step, OperatorTask task, std::vector<TrackReading> tracks) const {
    std::string note = hz_text(tape_->tones[step.tone].frequency_hz) + " of " + tape_->name + " plays";
    note += hint_.empty() ? "" : "; " + hint_;
    note += step.note.empty() ? "" : "; " + step.note;
    return {.procedure = "reproduce",
            .step_id = step.id,
            .title = step.title,
            .instruction = step.instruction,
            .task = task,
            .value_unit = "",
            .note = std::move(note),
            .step = step_,
            .steps = plan_.steps.size(),
            .round = round_,
            .unit = std::string(step.unit()),
            .target = 0.0,
            .tolerance = step.tolerance.value_or(step.is_turned() ? step.aim : 0.0),
            .averaging_s = step.averaging_s,
            .tracks = std::move(tracks)};
}

void ReproduceJob::show(const AlignmentView& shown) {
    context_.operator_port->show(shown);
}

} // namespace overbias::calibration
