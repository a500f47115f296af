// SPDX-License-Identifier: Apache-2.0
// Locate and play, repeat, cancelling.
#include "autolocator_rig.hpp"
#include "says.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stdexcept>
#include <vector>

namespace overbias::transport {

using test::AutolocatorRig;
using test::LatchingDeck;
using test::says;

TEST(Autolocator, LocatesAndStands) {
    AutolocatorRig rig;
    EXPECT_FALSE(rig.autolocator->locate(40.0).denied());
    EXPECT_EQ(rig.autolocator->state().program, Program::Locate);
    EXPECT_EQ(rig.autolocator->state().stage, Stage::Locating);
    ASSERT_TRUE(rig.ended(60.0));
    EXPECT_NEAR(rig.deck.position_m, 40.0, 0.1);
    EXPECT_EQ(rig.said(), "located to 40.00 m");
    rig.run(10.0);
    EXPECT_EQ(rig.motion(), Motion::Stopped);
    EXPECT_FALSE(rig.autolocator->return_to_zero().denied());
    ASSERT_TRUE(rig.ended(60.0));
    EXPECT_NEAR(rig.deck.position_m, 0.0, 0.1);
}

TEST(Autolocator, PlaysAfterALocateWhenAsked) {
    AutolocatorRig rig;
    EXPECT_FALSE(rig.autolocator->locate(40.0, true).denied());
    ASSERT_TRUE(rig.ended(60.0));
    EXPECT_EQ(rig.motion(), Motion::Playing);
    EXPECT_EQ(rig.said(), "located to 40.00 m and playing");
    EXPECT_NEAR(rig.deck.position_m, 40.3, 0.3);
    rig.run(10.0);
    EXPECT_EQ(rig.motion(), Motion::Playing) << "it has let go: nothing stops it";
}

TEST(Autolocator, ANewLocateReplacesTheOld) {
    AutolocatorRig rig;
    EXPECT_FALSE(rig.autolocator->locate(300.0, true).denied());
    rig.run(10.0);
    EXPECT_GT(rig.deck.position_m, 10.0);
    EXPECT_FALSE(rig.autolocator->locate(5.0).denied());
    EXPECT_EQ(rig.autolocator->state().target_m, 5.0);
    ASSERT_TRUE(rig.ended(120.0));
    EXPECT_NEAR(rig.deck.position_m, 5.0, 0.1);
    rig.run(5.0);
    EXPECT_EQ(rig.motion(), Motion::Stopped) << "play belonged to the old one";
}

TEST(Autolocator, WhatTheTransportRefusesIsRefused) {
    AutolocatorRig rig;
    const CommandResult result = rig.autolocator->locate(5000.0);
    EXPECT_TRUE(result.denied());
    EXPECT_TRUE(says(result.reason, "the tape reaches")) << result.reason;
    EXPECT_FALSE(rig.autolocator->active());
    rig.deck.lost = 1; // the position is doubtful now
    rig.run(0.1);
    EXPECT_TRUE(rig.autolocator->locate(5.0, true).denied());
    EXPECT_FALSE(rig.autolocator->active());
    rig.run(5.0);
    EXPECT_EQ(rig.deck.position_m, 0.0);
}

TEST(Autolocator, AnyCommandCancels) {
    AutolocatorRig rig;
    EXPECT_FALSE(rig.autolocator->locate(300.0, true).denied());
    rig.run(5.0);
    EXPECT_TRUE(rig.autolocator->cancel("stop"));
    rig.transport->stop();
    EXPECT_FALSE(rig.autolocator->active());
    EXPECT_EQ(rig.said(), "locate ended: stop");
    rig.run(60.0);
    EXPECT_EQ(rig.motion(), Motion::Stopped);
    EXPECT_LT(rig.deck.position_m, 100.0);
    EXPECT_FALSE(rig.autolocator->cancel("again")) << "nothing is going on";

    // and those that forget to say so: it sees what was asked for
    EXPECT_FALSE(rig.autolocator->locate(300.0, true).denied());
    rig.run(5.0);
    rig.transport->stop();
    rig.run(60.0);
    EXPECT_FALSE(rig.autolocator->active());
    EXPECT_EQ(rig.motion(), Motion::Stopped);
    EXPECT_TRUE(says(rig.said(), "was stopped")) << rig.said();

    EXPECT_FALSE(rig.autolocator->locate(300.0, true).denied());
    rig.run(2.0);
    rig.transport->rewind();
    rig.run(0.1);
    EXPECT_FALSE(rig.autolocator->active());

    rig.transport->stop();
    rig.run(5.0);
    EXPECT_FALSE(rig.autolocator->locate(300.0, true).denied());
    rig.run(2.0);
    rig.transport->locate(100.0);
    rig.run(0.1);
    EXPECT_FALSE(rig.autolocator->active()) << "somebody else's locate";
    rig.run(60.0);
    EXPECT_EQ(rig.motion(), Motion::Stopped);
    EXPECT_NEAR(rig.deck.position_m, 100.0, 0.1);
}

TEST(Autolocator, AHandOnTheDeckCancels) {
    for (const LatchingDeck::Mode key : {LatchingDeck::Mode::Stop, LatchingDeck::Mode::Rewind}) {
        AutolocatorRig rig;
        EXPECT_FALSE(rig.autolocator->locate(200.0, true).denied());
        rig.run(8.0);
        rig.hand(key);
        rig.run(3.0);
        EXPECT_FALSE(rig.autolocator->active()) << rig.said();
        rig.pressed.clear();
        rig.run(3.0);
        EXPECT_EQ(rig.pressed, "") << "nothing goes on by itself";
        EXPECT_EQ(rig.motion(), key == LatchingDeck::Mode::Stop ? Motion::Stopped : Motion::Rewinding);
    }
}

TEST(Autolocator, RepeatsBetweenInAndOut) {
    AutolocatorRig rig({}, 5.0);
    EXPECT_FALSE(rig.autolocator->repeat(20.0, 21.5, 3).denied());
    std::vector<double> turned_at_m;
    Stage before = Stage::Idle;
    double furthest_m = 0.0;
    ASSERT_TRUE(rig.until(
        [&] {
            const Stage now = rig.autolocator->state().stage;
            if (before == Stage::Between && now != Stage::Between) {
                turned_at_m.push_back(rig.deck.position_m);
            }
            before = now;
            furthest_m = std::max(furthest_m, rig.deck.position_m);
            return !rig.autolocator->active();
        },
        300.0));
    EXPECT_EQ(rig.autolocator->state().passes_done, 3);
    EXPECT_EQ(rig.said(), "repeated 3 times");
    ASSERT_EQ(turned_at_m.size(), 3U);
    for (const double place_m : turned_at_m) {
        EXPECT_NEAR(place_m, 21.5, 0.005);
    }
    EXPECT_LT(furthest_m, 21.7);
    EXPECT_EQ(rig.motion(), Motion::Stopped);
    EXPECT_EQ(rig.deck.recorded_m, 0.0);
}

TEST(Autolocator, RepeatsUntilStopped) {
    AutolocatorRig rig;
    EXPECT_FALSE(rig.autolocator->repeat(2.0, 3.0).denied());
    ASSERT_TRUE(rig.until([&] { return rig.autolocator->state().passes_done == 5; }, 600.0));
    ASSERT_TRUE(rig.reaches(Stage::Between, 60.0));
    rig.transport->stop();
    rig.run(0.01);
    EXPECT_FALSE(rig.autolocator->active());
    rig.run(30.0);
    EXPECT_EQ(rig.motion(), Motion::Stopped);
}

TEST(Autolocator, RefusesARepeatThatIsNone) {
    AutolocatorRig rig;
    EXPECT_TRUE(says(rig.autolocator->repeat(3.0, 2.0).reason, "after in"));
    EXPECT_TRUE(rig.autolocator->repeat(3.0, 3.1).denied());
    EXPECT_TRUE(rig.autolocator->repeat(2.0, 3.0, -1).denied());
    EXPECT_FALSE(rig.autolocator->active());
}

TEST(Autolocator, AFaultEndsItAndNothingResumes) {
    AutolocatorRig rig;
    EXPECT_FALSE(rig.autolocator->repeat(2.0, 20.0).denied());
    ASSERT_TRUE(rig.reaches(Stage::Between, 60.0));
    rig.transport->raise_fault("the sound card is gone");
    EXPECT_FALSE(rig.autolocator->active());
    EXPECT_TRUE(says(rig.said(), "the sound card is gone")) << rig.said();
    rig.run(5.0);
    EXPECT_FALSE(rig.transport->clear_fault().denied());
    rig.pressed.clear();
    rig.run(60.0);
    EXPECT_EQ(rig.pressed, "");
    EXPECT_EQ(rig.motion(), Motion::Stopped);
}

TEST(Autolocator, AListenerMayCancelBeforeTheKeyIsPressed) {
    AutolocatorRig rig;
    rig.autolocator->on_change([&] {
        if (rig.autolocator->state().stage == Stage::Starting) {
            rig.autolocator->cancel("the listener");
        }
    });
    EXPECT_FALSE(rig.autolocator->locate(20.0, true).denied());
    ASSERT_TRUE(rig.ended(60.0));
    rig.run(5.0);
    EXPECT_EQ(rig.motion(), Motion::Stopped);
    EXPECT_EQ(rig.said(), "locate ended: the listener");
}

TEST(Autolocator, ConfigurationIsChecked) {
    AutolocatorRig rig;
    EXPECT_THROW(Autolocator(rig.timeline, *rig.transport, {.pre_roll_s = 1.0}), std::invalid_argument);
    EXPECT_THROW(Autolocator(rig.timeline, *rig.transport, {.record_latency_s = -0.1}), std::invalid_argument);
}

TEST(Crossing, SeesThePlaceComeFinerThanTheCounterCounts) {
    constexpr double kEdge_m = 0.0254 / 16.0;
    for (const double speed_m_s : {0.381, 0.762, 0.3175 /* 200 edges a second: one a poll */}) {
        Crossing crossing;
        for (int ms = 0; ms <= 700; ms += 5) {
            const double place_m = std::floor((0.0004 + speed_m_s * ms / 1000.0) / kEdge_m) * kEdge_m;
            crossing.note(DeckTime(std::chrono::milliseconds(ms)), place_m);
            const auto reached = crossing.reaches(0.400);
            ASSERT_EQ(reached.has_value(), ms >= 250);
            if (reached) {
                // the count is behind the tape by half an edge on the mean
                const double expected_s = (0.400 + 0.5 * kEdge_m - 0.0004) / speed_m_s;
                EXPECT_NEAR(seconds(*reached), expected_s, 0.5 * kEdge_m / speed_m_s + 0.0003) << ms;
            }
        }
        // late, and where edges and polls do not march together, the line is much finer than an edge
        if (speed_m_s != 0.3175) {
            EXPECT_NEAR(seconds(*crossing.reaches(0.400)), (0.400 + 0.5 * kEdge_m - 0.0004) / speed_m_s, 0.0005);
        }
    }
}

TEST(Crossing, NothingComesToATapeThatStandsOrGoesBack) {
    Crossing still, back;
    for (int ms = 0; ms <= 600; ms += 5) {
        still.note(DeckTime(std::chrono::milliseconds(ms)), 1.0);
        back.note(DeckTime(std::chrono::milliseconds(ms)), 1.0 - 0.001 * ms);
    }
    EXPECT_FALSE(still.reaches(2.0));
    EXPECT_FALSE(back.reaches(2.0));
    back.clear();
    EXPECT_FALSE(back.reaches(0.0));
}

} // namespace overbias::transport
