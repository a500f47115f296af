// SPDX-License-Identifier: Apache-2.0
// The way out of record, and the moment after it, in which the deck may still be recording.
#include "full_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace overbias::transport {

using test::FullRig;
using test::kPlayMetresPerSecond;
using ::testing::HasSubstr;

namespace {

using Command = std::function<CommandResult(Transport&)>;

/// Punched out a few milliseconds ago: the way out has been pressed, and the deck has not followed yet.
struct JustPunchedOut : FullRig {
    JustPunchedOut() {
        transport->zero_counter();
        into_record();
        EXPECT_EQ(transport->punch_out().status, CommandStatus::Accepted);
        EXPECT_EQ(deck.keys(), "X");
        run(0.005);
        clear();
    }
};

} // namespace

TEST(LeavingRecord, AWindOrShuttleAMomentAfterPunchOutIsPrecededByStop) {
    for (const auto& [command, key] :
         {std::pair{Command([](Transport& t) { return t.fast_forward(); }), "F"},
          std::pair{Command([](Transport& t) { return t.rewind(); }), "W"},
          std::pair{Command([](Transport& t) { return t.shuttle(-1.0); }), "H"},
          std::pair{Command([](Transport& t) { return t.library_wind(Direction::Forward); }), "f"},
          std::pair{Command([](Transport& t) { return t.library_wind(Direction::Reverse); }), "w"}}) {
        JustPunchedOut rig;
        const CommandResult result = command(*rig.transport);
        EXPECT_EQ(result.status, CommandStatus::Deferred);
        EXPECT_FALSE(result.reason.empty());
        EXPECT_EQ(rig.deck.keys(), "!") << key;
        rig.tell([](Tallies& t) { t.record = t.play = false; });
        rig.run(0.2);
        rig.rest();
        rig.run(1.0);
        EXPECT_EQ(rig.deck.keys(), std::string("!") + key) << "once the tape is still";
        EXPECT_EQ(rig.transport->state().arm, RecordArm::Safe);
        EXPECT_TRUE(rig.faults.empty());
    }
}

TEST(LeavingRecord, ALocateAMomentAfterPunchOutIsPrecededByStop) {
    JustPunchedOut rig;
    EXPECT_EQ(rig.transport->locate(30.0).status, CommandStatus::Accepted);
    EXPECT_EQ(rig.deck.keys(), "!");
    rig.tell([](Tallies& t) { t.record = t.play = false; });
    rig.rest();
    rig.run(1.0);
    EXPECT_EQ(rig.deck.keys(), "!F");
    EXPECT_EQ(rig.motion(), Motion::Locating);
}

TEST(LeavingRecord, AShuttleInALocateOutOfRecordStillWaits) {
    FullRig rig;
    rig.transport->zero_counter();
    rig.into_record();
    EXPECT_EQ(rig.transport->locate(30.0).status, CommandStatus::Accepted);
    EXPECT_EQ(rig.transport->shuttle(1.0).status, CommandStatus::Deferred);
    EXPECT_EQ(rig.deck.keys(), "!!");
    rig.tell([](Tallies& t) { t.record = t.play = false; });
    rig.rest();
    rig.run(1.0);
    EXPECT_EQ(rig.deck.keys(), "!!H");
}

TEST(LeavingRecord, NothingThatWaitsGoesOnBeforeTheDeckHasSurelyLeftRecord) {
    FullRig rig; // a tape that is still at once, and a record lamp that takes its time
    rig.transport->zero_counter();
    rig.into_record();
    EXPECT_EQ(rig.transport->rewind().status, CommandStatus::Deferred);
    rig.rest();
    rig.deck.tally.record = true;
    rig.run(0.4);
    EXPECT_EQ(rig.motion(), Motion::Braking);
    EXPECT_EQ(rig.deck.keys(), "!");
    rig.tell([](Tallies& t) { t.record = false; });
    rig.run(0.2);
    EXPECT_EQ(rig.deck.keys(), "!W");
    EXPECT_TRUE(rig.faults.empty());

    FullRig locates;
    locates.transport->zero_counter();
    locates.into_record();
    EXPECT_EQ(locates.transport->locate(30.0).status, CommandStatus::Accepted);
    locates.rest();
    locates.deck.tally.record = true;
    locates.run(0.4);
    EXPECT_EQ(locates.deck.keys(), "!") << "the locator's keys wait too";
    locates.tell([](Tallies& t) { t.record = false; });
    locates.run(0.2);
    EXPECT_EQ(locates.deck.keys(), "!F");
    EXPECT_EQ(locates.motion(), Motion::Locating);
}

TEST(LeavingRecord, EditModeAMomentAfterRecordIsDenied) {
    FullRig rig;
    rig.into_record();
    rig.transport->stop();
    rig.tell([](Tallies& t) { t.record = t.play = false; });
    rig.rest();
    rig.run(0.3);
    EXPECT_EQ(rig.motion(), Motion::Stopped);
    const CommandResult result = rig.transport->edit();
    EXPECT_TRUE(result.denied());
    EXPECT_THAT(result.reason, HasSubstr("record"));
    rig.run(0.3);
    EXPECT_EQ(rig.transport->edit().status, CommandStatus::Accepted);
}

TEST(LeavingRecord, PunchOutIsAStopWhenTheTapeIsNotSeenToPlay) {
    for (const double m_s : {-0.57, 1.2, 0.1}) {
        FullRig rig;
        rig.into_record();
        rig.transport->arm();
        rig.speed_m_s = m_s; // a hand has put the deck into wind, or stopped it, and the play lamp is stuck
        rig.run(0.2);
        rig.clear();
        EXPECT_FALSE(rig.transport->punch_out().denied());
        EXPECT_EQ(rig.deck.keys(), "!") << "no PLAY on a tape that runs at " << m_s << " m/s";
        EXPECT_EQ(rig.motion(), Motion::Braking);
        EXPECT_EQ(rig.transport->state().requested, Motion::Stopped);
        EXPECT_EQ(rig.transport->state().arm, RecordArm::Safe) << "as any stop withdraws it";
        ASSERT_EQ(rig.faults.size(), 1U);
        EXPECT_THAT(rig.faults[0], HasSubstr("play speed"));
    }
    FullRig lamp; // at play speed, and the lamp of a wind is lit: one of the two lies
    lamp.into_record();
    lamp.tell([](Tallies& t) { t.rewind = true; });
    EXPECT_FALSE(lamp.transport->punch_out().denied());
    EXPECT_EQ(lamp.deck.keys(), "!");
}

} // namespace overbias::transport
