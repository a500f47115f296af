// SPDX-License-Identifier: Apache-2.0
// What the lines job measures with a cable in place of the deck.
#include "calibration/lines/lines_job_impl.hpp"

#include "base/figure.hpp"
#include "calibration/procedure/echo_run.hpp"
#include "dsp/analysis/distortion.hpp"
#include "dsp/analysis/noise.hpp"
#include "dsp/analysis/tone.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <utility>

namespace overbias::calibration {

namespace {

constexpr int kTimes = 5;
/// Between one time and the next: what a card without timestamps of its own can be read to.
constexpr double kAgreement_s = 30e-6;
constexpr DeckDuration kPatience = std::chrono::seconds(10);
constexpr double kLevel_s = 1.0, kDistortion_s = 1.0, kNoise_s = 2.0;
constexpr double kLowestAnalysed_hz = 42000.0; ///< sample rate: dsp/analysis/aes17_band.hpp
constexpr std::array<int, 3> kLinearity_db{20, 40, 60};

} // namespace

/// One second of noise out and back.
Task<Result<audio::LoopMeasurement>> LinesJob::echo() {
    EchoRun run(context_.engine, {});
    struct Hearing { // whatever ends this, nobody takes frames after it
        TapeListener& listener;
        ~Hearing() { listener.on_frames({}); }
    };
    const Hearing hearing{*listener_};
    listener_->on_frames([&run](std::int64_t first_frame, std::span<const std::int32_t> interleaved) {
        run.take(first_frame, interleaved);
    });
    const DeckTime deadline = context_.timeline.now() + kPatience;
    while (context_.timeline.now() < deadline) {
        co_await tick();
        run.turn(listener_->timestamp());
        const auto work = run.next_work();
        if (!work) {
            continue;
        }
        if (!*work) {
            co_return Error{work->error().message};
        }
        co_return co_await calculated(**work);
    }
    fault("converters and lines: the card did not play the signal within 10 s; is a programme playing, or the sound "
          "card stopped?");
}

Task<Result<double>> LinesJob::round_trip() {
    progress_.phase = "round trip of the converters";
    const double rate_hz = context_.engine.sample_rate_hz();
    while (static_cast<double>(context_.engine.played_timestamp().frame) < EchoRun::kClocksSettle_s * rate_hz) {
        co_await tick();
    }
    std::array<double, kTimes> frames{};
    for (double& one : frames) {
        const auto found = co_await echo();
        if (!found) {
            co_return Error{found.error().message};
        }
        if (!found->channels[0].heard && !found->channels[1].heard) {
            co_return Error{"nothing of the signal came back on either channel (" +
                            figure(found->channels[0].came_back_dbfs, 1) + " and " +
                            figure(found->channels[1].came_back_dbfs, 1) +
                            " dBFS there): the cable is open, or goes elsewhere; connect output to input"};
        }
        if (!found->problem.empty()) {
            co_return Error{found->problem};
        }
        one = found->delay_frames;
    }
    const auto [least, most] = std::minmax_element(frames.begin(), frames.end());
    if (*most - *least > kAgreement_s * rate_hz) {
        co_return Error{std::to_string(kTimes) + " measurements of the round trip differ by " +
                        figure(*most - *least, 2) + " frames, expected at most " + figure(kAgreement_s * rate_hz, 2) +
                        "; try again when this machine is less busy"};
    }
    std::sort(frames.begin(), frames.end());
    const double median = frames[kTimes / 2];
    if (median < 0.0) {
        co_return Error{"the signal came back " + figure(-median, 2) +
                        " frames before it was played; the card misreports its delay"};
    }
    co_return median;
}

/// The signal through the cable once more, for what the converters themselves do to it.
Task<void> LinesJob::through_cable() {
    const double rate_hz = context_.engine.sample_rate_hz();
    co_await play(reference(), audio::OscillatorChannels::Both);
    const StereoTone came = co_await read(kLevel_s);
    for (std::size_t c = 0; c < kTracks; ++c) {
        if (const auto played = play_full_scale(c)) {
            store("lines.capture_dbu", static_cast<int>(c) + 1, *played + sent_dbfs() - came.level_dbfs[c], "dBu",
                  kLevel_s, false, "of a full-scale sine; through the cable");
        }
    }
    if (std::min(rate_hz, context_.installation.return_rate_hz) < kLowestAnalysed_hz) {
        emit({"not_measured", {{"step", "lines.thd_n"}, {"reason", "the card's sample rate is below 42 kHz"}}, {}, {}});
    } else {
        TapeStretch taken = co_await take_stretch(kDistortion_s);
        const auto with_tone = std::make_shared<TapeStretch>(std::move(taken));
        const std::function<std::array<double, kTracks>()> distortion = [with_tone] {
            std::array<double, kTracks> percent{};
            for (std::size_t c = 0; c < kTracks; ++c) {
                // two crystals: a notch at 1000 Hz leaves more of a tone 60 ppm beside it than good converters add
                const double hz = dsp::strongest_tone(with_tone->channels[c]).cycles_per_sample * with_tone->rate_hz;
                percent[c] = dsp::measure_thd_n_percent(with_tone->channels[c], with_tone->rate_hz, hz);
            }
            return percent;
        };
        const auto thd_n = co_await calculated(distortion);
        for (std::size_t c = 0; c < kTracks; ++c) {
            store("lines.thd_n", static_cast<int>(c) + 1, thd_n[c], "%", kDistortion_s, false,
                  "1 kHz at operating level, 20 Hz to 20 kHz");
        }
    }
    if (setup_.linearity) {
        for (const int down : kLinearity_db) {
            const double dbfs = -static_cast<double>(down);
            co_await play(dsp::sine_signal(kReference_hz, dbfs), audio::OscillatorChannels::Both);
            const StereoTone low = co_await read(kLevel_s);
            for (std::size_t c = 0; c < kTracks; ++c) {
                store("lines.linearity." + std::to_string(down), static_cast<int>(c) + 1,
                      low.level_dbfs[c] - came.level_dbfs[c] - (dbfs - sent_dbfs()), "dB", kLevel_s, false,
                      "against operating level");
            }
        }
    }
    co_await play_silence();
    if (std::min(rate_hz, context_.installation.return_rate_hz) >= kLowestAnalysed_hz) {
        TapeStretch taken = co_await take_stretch(kNoise_s);
        const auto silence = std::make_shared<TapeStretch>(std::move(taken));
        const std::function<std::array<double, kTracks>()> levels = [silence] {
            std::array<double, kTracks> dbfs{};
            for (std::size_t c = 0; c < kTracks; ++c) {
                dbfs[c] = dsp::measure_noise(silence->channels[c], silence->rate_hz).a_dbfs;
            }
            return dbfs;
        };
        const auto noise = co_await calculated(levels);
        for (std::size_t c = 0; c < kTracks; ++c) {
            store("lines.noise_a", static_cast<int>(c) + 1, noise[c], "dBFS", kNoise_s, false, "A-weighted rms");
        }
    }
    keep();
}

Task<void> LinesJob::with_cable() {
    AlignmentView wanted = view("lines.round_trip", OperatorTask::Confirm,
                                "Take both lines off the deck and connect output to input with cables, left to left "
                                "and right to right; then accept. Skip, if that can't be done");
    for (;;) {
        const OperatorWord word = co_await asked(wanted);
        if (word.says == OperatorSays::Skip) {
            co_return;
        }
        if (word.says == OperatorSays::Back) {
            wanted.note = "what was entered has been stored; begin anew to enter it again";
            continue;
        }
        const auto frames = co_await round_trip();
        if (frames) {
            store("lines.round_trip", 0, *frames, "frames", 0.0, false, "median of five");
            break;
        }
        wanted.note = frames.error().message;
    }
    co_await through_cable();
}

} // namespace overbias::calibration
