// SPDX-License-Identifier: Apache-2.0
// The whole chain on a latching deck: transport, driver, lines, tach.
#include "base/async/task.hpp"
#include "fake_deck.hpp"
#include "scripted_rig.hpp"
#include "transport/drivers/parallel_remote.hpp"
#include "transport/drivers/relay_adjust.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace overbias::transport {

namespace {

struct ChainRig {
    explicit ChainRig(test::LatchingDeckSettings settings = {}) : deck(timeline, settings) {
        transport.emplace(timeline, remote, adjust, config);
        transport->on_fault([this](const std::string& message) { faults.push_back(message); });
        transport->on_transition([this](const MachineState& state) { states.push_back(state.current); });
        run(1.2);
        transport->zero_counter();
    }
    void run(double for_s) { timeline.run_for(deck_seconds(for_s)); }
    bool until(Motion motion, double within_s) {
        return timeline.run_until([&] { return transport->state().current == motion; },
                                  timeline.now() + deck_seconds(within_s));
    }
    void record() {
        EXPECT_FALSE(transport->play().denied());
        EXPECT_TRUE(until(Motion::Playing, 3.0));
        transport->arm();
        EXPECT_EQ(transport->record().status, CommandStatus::Accepted);
        EXPECT_TRUE(until(Motion::Recording, 1.0));
        EXPECT_TRUE(deck.recording);
    }
    SimulatedTimeline timeline;
    test::LatchingDeck deck;
    ParallelRemote remote{timeline, deck.lines, &deck, {}};
    RelayAdjust adjust{deck.lines};
    TransportConfig config;
    std::optional<Transport> transport;
    std::vector<std::string> faults;
    std::vector<Motion> states;
};

} // namespace

TEST(Transport, PlaysRecordsAndStops) {
    ChainRig rig;
    EXPECT_EQ(rig.transport->state().current, Motion::Stopped);
    EXPECT_EQ(rig.transport->state().position_knowledge, PositionKnowledge::Known);
    rig.record();
    EXPECT_TRUE(rig.transport->state().record_tally);
    EXPECT_EQ(rig.transport->state().arm, RecordArm::Safe);
    rig.run(10.0);
    EXPECT_NEAR(rig.transport->state().speed_m_s, 0.381, 0.002);
    EXPECT_NEAR(rig.transport->state().position_m, rig.deck.position_m, 0.002);
    EXPECT_EQ(rig.transport->stop().status, CommandStatus::Accepted);
    EXPECT_TRUE(rig.until(Motion::Stopped, 1.0));
    EXPECT_FALSE(rig.deck.recording);
    EXPECT_EQ(rig.transport->state().requested, Motion::Stopped);
    EXPECT_TRUE(rig.faults.empty());
    EXPECT_THAT(rig.states,
                ::testing::ElementsAre(Motion::Stopped /* zeroed */, Motion::Starting, Motion::Playing,
                                       Motion::Playing /* armed */, Motion::Playing /* asked */, Motion::Recording,
                                       Motion::Braking, Motion::Braking /* tally off */, Motion::Stopped));
}

TEST(Transport, PunchesOutAndPlaysOn) {
    ChainRig rig;
    rig.record();
    rig.run(1.0);
    EXPECT_EQ(rig.transport->punch_out().status, CommandStatus::Accepted);
    rig.run(1.0);
    EXPECT_FALSE(rig.deck.recording);
    EXPECT_EQ(rig.deck.mode, test::LatchingDeck::Mode::Play);
    EXPECT_EQ(rig.transport->state().current, Motion::Playing);
    EXPECT_TRUE(rig.faults.empty());
}

TEST(Transport, PlayDuringWindComesWhenTheTapeIsStill) {
    ChainRig rig;
    rig.transport->fast_forward();
    rig.run(5.0);
    EXPECT_EQ(rig.transport->play().status, CommandStatus::Deferred);
    EXPECT_TRUE(rig.until(Motion::Playing, 6.0));
    EXPECT_FALSE(rig.deck.torn);
    EXPECT_EQ(rig.transport->fast_forward().status, CommandStatus::Accepted);
    rig.run(3.0);
    EXPECT_EQ(rig.transport->rewind().status, CommandStatus::Deferred);
    rig.run(6.0);
    EXPECT_EQ(rig.transport->state().current, Motion::Rewinding);
    EXPECT_EQ(rig.transport->play().status, CommandStatus::Deferred);
    rig.run(0.5);
    EXPECT_EQ(rig.transport->stop().status, CommandStatus::Accepted); // takes the waiting play back
    rig.run(10.0);
    EXPECT_EQ(rig.transport->state().current, Motion::Stopped);
    EXPECT_TRUE(rig.faults.empty());
    EXPECT_LE(rig.deck.lines.most_motion_lines, 1);
}

TEST(Transport, ADeckThatIsOnlyReleasedGoesOnRecordingSoDestroyingTransportStopsIt) {
    ChainRig rig;
    rig.record();
    rig.run(1.0); // every contact has long been open
    EXPECT_TRUE(rig.deck.recording) << "the test deck must latch, or this test shows nothing";
    rig.transport.reset();
    EXPECT_TRUE(rig.deck.lines.output("stop"));
    rig.run(1.0);
    EXPECT_FALSE(rig.deck.recording);
    EXPECT_EQ(rig.deck.velocity_m_s, 0.0);
}

TEST(Transport, TapeEndHaltsAndIsTold) {
    ChainRig rig({.tape_to_m = 40.0});
    rig.transport->fast_forward();
    EXPECT_TRUE(rig.until(Motion::TapeOut, 20.0));
    EXPECT_EQ(rig.deck.mode, test::LatchingDeck::Mode::Forward);
    rig.run(0.2);
    EXPECT_EQ(rig.deck.mode, test::LatchingDeck::Mode::Stop);
    ASSERT_EQ(rig.faults.size(), 1U);
    EXPECT_THAT(rig.faults[0], ::testing::HasSubstr("tape out"));
}

TEST(Transport, AHandOnTheDecksKeysIsFollowedNotFought) {
    ChainRig rig({.tape_from_m = -50.0});
    rig.deck.mode = test::LatchingDeck::Mode::Play;
    rig.run(2.5);
    EXPECT_EQ(rig.transport->state().current, Motion::Playing);
    EXPECT_EQ(rig.transport->state().requested, Motion::Playing);
    rig.deck.mode = test::LatchingDeck::Mode::Rewind;
    rig.run(2.0);
    EXPECT_EQ(rig.transport->state().current, Motion::Rewinding);
    EXPECT_EQ(rig.faults.size(), 1U) << "play ended unasked: told once";
    rig.deck.mode = test::LatchingDeck::Mode::Stop;
    rig.run(4.0);
    EXPECT_EQ(rig.transport->state().current, Motion::Stopped);
    EXPECT_EQ(rig.deck.lines.changes.size(), 0U) << "no key of ours was pressed";
}

TEST(Transport, StopByHandWhileRecordingIsTold) {
    ChainRig rig;
    rig.record();
    rig.deck.mode = test::LatchingDeck::Mode::Stop;
    rig.deck.recording = false;
    rig.run(1.0);
    EXPECT_EQ(rig.transport->state().current, Motion::Stopped);
    ASSERT_EQ(rig.faults.size(), 1U);
}

TEST(Transport, AStuckPlayTallyDoesNotPassForPlay) {
    ChainRig rig;
    rig.record();
    rig.deck.stuck_play_tally = true;
    rig.transport->stop();
    rig.run(5.0);
    EXPECT_EQ(rig.transport->state().current, Motion::Stopped);
    EXPECT_TRUE(rig.faults.empty());
    rig.deck.dead_tach = true; // play is lit, and no tach says that the tape moves
    EXPECT_EQ(rig.transport->play().status, CommandStatus::Accepted);
    rig.transport->arm();
    rig.run(2.5);
    EXPECT_EQ(rig.transport->record().status, CommandStatus::Deferred) << "it waits for a proof that never comes";
    rig.run(1.0);
    EXPECT_FALSE(rig.deck.recording);
    EXPECT_EQ(rig.transport->state().current, Motion::Faulted);
    EXPECT_EQ(rig.deck.mode, test::LatchingDeck::Mode::Stop);
}

TEST(Transport, AKeyCancelsALocateAndANewLocateReplacesIt) {
    ChainRig rig;
    EXPECT_EQ(rig.transport->locate(100.0).status, CommandStatus::Accepted);
    rig.run(4.0);
    EXPECT_EQ(rig.transport->locate(3.0).status, CommandStatus::Accepted);
    EXPECT_TRUE(rig.until(Motion::Stopped, 60.0));
    EXPECT_NEAR(rig.deck.position_m, 3.0, 0.19);
    rig.transport->locate(100.0);
    rig.run(4.0);
    EXPECT_EQ(rig.transport->stop().status, CommandStatus::Accepted);
    EXPECT_TRUE(rig.until(Motion::Stopped, 10.0));
    const double place_m = rig.deck.position_m;
    rig.run(10.0);
    EXPECT_EQ(rig.deck.position_m, place_m);
    rig.transport->locate(200.0);
    rig.run(4.0);
    EXPECT_EQ(rig.transport->play().status, CommandStatus::Deferred);
    EXPECT_TRUE(rig.until(Motion::Playing, 10.0));
    EXPECT_FALSE(rig.deck.torn);
    EXPECT_TRUE(rig.faults.empty());
}

TEST(Transport, WaitersAndListenersHearOfChangesAndRevisionsGrow) {
    ChainRig rig;
    const std::uint64_t revision = rig.transport->state().revision;
    bool heard = false;
    const auto waits = [&]() -> Task<void> {
        while (rig.transport->state().current != Motion::Playing) {
            if (!co_await rig.transport->changed().wait_until(rig.timeline.now() + deck_seconds(5))) {
                co_return;
            }
        }
        heard = true;
    };
    Spawned waiting(waits(), {});
    rig.transport->play();
    rig.run(3.0);
    EXPECT_TRUE(heard);
    EXPECT_GT(rig.transport->state().revision, revision);
    const std::uint64_t playing = rig.transport->state().revision;
    rig.run(3.0);
    EXPECT_EQ(rig.transport->state().revision, playing) << "position alone is no change";
}

TEST(Transport, AFaultListenerMayGiveCommands) {
    test::ScriptedRig rig;
    rig.into_record();
    rig.transport->on_fault(
        [&](const std::string&) { EXPECT_EQ(rig.transport->stop().status, CommandStatus::Accepted); });
    rig.tell([](Tallies& t) { t.play = false; });
    EXPECT_EQ(rig.deck.keys(), "!!");
}

TEST(Transport, ASinglePhaseTachIsCountedByCommand) {
    ChainRig rig({.tape_from_m = -50.0});
    rig.deck.single_phase = true;
    rig.transport->play();
    rig.run(5.0);
    rig.transport->rewind();
    rig.run(2.0);
    rig.transport->stop();
    EXPECT_TRUE(rig.until(Motion::Stopped, 5.0));
    EXPECT_NEAR(rig.transport->state().position_m, rig.deck.position_m,
                rig.transport->state().position_uncertainty_m + 0.05);
    EXPECT_LT(rig.transport->state().position_m, -1.0);
}

TEST(Transport, AConfigurationThatCannotBeDrivenSafelyIsRefused) {
    SimulatedTimeline timeline;
    test::ScriptedDeck deck;
    test::NotingAdjust adjust;
    TransportConfig config;
    config.play_speed_ips = 0.0;
    EXPECT_THROW(Transport(timeline, deck, adjust, config), std::invalid_argument);
    deck.capabilities_.tallies = false;
    EXPECT_THROW(Transport(timeline, deck, adjust, {}), std::invalid_argument) << "proof by a tally there isn't";
    deck.capabilities_.tach = false;
    EXPECT_THROW(Transport(timeline, deck, adjust, {}), std::invalid_argument)
        << "nothing tells when the tape is still";
}

} // namespace overbias::transport
