// SPDX-License-Identifier: Apache-2.0
// The delay between the heads, by noise through the tape.
#include "calibration/speed/speed_job_impl.hpp"

#include "base/figure.hpp"
#include "base/units.hpp"
#include "calibration/procedure/echo_run.hpp"
#include "calibration/procedure/steady_mean.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace overbias::calibration {

namespace {

constexpr double kListened_s = 2.0; ///< to the tape that is to be recorded on; a tone is recognised in half a second
constexpr double kMargin = 1.15;    ///< the heads' distance is a profile's figure, and the speed is not exact
constexpr double kPatience_s = 15.0;
constexpr double kLeft_s = 10.0; ///< so long the deck may take to have left record
/// Flutter moves a second's delay by microseconds; more than this off the middle one is a drop-out's.
constexpr double kMostOff_s = 100e-6;

} // namespace

/// Plays it, with record still held off.
Task<bool> SpeedJob::another_tape() {
    carrier_.reset();
    for (dsp::TapeTones& tones : tones_) {
        tones.reset();
    }
    progress_.phase = "listening whether the calibration tape is off";
    co_await stand_ready();
    co_await start_playing();
    std::optional<double> heard_hz;
    const DeckTime end = context_.timeline.now() + deck_seconds(kListened_s);
    while (context_.timeline.now() < end && !heard_hz) {
        co_await tick();
        const dsp::TapeTone* tone = playing();
        if (tone != nullptr && of_the_tape(tone->frequency_hz)) {
            heard_hz = tone->frequency_hz;
        }
    }
    co_await stop_on_tape();
    why_ = heard_hz ? "a tone of the calibration tape (" + figure(*heard_hz, 0) +
                          " Hz) comes off the tape that is threaded: it is not recorded on; take it off, or wind a "
                          "tape that carries such tones to where it is blank"
                    : std::string();
    co_return !heard_hz;
}

/// Mean of the seconds, as it is now.
Task<HeadDelay> SpeedJob::noise_delay() {
    struct Listening { // whatever ends this, nobody takes frames after it
        EchoRun*& echo;
        ~Listening() { echo = nullptr; }
    };
    EchoRun run(context_.engine,
                {.level_dbfs = context_.installation.chart.play_dbfs(setup_.head_delay_level_db),
                 .seconds = setup_.head_delay_s,
                 .latest_s = head_delay_s() * kMargin + context_.installation.round_trip_s + audio::kLoopLatest_s});
    const Listening listening{echo_};
    echo_ = &run;
    AlignmentView going = view("speed.head_delay", OperatorTask::Watch, "Noise is recorded and heard off tape");
    going.unit = "ms";
    std::vector<double> frames;
    const DeckTime deadline =
        context_.timeline.now() + deck_seconds(static_cast<double>(setup_.head_delay_s) + kPatience_s);
    while (!run.done()) {
        if (context_.timeline.now() >= deadline) {
            fault("the card did not play the noise for the head delay; is a programme playing, or the sound card "
                  "stopped?");
        }
        co_await tick();
        run.turn(listener_->timestamp());
        const auto work = run.next_work();
        if (!work) {
            continue;
        }
        if (!*work) {
            fault("the delay between the heads: " + work->error().message);
        }
        const auto found = co_await calculated(**work);
        if (!found) {
            fault("the delay between the heads: " + found.error().message);
        }
        frames.push_back(std::numeric_limits<double>::quiet_NaN());
        const auto& [left, right] = found->channels;
        if (left.heard && right.heard && !left.other && !right.other) {
            frames.back() = found->delay_frames;
            TrackReading one;
            one.reading = 1000.0 * (frames.back() / run.returned_rate_hz() - context_.installation.round_trip_s);
            one.words = figure(*one.reading, 3) + " ms";
            going.tracks = {one};
        }
        going.note = std::to_string(setup_.head_delay_s - static_cast<int>(frames.size())) + " s to go";
        (void)shown(going);
    }
    const double rate_hz = run.returned_rate_hz();
    std::vector<double> sorted = frames;
    std::erase_if(sorted, [](double one) { return std::isnan(one); });
    std::sort(sorted.begin(), sorted.end());
    const double middle = sorted.empty() ? 0.0 : sorted[sorted.size() / 2];
    std::size_t clear = 0;
    for (double& one : frames) {
        if (std::abs(one - middle) <= kMostOff_s * rate_hz) {
            ++clear;
        } else {
            one = std::numeric_limits<double>::quiet_NaN();
        }
    }
    const auto mean = steady_mean(frames);
    if (!mean) {
        refuse("the delay between the heads could not be read: the noise was heard clearly in " +
               std::to_string(clear) + " of " + std::to_string(frames.size()) +
               " seconds, expected most of them; check the tape for drop-outs, and that both tracks record");
    }
    co_return HeadDelay{.delay_s = mean->mean / rate_hz - context_.installation.round_trip_s,
                        .uncertainty_s = mean->uncertainty / rate_hz};
}

/// Tracks that were not record ready before are so no longer.
Task<void> SpeedJob::ready_as_before() {
    auto& transport = context_.transport;
    const DeckTime deadline = context_.timeline.now() + deck_seconds(kLeft_s);
    while (readied_ != 0) {
        int track = 1;
        while ((readied_ >> (track - 1) & 1U) == 0) {
            ++track;
        }
        const auto answer = transport.set_ready(track, false);
        if (!answer.denied()) {
            readied_ &= ~(1U << (track - 1));
            continue;
        }
        if (context_.timeline.now() >= deadline) {
            refuse_if(answer, "setting track " + std::to_string(track) + " safe");
        }
        co_await tick(); // its tally has to be dark first
    }
}

Task<void> SpeedJob::head_delay() {
    auto& transport = context_.transport;
    for (int track = 1; track <= std::min(transport.deck().ready_tracks, static_cast<int>(kTracks)); ++track) {
        refuse_if(transport.set_ready(track, true), "readying track " + std::to_string(track));
        readied_ |= ~ready_before_ & (1U << (track - 1));
    }
    const auto& now = transport.state();
    const auto begun_m =
        now.position_knowledge == transport::PositionKnowledge::Known ? std::optional(now.position_m) : std::nullopt;
    progress_.phase = step_title("speed.head_delay");
    co_await start_recording();
    co_await prove_off_tape();
    context_.oscillator.stop();
    const HeadDelay measured = co_await noise_delay();
    co_await stop_on_tape();
    co_await ready_as_before();
    delay_ = at_true_speed(measured, *speed_);
    const auto averaging_s = static_cast<double>(setup_.head_delay_s);
    store("speed.head_delay", 0, delay_->delay_s, "s", averaging_s, false, "at the tape's nominal speed");
    store("speed.head_delay_uncertainty", 0, delay_->uncertainty_s * 1e6, "us", averaging_s, false,
          "standard deviation");
    store("speed.record_to_reproduce", 0,
          1000.0 * delay_->delay_s * metres_per_second(context_.installation.tape_speed_ips), "mm", averaging_s, false,
          "from the delay at the tape's nominal speed");
    keep();
    if (context_.rewind && begun_m) {
        progress_.phase = "rewinding";
        co_await wind_to(*begun_m);
    }
}

} // namespace overbias::calibration
