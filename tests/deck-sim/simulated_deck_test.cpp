// SPDX-License-Identifier: Apache-2.0
// Mechanics and magnetics joined behind the ports, on simulated deck time.
#include "base/async/simulated_timeline.hpp"
#include "deck-sim/simulated_deck.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>

namespace overbias::deck_sim {
namespace {

class SimulatedDeckTest : public testing::Test {
  protected:
    void make(const Settings& settings = {}, std::vector<Fault> faults = {}) {
        deck.reset();
        deck = std::make_unique<SimulatedDeck>(timeline, settings, std::move(faults));
    }
    void run(double duration_s) { timeline.run_for(deck_seconds(duration_s)); }
    void set(std::string_view name, bool active) { deck->lines().set(deck->lines().find_output(name).value(), active); }
    bool lit(std::string_view name) { return deck->lines().get(deck->lines().find_input(name).value()); }
    void press(std::string_view name) {
        set(name, true);
        run(0.1);
        set(name, false);
    }
    /// Plays a sine of 1 kHz and 0.1 of full scale into the deck for a while and gives the peak level of 1 kHz that
    /// comes back on the left in the last half of it, re full scale.
    double tone_back(double duration_s) {
        auto& playback = deck->pcm().playback();
        auto& capture = deck->pcm().capture();
        EXPECT_TRUE(deck->pcm().start(4800));
        const double rate = playback.format().sample_rate_hz;
        const std::size_t outs = playback.format().channels(), ins = capture.format().channels();
        std::vector<std::int32_t> out, in(4800 * ins);
        std::complex<double> sum;
        double heard = 0.0;
        std::int64_t played = 0;
        for (int n = 0; n < static_cast<int>(duration_s * 100.0); ++n) {
            std::int64_t first = 0;
            const std::size_t frames = playback.rt_writable();
            out.resize(frames * outs);
            for (std::size_t frame = 0; frame < frames; ++frame) {
                const double phase = 2.0 * std::numbers::pi * 1000.0 * static_cast<double>(played++) / rate;
                for (std::size_t channel = 0; channel < outs; ++channel) {
                    out[frame * outs + channel] = static_cast<std::int32_t>(0.1 * 2147483648.0 * std::sin(phase));
                }
            }
            EXPECT_EQ(playback.rt_write(out, first), frames);
            run(0.01);
            const std::size_t got = capture.rt_read(in, first);
            for (std::size_t frame = 0; frame < got && n > static_cast<int>(duration_s * 50.0); ++frame) {
                const double phase = 2.0 * std::numbers::pi * 1000.0 *
                                     static_cast<double>(first + static_cast<std::int64_t>(frame)) / rate;
                sum += static_cast<double>(in[frame * ins]) / 2147483648.0 * std::polar(1.0, -phase);
                heard += 1.0;
            }
        }
        deck->pcm().stop();
        return 2.0 * std::abs(sum) / heard;
    }

    SimulatedTimeline timeline;
    std::unique_ptr<SimulatedDeck> deck;
};

TEST_F(SimulatedDeckTest, PlaysCountsAndStopsThroughItsPorts) {
    make();
    std::vector<std::string> edges;
    deck->lines().on_edge([&](const transport::LineEdge& edge) {
        const bool stop = edge.line == deck->lines().find_input("tally_stop").value();
        edges.push_back(std::string(stop ? "stop" : "other") + (edge.active ? "+" : "-"));
        EXPECT_EQ(edge.at, timeline.now()) << "edges come at their own millisecond";
    });
    press("play");
    run(2.0);
    EXPECT_EQ(deck->truth().mode, Truth::Mode::Playing);
    EXPECT_NEAR(deck->truth().speed_m_s, 0.381, 0.381 * 0.002);
    EXPECT_TRUE(lit("tally_play"));
    press("stop");
    run(1.0);
    EXPECT_EQ(deck->truth().mode, Truth::Mode::Stopped);
    EXPECT_EQ(edges, (std::vector<std::string>{"stop-", "other+", "other-", "stop+"}));
    const double travel_m = deck->truth().place_at_record_head_m - Settings{}.start_place_m;
    EXPECT_NEAR(static_cast<double>(deck->tach().read().edges), travel_m * 16.0 / 0.0254 * (1.0 - 0.0003), 1.0);
    EXPECT_LT(deck->tach().read().last_edge, timeline.now() - deck_seconds(0.5));
}

TEST_F(SimulatedDeckTest, IsBroughtUpToNowByEveryPortCall) {
    std::int64_t edges_before_tick = 0;
    // this timer is older than the deck's own, so at the same moment it comes first
    timeline.call_at(DeckTime(deck_seconds(3.0)), [&] { edges_before_tick = deck->tach().read().edges; });
    Settings settings;
    settings.roller_edges_per_metre = 1e5; // 38 edges a step
    make(settings);
    set("play", true);
    run(3.0);
    EXPECT_GT(edges_before_tick, 50'000);
    EXPECT_EQ(deck->tach().read().edges, edges_before_tick);
}

TEST_F(SimulatedDeckTest, DoesTheSameHoweverOftenItIsLookedAt) {
    make();
    set("play", true);
    run(1.5);
    SimulatedTimeline other_timeline;
    SimulatedDeck other(other_timeline, Settings{}, {});
    PeriodicTimer nosy(other_timeline, std::chrono::microseconds(370), [&] { (void)other.tach().read(); });
    other.lines().set(other.lines().find_output("play").value(), true);
    other_timeline.run_for(deck_seconds(1.5));
    EXPECT_EQ(other.truth().place_at_record_head_m, deck->truth().place_at_record_head_m);
}

TEST_F(SimulatedDeckTest, RecordsAndPlaysBackOffTapeWhatWasRecorded) {
    make();
    set("record", true);
    set("play", true);
    run(0.1);
    set("record", false);
    set("play", false);
    run(1.0);
    EXPECT_TRUE(deck->truth().recording);
    EXPECT_NEAR(20.0 * std::log10(tone_back(3.0)), -20.0, 1.0) << "off tape, while it is recorded";
    press("stop");
    run(1.0);
    EXPECT_FALSE(deck->truth().recording);
    EXPECT_LT(tone_back(0.5), 0.001) << "the tape stands still";
    set("monitor_input", true);
    EXPECT_NEAR(20.0 * std::log10(tone_back(0.5)), -20.0, 1.0) << "the input itself";
}

TEST_F(SimulatedDeckTest, BreaksItsTapeAtTheProgrammeTimeOfTheFault) {
    make({}, {parse_fault("tape_break:programme_s=1").value(), parse_fault("monitor_sync").value()});
    press("play");
    run(1.0);
    deck->programme_starts(timeline.now());
    run(0.99);
    EXPECT_FALSE(deck->truth().tape_broken);
    run(0.02);
    EXPECT_TRUE(deck->truth().tape_broken);
    run(0.5);
    EXPECT_TRUE(lit("tape_out"));
    EXPECT_EQ(deck->truth().mode, Truth::Mode::TapeOut);
}

} // namespace
} // namespace overbias::deck_sim
