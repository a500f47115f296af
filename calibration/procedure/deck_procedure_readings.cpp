// SPDX-License-Identifier: Apache-2.0
// DeckProcedure's tones and readings, and the proof that what is heard comes off tape.
#include "calibration/procedure/deck_procedure.hpp"

#include "base/figure.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace overbias::calibration {

namespace {

/// The heads' distance is a profile's figure, and the tape's speed is not exact.
constexpr double kDelayMargin = 1.04;
constexpr double kFade_s = 0.012; ///< of the oscillator and of whatever filters follow it
/// The proof: a tone in the middle of the band, where azimuth turns the phase of the tracks by little.
constexpr double kProof_hz = 1000.0, kProof_db = -10.0, kProof_s = 0.2;
constexpr double kProofStep_s = 0.002;
/// Of the delay between the heads: more, and it is another head block or speed.
constexpr double kDelayOff = 0.1;
constexpr double kNothing_db = -35.0; ///< below what was sent: it has not come back

constexpr int kReadTries = 3;

} // namespace

DeckTime DeckProcedure::back_at(DeckTime at) const {
    return at + deck_seconds(head_delay_s() * kDelayMargin + context_.installation.round_trip_s + kFade_s);
}

/// Returns when the tone, and nothing else, comes off tape.
Task<void> DeckProcedure::play(dsp::Signal signal, audio::OscillatorChannels channels) {
    listener_->listen(signal.frequency_hz);
    if (auto playing = context_.oscillator.play(signal, channels); !playing) {
        fault("the oscillator: " + playing.error().message);
    }
    const DeckTime deadline = context_.timeline.now() + std::chrono::seconds(2);
    while (context_.oscillator.last_change().settled_frame < 0) {
        if (context_.timeline.now() >= deadline) {
            fault("the oscillator did not begin within 2 s; is a programme playing, or the sound card stopped?");
        }
        co_await tick();
    }
    const auto stamp = context_.engine.played_timestamp();
    const double due_s = static_cast<double>(context_.oscillator.last_change().settled_frame - stamp.frame) /
                         context_.engine.sample_rate_hz();
    co_await tick_until(back_at(stamp.at + deck_seconds(due_s)));
}

/// A tone on the left alone: when it comes back, and where; then on both: in phase?
Task<void> DeckProcedure::prove_off_tape() {
    progress_.phase = "listening whether it comes off tape";
    const double sent_dbfs = context_.installation.chart.play_dbfs(kProof_db);
    const double expected_dbfs = context_.installation.chart.capture_dbfs(kProof_db);
    const dsp::Signal signal = dsp::sine_signal(kProof_hz, sent_dbfs);
    co_await play(signal, audio::OscillatorChannels::Left);
    const auto stamp = context_.engine.played_timestamp();
    const double from_s = static_cast<double>(context_.oscillator.last_change().from_frame - stamp.frame) /
                          context_.engine.sample_rate_hz();
    const DeckTime left_card = stamp.at + deck_seconds(from_s);
    // another head block's tone comes later than this one's
    const DeckTime steady = context_.timeline.now() + deck_seconds(head_delay_s());
    const DeckTime end = steady + deck_seconds(kProof_s);
    while (!listener_->heard_until(end)) {
        co_await tick();
    }
    const auto heard = listener_->tone(steady, end);
    if (!heard) {
        fault("frames from the sound card were lost while listening to the deck; check its cable and buffers");
    }
    const double louder_dbfs = std::max(heard->level_dbfs[0], heard->level_dbfs[1]);
    if (louder_dbfs < expected_dbfs + kNothing_db) {
        co_await play(signal, audio::OscillatorChannels::Right);
        const StereoTone right = co_await read(kProof_s);
        if (right.level_dbfs[1] > expected_dbfs + kNothing_db) {
            refuse("the left track does not come back, the right one does: expected about " + figure(expected_dbfs, 0) +
                   " dBFS, came " + figure(louder_dbfs, 0) + " dBFS; check its lines and record ready");
        }
        refuse("nothing comes back from the deck: 1 kHz was sent on the left, expected about " +
               figure(expected_dbfs, 0) + " dBFS, came " + figure(louder_dbfs, 0) +
               " dBFS; check the lines, record ready of the tracks and the tape");
    }
    if (heard->level_dbfs[1] > heard->level_dbfs[0]) {
        refuse("the channels are swapped: what was sent on the left came back on the right; exchange the lines to the "
               "deck or from it");
    }
    DeckTime onset = left_card;
    while (onset < steady) {
        const auto window = listener_->moment(onset);
        if (window && window->level_dbfs[0] > heard->level_dbfs[0] - 6.0) {
            break;
        }
        onset += deck_seconds(kProofStep_s);
    }
    const double delay_s = seconds(onset - left_card) - context_.installation.round_trip_s;
    if (delay_s < 0.5 * head_delay_s()) {
        refuse("what comes back does not come off tape: it came " + figure(1000.0 * std::max(0.0, delay_s), 0) +
               " ms after it was sent, the tape takes " + figure(1000.0 * head_delay_s(), 0) +
               " ms between the heads; the monitor is on INPUT or SYNC: switch it to REPRO");
    }
    if (std::abs(delay_s - head_delay_s()) > kDelayOff * head_delay_s()) {
        refuse(
            "what was recorded comes back " + figure(1000.0 * delay_s, 0) + " ms later; expected " +
            figure(1000.0 * head_delay_s(), 0) +
            " ms, from the distance of the heads in the profile and the speed; another head block is mounted, or the "
            "deck runs at another speed: set which one it is");
    }
    co_await play(signal, audio::OscillatorChannels::Both);
    const DeckTime from = context_.timeline.now();
    while (!listener_->heard_until(from + deck_seconds(kProof_s))) {
        co_await tick();
    }
    const auto both = listener_->tone(from, from + deck_seconds(kProof_s));
    if (!both) {
        fault("frames from the sound card were lost while listening to the deck; check its cable and buffers");
    }
    if (both->level_dbfs[1] < expected_dbfs + kNothing_db) {
        refuse("the right track does not come back: expected about " + figure(expected_dbfs, 0) + " dBFS, came " +
               figure(both->level_dbfs[1], 0) + " dBFS; check its lines and record ready");
    }
    if (std::abs(both->phase_deg) > 90.0) {
        refuse("one track's polarity is reversed: 1 kHz, sent alike on both, comes back " + figure(both->phase_deg, 0) +
               " degrees apart; exchange pins 2 and 3 of one line");
    }
}

Task<void> DeckProcedure::play_silence() {
    context_.oscillator.stop();
    // what was written ahead to the card still has to come
    const DeckTime deadline = context_.timeline.now() + std::chrono::seconds(2);
    while (context_.oscillator.playing() || context_.oscillator.last_change().settled_frame < 0) {
        if (context_.timeline.now() >= deadline) {
            fault("the oscillator did not end within 2 s; is the sound card stopped?");
        }
        co_await tick();
    }
    const auto stamp = context_.engine.played_timestamp();
    const double due_s = static_cast<double>(context_.oscillator.last_change().settled_frame - stamp.frame) /
                         context_.engine.sample_rate_hz();
    co_await tick_until(back_at(stamp.at + deck_seconds(due_s)));
}

Task<TapeStretch> DeckProcedure::take_stretch(double duration_s) {
    struct Hearing { // whatever ends this, nobody takes frames after it
        TapeListener& listener;
        ~Hearing() { listener.on_frames({}); }
    };
    const double rate_hz = context_.engine.sample_rate_hz();
    for (int tries = 0; tries < kReadTries; ++tries) {
        const auto stamp = listener_->timestamp();
        const double from = static_cast<double>(stamp.frame) + seconds(context_.timeline.now() - stamp.at) * rate_hz;
        StretchTaker taker(static_cast<std::int64_t>(std::ceil(from)),
                           static_cast<std::size_t>(std::ceil(duration_s * rate_hz)), rate_hz);
        const Hearing hearing{*listener_};
        listener_->on_frames([&taker](std::int64_t first_frame, std::span<const std::int32_t> interleaved) {
            taker.take(first_frame, interleaved);
        });
        while (!taker.done() && !taker.lost()) {
            co_await tick();
        }
        if (!taker.lost()) {
            co_return taker.release();
        }
    }
    fault("frames from the sound card were lost in " + std::to_string(kReadTries) +
          " readings one after the other; check its cable and buffers");
}

Task<void> DeckProcedure::calculate(std::function<void()> work) {
    if (!context_.run_elsewhere) {
        work();
        co_return;
    }
    struct Done {
        std::atomic<bool> done{false};
        std::exception_ptr failure;
    };
    const auto done = std::make_shared<Done>();
    context_.run_elsewhere([done, work = std::move(work)] {
        try {
            work();
        } catch (...) {
            done->failure = std::current_exception();
        }
        done->done.store(true, std::memory_order_release);
    });
    while (!done->done.load(std::memory_order_acquire)) {
        co_await tick();
    }
    if (done->failure) {
        std::rethrow_exception(done->failure);
    }
}

Task<StereoTone> DeckProcedure::read(double averaging_s) {
    for (int tries = 0; tries < kReadTries; ++tries) {
        const DeckTime from = context_.timeline.now();
        const DeckTime to = from + deck_seconds(averaging_s);
        while (!listener_->heard_until(to)) {
            co_await tick();
        }
        if (const auto tone = listener_->tone(from, to)) {
            co_return *tone;
        }
    }
    fault("frames from the sound card were lost in " + std::to_string(kReadTries) +
          " readings one after the other; check its cable and buffers");
}

} // namespace overbias::calibration
