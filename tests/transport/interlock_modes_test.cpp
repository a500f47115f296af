// SPDX-License-Identifier: Apache-2.0
// The interlocks of the modes beyond the five keys, of a lost link and of a tach that has died, seen from outside.
#include "scripted_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace overbias::transport {

using test::kPlayMetresPerSecond;
using test::ScriptedRig;
using ::testing::HasSubstr;

namespace {

struct FullRig : ScriptedRig {
    explicit FullRig(const Prepare& prepare = {})
        : ScriptedRig([&](test::ScriptedDeck& rich, TransportConfig& settings) {
              rich.offer_everything();
              if (prepare) {
                  prepare(rich, settings);
              }
          }) {
        EXPECT_EQ(deck.keys(), "d") << "how the last one left the lifters is not known";
        clear();
    }
    void into_shuttle(double m_s) {
        EXPECT_EQ(transport->shuttle(m_s).status, CommandStatus::Accepted);
        tell([](Tallies& t) { t.stop = t.play = false; });
        speed_m_s = m_s;
        run(0.2);
        EXPECT_EQ(motion(), Motion::Shuttling);
        clear();
    }
    void link(bool up) {
        deck.link_ = {up, up ? "" : "/dev/ttyS0: no answer for 0.1 s"};
        if (!up) {
            deck.tally = {};
        }
        deck.tell();
    }
};

} // namespace

TEST(Interlock, WhatTheDeckDoesNotOfferIsDeniedWithAReason) {
    ScriptedRig rig;
    Transport& transport = *rig.transport;
    for (const CommandResult& result : {transport.library_wind(Direction::Forward), transport.shuttle(1.0),
                                        transport.edit(), transport.defeat_lifters(true), transport.thread(true),
                                        transport.select_speed(30.0), transport.set_ready(1, true)}) {
        EXPECT_TRUE(result.denied());
        EXPECT_THAT(result.reason, HasSubstr("deck"));
    }
    EXPECT_EQ(rig.deck.keys(), "");
}

TEST(Interlock, LibraryWindChangesOverFromFastWindAndReversesOnlyWhenStill) {
    FullRig rig;
    rig.into_wind(true);
    EXPECT_FALSE(rig.transport->state().library_wind);
    EXPECT_EQ(rig.transport->library_wind(Direction::Forward).status, CommandStatus::Accepted);
    EXPECT_EQ(rig.deck.keys(), "f");
    EXPECT_TRUE(rig.transport->state().library_wind);
    EXPECT_EQ(rig.motion(), Motion::FastForwarding);
    EXPECT_EQ(rig.transport->library_wind(Direction::Forward).status, CommandStatus::Unchanged);
    EXPECT_EQ(rig.transport->fast_forward().status, CommandStatus::Accepted);
    EXPECT_FALSE(rig.transport->state().library_wind);
    rig.clear();
    EXPECT_EQ(rig.transport->library_wind(Direction::Reverse).status, CommandStatus::Deferred);
    rig.tell([](Tallies& t) { t.fast_forward = false; });
    rig.run(2.0);
    EXPECT_EQ(rig.deck.keys(), "S") << "the tape still runs";
    rig.rest();
    rig.run(0.3);
    EXPECT_EQ(rig.deck.keys(), "Sw");
    EXPECT_EQ(rig.motion(), Motion::Rewinding);
    EXPECT_TRUE(rig.transport->state().library_wind);
    EXPECT_EQ(rig.transport->state().requested, Motion::Rewinding);
}

TEST(Interlock, RecordIsOffBeforeEveryNewMode) {
    using Command = std::function<CommandResult(Transport&)>;
    for (const Command& command : {Command([](Transport& t) { return t.shuttle(1.0); }),
                                   Command([](Transport& t) { return t.library_wind(Direction::Forward); }),
                                   Command([](Transport& t) { return t.library_wind(Direction::Reverse); })}) {
        FullRig rig;
        rig.into_record();
        EXPECT_EQ(command(*rig.transport).status, CommandStatus::Deferred);
        EXPECT_EQ(rig.deck.keys(), "!") << "record off and stop, and nothing else yet";
        rig.run(0.4); // the record tally stays lit and the tape runs on
        EXPECT_EQ(rig.deck.keys(), "!");
        rig.rest();
        rig.run(0.4);
        EXPECT_THAT(rig.deck.keys(), ::testing::ContainsRegex("^!(H|f|w)$"));
    }
    FullRig rig;
    rig.into_record();
    EXPECT_TRUE(rig.transport->edit().denied());
    EXPECT_TRUE(rig.transport->select_speed(30.0).denied());
    EXPECT_TRUE(rig.transport->set_ready(1, true).denied());
    EXPECT_EQ(rig.deck.keys(), "");
}

TEST(Interlock, ShuttleEndsByStopOrAnotherKeyAndZeroHoldsTheTape) {
    FullRig rig;
    rig.into_shuttle(2.0);
    EXPECT_EQ(rig.transport->state().requested, Motion::Shuttling);
    EXPECT_EQ(rig.transport->shuttle(-1.0).status, CommandStatus::Accepted) << "the deck turns the tape round itself";
    EXPECT_EQ(rig.deck.keys(), "H");
    rig.run(2.0); // still slowing down: that is no failure to start
    rig.speed_m_s = -1.0;
    rig.run(2.0);
    EXPECT_EQ(rig.motion(), Motion::Shuttling);
    EXPECT_EQ(rig.transport->shuttle(0.0).status, CommandStatus::Accepted);
    rig.speed_m_s = 0.0;
    rig.run(10.0);
    EXPECT_EQ(rig.motion(), Motion::Shuttling) << "held";
    EXPECT_TRUE(rig.faults.empty());
    EXPECT_EQ(rig.transport->play().status, CommandStatus::Deferred);
    EXPECT_EQ(rig.deck.log.back(), "S");
    rig.rest();
    rig.run(2.0);
    EXPECT_EQ(rig.deck.log.back(), "P");
    FullRig other;
    other.into_shuttle(-2.0);
    EXPECT_EQ(other.transport->fast_forward().status, CommandStatus::Deferred) << "the tape runs the other way";
    EXPECT_EQ(other.deck.keys(), "S");
    other.transport->stop();
    other.rest();
    other.run(2.0);
    EXPECT_EQ(other.motion(), Motion::Stopped) << "stop takes the waiting wind back";
}

TEST(Interlock, ShuttleIsKeptWithinWhatTheDeckCanAndIsSupervised) {
    FullRig rig;
    rig.transport->shuttle(25.0);
    EXPECT_EQ(rig.deck.shuttles.back(), 10.0);
    rig.transport->shuttle(-0.015);
    EXPECT_EQ(rig.deck.shuttles.back(), -0.02);
    rig.transport->shuttle(0.005);
    EXPECT_EQ(rig.deck.shuttles.back(), 0.0);
    EXPECT_TRUE(rig.transport->shuttle(std::numeric_limits<double>::quiet_NaN()).denied());
    rig.clear();
    rig.transport->shuttle(1.0); // and nothing moves
    rig.tell([](Tallies& t) { t.stop = false; });
    rig.run(3.1);
    EXPECT_EQ(rig.motion(), Motion::Faulted);
    EXPECT_EQ(rig.deck.keys(), "H!");
    FullRig dies;
    dies.into_shuttle(1.0);
    dies.tach_works = false;
    dies.run(0.5);
    EXPECT_EQ(dies.motion(), Motion::Faulted);
    EXPECT_EQ(dies.deck.keys(), "!");
}

TEST(Interlock, ShuttleAtPlaySpeedIsNoProofOfPlay) {
    FullRig rig([](test::ScriptedDeck& deck, TransportConfig& config) {
        deck.capabilities_.tallies = false;
        deck.tally = {};
        config.proof_by_tally = false;
    });
    EXPECT_TRUE(rig.transport->state().inferred);
    rig.into_shuttle(kPlayMetresPerSecond);
    rig.transport->arm();
    rig.run(5.0);
    EXPECT_EQ(rig.motion(), Motion::Shuttling);
    EXPECT_TRUE(rig.transport->record().denied());
    EXPECT_EQ(rig.deck.keys(), "");
}

TEST(Interlock, EditIsEnteredFromStopOnlyAndOnlyStopEndsIt) {
    FullRig rig;
    rig.into_play();
    rig.clear();
    EXPECT_TRUE(rig.transport->edit().denied());
    rig.transport->stop();
    rig.rest();
    rig.run(0.5);
    rig.clear();
    EXPECT_EQ(rig.transport->edit().status, CommandStatus::Accepted);
    EXPECT_EQ(rig.motion(), Motion::Editing);
    rig.speed_m_s = kPlayMetresPerSecond; // a hand turns the reels, at play speed of all speeds
    rig.run(5.0);
    EXPECT_EQ(rig.motion(), Motion::Editing);
    rig.speed_m_s = 0.0;
    for (auto command : {&Transport::play, &Transport::record, &Transport::fast_forward, &Transport::rewind}) {
        EXPECT_TRUE(((*rig.transport).*command)().denied()) << "hands may be on the reels";
    }
    EXPECT_TRUE(rig.transport->shuttle(1.0).denied());
    EXPECT_EQ(rig.deck.keys(), "E");
    EXPECT_EQ(rig.transport->stop().status, CommandStatus::Accepted);
    EXPECT_EQ(rig.deck.keys(), "E!e");
    rig.run(0.5);
    EXPECT_EQ(rig.motion(), Motion::Stopped);
    EXPECT_TRUE(rig.faults.empty());
}

TEST(Interlock, LiftersAreDefeatedOnlySlowAndRestoredBeforeTheTapeRunsFast) {
    FullRig rig;
    EXPECT_EQ(rig.transport->defeat_lifters(true).status, CommandStatus::Accepted);
    EXPECT_EQ(rig.transport->state().lifters, Lifters::Defeated);
    EXPECT_EQ(rig.transport->fast_forward().status, CommandStatus::Accepted);
    EXPECT_EQ(rig.deck.keys(), "DdF") << "lifted before the wind";
    EXPECT_EQ(rig.transport->state().lifters, Lifters::Normal);
    rig.tell([](Tallies& t) { t.stop = false, t.fast_forward = true; });
    rig.speed_m_s = 5.0;
    rig.run(0.2);
    rig.clear();
    const CommandResult fast = rig.transport->defeat_lifters(true);
    EXPECT_TRUE(fast.denied());
    EXPECT_THAT(fast.reason, HasSubstr("cue_limit_m_s"));
    rig.speed_m_s = 1.0;
    rig.run(0.2);
    EXPECT_EQ(rig.transport->defeat_lifters(true).status, CommandStatus::Accepted);
    rig.speed_m_s = 1.3;
    rig.run(0.1);
    EXPECT_EQ(rig.deck.keys(), "Dd") << "forced back above the limit";
    EXPECT_EQ(rig.transport->state().lifters, Lifters::Normal);

    FullRig cue; // slow cue in shuttle keeps them defeated, a faster shuttle does not
    cue.transport->defeat_lifters(true);
    cue.into_shuttle(0.8);
    EXPECT_EQ(cue.transport->state().lifters, Lifters::Defeated);
    EXPECT_EQ(cue.transport->shuttle(3.0).status, CommandStatus::Accepted);
    EXPECT_EQ(cue.deck.keys(), "dH");
    cue.rest();
    cue.transport->stop();
    cue.run(0.5);
    cue.transport->defeat_lifters(true);
    cue.clear();
    EXPECT_EQ(cue.transport->stop().status, CommandStatus::Unchanged);
    EXPECT_EQ(cue.transport->state().lifters, Lifters::Defeated) << "stop leaves them";
    cue.run(1.5);
    EXPECT_EQ(cue.transport->play().status, CommandStatus::Accepted);
    EXPECT_EQ(cue.deck.keys(), "!dP");
}

TEST(Interlock, SpeedIsSwitchedOnlyWhileStillAndEverythingFollowsIt) {
    FullRig rig;
    rig.transport->preset_counter(40.0);
    rig.into_play();
    EXPECT_TRUE(rig.transport->select_speed(30.0).denied());
    rig.transport->stop();
    EXPECT_TRUE(rig.transport->select_speed(30.0).denied()) << "still braking";
    rig.rest();
    rig.run(1.5);
    rig.clear();
    const CommandResult wrong = rig.transport->select_speed(7.5);
    EXPECT_TRUE(wrong.denied());
    EXPECT_THAT(wrong.reason, HasSubstr("15.00 ips, 30.00 ips"));
    const double place_m = rig.transport->state().position_m;
    EXPECT_GT(place_m, 40.0);
    EXPECT_EQ(rig.transport->select_speed(30.0).status, CommandStatus::Accepted);
    EXPECT_EQ(rig.deck.keys(), "V30");
    EXPECT_EQ(rig.transport->state().play_speed_ips, 30.0);
    EXPECT_EQ(rig.transport->config().play_speed_ips, 30.0);
    EXPECT_EQ(rig.transport->state().position_m, place_m) << "the counter keeps its place";
    rig.transport->play();
    rig.tell([](Tallies& t) { t.stop = false, t.play = true; });
    rig.speed_m_s = kPlayMetresPerSecond; // the old speed proves nothing now
    rig.run(1.0);
    EXPECT_EQ(rig.motion(), Motion::Starting);
    rig.speed_m_s = 2.0 * kPlayMetresPerSecond;
    rig.run(0.2);
    EXPECT_EQ(rig.motion(), Motion::Playing);
}

TEST(Interlock, ReadyStaysWhileRecordingAndIsKeptPerTrack) {
    FullRig rig;
    EXPECT_EQ(rig.transport->set_ready(2, true).status, CommandStatus::Accepted);
    EXPECT_EQ(rig.transport->state().ready_tracks, 2U);
    const CommandResult beyond = rig.transport->set_ready(3, true);
    EXPECT_TRUE(beyond.denied());
    EXPECT_THAT(beyond.reason, HasSubstr("1 to 2"));
    EXPECT_TRUE(rig.transport->set_ready(0, true).denied());
    EXPECT_EQ(rig.deck.keys(), "Y2");
    rig.into_record();
    EXPECT_TRUE(rig.transport->set_ready(2, false).denied());
    EXPECT_EQ(rig.transport->punch_out().status, CommandStatus::Accepted);
    rig.clear();
    EXPECT_TRUE(rig.transport->set_ready(2, false).denied()) << "the record tally is still lit";
    rig.tell([](Tallies& t) { t.record = false; });
    EXPECT_TRUE(rig.transport->set_ready(2, false).denied()) << "and the deck may take a moment";
    rig.run(0.6);
    EXPECT_EQ(rig.transport->set_ready(2, false).status, CommandStatus::Accepted);
    EXPECT_EQ(rig.deck.keys(), "y2");
    EXPECT_EQ(rig.transport->state().ready_tracks, 0U);
}

TEST(Interlock, ThreadingTensionOnlyWhileTheTapeIsOut) {
    FullRig rig;
    EXPECT_TRUE(rig.transport->thread(true).denied());
    rig.tell([](Tallies& t) { t.tape_out = true; });
    EXPECT_EQ(rig.motion(), Motion::TapeOut);
    rig.clear();
    EXPECT_EQ(rig.transport->thread(true).status, CommandStatus::Accepted);
    EXPECT_TRUE(rig.transport->state().threading);
    EXPECT_EQ(rig.transport->stop().status, CommandStatus::Accepted) << "stop stays possible, and ends it";
    EXPECT_FALSE(rig.transport->state().threading);
    EXPECT_EQ(rig.deck.keys(), "T!");
    rig.transport->thread(true);
    rig.tell([](Tallies& t) { t.tape_out = false; });
    EXPECT_EQ(rig.deck.keys(), "T!T!");
    EXPECT_FALSE(rig.transport->state().threading);
    rig.run(0.5);
    EXPECT_EQ(rig.motion(), Motion::Stopped);
}

TEST(Interlock, RecordFromStopFollowsTheProofOfPlay) {
    FullRig rig;
    EXPECT_TRUE(rig.transport->record().denied()) << "not armed";
    rig.transport->arm();
    const CommandResult result = rig.transport->record();
    EXPECT_EQ(result.status, CommandStatus::Deferred);
    EXPECT_FALSE(result.reason.empty());
    EXPECT_EQ(rig.deck.keys(), "P");
    EXPECT_EQ(rig.transport->state().requested, Motion::Recording);
    rig.run(0.5);
    EXPECT_EQ(rig.deck.keys(), "P") << "no proof yet";
    rig.tell([](Tallies& t) { t.stop = false, t.play = true; });
    rig.speed_m_s = kPlayMetresPerSecond;
    rig.run(0.3);
    EXPECT_EQ(rig.deck.keys(), "PR");
    rig.tell([](Tallies& t) { t.record = true; });
    EXPECT_EQ(rig.motion(), Motion::Recording);
    EXPECT_EQ(rig.transport->state().arm, RecordArm::Safe);
    EXPECT_TRUE(rig.faults.empty());
}

TEST(Interlock, ARecordThatWaitsForItsProofIsForgottenByStopDisarmPlayAndTimeout) {
    using Change = std::function<void(FullRig&)>;
    const Change changes[] = {
        [](FullRig& r) { r.transport->stop(); },         [](FullRig& r) { r.transport->disarm(); },
        [](FullRig& r) { r.transport->play(); },         [](FullRig& r) { r.transport->punch_out(); },
        [](FullRig& r) { r.transport->fast_forward(); }, [](FullRig& r) { r.run(3.2); }};
    for (const Change& change : changes) {
        FullRig rig;
        rig.transport->arm();
        EXPECT_EQ(rig.transport->record().status, CommandStatus::Deferred);
        change(rig);
        rig.tell([](Tallies& t) { t.stop = false, t.play = true; });
        rig.speed_m_s = kPlayMetresPerSecond;
        rig.run(2.0);
        EXPECT_THAT(rig.deck.keys(), ::testing::Not(HasSubstr("R")));
        EXPECT_NE(rig.transport->state().requested, Motion::Recording);
    }
}

TEST(Interlock, ALostLinkIsUnknownAndNothingComesBackByItself) {
    FullRig rig([](test::ScriptedDeck& deck, TransportConfig&) { deck.capabilities_.link = true; });
    rig.transport->zero_counter();
    rig.into_record();
    rig.transport->arm();
    rig.link(false);
    EXPECT_EQ(rig.motion(), Motion::Unknown);
    EXPECT_EQ(rig.deck.keys(), "!") << "tried, though nobody may hear it";
    EXPECT_EQ(rig.keys_when_told, "!");
    ASSERT_EQ(rig.faults.size(), 1U);
    EXPECT_THAT(rig.faults[0], HasSubstr("/dev/ttyS0"));
    EXPECT_THAT(rig.transport->state().link_problem, HasSubstr("no answer"));
    EXPECT_EQ(rig.transport->state().arm, RecordArm::Safe);
    rig.tach_works = false; // it came over that link: it does not count, and that means nothing
    rig.run(30.0);
    EXPECT_EQ(rig.motion(), Motion::Unknown);
    for (auto command : {&Transport::play, &Transport::arm, &Transport::record, &Transport::rewind,
                         &Transport::clear_fault, &Transport::zero_counter}) {
        EXPECT_TRUE(((*rig.transport).*command)().denied());
    }
    EXPECT_EQ(rig.transport->stop().status, CommandStatus::Accepted);
    EXPECT_EQ(rig.motion(), Motion::Unknown) << "whether it stopped is not known";
    rig.clear();
    // it is back, and has gone on recording all the time
    rig.tach_works = true;
    rig.deck.tally.stop = false;
    rig.deck.tally.play = rig.deck.tally.record = true;
    rig.link(true);
    EXPECT_EQ(rig.deck.keys(), "!d") << "nobody asked for that record, and who knows of the lifters";
    EXPECT_EQ(rig.motion(), Motion::Faulted);
    EXPECT_TRUE(rig.transport->state().link_problem.empty());
    rig.rest();
    rig.run(5.0);
    EXPECT_EQ(rig.motion(), Motion::Faulted);
    EXPECT_EQ(rig.transport->clear_fault().status, CommandStatus::Accepted);
}

TEST(Interlock, AfterALostLinkTheDeckMustTellBeforeAnythingIsKnown) {
    const auto linked = [](test::ScriptedDeck& deck, TransportConfig&) { deck.capabilities_.link = true; };
    FullRig rig(linked);
    rig.into_play();
    rig.link(false);
    rig.deck.tally.play = true;
    rig.deck.tally.stop = rig.deck.tally.record = false;
    rig.link(true);
    rig.clear();
    rig.run(5.0);
    EXPECT_EQ(rig.motion(), Motion::Unknown) << "it plays on: nobody here asked for that";
    EXPECT_EQ(rig.deck.keys(), "");
    rig.rest(); // a hand stops it
    rig.run(0.3);
    EXPECT_EQ(rig.motion(), Motion::Stopped);

    FullRig word(linked); // a deck that says itself whether the tape is still
    word.into_wind(true);
    word.transport->locate(3.0);
    word.link(false);
    word.deck.tally.still = false;
    word.link(true);
    word.speed_m_s = 0.0;
    word.run(5.0);
    EXPECT_EQ(word.motion(), Motion::Unknown) << "its word counts, not the silent tach";
    word.tell([](Tallies& t) { t.still = true; });
    word.run(1.0);
    EXPECT_EQ(word.motion(), Motion::Stopped);
    word.clear();
    word.run(5.0);
    EXPECT_EQ(word.deck.keys(), "") << "the locate does not come back";
}

TEST(Interlock, AFaultOutlivesALostLink) {
    FullRig rig([](test::ScriptedDeck& deck, TransportConfig&) { deck.capabilities_.link = true; });
    rig.transport->raise_fault("the card is gone");
    EXPECT_EQ(rig.motion(), Motion::Faulted);
    rig.link(false);
    EXPECT_EQ(rig.motion(), Motion::Unknown);
    rig.deck.tally.stop = true;
    rig.link(true);
    rig.run(1.0);
    EXPECT_EQ(rig.motion(), Motion::Faulted);
    EXPECT_THAT(rig.transport->state().fault, HasSubstr("card"));
}

TEST(Interlock, ATachThatDiedInWindDoesNotMakeTheTapeStill) {
    for (const bool stop_lamp : {true, false}) {
        FullRig rig([&](test::ScriptedDeck& deck, TransportConfig& config) {
            if (!stop_lamp) {
                deck.tally = {};
                deck.capabilities_.tallies = false;
                config.proof_by_tally = false;
            }
        });
        rig.transport->fast_forward();
        rig.speed_m_s = 5.0;
        if (stop_lamp) {
            rig.tell([](Tallies& t) { t.stop = false, t.fast_forward = true; });
        }
        rig.run(1.0);
        rig.tach_works = false; // and in the same moment:
        rig.clear();
        EXPECT_EQ(rig.transport->play().status, CommandStatus::Deferred);
        if (stop_lamp) {
            rig.tell([](Tallies& t) { t.fast_forward = false; });
        }
        rig.run(5.0);
        EXPECT_EQ(rig.deck.keys(), "S") << "the tape may fly, whatever the tach says";
        if (stop_lamp) {
            rig.rest(); // the deck says that it does not
            rig.run(1.5);
        } else {
            rig.run(7.0); // longer than any deck brakes
        }
        EXPECT_EQ(rig.deck.keys(), "SP");
    }
}

TEST(Interlock, ATachThatNeverSpokeDoesNotMakeTheTapeStillAfterAFault) {
    FullRig rig;
    rig.tach_works = false;
    rig.transport->fast_forward();
    rig.tell([](Tallies& t) { t.stop = false, t.fast_forward = true; });
    rig.run(3.1);
    EXPECT_EQ(rig.motion(), Motion::Faulted);
    rig.tell([](Tallies& t) { t.fast_forward = false; });
    rig.run(3.0);
    EXPECT_TRUE(rig.transport->clear_fault().denied()) << "it may still be braking";
    rig.rest();
    rig.run(0.1);
    EXPECT_EQ(rig.transport->clear_fault().status, CommandStatus::Accepted);
}

TEST(Transport, PresetAndCorrectionSetThePlaceAndMakeItKnown) {
    FullRig rig;
    EXPECT_EQ(rig.transport->state().position_knowledge, PositionKnowledge::Doubtful);
    EXPECT_EQ(rig.transport->preset_counter(-3.5).status, CommandStatus::Accepted);
    EXPECT_EQ(rig.transport->state().position_m, -3.5);
    EXPECT_EQ(rig.transport->state().position_knowledge, PositionKnowledge::Known);
    EXPECT_EQ(rig.transport->correct_position(12.0, 0.25).status, CommandStatus::Accepted);
    EXPECT_EQ(rig.transport->state().position_m, 12.0);
    EXPECT_NEAR(rig.transport->state().position_uncertainty_m, 0.25, 0.002);
    EXPECT_TRUE(rig.transport->preset_counter(1e6).denied());
    EXPECT_TRUE(rig.transport->correct_position(1.0, -1.0).denied());
    EXPECT_TRUE(rig.transport->correct_position(std::numeric_limits<double>::quiet_NaN(), 0.1).denied());
    EXPECT_EQ(rig.transport->locate(100.0).status, CommandStatus::Accepted);
    EXPECT_EQ(rig.transport->state().locate_to_m, 100.0);
    rig.transport->stop();
    EXPECT_EQ(rig.transport->state().locate_to_m, std::nullopt);
}

TEST(Transport, ThePlaceOfTheLastRunIsTakenOverAsDoubtful) {
    FullRig rig([](test::ScriptedDeck&, TransportConfig& config) {
        config.last_position_m = 123.0;
        config.last_uncertainty_m = 0.5;
    });
    EXPECT_EQ(rig.transport->state().position_m, 123.0);
    EXPECT_GE(rig.transport->state().position_uncertainty_m, 0.5);
    EXPECT_EQ(rig.transport->state().position_knowledge, PositionKnowledge::Doubtful);
    EXPECT_TRUE(rig.transport->locate(10.0).denied());
    EXPECT_FALSE(rig.transport->state().inferred);
    EXPECT_EQ(rig.transport->deck().kind, "scripted");
}

TEST(Transport, ADecksOwnCounterGivesTheUnit) {
    FullRig rig([](test::ScriptedDeck& deck, TransportConfig&) { deck.capabilities_.counter_edges_per_metre = 100.0; });
    rig.tach_works = false; // the test counts
    rig.transport->zero_counter();
    rig.transport->play();
    rig.tell([](Tallies& t) { t.stop = false, t.play = true; });
    for (int step = 1; step <= 40; ++step) { // 25 steps a second, read as they come
        rig.run(0.04);
        rig.deck.reading.edges += 1;
        rig.deck.reading.last_edge = rig.timeline.now();
    }
    rig.run(0.01);
    EXPECT_NEAR(rig.transport->state().position_m, 0.40, 1e-9);
}

} // namespace overbias::transport
