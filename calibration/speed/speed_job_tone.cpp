// SPDX-License-Identifier: Apache-2.0
// The tone of the calibration tape: waited for, the speed trimmed by it, and read.
#include "calibration/speed/speed_job_impl.hpp"

#include "base/figure.hpp"
#include "calibration/procedure/echo_run.hpp"
#include "dsp/analysis/wow_flutter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <memory>
#include <set>
#include <utility>

namespace overbias::calibration {

namespace {

/// A tone is the tape's own when it is no further off: a deck before its speed was set; 3000 Hz is 4.8 % below 3150 Hz.
constexpr double kTone = 0.04;
constexpr double kShow_s = 0.1;
constexpr double kNoTone_s = 1200.0; ///< then nobody is there any more
constexpr double kLive_s = 2.0;      ///< of the reading while the trim is turned
constexpr double kHeld_s = 2.0;
/// The filters of wow and flutter forget their beginning (WowFlutterConfig::settle_s).
constexpr double kSettle_s = 4.0;
constexpr double kLeast_s = 5.0; ///< AES6-2008
constexpr double kEnd_s = 0.5;   ///< so much of what was heard last may be the tone's end already
constexpr int kTries = 3;

struct Reading {
    dsp::WowFlutterReport flutter;
    std::optional<SteadyMean> mean;
};

Reading analysed(const std::vector<float>& samples, double rate_hz, double tone_hz,
                 const std::vector<dsp::RotatingPart>& parts) {
    SpeedCarrier carrier(rate_hz, tone_hz);
    carrier.process(samples);
    return {.flutter = dsp::measure_wow_flutter(
                samples, {.rate_hz = rate_hz, .nominal_carrier_hz = tone_hz, .settle_s = kSettle_s}, parts),
            .mean = carrier.mean(kSettle_s)};
}

std::string speed_words(double error_ppm) {
    return figure(std::abs(error_ppm) * 1e-4, 3) + (error_ppm > 0.0 ? " % fast" : " % slow");
}

std::string line_id(const dsp::FlutterLine& line, const std::vector<dsp::RotatingPart>& parts) {
    if (line.part == dsp::FlutterLine::kNoPart) {
        return "speed.line." + figure(line.frequency_hz, 1) + "_hz";
    }
    std::string name = parts[line.part].name;
    std::replace(name.begin(), name.end(), ' ', '_');
    return "speed.line." + name + (line.harmonic > 1 ? "." + std::to_string(line.harmonic) : "");
}

} // namespace

/// On either track.
const dsp::TapeTone* SpeedJob::playing() const {
    for (const dsp::TapeTones& tones : tones_) {
        if (const dsp::TapeTone* tone = tones.playing()) {
            return tone;
        }
    }
    return nullptr;
}

bool SpeedJob::of_the_tape(double hz) const {
    return std::any_of(setup_.tape.tones.begin(), setup_.tape.tones.end(), [hz](const tape::CalibrationTone& tone) {
        return std::abs(hz / tone.frequency_hz - 1.0) <= kTone;
    });
}

/// A tone that this tape does not have.
void SpeedJob::tell_foreign(double hz) const {
    const std::string came = figure(hz, 0) + " Hz came off the tape, expected " + figure(tone_hz_, 0) + " Hz: ";
    for (const double times : {0.25, 0.5, 2.0, 4.0}) {
        if (std::abs(hz / (times * tone_hz_) - 1.0) <= kTone) {
            refuse(came + "the deck runs at " + figure(times, times < 1.0 ? 2 : 0) +
                   " times the speed the tape was made for (" + figure(setup_.tape.speed_ips, 2) +
                   " ips); set the deck's speed, or thread the tape for the speed it has");
        }
    }
    refuse(came + "this is not " + setup_.tape.name +
           " (other flutter tapes have 3000 Hz), or varispeed is on; thread "
           "that tape, or say which one it is");
}

/// Returns when the tone plays.
Task<void> SpeedJob::find_tone() {
    AlignmentView waiting =
        view("speed.error", OperatorTask::Watch, "The tape plays until its " + figure(tone_hz_, 0) + " Hz come");
    const DeckTime deadline = context_.timeline.now() + deck_seconds(kNoTone_s);
    for (;;) {
        const double rate_hz = context_.engine.sample_rate_hz();
        const bool settled = static_cast<double>(listener_->timestamp().frame) >= EchoRun::kClocksSettle_s * rate_hz;
        const dsp::TapeTone* tone = playing();
        if (tone != nullptr && std::abs(tone->frequency_hz / tone_hz_ - 1.0) <= kTone && settled) {
            // of the track that plays it louder
            const auto level = [&](std::size_t track) {
                const dsp::TapeTone* one = tones_[track].playing();
                return one != nullptr ? one->level_dbfs : -200.0;
            };
            track_ = level(1) > level(0) ? 1 : 0;
            carrier_.emplace(rate_hz, tone_hz_);
            clock_from_ = listener_->timestamp();
            co_return;
        }
        if (tone != nullptr && setup_.tape.complete && !of_the_tape(tone->frequency_hz)) {
            tell_foreign(tone->frequency_hz);
        }
        waiting.note = tone != nullptr ? figure(tone->frequency_hz, 0) + " Hz plays"
                       : tones_[0].heard() == dsp::TapeTones::Heard::Silence ? "nothing is heard"
                                                                             : "something plays that is no tone";
        (void)shown(waiting);
        if (context_.timeline.now() >= deadline) {
            refuse("no " + figure(tone_hz_, 0) + " Hz came within " + figure(kNoTone_s / 60.0, 0) +
                   " minutes; is it the right tape?");
        }
        co_await tick_until(context_.timeline.now() + deck_seconds(kShow_s));
    }
}

/// By the computer's clock, once that is known well enough; by the card's before.
double SpeedJob::live_ppm(double deviation) {
    const auto now = listener_->timestamp();
    const double since_s = clock_from_ ? seconds(now.at - clock_from_->at) : 0.0;
    const double clock = since_s >= EchoRun::kClocksSettle_s ? static_cast<double>(now.frame - clock_from_->frame) /
                                                                   since_s / context_.engine.sample_rate_hz()
                                                             : 1.0;
    return ((1.0 + deviation) * clock - 1.0) * 1e6;
}

Task<void> SpeedJob::trim() {
    if (!context_.guided || !setup_.speed_trim) {
        co_return;
    }
    AlignmentView turning =
        view("speed.trim", OperatorTask::Turn, "Turn the capstan's speed until the reading is held, then accept");
    turning.unit = "ppm";
    turning.averaging_s = kLive_s;
    turning.tolerance = setup_.trim_to_ppm;
    if (setup_.speed_limit_ppm) {
        turning.tolerance =
            std::min(turning.tolerance, tape::as_limit(*setup_.speed_limit_ppm).value_or(turning.tolerance));
    }
    DeckTime held_since = context_.timeline.now();
    while (playing() != nullptr) {
        TrackReading one;
        if (const auto deviation = carrier_->deviation(kLive_s)) {
            one.reading = live_ppm(*deviation);
            const bool off = std::abs(*one.reading) > turning.tolerance;
            held_since = off ? context_.timeline.now() : held_since;
            one.done = context_.timeline.now() - held_since >= deck_seconds(kHeld_s);
            one.turn = off ? -*one.reading : 0.0;
            one.words = speed_words(*one.reading) + (off        ? *one.reading > 0.0 ? ": turn it down" : ": turn it up"
                                                     : one.done ? ": done"
                                                                : ": hold it there");
        } else {
            held_since = context_.timeline.now();
            one.words = "the tone has to play for two seconds";
        }
        turning.tracks = {one};
        const auto word = shown(turning);
        if (word && (word->says == OperatorSays::Accept || word->says == OperatorSays::Skip) && one.reading) {
            break;
        }
        co_await tick_until(context_.timeline.now() + deck_seconds(kShow_s));
    }
}

Task<bool> SpeedJob::read_tone() {
    struct Taking { // whatever ends this, nobody takes samples after it
        SpeedJob& job;
        ~Taking() { job.taker_.reset(); }
    };
    const double rate_hz = context_.engine.sample_rate_hz();
    const double wanted_s = setup_.averaging_s + kSettle_s;
    AlignmentView reading = view("speed.error", OperatorTask::Watch, "Speed, wow and flutter are read");
    reading.unit = "ppm";
    reading.averaging_s = setup_.averaging_s;
    for (int tries = 0; tries < kTries; ++tries) {
        if (playing() == nullptr) {
            why_ = "the tone ended before it was read";
            co_return false;
        }
        const Taking taking{*this};
        const auto from = listener_->timestamp();
        const double next = static_cast<double>(from.frame) + seconds(context_.timeline.now() - from.at) * rate_hz;
        const DeckTime begun = context_.timeline.now();
        taker_.emplace(static_cast<std::int64_t>(std::ceil(next)),
                       static_cast<std::size_t>(std::ceil(wanted_s * rate_hz)), rate_hz);
        while (!taker_->done() && !taker_->lost() && playing() != nullptr) {
            const double had_s = seconds(context_.timeline.now() - begun);
            reading.note = figure(std::max(0.0, wanted_s - had_s), 0) + " s to go";
            TrackReading one;
            if (const auto deviation = carrier_->deviation(kLive_s)) {
                one.reading = live_ppm(*deviation);
                one.words = speed_words(*one.reading);
            }
            reading.tracks = {one};
            (void)shown(reading);
            co_await tick_until(context_.timeline.now() + deck_seconds(kShow_s));
        }
        if (taker_->lost()) {
            continue;
        }
        const auto to = listener_->timestamp();
        TapeStretch stretch = taker_->release();
        auto samples = std::make_shared<std::vector<float>>(std::move(stretch.channels[track_]));
        if (samples->size() < static_cast<std::size_t>(wanted_s * rate_hz)) { // the tone's end is in it
            const auto end = static_cast<std::size_t>(kEnd_s * rate_hz);
            samples->resize(samples->size() - std::min(samples->size(), end));
        }
        const double had_s = static_cast<double>(samples->size()) / rate_hz;
        if (had_s < kSettle_s + kLeast_s) {
            why_ = "the tone ended after " + figure(had_s, 0) + " s, expected it to play for " +
                   figure(kSettle_s + kLeast_s, 0) + " s or more";
            co_return false;
        }
        // with the tone still on: what turns, turns at this speed
        const auto parts = setup_.parts ? setup_.parts() : std::vector<dsp::RotatingPart>();
        playing_ = false; // it may end now
        const std::function<Reading()> work = [samples, rate_hz, tone_hz = tone_hz_, parts] {
            return analysed(*samples, rate_hz, tone_hz, parts);
        };
        const Reading found = co_await calculated(work);
        const dsp::WowFlutterReading& flutter = found.flutter.reading;
        if (!found.mean || !flutter.weighted_two_sigma_percent) {
            why_ = "the tone could not be read: it is too full of drop-outs, or too faint; clean heads and tape";
            co_return false;
        }
        const double clock = static_cast<double>(to.frame - from.frame) / seconds(to.at - from.at) / rate_hz;
        const double averaged_s = had_s - kSettle_s;
        const auto tolerance_ppm =
            setup_.tape_tolerance_ppm ? tape::as_limit(*setup_.tape_tolerance_ppm) : std::nullopt;
        // a tolerance says that the tape lies anywhere within it: its standard deviation is that of an even spread
        const double tape_ppm = tolerance_ppm.value_or(0.0) / std::sqrt(3.0);
        store_speed(((1.0 + found.mean->mean) * clock - 1.0) * 1e6, std::hypot(found.mean->uncertainty * 1e6, tape_ppm),
                    (clock - 1.0) * 1e6, averaged_s);
        const auto percent = [&](const std::string& id, const std::optional<double>& value, const char* remark) {
            if (value) {
                store(id, 0, *value, "%", averaged_s, false, remark).calibration_tape = setup_.tape.id;
            }
        };
        percent("speed.wow_flutter", flutter.weighted_two_sigma_percent, "AES6-2008 weighted, two-sigma");
        if (setup_.wow_flutter_percent) {
            tape::AlignmentStep& step = context_.record.steps.back();
            step.remark += "; the deck's limit is " + tape::figure_text(*setup_.wow_flutter_percent, "%");
            if (const auto limit = tape::as_limit(*setup_.wow_flutter_percent)) {
                step.target = *limit;
                step.tolerance = 0.0;
                step.bound = tape::Bound::AtMost;
            }
        }
        percent("speed.wow_flutter.quasi_peak", flutter.weighted_quasi_peak_percent, "weighted, quasi-peak");
        percent("speed.wow_flutter.unweighted", flutter.unweighted_percent, "two-sigma");
        percent("speed.wow_flutter.wow", flutter.wow_percent, "two-sigma");
        percent("speed.wow_flutter.flutter", flutter.flutter_percent, "two-sigma");
        percent("speed.wow_flutter.drift", flutter.drift_percent, "along the straight line");
        std::set<std::string> told;
        for (const dsp::FlutterLine& line : found.flutter.lines) {
            const std::string id = line_id(line, parts);
            if (told.insert(id).second) {
                percent(id, line.peak_percent, "peak");
                context_.record.steps.back().remark += " at " + figure(line.frequency_hz, 2) + " Hz";
            }
        }
        keep();
        co_return true;
    }
    fault("frames from the sound card were lost in " + std::to_string(kTries) +
          " readings one after the other; check its cable and buffers");
}

void SpeedJob::store_speed(double error_ppm, double uncertainty_ppm, double clock_ppm, double averaging_s) {
    speed_ = SpeedError{.error_ppm = error_ppm, .uncertainty_ppm = uncertainty_ppm};
    const std::string by_tape = figure(tone_hz_, 0) + " Hz of the tape";
    tape::AlignmentStep& error = store("speed.error", 0, error_ppm, "ppm", averaging_s, false, by_tape);
    error.calibration_tape = setup_.tape.id;
    if (setup_.tape_tolerance_ppm) {
        error.remark += ", whose own speed holds within " + tape::figure_text(*setup_.tape_tolerance_ppm, "ppm");
    }
    if (setup_.speed_limit_ppm) {
        error.remark += "; the deck's limit is " + tape::figure_text(*setup_.speed_limit_ppm, "ppm");
        if (const auto limit = tape::as_limit(*setup_.speed_limit_ppm)) {
            error.target = 0.0;
            error.tolerance = *limit;
        }
    }
    store("speed.error_uncertainty", 0, uncertainty_ppm, "ppm", averaging_s, false, "standard deviation")
        .calibration_tape = setup_.tape.id;
    store("speed.card_clock", 0, clock_ppm, "ppm", averaging_s, false,
          "how much faster than nominal the card counts the capture, by the computer's clock");
}

} // namespace overbias::calibration
