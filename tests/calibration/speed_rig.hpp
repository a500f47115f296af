// SPDX-License-Identifier: Apache-2.0
// What the speed procedure needs beside the rig: tapes, somebody who threads them, decks that differ.
#pragma once

#include "alignment_rig.hpp"
#include "calibration/speed/speed_job.hpp"
#include "deck-sim/screwdriver.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace overbias::calibration {

inline constexpr double kPlay_m_s = 15.0 * 0.0254;

inline tape::CalibrationTape flutter_tape() {
    tape::CalibrationTape tape;
    tape.id = "flutter-15";
    tape.name = "a flutter tape";
    tape.speed_ips = 15.0;
    tape.tones.push_back({.frequency_hz = 3150.0, .level_db = 0.0, .duration_s = {}, .voice_before = {}});
    tape.complete = tape.full_track = true;
    return tape;
}

/// As it comes from its box: the tone after a voice and some seconds of nothing.
inline deck_sim::TapeContent on_the_reel(double hz = 3150.0, double seconds = 150.0) {
    deck_sim::TapeContent content;
    content.tones = {{.frequency_hz = hz, .level_db = 0.0, .seconds = seconds, .announcement_s = 2.0, .gap_s = 1.0}};
    return content;
}

/// Threads what it is asked for, turns the speed's screw with a clumsy hand, and keeps the time.
class TapeThreader : public OperatorPort {
  public:
    TapeThreader(test::AlignmentRig& rig, std::uint64_t seed)
        : rig_(rig), hand_([&rig] { return rig.deck->screw(deck_sim::Screw::Speed, 0); },
                           [&rig](double to) { rig.deck->set_screw(deck_sim::Screw::Speed, 0, to); }, {}, seed) {}

    void show(const AlignmentView& view) override {
        if (!view.note.empty() && (notes.empty() || notes.back() != view.note)) {
            notes.push_back(view.note);
        }
        if (view.step_id == "speed.tape") {
            // record is off before the tape is asked for
            EXPECT_FALSE(rig_.transport->state().arm_held.empty());
            EXPECT_TRUE(rig_.transport->arm().denied());
            EXPECT_FALSE(rig_.deck->truth().recording);
            ++threaded;
            if (before_threading) {
                before_threading(threaded);
            }
            thread(on_tape ? *on_tape : on_the_reel(), 2.0);
            says_ = answer(OperatorSays::Accept);
        } else if (view.step_id == "speed.tape_off") {
            EXPECT_FALSE(rig_.transport->state().arm_held.empty());
            altered_cells = rig_.deck->altered_cells();
            if (aborts_at == view.step_id) {
                says_ = answer(OperatorSays::Abort);
                return;
            }
            if (forgets_the_tape > 0) {
                --forgets_the_tape;
                must(rig_.deck->thread_at(2.0 + 5.0 * kPlay_m_s));
            } else {
                must(rig_.deck->mount_blank());
                must(rig_.deck->thread_at(12.0));
            }
            says_ = answer(OperatorSays::Accept);
        } else if (view.step_id == "speed.trim") {
            turn(view);
        } else if (view.step_id == "speed.head_delay" && aborts_at == view.step_id) {
            says_ = answer(OperatorSays::Abort);
        } else if (view.step_id == "speed.error" && !view.unit.empty()) {
            reads_from = reads_from.value_or(rig_.timeline.now());
            if (aborts_at == view.step_id && rig_.timeline.now() - *reads_from > std::chrono::seconds(5)) {
                says_ = answer(OperatorSays::Abort);
            }
        }
    }
    std::optional<OperatorWord> take() override { return std::exchange(says_, std::nullopt); }

    std::optional<deck_sim::TapeContent> on_tape{};
    int forgets_the_tape = 0; ///< so often the calibration tape stays on the deck
    std::string aborts_at;    ///< step
    std::function<void(int times)> before_threading{};
    std::vector<std::string> notes;
    std::optional<DeckTime> reads_from{}; ///< the reading began
    std::uint64_t altered_cells = 0;      ///< of the calibration tape
    int turns = 0, threaded = 0;

  private:
    static OperatorWord answer(OperatorSays says) { return OperatorWord{says}; }
    static void must(const Result<void>& done) { ASSERT_TRUE(done) << done.error().message; }
    void thread(const deck_sim::TapeContent& content, double place_m) {
        must(rig_.deck->mount(content));
        must(rig_.deck->thread_at(place_m));
    }
    void turn(const AlignmentView& view) {
        const TrackReading& between = view.tracks.front();
        if (between.done) {
            says_ = OperatorWord{};
            return;
        }
        if (++views_ % 25 == 0 && between.turn.value_or(0.0) != 0.0) { // looks what a turn has done before the next
            hand_.turn(*between.turn * 1e-6 / 0.02);                   // the whole travel is 2 %
            ++turns;
        }
    }

    test::AlignmentRig& rig_;
    deck_sim::Screwdriver hand_;
    std::optional<OperatorWord> says_;
    int views_ = 0;
};

inline SpeedSetup speed_setup(std::optional<SpeedMeasured>& measured) {
    SpeedSetup setup;
    setup.tape = flutter_tape();
    setup.measured = [&measured](const SpeedMeasured& found) { measured = found; };
    return setup;
}

inline controller::JobEnd measure_speed(test::AlignmentRig& rig, TapeThreader& person, SpeedSetup setup,
                                        bool guided = false) {
    auto context = rig.context();
    context.operator_port = &person;
    context.operator_name = "the operator";
    context.guided = guided;
    if (const auto unfinished = rig.history.unfinished(context.record.key, "speed")) {
        context.record = *unfinished;
    }
    rig.start(make_speed_job(std::move(context), std::move(setup)));
    return rig.finish(600.0);
}

inline double injected_ppm(test::AlignmentRig& rig, const deck_sim::Settings& settings) {
    return 1e6 * ((1.0 + settings.speed_error) * (1.0 + rig.deck->screws().speed_trim) - 1.0);
}

/// Another deck for each seed: speed, flutter, noise, crystals, heads.
inline deck_sim::Settings some_deck(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    const auto between = [&random](double low, double high) {
        return low + (high - low) * static_cast<double>(random() >> 11) / 9007199254740992.0;
    };
    deck_sim::Settings settings;
    settings.seed = seed;
    settings.speed_error = between(-0.002, 0.002);
    settings.wow_peak = between(0.0001, 0.0004);
    settings.capstan_flutter_peak = between(0.00005, 0.0003);
    settings.capstan_hz = between(8.0, 25.0);
    settings.roller_flutter_peak = between(0.00003, 0.0001);
    settings.scrape_flutter_rms = between(0.00003, 0.0001);
    settings.noise_a_weighted_db = between(-66.0, -58.0);
    settings.record_to_reproduce_m = between(0.0340, 0.0360);
    settings.play_clock_ppm = between(-20.0, 20.0);
    settings.capture_clock_ppm = between(-20.0, 20.0);
    return settings;
}

inline double speed_reading(const tape::AlignmentRecord& record, const std::string& id) {
    const tape::AlignmentStep* step = record.step(id, 0);
    return step != nullptr ? step->reading : std::nan("");
}

} // namespace overbias::calibration
