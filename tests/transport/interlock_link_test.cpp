// SPDX-License-Identifier: Apache-2.0
// The interlocks of a lost link and of a tach that has died, seen from outside.
#include "full_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace overbias::transport {

using test::FullRig;
using ::testing::HasSubstr;

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

TEST(Interlock, ALinkLostInRecordIsToldAsSuchWhenItIsBack) {
    const auto linked = [](test::ScriptedDeck& deck, TransportConfig&) { deck.capabilities_.link = true; };
    const auto back_in_record = [](FullRig& rig) {
        rig.deck.tally.stop = false;
        rig.deck.tally.play = rig.deck.tally.record = true;
        rig.link(true);
        EXPECT_EQ(rig.motion(), Motion::Faulted);
    };
    FullRig rig(linked);
    rig.into_record();
    rig.link(false);
    ASSERT_EQ(rig.faults.size(), 1U);
    EXPECT_THAT(rig.faults[0], HasSubstr("lost while recording"));
    EXPECT_THAT(rig.faults[0], HasSubstr("may still be recording"));
    rig.link(true); // it flickers
    rig.link(false);
    back_in_record(rig);
    const std::string told = rig.transport->state().fault;
    EXPECT_THAT(told, HasSubstr("link was lost while recording"));
    EXPECT_THAT(told, HasSubstr("STOP"));
    EXPECT_THAT(told, ::testing::Not(HasSubstr("nobody asked")));
    rig.tell([](Tallies& t) { t.record = false; });
    rig.rest();
    rig.run(1.0);
    EXPECT_EQ(rig.transport->clear_fault().status, CommandStatus::Accepted);
    rig.tell([](Tallies& t) { t.record = true; }); // another time it is a hand, or the line
    EXPECT_THAT(rig.transport->state().fault, HasSubstr("nobody asked"));

    FullRig plays(linked);
    plays.into_play();
    plays.link(false);
    EXPECT_THAT(plays.faults.at(0), ::testing::Not(HasSubstr("recording")));
    back_in_record(plays);
    EXPECT_THAT(plays.transport->state().fault, HasSubstr("nobody asked"));
}

TEST(Interlock, OverALinkTheLiftersAreRestoredAtTheStartThoughTheTapeRuns) {
    FullRig rig([](test::ScriptedDeck& deck, TransportConfig&) { deck.capabilities_.link = true; });
    rig.into_wind(true);
    rig.transport.reset();
    rig.clear();
    rig.make(); // who drove it before may have left them defeated, and the link was down when it ended
    EXPECT_EQ(rig.motion(), Motion::Unknown);
    EXPECT_EQ(rig.deck.keys(), "d");
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

} // namespace overbias::transport
