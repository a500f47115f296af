// SPDX-License-Identifier: Apache-2.0
// The locator against a kinematic deck, through the whole chain: transport, driver, lines, tach.
#include "fake_deck.hpp"
#include "transport/drivers/manual_adjust.hpp"
#include "transport/drivers/parallel_remote.hpp"
#include "transport/locator.hpp"
#include "transport/transport.hpp"

#include <gtest/gtest.h>

namespace overbias::transport {

namespace {

constexpr double kNearEnough_m = 0.04; // a tenth of a second of tape at 15 ips, and an edge

struct LocateRig {
    explicit LocateRig(test::LatchingDeckSettings settings = {}, const TransportConfig& config = {})
        : deck(timeline, settings), remote(timeline, deck.lines, &deck, {}),
          transport(timeline, remote, adjust, config) {
        timeline.run_for(deck_seconds(1.5));
        EXPECT_EQ(transport.zero_counter().status, CommandStatus::Accepted);
        transport.on_fault([this](const std::string& message) { faults += message; });
    }
    /// Seconds until it is done.
    double go(double to_m) {
        const DeckTime from = timeline.now();
        const CommandResult result = transport.locate(to_m);
        EXPECT_EQ(result.status, CommandStatus::Accepted) << result.reason;
        EXPECT_TRUE(timeline.run_until(
            [&] {
                lowest_m = std::min(lowest_m, deck.position_m);
                highest_m = std::max(highest_m, deck.position_m);
                return transport.state().current != Motion::Locating;
            },
            from + deck_seconds(400)));
        EXPECT_EQ(transport.state().current, Motion::Stopped) << faults;
        EXPECT_EQ(transport.state().requested, Motion::Stopped);
        EXPECT_EQ(deck.mode, test::LatchingDeck::Mode::Stop);
        EXPECT_FALSE(deck.torn);
        EXPECT_LE(deck.lines.most_motion_lines, 1);
        EXPECT_NEAR(deck.position_m, to_m, kNearEnough_m);
        return seconds(timeline.now() - from);
    }
    SimulatedTimeline timeline;
    test::LatchingDeck deck;
    ParallelRemote remote;
    ManualAdjust adjust;
    Transport transport;
    std::string faults;
    double lowest_m = 0.0, highest_m = 0.0;
};

} // namespace

TEST(Locator, EndsStoppedNearTheTargetWhereverItGoes) {
    LocateRig rig;
    for (const double to_m : {300.0, 20.0, 20.5, 20.4, 21.5, 19.0, 60.0, 0.0, 0.05, 740.0, 0.0}) {
        rig.go(to_m);
        EXPECT_TRUE(rig.faults.empty()) << rig.faults;
    }
    EXPECT_GT(rig.lowest_m, -0.3) << "never leaves the tape";
    EXPECT_LT(rig.highest_m, 741.0);
}

TEST(Locator, LearnsTheBrakesSoTheSecondGoIsQuick) {
    LocateRig rig;
    const double first_s = rig.go(300.0);
    rig.go(10.0);
    const double again_s = rig.go(300.0);
    // 290 m: 2.1 s up to 8.3 m/s, 2.1 s down, 32.9 s between, and what the end takes
    EXPECT_LT(again_s, 37.1 + 2.0);
    EXPECT_LT(again_s, first_s);
}

TEST(Locator, DecksWithOtherBrakesAndRollers) {
    test::LatchingDeckSettings soft;
    soft.brake_deceleration = 1.2; // coasts 29 m from wind, more than a new locator expects of an A80
    test::LatchingDeckSettings hard;
    hard.brake_deceleration = 9.0;
    test::LatchingDeckSettings fast;
    fast.wind_m_s = 12.7; // 500 ips
    test::LatchingDeckSettings sluggish;
    sluggish.wind_acceleration = 0.8;
    for (const test::LatchingDeckSettings& settings : {soft, hard, fast, sluggish}) {
        LocateRig rig(settings);
        for (const double to_m : {60.0, 0.0, 200.0, 2.0, 199.0}) {
            rig.go(to_m);
        }
        EXPECT_TRUE(rig.faults.empty()) << rig.faults;
        EXPECT_GT(rig.lowest_m, -0.5) << settings.brake_deceleration;
    }
}

TEST(Locator, WorksWithASinglePhaseTach) {
    LocateRig rig;
    rig.deck.single_phase = true;
    for (const double to_m : {30.0, 5.0, 5.3, 100.0}) {
        rig.go(to_m);
    }
    EXPECT_TRUE(rig.faults.empty()) << rig.faults;
}

TEST(Locator, BrakesThatDoNotHoldEndInAFaultNotInAChase) {
    LocateRig rig;
    rig.deck.brakes_fail = true;
    EXPECT_EQ(rig.transport.locate(20.0).status, CommandStatus::Accepted);
    rig.timeline.run_until([&] { return rig.transport.state().current != Motion::Locating; },
                           rig.timeline.now() + deck_seconds(400));
    EXPECT_EQ(rig.transport.state().current, Motion::Faulted);
    EXPECT_FALSE(rig.faults.empty());
}

TEST(Locator, TheEndOfTheTapeIsNeverPassedEvenOnADeckNeverMet) {
    test::LatchingDeckSettings weak;
    weak.brake_deceleration = 0.6;
    TransportConfig config;
    config.tape_length_m = 749.0; // the tape itself ends at 750 m
    LocateRig rig(weak, config);
    rig.go(749.0);
    EXPECT_LT(rig.highest_m, 749.0 + 0.05);
    rig.go(0.0);
    EXPECT_GT(rig.lowest_m, -0.25);
    EXPECT_TRUE(rig.faults.empty()) << rig.faults;
}

TEST(Locator, ANewLocateReplacesTheOldOne) {
    LocateRig rig;
    EXPECT_EQ(rig.transport.locate(500.0).status, CommandStatus::Accepted);
    rig.timeline.run_for(deck_seconds(6.0));
    EXPECT_GT(rig.deck.velocity_m_s, 5.0);
    rig.go(10.0); // behind it by now
    EXPECT_LT(rig.highest_m, 100.0);
    EXPECT_TRUE(rig.faults.empty()) << rig.faults;
}

TEST(Locator, AnyKeyCancelsIt) {
    LocateRig rig;
    EXPECT_EQ(rig.transport.locate(500.0).status, CommandStatus::Accepted);
    rig.timeline.run_for(deck_seconds(6.0));
    EXPECT_FALSE(rig.transport.rewind().denied());
    rig.timeline.run_for(deck_seconds(5.0));
    EXPECT_EQ(rig.transport.state().current, Motion::Rewinding);
    EXPECT_LT(rig.deck.velocity_m_s, 0.0);
    EXPECT_FALSE(rig.deck.torn);
    EXPECT_EQ(rig.transport.stop().status, CommandStatus::Accepted);
    rig.timeline.run_for(deck_seconds(6.0));
    EXPECT_EQ(rig.transport.state().current, Motion::Stopped);
}

TEST(Locator, SaysWhyWhenItCannotGetThere) {
    LocatorConfig config;
    config.most_moves = 3;
    Locator locator(config);
    locator.begin(10.0);
    LocatorView view{.now = DeckTime(deck_seconds(1.0)), .still = true, .settled = true};
    int presses = 0;
    LocatorStep step = LocatorStep::Wait;
    while (step != LocatorStep::Failed && presses < 100) {
        step = locator.step(view);
        if (step == LocatorStep::PressFastForward) {
            ++presses;
            // flies up, is told to stop, and is back at once where it came from
            for (const double position_m : {0.0, 9.0, 9.5, 9.9}) {
                view.now += deck_seconds(Locator::kTick_s);
                view.position_m = position_m;
                view.velocity_m_s = 8.0;
                if (locator.step(view) == LocatorStep::PressStop) {
                    break;
                }
            }
            view = {.now = view.now + deck_seconds(1.0), .still = true, .settled = true};
        }
    }
    EXPECT_EQ(presses, 3);
    EXPECT_FALSE(locator.active());
    EXPECT_NE(locator.failure().find("10"), std::string::npos);
    EXPECT_NE(locator.failure().find("3 moves"), std::string::npos) << locator.failure();
}

} // namespace overbias::transport
