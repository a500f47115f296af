// SPDX-License-Identifier: Apache-2.0
// The machine on a deck whose own counter is read off its display bus, against the simulated deck, in simulated time.
// The display counts seconds; at 15 ips one is 0.381 m.
#include "base/async/simulated_timeline.hpp"
#include "deck-sim/faces/display_bus_lines.hpp"
#include "deck-sim/simulated_deck.hpp"
#include "transport/drivers/manual_adjust.hpp"
#include "transport/drivers/parallel_remote.hpp"
#include "transport/transport.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>

namespace overbias::transport {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using testing::HasSubstr;
using Line = deck_sim::DisplayBusFace::Line;

constexpr double kUnit_m = 0.381;

deck_sim::Settings deck_settings() {
    deck_sim::Settings settings;
    settings.start_place_m = 200.0;
    settings.play_speed_ips = 15.0;
    return settings;
}

ParallelRemoteConfig remote_config() {
    ParallelRemoteConfig config;
    DisplayBusConfig bus;
    bus.data = {"display_1", "display_2", "display_4", "display_8"};
    bus.select = {"display_select_1", "display_select_2", "display_select_4"};
    bus.digits = {{4, 3600}, {3, 600}, {2, 60}, {1, 10}, {0, 1}};
    bus.sign = DisplayBusConfig::Sign{.select = 7, .minus = 11, .plus = 15};
    bus.units_per_metre = 1.0 / kUnit_m;
    config.display_bus = bus;
    config.counter_still_m_s = 0.1;
    return config;
}

TransportConfig machine_config() {
    TransportConfig config;
    config.start_timeout_s = 5.0;
    return config;
}

class BusRig {
  public:
    BusRig()
        : deck_(timeline_, deck_settings(), {}), lines_(timeline_, deck_.lines(), deck_.remote()),
          driver_(timeline_, lines_, nullptr, remote_config()),
          transport_(timeline_, driver_, adjust_, machine_config()) {}
    /// Still, and the place zeroed.
    void begin() {
        run(6.0); // the display must have stood for 3.8 s before the tape is taken to be still
        ASSERT_TRUE(until(Motion::Stopped, 10.0)) << fault();
        zero();
    }
    void zero() {
        ASSERT_FALSE(transport_.zero_counter().denied());
        zero_m_ = place();
        ASSERT_EQ(knowledge(), PositionKnowledge::Known);
    }
    bool until(Motion motion, double most_s) {
        return until([&] { return transport_.state().current == motion; }, most_s);
    }
    bool until(const std::function<bool()>& done, double most_s) {
        return timeline_.run_until(done, timeline_.now() + deck_seconds(most_s));
    }
    void run(double time_s) { timeline_.run_for(deck_seconds(time_s)); }
    /// The largest difference of count and tape, looked at every 10 ms.
    double worst_over(double time_s) {
        double worst_m = 0.0;
        for (const DeckTime end = timeline_.now() + deck_seconds(time_s); timeline_.now() < end;) {
            run(0.01);
            worst_m = std::max(worst_m, std::abs(error_m()));
        }
        return worst_m;
    }
    void stop() {
        ASSERT_FALSE(transport_.stop().denied());
        ASSERT_TRUE(until(Motion::Stopped, 20.0)) << fault();
    }
    void play() {
        ASSERT_FALSE(transport_.play().denied());
        ASSERT_TRUE(until(Motion::Playing, 6.0)) << fault();
    }
    double zero_m() const { return zero_m_; }
    double place() { return deck_.truth().place_at_record_head_m; }
    double error_m() { return transport_.state().position_m - (place() - zero_m_); }
    double uncertainty_m() { return transport_.state().position_uncertainty_m; }
    PositionKnowledge knowledge() { return transport_.state().position_knowledge; }
    std::string fault() { return transport_.state().fault; }
    std::string detail() { return driver_.details().back().second; }
    Transport& transport() { return transport_; }
    ParallelRemote& driver() { return driver_; }
    deck_sim::DisplayBusFace& face() { return lines_.face(); }
    deck_sim::SimulatedDeck& deck() { return deck_; }

  private:
    SimulatedTimeline timeline_;
    deck_sim::SimulatedDeck deck_;
    deck_sim::DisplayBusLines lines_;
    ManualAdjust adjust_;
    ParallelRemote driver_;
    Transport transport_;
    double zero_m_ = 0.0;
};

/// How much the place may be behind: one displayed unit, and what passes while two scans of 8 ms agree.
double bound_m(double fastest_m_s) {
    return kUnit_m + 0.024 * fastest_m_s + 0.002;
}

TEST(DisplayBusDeck, FollowsPlayWindAndRewindBelowZero) {
    BusRig rig;
    rig.begin();
    EXPECT_EQ(rig.detail(), "read");
    EXPECT_GE(rig.uncertainty_m(), kUnit_m) << "no better than what is displayed";
    rig.play();
    EXPECT_LT(rig.worst_over(20.0), bound_m(0.381));
    EXPECT_NEAR(rig.transport().state().speed_m_s, 0.381, 0.02);
    rig.stop();
    ASSERT_FALSE(rig.transport().fast_forward().denied());
    EXPECT_LT(rig.worst_over(12.0), bound_m(10.0));
    EXPECT_GT(rig.deck().truth().speed_m_s, 7.0);
    EXPECT_NEAR(rig.transport().state().speed_m_s, rig.deck().truth().speed_m_s, 0.8);
    rig.stop();
    ASSERT_FALSE(rig.transport().rewind().denied());
    EXPECT_LT(rig.worst_over(25.0), bound_m(10.0));
    EXPECT_LT(rig.transport().state().position_m, -20.0) << "below zero";
    rig.stop();
    EXPECT_LE(std::abs(rig.error_m()), kUnit_m + 0.03);
    rig.play();
    EXPECT_LT(rig.worst_over(5.0), bound_m(0.381) + 0.03);
    EXPECT_EQ(rig.knowledge(), PositionKnowledge::Known);
    EXPECT_EQ(rig.fault(), "");
    EXPECT_GE(rig.uncertainty_m(), std::abs(rig.error_m()));
}

TEST(DisplayBusDeck, LocatesToTheNearestUnit) {
    BusRig rig;
    rig.begin();
    for (const double to_m : {38.1, 7.62, 100.0, 30.3, 0.0}) { // some of them between two units
        ASSERT_FALSE(rig.transport().locate(to_m).denied());
        ASSERT_TRUE(rig.until(Motion::Stopped, 35.0)) << to_m;
        EXPECT_EQ(rig.fault(), "");
        EXPECT_LE(std::abs(rig.transport().state().position_m - to_m), 0.51 * kUnit_m) << to_m;
        EXPECT_LE(std::abs(rig.place() - rig.zero_m() - to_m), 1.51 * kUnit_m + 0.1)
            << "the tape itself, slip included";
    }
}

TEST(DisplayBusDeck, RecordsOnItsTally) {
    BusRig rig;
    rig.begin();
    rig.play();
    ASSERT_FALSE(rig.transport().arm().denied());
    ASSERT_FALSE(rig.transport().record().denied());
    ASSERT_TRUE(rig.until(Motion::Recording, 3.0)) << rig.fault();
    EXPECT_LT(rig.worst_over(10.0), bound_m(0.381));
    EXPECT_TRUE(rig.deck().truth().recording);
    rig.stop();
    EXPECT_FALSE(rig.deck().truth().recording);
}

// --- what goes wrong with the bus: the place becomes doubtful, and no command that needs it is accepted

class BusFault : public testing::Test {
  protected:
    void expect_doubtful_within(double time_s, const char* says) {
        EXPECT_TRUE(rig.until([&] { return rig.knowledge() == PositionKnowledge::Doubtful; }, time_s));
        EXPECT_THAT(rig.detail(), HasSubstr(says));
        EXPECT_THAT(rig.transport().locate(10.0).reason, HasSubstr("doubtful"));
    }
    BusRig rig;
};

TEST_F(BusFault, AScanThatStopsInPlay) {
    rig.begin();
    rig.play();
    rig.run(5.0);
    ASSERT_EQ(rig.knowledge(), PositionKnowledge::Known);
    rig.face().stop_scan(true);
    expect_doubtful_within(0.35, "not read: its lines stand still");
    ASSERT_FALSE(rig.transport().zero_counter().denied());
    EXPECT_TRUE(rig.until([&] { return rig.knowledge() == PositionKnowledge::Doubtful; }, 0.35))
        << "zeroed while nobody reads it, it is doubtful again";
    rig.run(3.0);
    rig.face().stop_scan(false);
    rig.run(1.0);
    EXPECT_EQ(rig.detail(), "read");
    EXPECT_EQ(rig.knowledge(), PositionKnowledge::Doubtful) << "until somebody says where it is";
    rig.zero();
    EXPECT_LT(rig.worst_over(5.0), bound_m(0.381));
    EXPECT_EQ(rig.knowledge(), PositionKnowledge::Known);
}

TEST_F(BusFault, AScanThatStaysAwayInPlayStopsTheMachineAsADeadTachDoes) {
    rig.begin();
    rig.play();
    rig.run(5.0);
    rig.face().stop_scan(true);
    ASSERT_TRUE(rig.until(Motion::Faulted, 10.0));
    EXPECT_TRUE(rig.until([&] { return rig.deck().truth().speed_m_s == 0.0; }, 3.0));
}

TEST_F(BusFault, AScanThatStopsInWind) {
    rig.begin();
    ASSERT_FALSE(rig.transport().fast_forward().denied());
    rig.run(6.0);
    rig.face().stop_scan(true);
    expect_doubtful_within(0.35, "not read");
    ASSERT_FALSE(rig.transport().stop().denied());
    rig.run(0.2);
    EXPECT_NE(rig.transport().state().current, Motion::Stopped) << "a tape that flies is not taken for one that stands";
    EXPECT_TRUE(rig.until([&] { return rig.deck().truth().speed_m_s == 0.0; }, 10.0));
}

TEST_F(BusFault, AScanThatStopsWhileTheTapeStands) {
    rig.begin();
    rig.face().stop_scan(true);
    expect_doubtful_within(0.35, "not read");
}

TEST_F(BusFault, ADeadDigit) {
    rig.begin();
    rig.play();
    rig.face().dead_digit(1);
    expect_doubtful_within(0.35, "not read: select 1 shows 15");
}

TEST_F(BusFault, ALineThatSticks) {
    rig.begin();
    rig.play();
    rig.face().stuck(Line::kSelect2, true);
    expect_doubtful_within(0.35, "not read: select");
    rig.face().stuck(Line::kSelect2, std::nullopt);
    rig.run(0.5);
    rig.zero();
    rig.run(1.0);
    rig.face().stuck(Line::kData2, true); // inverted: the bit worth 2 is never one
    rig.run(1.0);
    EXPECT_TRUE(rig.until([&] { return rig.knowledge() == PositionKnowledge::Doubtful; }, 70.0));
    EXPECT_THAT(rig.detail(), HasSubstr("neither minus nor plus")) << "a blank of ours has that bit too";
}

TEST_F(BusFault, LightNoiseIsReadThrough) {
    rig.begin();
    rig.face().noise(6, microseconds(4)); // in each millisecond
    rig.play();
    EXPECT_LT(rig.worst_over(30.0), bound_m(0.381));
    EXPECT_EQ(rig.knowledge(), PositionKnowledge::Known);
    EXPECT_EQ(rig.detail(), "read");
}

TEST_F(BusFault, HeavyNoiseIsNeverTakenForAPlace) {
    rig.begin();
    rig.play();
    rig.face().noise(60, microseconds(100));
    EXPECT_TRUE(rig.until([&] { return rig.knowledge() == PositionKnowledge::Doubtful; }, 2.0));
    EXPECT_LT(rig.worst_over(20.0), 4.0 * kUnit_m) << "what may be read by chance is near";
    EXPECT_EQ(rig.knowledge(), PositionKnowledge::Doubtful);
}

TEST_F(BusFault, TheMainsFail) {
    rig.begin();
    rig.play();
    rig.deck().power(false);
    expect_doubtful_within(0.35, "not read: its lines stand still");
}

TEST_F(BusFault, SomebodyZeroesTheCounterAtTheDeck) {
    rig.begin();
    rig.play();
    rig.run(20.0);
    const double before_m = rig.transport().state().position_m;
    rig.deck().remote().preset_counter(0.0);
    expect_doubtful_within(0.1, "read");
    EXPECT_NEAR(rig.transport().state().position_m, before_m, kUnit_m) << "the tape has not moved for that";
}

} // namespace
} // namespace overbias::transport
