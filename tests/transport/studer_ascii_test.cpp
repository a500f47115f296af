// SPDX-License-Identifier: Apache-2.0
// The Studer driver against the deck's socket: what is sent for what, what the deck's answers mean.
#include "studer_rig.hpp"

namespace overbias::transport::test {
namespace {

using DeckKey = deck_sim::StuderDeck::Key;
using deck_sim::SerialPair;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(StuderAscii, EveryKeyIsItsMnemonicAndReachesTheDeck) {
    StuderRig rig;
    rig.start();
    const std::vector<std::pair<Key, std::pair<std::string, DeckKey>>> keys{
        {Key::Play, {"PLY\r", DeckKey::Play}},
        {Key::Record, {"REC\r", DeckKey::Record}},
        {Key::RecordExit, {"REX\r", DeckKey::RecordExit}},
        {Key::Stop, {"STP\r", DeckKey::Stop}},
        {Key::FastForward, {"FWD\r", DeckKey::FastForward}},
        {Key::Rewind, {"RWD\r", DeckKey::Rewind}}};
    for (const auto& [key, expected] : keys) {
        rig.heard.clear();
        rig.tape.pressed.clear();
        EXPECT_TRUE(rig.deck->press(key).ok());
        rig.run(200ms);
        EXPECT_EQ(rig.times(expected.first), 1U) << rig.heard;
        EXPECT_THAT(rig.tape.pressed, ElementsAre(expected.second));
    }
    EXPECT_TRUE(rig.deck->link().up);
}

TEST(StuderAscii, WhatElseTheProfileGives) {
    StuderRig rig;
    rig.start();
    EXPECT_TRUE(rig.deck->library_wind(Direction::Forward).ok());
    EXPECT_TRUE(rig.deck->library_wind(Direction::Reverse).ok());
    EXPECT_TRUE(rig.deck->edit(true).ok());
    EXPECT_TRUE(rig.deck->edit(false).ok()) << "no text for it: STP";
    EXPECT_TRUE(rig.deck->defeat_lifters(true).ok());
    EXPECT_TRUE(rig.deck->defeat_lifters(false).ok());
    EXPECT_TRUE(rig.deck->select_speed(7.5).ok());
    rig.run(500ms);
    EXPECT_THAT(rig.tape.pressed, ElementsAre(DeckKey::LibraryForward, DeckKey::LibraryRewind, DeckKey::Edit,
                                              DeckKey::Stop, DeckKey::LiftersOff, DeckKey::LiftersOn));
    EXPECT_EQ(rig.tape.speed_ips, 7.5);
    EXPECT_THAT(rig.deck->select_speed(30.0).error().message, HasSubstr("7.5, 15"));
    const DeckCapabilities& can = rig.deck->capabilities();
    EXPECT_TRUE(can.tallies && can.tach && can.link && can.library_wind && can.edit && can.lifter_defeat);
    EXPECT_THAT(can.speeds_ips, ElementsAre(7.5, 15.0));
    EXPECT_EQ(rig.detail("software date"), "12.05.92");
}

TEST(StuderAscii, OnlyTheSureMnemonicsAreBuiltIn) {
    StuderRig rig(bare_config());
    rig.start();
    for (const Key key : {Key::FastForward, Key::Rewind, Key::Record, Key::RecordExit}) {
        const auto pressed = rig.deck->press(key);
        ASSERT_FALSE(pressed.ok());
        EXPECT_THAT(pressed.error().message, HasSubstr("profile gives no mnemonic"));
    }
    EXPECT_FALSE(rig.deck->library_wind(Direction::Forward).ok());
    EXPECT_FALSE(rig.deck->edit(true).ok());
    EXPECT_FALSE(rig.deck->edit(false).ok());
    EXPECT_FALSE(rig.deck->defeat_lifters(true).ok());
    EXPECT_FALSE(rig.deck->select_speed(15.0).ok());
    EXPECT_FALSE(rig.deck->shuttle(1.0).ok());
    const DeckCapabilities& can = rig.deck->capabilities();
    EXPECT_FALSE(can.tallies || can.tach || can.library_wind || can.edit || can.lifter_defeat || can.shuttle);
    EXPECT_TRUE(rig.deck->press(Key::Play).ok());
    rig.run(100ms);
    rig.deck->make_safe();
    rig.run(100ms);
    EXPECT_THAT(rig.tape.pressed, ElementsAre(DeckKey::Stop, DeckKey::Play, DeckKey::Stop))
        << "the first is that of the record exit it has not";
    EXPECT_EQ(rig.heard.find_first_not_of("PLYSTPD?\r"), std::string::npos) << "nothing but PLY, STP and SD?";
}

TEST(StuderAscii, ResetsTheLineFirstAndWaitsUntilTheDeckIsReady) {
    StuderRig rig;
    rig.make_driver(); // the deck was switched on this moment and hears nothing for 3 s
    EXPECT_FALSE(rig.deck->link().up);
    EXPECT_THAT(rig.deck->link().problem, HasSubstr("may need some seconds after power-on"));
    EXPECT_FALSE(rig.deck->press(Key::Play).ok());
    rig.run(1s);
    EXPECT_EQ(rig.heard.front(), '\x18');
    rig.run(1900ms);
    EXPECT_FALSE(rig.deck->link().up);
    rig.run(3s);
    EXPECT_TRUE(rig.deck->link().up) << "its first line failed, as it may";
    EXPECT_EQ(rig.deck->link().problem, "");
    EXPECT_TRUE(rig.tape.pressed.empty());
}

TEST(StuderAscii, SaysWhatToLookForWhenNobodyAnswers) {
    StuderRig rig;
    rig.tape.powered = false;
    rig.make_driver();
    rig.run(10s);
    EXPECT_THAT(rig.deck->link().problem, HasSubstr("the deck's line does not answer. Check that it is switched on"));
}

TEST(StuderAscii, TalliesAreThoseOfTheStatusAnswer) {
    StuderRig rig;
    rig.start();
    EXPECT_EQ(rig.deck->tallies(), (Tallies{true, false, false, false, false, false, true}));
    int told = 0;
    rig.deck->on_change([&] { ++told; });
    (void)rig.deck->press(Key::Play);
    rig.run(300ms);
    EXPECT_EQ(rig.deck->tallies(), (Tallies{false, false, false, false, false, false, false})) << "on its way";
    rig.run(1s);
    EXPECT_EQ(rig.deck->tallies().play, true);
    (void)rig.deck->press(Key::Record);
    rig.run(300ms);
    EXPECT_EQ(rig.deck->tallies().record, true);
    rig.tape.tape_out = true;
    rig.run(300ms);
    EXPECT_EQ(rig.deck->tallies().tape_out, true);
    EXPECT_EQ(rig.deck->tallies().record, false);
    EXPECT_EQ(told, 4);
}

TEST(StuderAscii, AStatusNobodyUnderstandsIsNoTally) {
    auto face = full_face();
    face.status_words["play"] = "PLAYING BACKWARDS";
    StuderRig rig(full_config(), face);
    rig.start();
    (void)rig.deck->press(Key::Play);
    rig.run(2s);
    EXPECT_EQ(rig.deck->tallies(), Tallies{});
    EXPECT_THAT(rig.detail("status"), HasSubstr("PLAYING BACKWARDS"));
    EXPECT_TRUE(rig.deck->link().up);
}

TEST(StuderAscii, StatusBits) {
    auto config = full_config();
    config.status.rules.clear();
    config.status.answer = "ST {hex}";
    config.status.bits = {{"stop", 0}, {"play", 1}, {"record", 4}};
    auto face = full_face();
    face.status_words = {{"stop", "ST 01"}, {"play", "ST 02"}, {"record", "ST 1a"}};
    StuderRig rig(config, face);
    rig.start();
    EXPECT_EQ(rig.deck->tallies(), (Tallies{true, false, false, {}, {}, {}, {}}));
    rig.tape.press(DeckKey::Record);
    rig.run(2s);
    EXPECT_EQ(rig.deck->tallies(), (Tallies{false, true, true, {}, {}, {}, {}}));
}

TEST(StuderAscii, TheDecksTimerCountsTape) {
    StuderRig rig;
    rig.start();
    const double from_m = rig.tape.place_m;
    const auto edges_per_metre = rig.deck->capabilities().counter_edges_per_metre;
    ASSERT_TRUE(edges_per_metre);
    const auto metres = [&] { return static_cast<double>(rig.deck->tach().edges) / *edges_per_metre; };
    (void)rig.deck->press(Key::FastForward);
    rig.run(20s);
    (void)rig.deck->press(Key::Stop);
    rig.run(5s);
    EXPECT_GT(rig.tape.place_m - from_m, 100.0);
    EXPECT_NEAR(metres(), rig.tape.place_m - from_m, 0.01);
    (void)rig.deck->press(Key::Rewind);
    rig.run(30s);
    (void)rig.deck->press(Key::Stop);
    rig.run(5s);
    EXPECT_LT(rig.tape.place_m, 80.0);
    EXPECT_NEAR(metres(), rig.tape.place_m - from_m, 0.01) << "backwards, and below the timer's zero";
    EXPECT_EQ(rig.deck->tach().lost, 0U);

    const double before_m = metres();
    rig.tape.place_m = 500.0; // somebody set the deck's timer
    rig.run(1s);
    EXPECT_EQ(metres(), before_m);
    EXPECT_EQ(rig.deck->tach().lost, 1U);
}

TEST(StuderAscii, ACommandTheDeckDoesNotKnowLeavesTheStateUnknownUntilStop) {
    auto config = full_config();
    config.commands.record = "RCD";
    StuderRig rig(config);
    rig.start();
    EXPECT_TRUE(rig.deck->press(Key::Record).ok()) << "it is on its way";
    rig.run(200ms);
    EXPECT_FALSE(rig.deck->link().up);
    EXPECT_THAT(rig.deck->link().problem, HasSubstr("answered \"RCD\" with \"?\""));
    EXPECT_FALSE(rig.deck->press(Key::Play).ok());
    EXPECT_TRUE(rig.deck->press(Key::Stop).ok());
    rig.run(200ms);
    EXPECT_TRUE(rig.deck->link().up);
    EXPECT_THAT(rig.tape.pressed, ElementsAre(DeckKey::Stop));
}

TEST(StuderAscii, AWrongParameterIsNamed) {
    auto config = full_config();
    config.speeds = {{30.0, "RAM 99 1"}};
    StuderRig rig(config);
    rig.start();
    EXPECT_TRUE(rig.deck->select_speed(30.0).ok());
    rig.run(200ms);
    EXPECT_THAT(rig.deck->link().problem, HasSubstr("INPUT FORMAT ERROR"));
}

TEST(StuderAscii, TheAddressGoesBeforeEverything) {
    auto config = full_config();
    config.address = 5;
    auto device = full_face();
    device.address = 5;
    StuderRig rig(config, device);
    rig.start();
    (void)rig.deck->press(Key::Play);
    rig.run(200ms);
    EXPECT_EQ(rig.times("05 PLY\r"), 1U);
    EXPECT_EQ(rig.times("PLY\r"), 1U);
    EXPECT_EQ(rig.times("05 QST?\r"), rig.times("QST?\r"));
    EXPECT_THAT(rig.tape.pressed, ElementsAre(DeckKey::Play));
}

TEST(StuderAscii, AnotherDecksAddressIsNotAnswered) {
    auto config = full_config();
    config.address = 6;
    auto device = full_face();
    device.address = 5;
    StuderRig rig(config, device);
    rig.run(4s);
    rig.make_driver();
    rig.run(10s);
    EXPECT_THAT(rig.deck->link().problem, HasSubstr("address 6 does not answer"));
}

TEST(StuderAscii, AConfigurationThatCannotBeIsNamedWhole) {
    SimulatedTimeline timeline;
    SerialPair pair(timeline, {"line", 9600, SerialParity::None, true});
    auto config = full_config();
    config.address = 100;
    config.timer.answer = "{h}{m}";
    config.status.rules.push_back({"X", {"plai"}});
    config.commands.rewind = "R\rD";
    config.commands.lifter_defeat_off = "";
    config.status.query = "QST";
    try {
        StuderAscii deck(timeline, pair.link(), nullptr, config);
        FAIL();
    } catch (const std::invalid_argument& error) {
        for (const char* part : {"address: expected 1 to 99", "between {m} and the field before it", "\"plai\"",
                                 "rewind:", "lifter_defeat", "a query ends in ?"}) {
            EXPECT_THAT(error.what(), HasSubstr(part));
        }
    }
}

TEST(StuderAscii, TheTraceShowsEveryLine) {
    StuderRig rig;
    rig.start();
    rig.trace.clear();
    (void)rig.deck->press(Key::Play);
    rig.run(1s);
    EXPECT_THAT(rig.trace, testing::Contains("> PLY"));
    EXPECT_THAT(rig.trace, testing::Contains("> QST?"));
    EXPECT_THAT(rig.trace, testing::Contains("< PLAY"));
}

} // namespace
} // namespace overbias::transport::test
