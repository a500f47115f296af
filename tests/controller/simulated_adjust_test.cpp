// SPDX-License-Identifier: Apache-2.0
// The simulated deck's converters as the product sees them; and what decks without any answer.
#include "controller/simulated/simulated_adjust.hpp"

#include "base/async/simulated_timeline.hpp"
#include "controller/cue_mute_relay.hpp"
#include "transport/drivers/manual_adjust.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace overbias::controller {

using transport::Adjuster;

TEST(SimulatedAdjust, OffersLevelEqualisationAndBiasOfBothTracksInTwelveBits) {
    SimulatedTimeline timeline;
    deck_sim::SimulatedDeck deck(timeline, deck_sim::Settings{}, {});
    SimulatedAdjust converters(deck, std::make_unique<transport::ManualAdjust>());
    CueMuteRelay adjust(converters); // as the daemon wires it
    const auto offered = adjust.capabilities().adjusters;
    EXPECT_EQ(offered.size(), 14U);
    for (const transport::AdjusterOffer& one : offered) {
        EXPECT_NEAR(one.step, 1.0 / 4095.0, 1e-12);
        ASSERT_TRUE(adjust.set_adjuster(one.adjuster, one.track, 0.5001));
        const auto stands = adjust.adjuster(one.adjuster, one.track);
        ASSERT_TRUE(stands);
        EXPECT_NEAR(*stands, std::round(0.5001 * 4095.0) / 4095.0, 1e-12);
    }
    const double before_ma = deck.screws().tracks[1].bias_ma;
    ASSERT_TRUE(adjust.set_adjuster(Adjuster::Bias, 1, 0.6));
    EXPECT_GT(deck.screws().tracks[1].bias_ma, before_ma);
    ASSERT_TRUE(adjust.set_adjuster(Adjuster::RecordHigh, 0, 0.0));
    EXPECT_LT(deck.screws().tracks[0].record_high_db, -5.0);
    EXPECT_FALSE(adjust.select_monitor(transport::MonitorSelect::Sync)); // that is the routing's
}

TEST(SimulatedAdjust, RefusesWhatIsNotThere) {
    SimulatedTimeline timeline;
    deck_sim::SimulatedDeck deck(timeline, deck_sim::Settings{}, {});
    SimulatedAdjust adjust(deck, std::make_unique<transport::ManualAdjust>());
    const auto third = adjust.set_adjuster(Adjuster::Bias, 2, 0.5);
    ASSERT_FALSE(third);
    EXPECT_THAT(third.error().message, testing::HasSubstr("track 3"));
    for (const double position : {-0.1, 1.1, std::nan("")}) {
        const auto beyond = adjust.set_adjuster(Adjuster::RecordLevel, 0, position);
        ASSERT_FALSE(beyond);
        EXPECT_THAT(beyond.error().message, testing::HasSubstr("record level of track 1"));
    }
    transport::ManualAdjust by_hand;
    EXPECT_TRUE(by_hand.capabilities().adjusters.empty());
    const auto refused = by_hand.set_adjuster(Adjuster::Bias, 0, 0.5);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, testing::HasSubstr("bias of track 1"));
    EXPECT_THAT(refused.error().message, testing::HasSubstr("by hand"));
    EXPECT_FALSE(by_hand.adjuster(Adjuster::Bias, 0));
}

} // namespace overbias::controller
