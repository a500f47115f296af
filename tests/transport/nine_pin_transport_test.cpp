// SPDX-License-Identifier: Apache-2.0
// The whole machine on a 9-pin deck: Transport, SonyNinePin, a line, the deck's socket, and the simulated deck's
// mechanics behind it; what happened is read from the deck's own truth.
#include "deck-sim/faces/nine_pin_remote.hpp"
#include "deck-sim/simulated_deck.hpp"
#include "nine_pin_rig.hpp"
#include "transport/drivers/manual_adjust.hpp"
#include "transport/tape_counter.hpp"
#include "transport/transport.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::transport {
namespace {

using namespace std::chrono_literals;
using namespace test;
using testing::HasSubstr;
using Way = deck_sim::SerialPair::Way;

// What the machine's tape counter makes of it: play speed, and still.
TEST(NinePinTransportTest, TheTapeCounterReadsPlaySpeedFromIt) {
    NinePinRig rig;
    rig.run(0.5);
    TapeCounter counter(TapeCounterConfig::of_deck_counter(*rig.driver->capabilities().counter_edges_per_metre));
    double slowest = 1e9, fastest = 0.0;
    bool settled = false;
    PeriodicTimer look(rig.timeline, 10ms, [&] {
        counter.update(rig.timeline.now(), rig.driver->tach());
        if (settled) {
            slowest = std::min(slowest, counter.velocity_m_s());
            fastest = std::max(fastest, counter.velocity_m_s());
        }
    });
    ASSERT_TRUE(rig.driver->press(Key::Play));
    rig.run(1.0);
    settled = true;
    rig.run(60.0);
    EXPECT_GT(slowest, 0.9 * 0.381);
    EXPECT_LT(fastest, 1.1 * 0.381);
    settled = false;
    ASSERT_TRUE(rig.driver->press(Key::Stop));
    rig.run(2.0);
    EXPECT_EQ(counter.velocity_m_s(), 0.0);
    EXPECT_TRUE(counter.still());
}

struct WholeRig {
    /// `lag`: how late the deck shows what it does; real ones some five frames.
    explicit WholeRig(DeckDuration lag = {})
        : line(timeline, remote, late(lag)), driver(timeline, line.pair.link(), config()),
          transport(timeline, driver, adjust, machine()) {
        transport.on_fault([this](const std::string& message) { faults.push_back(message); });
    }
    static deck_sim::NinePinSettings late(DeckDuration lag) {
        auto settings = NinePinRig::quick();
        settings.status_lag = lag;
        return settings;
    }
    static NinePinConfig config() {
        NinePinConfig config = NinePinRig::able();
        config.senses_motion_itself = false;
        return config;
    }
    TransportConfig machine() const {
        TransportConfig machine;
        machine.edges_per_metre = *driver.capabilities().counter_edges_per_metre;
        return machine;
    }
    [[nodiscard]] bool until(Motion motion, double at_most_s) {
        return timeline.run_until([&] { return transport.state().current == motion; },
                                  timeline.now() + deck_seconds(at_most_s));
    }
    void run(double for_s) { timeline.run_for(deck_seconds(for_s)); }

    SimulatedTimeline timeline;
    deck_sim::SimulatedDeck deck{timeline, deck_sim::Settings{}, {}};
    deck_sim::NinePinRemote remote{deck.remote()};
    NinePinLine<deck_sim::NinePinRemote> line;
    SonyNinePin driver;
    ManualAdjust adjust;
    Transport transport;
    std::vector<std::string> faults;
};

void run_up(WholeRig& rig) {
    const CommandResult played = rig.transport.play();
    ASSERT_FALSE(played.denied()) << played.reason;
    ASSERT_TRUE(rig.until(Motion::Playing, 5.0)) << rig.transport.state().fault;
}

TEST(NinePinTransportTest, AKeyThatTheDeckRefusedIsToldInItsOwnWords) {
    WholeRig rig;
    ASSERT_TRUE(rig.until(Motion::Stopped, 5.0));
    rig.line.face.trouble().refuses_keys = 0x01;
    ASSERT_FALSE(rig.transport.play().denied()) << "the answer is yet to come";
    ASSERT_TRUE(rig.until(Motion::Faulted, 10.0));
    EXPECT_THAT(rig.faults.front(), HasSubstr("the deck's own words: PLAY (20 01 21) refused: "));
    rig.line.face.trouble().refuses_keys.reset();
    rig.timeline.run_for(2s); // STOP arrives, and the deck says that it stands
    const CommandResult cleared = rig.transport.clear_fault();
    ASSERT_FALSE(cleared.denied()) << cleared.reason;
    ASSERT_TRUE(rig.until(Motion::Stopped, 5.0));
    ASSERT_FALSE(rig.transport.play().denied());
    EXPECT_EQ(rig.driver.refusal(), "");
    EXPECT_TRUE(rig.until(Motion::Playing, 5.0));
}

TEST(NinePinTransportTest, PlaysRecordsPunchesOutWindsAndStops) {
    for (const DeckDuration lag : {DeckDuration{}, DeckDuration{200ms}}) {
        SCOPED_TRACE(seconds(lag));
        WholeRig rig(lag);
        EXPECT_EQ(rig.transport.state().current, Motion::Unknown);
        EXPECT_TRUE(rig.transport.play().denied());
        ASSERT_TRUE(rig.until(Motion::Stopped, 3.0));
        run_up(rig);
        const auto truth = [&] { return rig.deck.truth(); };
        EXPECT_EQ(truth().mode, deck_sim::Truth::Mode::Playing);
        EXPECT_NEAR(truth().speed_m_s, 0.381, 0.004);
        EXPECT_FALSE(rig.transport.arm().denied());
        EXPECT_FALSE(rig.transport.record().denied());
        rig.run(1.0);
        EXPECT_EQ(rig.transport.state().current, Motion::Recording);
        EXPECT_TRUE(rig.transport.state().record_tally);
        EXPECT_TRUE(truth().recording);
        EXPECT_FALSE(rig.transport.punch_out().denied());
        rig.run(1.0);
        EXPECT_EQ(rig.transport.state().current, Motion::Playing);
        EXPECT_FALSE(truth().recording);
        EXPECT_EQ(truth().mode, deck_sim::Truth::Mode::Playing) << "punched out is not stopped";
        EXPECT_FALSE(rig.transport.fast_forward().denied());
        rig.run(5.0);
        EXPECT_EQ(rig.transport.state().current, Motion::FastForwarding);
        EXPECT_GT(truth().speed_m_s, 2.0);
        EXPECT_FALSE(rig.transport.stop().denied());
        ASSERT_TRUE(rig.until(Motion::Stopped, 10.0));
        EXPECT_EQ(truth().speed_m_s, 0.0);
        EXPECT_THAT(rig.faults, testing::IsEmpty());
    }
}

TEST(NinePinTransportTest, LocatesByTheDecksCounter) {
    WholeRig rig;
    ASSERT_TRUE(rig.until(Motion::Stopped, 3.0));
    rig.run(2.0);
    ASSERT_FALSE(rig.transport.zero_counter().denied());
    const double zero_m = rig.deck.truth().place_at_record_head_m;
    for (const double to_m : {120.0, 60.0, 61.0, 0.0}) {
        ASSERT_FALSE(rig.transport.locate(to_m).denied()) << rig.transport.state().fault;
        ASSERT_TRUE(rig.until(Motion::Stopped, 120.0))
            << "to " << to_m << " m, at " << rig.transport.state().position_m << " m, moving at "
            << rig.transport.state().speed_m_s << " m/s, " << name_of(rig.transport.state().current) << " "
            << rig.transport.state().fault;
        rig.run(2.0);
        EXPECT_NEAR(rig.transport.state().position_m, to_m, 0.1 * 0.381 + 0.0153) << "0.1 s of tape, and a frame";
        EXPECT_NEAR(rig.deck.truth().place_at_record_head_m - zero_m, to_m, 0.3) << "with the roller's slip";
    }
    EXPECT_THAT(rig.faults, testing::IsEmpty());
}

TEST(NinePinTransportTest, ALineThatIsCutInRecordEndsInUnknownAndStop) {
    WholeRig rig;
    ASSERT_TRUE(rig.until(Motion::Stopped, 3.0));
    run_up(rig);
    ASSERT_FALSE(rig.transport.arm().denied());
    ASSERT_FALSE(rig.transport.record().denied());
    rig.run(1.0);
    ASSERT_TRUE(rig.deck.truth().recording);
    rig.line.pair.faults(Way::ToDriver).silent = rig.line.pair.faults(Way::ToDevice).silent = true;
    const DeckTime cut = rig.timeline.now();
    ASSERT_TRUE(rig.until(Motion::Unknown, 1.0)) << "it is " << name_of(rig.transport.state().current);
    EXPECT_LE(seconds(rig.timeline.now() - cut), 0.320);
    EXPECT_NE(rig.transport.state().link_problem, "");
    EXPECT_TRUE(rig.deck.truth().recording) << "released is not stopped: the deck can't be reached";
    rig.run(2.0);
    rig.line.pair.faults(Way::ToDriver).silent = rig.line.pair.faults(Way::ToDevice).silent = false;
    rig.run(0.5);
    EXPECT_FALSE(rig.deck.truth().recording) << "STOP was said until it was heard";
    rig.run(3.0);
    EXPECT_EQ(rig.deck.truth().speed_m_s, 0.0);
    // the deck's first word was that it records, which by now nobody asks for any more: a fault until it is cleared
    EXPECT_FALSE(rig.transport.clear_fault().denied());
    ASSERT_TRUE(rig.until(Motion::Stopped, 10.0)) << rig.transport.state().fault;
    EXPECT_EQ(rig.transport.state().link_problem, "");
    EXPECT_EQ(rig.transport.state().arm, RecordArm::Safe);
}

TEST(NinePinTransportTest, ShuttlesAtASpeed) {
    WholeRig rig;
    ASSERT_TRUE(rig.until(Motion::Stopped, 3.0));
    rig.run(2.0);
    ASSERT_FALSE(rig.transport.shuttle(2.0).denied());
    rig.run(5.0);
    EXPECT_NEAR(rig.deck.truth().speed_m_s, 2.0, 0.1);
    EXPECT_NEAR(rig.transport.state().speed_m_s, 2.0, 0.3);
    ASSERT_FALSE(rig.transport.stop().denied());
    ASSERT_TRUE(rig.until(Motion::Stopped, 10.0));
    EXPECT_EQ(rig.deck.truth().speed_m_s, 0.0);
    EXPECT_THAT(rig.faults, testing::IsEmpty());
}

} // namespace
} // namespace overbias::transport
