// SPDX-License-Identifier: Apache-2.0
// SonyNinePin against the simulated deck's own 9-pin socket, on a sound line.
#include "nine_pin_rig.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::transport {
namespace {

using namespace std::chrono_literals;
using namespace test;
using testing::HasSubstr;

TEST(NinePinDriverTest, KnowsNothingUntilTheDeckHasTold) {
    NinePinRig rig;
    EXPECT_EQ(rig.driver->tallies(), Tallies{});
    EXPECT_FALSE(rig.up());
    EXPECT_THAT(rig.driver->link().problem, HasSubstr("waiting for the deck's first answer"));
    EXPECT_FALSE(rig.driver->press(Key::Play));
    rig.run(0.1);
    EXPECT_TRUE(rig.up()) << rig.driver->link().problem;
    const Tallies stopped{.stop = true,
                          .play = false,
                          .record = false,
                          .fast_forward = false,
                          .rewind = false,
                          .tape_out = false,
                          .still = true};
    EXPECT_EQ(rig.driver->tallies(), stopped);
    EXPECT_GE(rig.changes, 1);
    EXPECT_EQ(rig.detail("device type"), "20 25");
    EXPECT_EQ(rig.detail("counter"), "timer-1");
    EXPECT_EQ(rig.deck.pressed, "") << "asking moves nothing; and PLAY, which it refused, is not kept for later";
}

TEST(NinePinDriverTest, AsksOnceAFrameAndOneThingAtATime) {
    for (const int rate : {24, 25, 30}) {
        NinePinConfig config = NinePinRig::able();
        config.frames_per_s = rate;
        auto settings = NinePinRig::quick();
        settings.frames_per_s = rate;
        settings.answer_after = 9ms;
        NinePinRig rig(config, settings);
        rig.run(10.0);
        EXPECT_NEAR(rig.times(kStatusBytes), 10 * rate, 1);
        EXPECT_NEAR(rig.times(kTimer1Bytes), 10 * rate, 1);
        EXPECT_EQ(rig.times(kTypeBytes), 1);
        // question, answer, question, answer
        ASSERT_LE(rig.asked.size() - rig.heard.size(), 1U);
        for (std::size_t i = 0; i + 1 < rig.asked.size(); ++i) {
            ASSERT_LT(rig.asked[i].at, rig.heard[i].at);
            ASSERT_LE(rig.heard[i].at, rig.asked[i + 1].at);
        }
        EXPECT_EQ(rig.detail("line"), "") << "nothing missing, nothing damaged";
    }
}

TEST(NinePinDriverTest, KeysReachTheDeck) {
    NinePinRig rig;
    rig.run(0.1);
    ASSERT_TRUE(rig.driver->press(Key::Play));
    rig.run(0.1);
    EXPECT_EQ(rig.driver->tallies().play, true);
    EXPECT_EQ(rig.driver->tallies().still, false);
    ASSERT_TRUE(rig.driver->press(Key::Record));
    rig.run(0.1);
    EXPECT_EQ(rig.driver->tallies().record, true);
    ASSERT_TRUE(rig.driver->press(Key::RecordExit));
    rig.run(0.1);
    EXPECT_EQ(rig.driver->tallies().record, false);
    EXPECT_EQ(rig.driver->tallies().play, true);
    ASSERT_TRUE(rig.driver->press(Key::Stop));
    rig.run(0.1);
    EXPECT_EQ(rig.driver->tallies().stop, true);
    ASSERT_TRUE(rig.driver->press(Key::FastForward));
    rig.run(0.1);
    EXPECT_EQ(rig.driver->tallies().fast_forward, true);
    ASSERT_TRUE(rig.driver->press(Key::Rewind));
    rig.run(0.1);
    EXPECT_EQ(rig.driver->tallies().rewind, true);
    EXPECT_EQ(rig.deck.pressed, "PRPSFW") << "each once";
}

TEST(NinePinDriverTest, ADeckThatTakesNoRecordIsToldApart) {
    NinePinConfig config = NinePinRig::able();
    config.record = false;
    NinePinRig rig(config);
    rig.run(0.1);
    const auto refused = rig.driver->press(Key::Record);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("press record on the deck"));
}

TEST(NinePinDriverTest, StopJumpsTheQueue) {
    NinePinRig rig;
    rig.run(0.1);
    // in the middle of a question for the status
    ASSERT_TRUE(rig.until_asking(kStatusBytes));
    const std::size_t before = rig.asked.size();
    ASSERT_TRUE(rig.driver->press(Key::Play));
    ASSERT_TRUE(rig.driver->press(Key::Stop));
    EXPECT_GT(rig.driver->busy_until(), rig.timeline.now());
    rig.run(0.1);
    ASSERT_GT(rig.asked.size(), before);
    EXPECT_EQ(rig.asked[before].bytes, kStopBytes) << "next after what was under way";
    EXPECT_EQ(rig.deck.pressed, "S") << "PLAY was not sent any more";
    EXPECT_LE(rig.driver->busy_until(), rig.timeline.now());

    // and what is pressed after STOP comes after it
    ASSERT_TRUE(rig.until_asking(kStatusBytes));
    ASSERT_TRUE(rig.driver->press(Key::Stop));
    ASSERT_TRUE(rig.driver->press(Key::Rewind));
    rig.run(0.1);
    EXPECT_EQ(rig.deck.pressed, "SSW");
    EXPECT_EQ(rig.times(kStopBytes), 2) << "the deck has acknowledged each, and goes on to rewind";
}

TEST(NinePinDriverTest, WhatIsNoAnswerToTheQuestionIsNotTakenForOne) {
    NinePinRig rig;
    rig.run(0.1);
    rig.line.face.trouble().mute = true;
    ASSERT_TRUE(rig.driver->press(Key::Play));
    ASSERT_TRUE(rig.until_asking(kPlayBytes));
    rig.line.pair.send(Bytes{0x73, 0x20, 0x00, 0x02, 0x00, 0x95}); // late, or of another: recording
    rig.run(0.006);
    EXPECT_EQ(rig.driver->tallies().record, false);
    rig.run(0.25);
    EXPECT_EQ(rig.times(kPlayBytes), 3) << "it was no acknowledgement either";
}

// A real deck shows a key some five frames late.
TEST(NinePinDriverTest, ALatelyShownStopIsNotSaidAgain) {
    auto settings = NinePinRig::quick();
    settings.status_lag = 200ms;
    NinePinRig rig(NinePinRig::able(), settings);
    rig.run(0.5);
    ASSERT_TRUE(rig.driver->press(Key::Play));
    rig.run(0.5);
    ASSERT_EQ(rig.driver->tallies().play, true);
    rig.driver->make_safe();
    rig.run(0.1);
    ASSERT_EQ(rig.driver->tallies().play, true) << "not shown yet";
    rig.run(1.0);
    EXPECT_EQ(rig.driver->tallies().stop, true);
    EXPECT_EQ(rig.times(kStopBytes), 1);
}

TEST(NinePinDriverTest, StopIsSaidAgainUntilTheStatusShowsIt) {
    NinePinRig rig;
    rig.run(0.1);
    ASSERT_TRUE(rig.driver->press(Key::Record));
    rig.run(0.1);
    rig.driver->make_safe();
    rig.run(0.05);
    ASSERT_EQ(rig.deck.pressed, "RS");
    // the deck acknowledged, and went on all the same
    rig.deck.now.recording = rig.deck.now.playing = true;
    rig.deck.now.stopped = false;
    rig.driver->make_safe();
    rig.run(0.02);
    rig.deck.now.recording = rig.deck.now.playing = true;
    rig.deck.now.stopped = false;
    rig.run(0.4);
    EXPECT_FALSE(rig.deck.now.recording);
    const int stops = rig.times(kStopBytes);
    EXPECT_GE(stops, 3);
    rig.run(5.0);
    EXPECT_EQ(rig.times(kStopBytes), stops) << "once it is seen there is an end";
}

TEST(NinePinDriverTest, WhenTheDeckStandsAtLocalItSaysSo) {
    NinePinRig rig;
    rig.deck.now.local = true;
    rig.run(0.1);
    EXPECT_THAT(rig.detail("local"), HasSubstr("switch it to REMOTE"));
    const auto refused = rig.driver->press(Key::Play);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("LOCAL"));
    EXPECT_TRUE(rig.driver->press(Key::Stop));
    rig.run(0.1);
    EXPECT_EQ(rig.deck.pressed, "S") << "STOP is sent whatever stands in the way";
}

TEST(NinePinDriverTest, Shuttles) {
    NinePinRig rig;
    rig.run(0.1);
    EXPECT_TRUE(rig.driver->capabilities().shuttle);
    EXPECT_NEAR(rig.driver->capabilities().fastest_shuttle_m_s, 7.62, 1e-9);
    const double play_m_s = 0.381;
    for (const double ratio : {1.0, -1.0, 0.1, 3.3333, -12.7, 20.0}) {
        ASSERT_TRUE(rig.driver->shuttle(ratio * play_m_s));
        rig.run(0.1);
        EXPECT_NEAR(rig.deck.speed() / ratio, 1.0, 0.0005) << ratio;
    }
    ASSERT_TRUE(rig.driver->shuttle(-100.0));
    rig.run(0.1);
    EXPECT_NEAR(rig.deck.speed(), -20.0, 0.01) << "what the deck can, at most";
    ASSERT_TRUE(rig.driver->shuttle(0.001));
    rig.run(0.1);
    EXPECT_NEAR(rig.deck.speed(), 0.1, 0.001);
    ASSERT_TRUE(rig.driver->shuttle(0.0));
    rig.run(0.1);
    EXPECT_EQ(rig.deck.speed(), 0.0);
    EXPECT_EQ(rig.detail("shuttle"), "yes");

    NinePinRig without{NinePinConfig{}};
    without.run(0.1);
    EXPECT_FALSE(without.driver->capabilities().shuttle);
    const auto refused = without.driver->shuttle(1.0);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("shuttle"));
}

// A locator that steers gives a new speed more often than the line carries one.
TEST(NinePinDriverTest, KeysWithoutEndLeaveStatusAndCounterTheirTurn) {
    NinePinRig rig;
    rig.run(0.1);
    double speed_m_s = 4.0;
    PeriodicTimer steer(rig.timeline, 2ms, [&] { ASSERT_TRUE(rig.driver->shuttle(speed_m_s *= 0.9999)); });
    const DeckTime begin = rig.timeline.now();
    rig.run(2.0);
    EXPECT_GE(rig.times(kStatusBytes, begin), 48);
    EXPECT_GE(rig.times(kTimer1Bytes, begin), 48);
    EXPECT_NEAR(rig.deck.speed() * 0.381 / speed_m_s, 1.0, 0.005) << "and the deck follows";
    EXPECT_GT(
        std::count_if(rig.asked.begin(), rig.asked.end(), [](const auto& frame) { return frame.bytes[1] == 0x13; }),
        90);
}

TEST(NinePinDriverTest, TheDecksCounterIsTheTach) {
    NinePinRig rig;
    EXPECT_NEAR(*rig.driver->capabilities().counter_edges_per_metre, 25 / 0.381, 1e-9);
    rig.run(1.0);
    const auto begin = rig.driver->tach().edges;
    EXPECT_TRUE(rig.driver->tach().direction_known);
    ASSERT_TRUE(rig.driver->press(Key::Play));
    rig.run(60.0);
    EXPECT_NEAR(static_cast<double>(rig.driver->tach().edges - begin), 60 * 25, 2);
    ASSERT_TRUE(rig.driver->press(Key::Rewind));
    rig.run(30.0); // to before zero
    EXPECT_NEAR(static_cast<double>(rig.driver->tach().edges - begin), 60 * 25 - 30 * 500, 30);
    ASSERT_TRUE(rig.driver->press(Key::Stop));
    rig.run(1.0);
    EXPECT_EQ(rig.driver->tach().lost, 0U);
    const auto there = rig.driver->tach().edges;
    rig.deck.set_counter(3600.0);
    rig.run(0.1);
    EXPECT_EQ(rig.driver->tach().edges, there);
    EXPECT_EQ(rig.driver->tach().lost, 1U) << "somebody set it: the position is doubtful from here";
}

TEST(NinePinDriverTest, LtcWhereTimer1IsRefused) {
    NinePinRig rig;
    rig.line.face.trouble().refuses_timer_1 = true;
    ASSERT_TRUE(rig.timeline.run_until([&] { return rig.detail("counter") == "LTC, held"; }, DeckTime{1s}));
    EXPECT_EQ(rig.times(kTimer1Bytes), 1) << "asked once";
    ASSERT_TRUE(rig.driver->press(Key::Play));
    rig.run(10.0);
    EXPECT_NEAR(static_cast<double>(rig.driver->tach().edges), 250, 3);

    NinePinConfig timer_1_only = NinePinRig::able();
    timer_1_only.counter = NinePinConfig::Counter::Timer1;
    NinePinRig without(timer_1_only);
    without.line.face.trouble().refuses_timer_1 = true;
    without.run(1.0);
    EXPECT_THAT(without.detail("counter"), HasSubstr("refuses"));
    EXPECT_EQ(without.times(kTimer1Bytes), 1);
    EXPECT_TRUE(without.up()) << "its keys and lamps work";

    NinePinConfig none = NinePinRig::able();
    none.counter = NinePinConfig::Counter::None;
    NinePinRig blind(none);
    blind.run(1.0);
    EXPECT_FALSE(blind.driver->capabilities().tach);
    EXPECT_FALSE(blind.driver->capabilities().counter_edges_per_metre);
    EXPECT_EQ(blind.times(kTimer1Bytes) + blind.times(kLtcBytes), 0);
}

TEST(NinePinDriverTest, ADeckThatPassesOverQuestionsForItsCounterKeepsItsLink) {
    NinePinRig rig;
    rig.line.face.trouble().mute_about_time = true;
    rig.run(5.0);
    EXPECT_TRUE(rig.up());
    EXPECT_THAT(rig.detail("counter"), HasSubstr("refuses"));
    EXPECT_EQ(rig.times(kTimer1Bytes), 10);
    EXPECT_EQ(rig.times(kLtcBytes), 10);
}

TEST(NinePinDriverTest, TheDecksOwnLocatorIsSentByTheCounter) {
    NinePinRig rig;
    EXPECT_FALSE(rig.driver->cue_up(0)) << "the counter is not known yet";
    rig.run(0.2);
    const auto here = rig.driver->tach().edges;
    ASSERT_TRUE(rig.driver->cue_up(here + 25 * 90));
    rig.run(0.2);
    EXPECT_NEAR(rig.deck.cued_to_s, 690.0, 0.041);
    EXPECT_TRUE(rig.driver->cued_up());
    ASSERT_TRUE(rig.driver->press(Key::Play));
    rig.run(0.1);
    EXPECT_FALSE(rig.driver->cued_up());
}

TEST(NinePinDriverTest, RefusesSettingsThatCanNotWork) {
    SimulatedTimeline timeline;
    deck_sim::SerialPair pair(timeline, {"/dev/deck", 38400, SerialParity::Odd, false});
    const auto refused = [&](auto change) {
        NinePinConfig config = NinePinRig::able();
        change(config);
        try {
            SonyNinePin(timeline, pair.link(), config);
        } catch (const std::invalid_argument& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    EXPECT_EQ(refused([](NinePinConfig&) {}), "");
    EXPECT_THAT(refused([](NinePinConfig& c) { c.frames_per_s = 29; }), HasSubstr("frames_per_s"));
    EXPECT_THAT(refused([](NinePinConfig& c) { c.play_speed_ips = 0; }), HasSubstr("play_speed_ips"));
    EXPECT_THAT(refused([](NinePinConfig& c) { c.fastest_m_s = 0.1; }), HasSubstr("fastest_m_s"));
    EXPECT_THAT(refused([](NinePinConfig& c) { c.slowest_shuttle = 30; }), HasSubstr("slowest_shuttle"));
    EXPECT_THAT(refused([](NinePinConfig& c) { c.host_latency_s = -1; }), HasSubstr("host_latency_s"));
    EXPECT_THAT(refused([](NinePinConfig& c) { c.host_latency_s = 0.05; }), HasSubstr("0.3 s at most"));
    EXPECT_THAT(refused([](NinePinConfig& c) { c.unanswered_polls = 9; }), HasSubstr("unanswered_polls = 9"));
    EXPECT_THAT(refused([](NinePinConfig& c) { c.unanswered_polls = 1; }), HasSubstr("2 polls or more"));
}

} // namespace
} // namespace overbias::transport
