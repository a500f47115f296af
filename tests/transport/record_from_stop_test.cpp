// SPDX-License-Identifier: Apache-2.0
// Record asked for from stop: it waits until the tape has settled, then for the proof of play.
#include "full_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace overbias::transport {

using test::FullRig;
using test::kPlayMetresPerSecond;
using ::testing::HasSubstr;

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

namespace {

/// Stopped out of play, still, not settled yet; armed.
struct NotSettled : FullRig {
    NotSettled() {
        into_play();
        transport->stop();
        rest();
        run(0.3);
        EXPECT_EQ(motion(), Motion::Stopped);
        EXPECT_EQ(transport->arm().status, CommandStatus::Accepted);
        clear();
    }
    void comes_up() {
        tell([](Tallies& t) { t.stop = false, t.play = true; });
        speed_m_s = kPlayMetresPerSecond;
        run(0.3);
    }
};

} // namespace

TEST(Interlock, RecordBeforeTheTapeHasSettledWaitsAsPlayDoes) {
    NotSettled rig;
    const CommandResult result = rig.transport->record();
    EXPECT_EQ(result.status, CommandStatus::Deferred);
    EXPECT_THAT(result.reason, HasSubstr("settled"));
    EXPECT_EQ(rig.transport->state().requested, Motion::Recording);
    EXPECT_EQ(rig.transport->record().status, CommandStatus::Unchanged);
    rig.run(0.4);
    EXPECT_EQ(rig.deck.keys(), "") << "not settled yet";
    rig.run(0.4);
    EXPECT_EQ(rig.deck.keys(), "P");
    EXPECT_EQ(rig.motion(), Motion::Starting);
    rig.run(0.3);
    EXPECT_EQ(rig.deck.keys(), "P") << "no proof of play yet";
    EXPECT_EQ(rig.transport->state().arm, RecordArm::Armed);
    rig.comes_up();
    EXPECT_EQ(rig.deck.keys(), "PR");
    rig.tell([](Tallies& t) { t.record = true; });
    EXPECT_EQ(rig.motion(), Motion::Recording);
    EXPECT_EQ(rig.transport->state().arm, RecordArm::Safe);
    EXPECT_TRUE(rig.faults.empty());
}

TEST(Interlock, RecordWhileBrakingWaitsUntilStill) {
    FullRig rig;
    rig.into_play();
    rig.transport->stop();
    rig.tell([](Tallies& t) { t.play = false; });
    rig.clear();
    EXPECT_EQ(rig.motion(), Motion::Braking);
    EXPECT_TRUE(rig.transport->record().denied()) << "not armed";
    rig.transport->arm();
    EXPECT_EQ(rig.transport->record().status, CommandStatus::Deferred);
    rig.run(1.5); // the tape runs on
    EXPECT_EQ(rig.deck.keys(), "");
    rig.rest();
    rig.run(1.5);
    EXPECT_EQ(rig.deck.keys(), "P");
}

TEST(Interlock, ARecordThatWaitsForTheTapeToSettleIsTakenBack) {
    using Change = std::function<void(FullRig&)>;
    const auto nothing = [](const Change& change, const std::string& keys, Motion requested) {
        NotSettled rig;
        EXPECT_EQ(rig.transport->record().status, CommandStatus::Deferred);
        change(rig);
        EXPECT_EQ(rig.transport->state().requested, requested);
        rig.run(2.0);
        EXPECT_EQ(rig.deck.keys(), keys);
        rig.comes_up();
        rig.run(1.0);
        EXPECT_THAT(rig.deck.keys(), ::testing::Not(HasSubstr("R")));
    };
    nothing([](FullRig& r) { r.transport->stop(); }, "!", Motion::Stopped);
    nothing([](FullRig& r) { r.transport->disarm(); }, "", Motion::Stopped);
    nothing([](FullRig& r) { r.transport->punch_out(); }, "", Motion::Stopped);
    nothing([](FullRig& r) { r.transport->play(); }, "P", Motion::Playing);
    nothing([](FullRig& r) { r.transport->raise_fault("the card is gone"); }, "!", Motion::Stopped);
    // armed again after it was disarmed, it does not come back
    nothing(
        [](FullRig& r) {
            r.transport->disarm();
            r.transport->arm();
        },
        "", Motion::Stopped);
}

} // namespace overbias::transport
