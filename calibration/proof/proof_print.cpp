// SPDX-License-Identifier: Apache-2.0
// Print-through: bursts are recorded, wait on the take-up reel, and are replayed.
#include "base/figure.hpp"
#include "calibration/proof/proof_job_impl.hpp"
#include "calibration/proof/proof_times.hpp"
#include "dsp/analysis/print_through.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace overbias::calibration {

Task<void> ProofJob::print_through() {
    const std::string id = "proof.print_through";
    if (has_both(id + ".before") || has_both(id + ".after")) {
        co_return;
    }
    if (context_.transport.state().position_knowledge != transport::PositionKnowledge::Known) {
        not_measured(id, "the counter is not known, so the bursts could not be found again; set it to zero first");
        co_return;
    }
    begin_part("print-through", id);
    co_await be_recording();
    say("recording bursts");
    co_await play_silence();
    const PrintTimes times = print_times(context_.installation.tape_speed_ips);
    const double from_m = place_m();
    const DeckTime from = context_.timeline.now();
    co_await tick_until(context_.timeline.now() + deck_seconds(times.apart_s));
    const double sent_db = fitting(setup_.print_level_db);
    co_await play(
        dsp::burst_signal(PrintTimes::kBurst_hz, play_dbfs(sent_db), times.burst_s, times.apart_s - times.burst_s),
        audio::OscillatorChannels::Both);
    // half way to the next one, which does not come
    co_await tick_until(context_.timeline.now() + deck_seconds(times.apart_s * (PrintTimes::kBursts - 0.5)));
    co_await play_silence();
    const double length_s = seconds(context_.timeline.now() - from) + times.apart_s / 2.0;
    co_await tick_until(back_at(context_.timeline.now()) + deck_seconds(times.apart_s)); // the layers over the last
    co_await stop_on_tape();

    const DeckTime until = context_.timeline.now() + deck_seconds(60.0 * setup_.print_wait_min);
    while (context_.timeline.now() < until) {
        say("the tape lies for another " + figure(seconds(until - context_.timeline.now()) / 60.0, 1) + " min");
        co_await tick();
    }

    say("replaying the bursts");
    co_await wind_to(from_m);
    co_await start_playing();
    TapeStretch taken = co_await take_stretch(length_s + head_delay_s());
    const auto stretch = std::make_shared<const TapeStretch>(std::move(taken));
    co_await stop_on_tape();
    using Both = std::array<Result<dsp::PrintThrough>, kTracks>;
    const dsp::PrintThroughConfig config{.rate_hz = stretch->rate_hz,
                                         .about_hz = PrintTimes::kBurst_hz,
                                         .least_turn_s = times.least_turn_s,
                                         .most_turn_s = times.most_turn_s};
    std::function<Both()> work = [stretch, config]() -> Both {
        const auto of = [&](std::size_t track) {
            return tried([&] { return dsp::measure_print_through(stretch->channels[track], config); });
        };
        return {of(0), of(1)};
    };
    const Both found = co_await calculated(std::move(work));
    for (std::size_t track = 0; track < kTracks; ++track) {
        const int channel = static_cast<int>(track) + 1;
        if (!found[track]) {
            not_measured(id, "track " + std::to_string(channel) + ": " + found[track].error().message);
            continue;
        }
        const auto put = [&](const char* which, const std::optional<dsp::PrintEcho>& echo) {
            if (!echo) {
                not_measured(id + which, "track " + std::to_string(channel) + ": no burst has its echo in the stretch");
                return;
            }
            Reading reading;
            reading.id = id + which;
            reading.channel = channel;
            reading.value = echo->level_db;
            reading.better_than = echo->below_noise;
            store(std::move(reading));
        };
        put(".before", found[track]->before);
        put(".after", found[track]->after);
    }
    keep();
}

} // namespace overbias::calibration
