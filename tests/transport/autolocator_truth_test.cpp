// SPDX-License-Identifier: Apache-2.0
// Where record goes on and off by the simulated deck's own truth: reels, capstan with wow and flutter, a roller that
// slips, contacts that take their time.
#include "base/units.hpp"
#include "deck-sim/simulated_deck.hpp"
#include "transport/drivers/parallel_remote.hpp"
#include "transport/position/autolocator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <vector>

namespace overbias::transport {

namespace {

class NoSwitch : public DeckAdjust {
  public:
    [[nodiscard]] DeckAdjustCapabilities capabilities() const noexcept override { return {}; }
    Result<void> select_monitor(MonitorSelect) override { return Error{"by hand"}; }
};

/// The counter is zeroed where the tape stands at power-on; what an error is worth is seconds of play.
struct TrueRig {
    TrueRig(const deck_sim::Settings& settings, const AutolocatorConfig& config)
        : play_m_s(metres_per_second(settings.play_speed_ips)), zero_m(settings.start_place_m),
          deck(timeline, settings, {}), remote(timeline, deck.lines(), &deck.tach(), {}),
          transport(timeline, remote, adjust, transport_config(settings)), autolocator(timeline, transport, config) {
        deck.on_event([this](const deck_sim::DeckEvent& event) {
            if (event.what == deck_sim::DeckEvent::What::RecordOn) {
                on_m.push_back(event.place_at_record_head_m - zero_m);
            } else if (event.what == deck_sim::DeckEvent::What::RecordOff) {
                off_m.push_back(event.place_at_record_head_m - zero_m);
            }
        });
        timeline.run_for(deck_seconds(2.0));
        EXPECT_FALSE(transport.zero_counter().denied());
    }
    static TransportConfig transport_config(const deck_sim::Settings& settings) {
        TransportConfig config;
        config.play_speed_ips = settings.play_speed_ips;
        config.edges_per_metre = settings.roller_edges_per_metre;
        config.tape_length_m = settings.tape_length_m;
        return config;
    }
    bool until(Stage stage, double within_s) {
        return timeline.run_until([&] { return autolocator.state().stage == stage; },
                                  timeline.now() + deck_seconds(within_s));
    }
    /// One punch; true when it ended well.
    bool punch(double in_m, double out_m) {
        EXPECT_FALSE(autolocator.punch({.in_m = in_m, .out_m = out_m}).denied());
        EXPECT_TRUE(until(Stage::WaitingForArm, 300.0)) << autolocator.state().said;
        EXPECT_FALSE(transport.arm().denied());
        EXPECT_TRUE(until(Stage::Idle, 60.0)) << autolocator.state().said;
        return transport.state().current == Motion::Stopped && transport.state().fault.empty();
    }
    double play_m_s, zero_m;
    std::vector<double> on_m, off_m; ///< by the deck's truth, from where the counter was zeroed
    SimulatedTimeline timeline;
    deck_sim::SimulatedDeck deck;
    ParallelRemote remote;
    NoSwitch adjust;
    Transport transport;
    Autolocator autolocator;
};

} // namespace

TEST(PunchByTheDecksTruth, RecordGoesOnAndOffAtTheMarks) {
    for (const double speed_ips : {15.0, 30.0}) {
        deck_sim::Settings settings;
        settings.play_speed_ips = speed_ips;
        const double slip = settings.roller_slip;
        // the deck's latencies as its owner would measure them: one punch without, and no slip in it
        double record_s = 0.0, exit_s = 0.0;
        {
            settings.roller_slip = 0.0;
            TrueRig rig(settings, {});
            settings.roller_slip = slip;
            ASSERT_TRUE(rig.punch(15.0, 17.0));
            ASSERT_EQ(rig.on_m.size(), 1U);
            ASSERT_EQ(rig.off_m.size(), 1U);
            record_s = (rig.on_m[0] - 15.0) / rig.play_m_s;
            exit_s = std::max(0.0, (rig.off_m[0] - 17.0) / rig.play_m_s);
        }
        EXPECT_GT(record_s, 0.0);
        EXPECT_LT(record_s, 0.1);
        double worst_in_s = 0.0, worst_out_s = 0.0, worst_counted_s = 0.0;
        for (const std::uint64_t seed : {2U, 3U, 4U}) {
            settings.seed = seed;
            TrueRig rig(settings, {.record_latency_s = record_s, .record_exit_latency_s = exit_s});
            double in_m = 8.0;
            for (int take = 0; take < 4; ++take, in_m += 7.77) {
                ASSERT_TRUE(rig.punch(in_m, in_m + 1.5)) << rig.autolocator.state().said;
                ASSERT_EQ(rig.on_m.size(), static_cast<std::size_t>(take + 1));
                ASSERT_EQ(rig.off_m.size(), static_cast<std::size_t>(take + 1));
                const double out_m = in_m + 1.5, on = rig.on_m.back(), off = rig.off_m.back();
                worst_in_s = std::max(worst_in_s, std::abs(on - in_m) / rig.play_m_s);
                worst_out_s = std::max(worst_out_s, std::abs(off - out_m) / rig.play_m_s);
                // what the roller made of these places
                worst_counted_s = std::max({worst_counted_s, std::abs(on * (1.0 - slip) - in_m) / rig.play_m_s,
                                            std::abs(off * (1.0 - slip) - out_m) / rig.play_m_s});
            }
        }
        std::printf("%g ips: record comes %.1f ms after its key, goes %.1f ms after; 12 punches: worst in %.1f ms, "
                    "worst out %.1f ms by the deck's truth, %.1f ms without the roller's slip of %g %%\n",
                    speed_ips, 1e3 * record_s, 1e3 * exit_s, 1e3 * worst_in_s, 1e3 * worst_out_s, 1e3 * worst_counted_s,
                    100.0 * slip);
        // 33 m from the zero slip makes 26 ms at 15 ips; an edge of the roller is 4 ms
        EXPECT_LT(worst_in_s, 0.030);
        EXPECT_LT(worst_out_s, 0.030);
        EXPECT_LT(worst_counted_s, 0.006);
    }
}

TEST(PunchByTheDecksTruth, ARehearsalLeavesTheTapeAsItIs) {
    TrueRig rig({}, {});
    EXPECT_FALSE(rig.autolocator.rehearse({.in_m = 10.0, .out_m = 12.0}).denied());
    ASSERT_TRUE(rig.until(Stage::Between, 100.0)) << rig.autolocator.state().said;
    ASSERT_TRUE(rig.until(Stage::Idle, 100.0)) << rig.autolocator.state().said;
    EXPECT_TRUE(rig.on_m.empty());
}

} // namespace overbias::transport
