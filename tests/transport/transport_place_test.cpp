// SPDX-License-Identifier: Apache-2.0
// The place on the tape: preset, correction, taken over from the last run, in the unit of the deck's own counter.
#include "full_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace overbias::transport {

using test::FullRig;

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
