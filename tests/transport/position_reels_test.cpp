// SPDX-License-Identifier: Apache-2.0
// The reels by the simulated deck's mechanics, which know nothing of these formulas.
#include "deck-sim/mechanics/mechanics.hpp"
#include "transport/position/reels.hpp"
#include "transport/tape_counter.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace overbias::transport {

namespace {

/// Mechanics, roller and reel sensors; the watch sees what a deck would tell it every 20 ms.
struct TurningReels {
    explicit TurningReels(deck_sim::Settings settings = {}, double believed_thickness_m = 54.1e-6)
        : settings_(settings), mechanics(settings, faults),
          counter({.edges_per_metre = settings.roller_edges_per_metre}),
          watch({.geometry = {.hub_radius_m = settings.hub_radius_m,
                              .tape_thickness_m = believed_thickness_m,
                              .tape_length_m = settings.tape_length_m}}) {
        counter.start_at(settings.start_place_m, 0.0);
        for (int i = 0; i < 200; ++i) {
            step();
        }
    }
    void press(deck_sim::Contact contact) {
        mechanics.contact(contact, true);
        run(0.1);
        mechanics.contact(contact, false);
    }
    void run(double for_s) {
        for (int i = 0; i < static_cast<int>(std::lround(for_s / 0.001)); ++i) {
            step();
        }
    }
    void step() {
        mechanics.step(static_cast<double>(ms) / 1000.0, static_cast<double>(ms + 1) / 1000.0);
        ++ms;
        const DeckTime now{std::chrono::milliseconds(ms)};
        if (ms % 5 == 0) {
            TachReading tach{.edges = mechanics.roller().edges()};
            tach.last_edge = DeckTime(deck_seconds(mechanics.roller().last_edge_s().value_or(0.0)));
            counter.update(now, tach);
        }
        if (ms % 20 == 0) {
            ReelReading reels;
            if (has_supply) {
                reels.supply_rad_s = mechanics.drive().supply_turn_rad_s();
                reels.supply_tension_n = mechanics.drive().supply_tension_n();
            }
            if (has_take_up) {
                reels.take_up_rad_s = mechanics.drive().take_up_turn_rad_s() * take_up_sign;
            }
            reels.at = now;
            watch.update(now, reels, counter.velocity_m_s() * roller_factor, counter.position_m());
            warned = warned || !watch.report().warning.empty();
        }
    }
    [[nodiscard]] const deck_sim::TapeDrive& truth() const { return mechanics.drive(); }
    [[nodiscard]] double truly_left_m() const { return settings_.tape_length_m - truth().place_m(); }

    deck_sim::Settings settings_;
    std::vector<deck_sim::Fault> faults;
    deck_sim::Mechanics mechanics;
    TapeCounter counter;
    ReelWatch watch;
    std::int64_t ms = 0;
    bool has_supply = true, has_take_up = true;
    double take_up_sign = 1.0, roller_factor = 1.0;
    bool warned = false;
};

} // namespace

TEST(Reels, PackFollowsTheHandbooksReel) {
    // 2500 ft of 2.13 mil on a 4.5 in hub: 10.1 in over the pack
    const ReelGeometry reel{.hub_radius_m = 2.25 * 0.0254, .tape_thickness_m = 2.13e-3 * 0.0254, .tape_length_m = 762};
    EXPECT_NEAR(pack_radius_m(reel, 762.0) / 0.0254, 5.04, 0.005);
    EXPECT_NEAR(pack_length_m(reel, pack_radius_m(reel, 123.4)), 123.4, 1e-9);
    EXPECT_EQ(pack_length_m(reel, 0.05), 0.0);
    EXPECT_DOUBLE_EQ(*playing_time_s(762.0, 0.381), 2000.0);
    EXPECT_FALSE(playing_time_s(762.0, 0.0));
}

TEST(Reels, RadiusAndTapeLeftInPlay) {
    deck_sim::Settings settings;
    settings.start_place_m = 300.0;
    TurningReels deck(settings);
    EXPECT_FALSE(deck.watch.report().remaining_by_reels) << "nothing has turned yet";
    EXPECT_NEAR(deck.watch.report().remaining_m, deck.truly_left_m(), 0.01);
    deck.press(deck_sim::Contact::Play);
    deck.run(20.0);
    const ReelReport& report = deck.watch.report();
    ASSERT_TRUE(report.remaining_by_reels);
    EXPECT_NEAR(*report.supply.radius_m, deck.truth().supply_radius_m(), 0.0005 * deck.truth().supply_radius_m());
    EXPECT_NEAR(*report.take_up.radius_m, deck.truth().take_up_radius_m(), 0.0005 * deck.truth().take_up_radius_m());
    EXPECT_NEAR(report.remaining_m, deck.truly_left_m(), 1.0); // 0.1 % of the radius
    EXPECT_NEAR(*report.place_by_reels_m, deck.truth().place_m(), 0.1);
    EXPECT_NEAR(*report.speed_by_reels_m_s, 0.381, 0.0005);
    EXPECT_TRUE(report.warning.empty()) << report.warning;
    deck.run(60.0);
    // one layer of 54.1 um a turn: the turn takes 2 pi r / v
    const double radius_m = deck.truth().supply_radius_m();
    ASSERT_TRUE(report.supply.radius_trend_m_s);
    EXPECT_NEAR(*report.supply.radius_trend_m_s, -54.1e-6 * 0.381 / (2 * 3.14159265 * radius_m), 1e-6);
    EXPECT_GT(*report.take_up.radius_trend_m_s, 20e-6);
    ASSERT_TRUE(report.supply.tension_n);
    EXPECT_NEAR(*report.supply.tension_n, deck.truth().supply_tension_n(), 1e-9);
    EXPECT_NEAR(*report.supply.tension_trend_n_s, 0.0, 1e-4);
}

TEST(Reels, NoFalseAlarmThroughWindStopAndPlay) {
    TurningReels deck;
    deck.press(deck_sim::Contact::FastForward);
    deck.run(40.0);
    EXPECT_GT(deck.truth().speed_m_s(), 5.0);
    EXPECT_NEAR(*deck.watch.report().place_by_reels_m, deck.truth().place_m(), 0.01 * deck.truth().place_m());
    deck.press(deck_sim::Contact::Stop);
    deck.run(5.0);
    deck.press(deck_sim::Contact::Rewind);
    deck.run(15.0);
    EXPECT_LT(deck.truth().speed_m_s(), -5.0);
    EXPECT_NEAR(*deck.watch.report().speed_by_reels_m_s, deck.truth().speed_m_s(), 0.3);
    deck.press(deck_sim::Contact::Stop);
    deck.run(5.0);
    deck.press(deck_sim::Contact::Play);
    deck.run(5.0);
    EXPECT_FALSE(deck.warned);
}

TEST(Reels, ASlippingRollerIsToldWithBothFigures) {
    deck_sim::Settings settings;
    settings.start_place_m = 200.0;
    settings.roller_slip = 0.08;
    TurningReels deck(settings);
    deck.press(deck_sim::Contact::Play);
    deck.run(5.0);
    const std::string& warning = deck.watch.report().warning;
    EXPECT_NE(warning.find("roller says 0.35"), std::string::npos) << warning;
    EXPECT_NE(warning.find("reels say 0.38"), std::string::npos) << warning;
    EXPECT_NE(warning.find("slips"), std::string::npos) << warning;
    // the tape left is then told by the reels alone
    EXPECT_NEAR(deck.watch.report().remaining_m, deck.truly_left_m(), 0.5);
    // and it stays until they have been seen to agree
    deck.press(deck_sim::Contact::Stop);
    deck.run(3.0);
    EXPECT_FALSE(deck.watch.report().warning.empty());
    deck.roller_factor = 1.0 / 0.92; // cleaned
    deck.press(deck_sim::Contact::Play);
    deck.run(5.0);
    EXPECT_TRUE(deck.watch.report().warning.empty()) << deck.watch.report().warning;
}

TEST(Reels, AStandingRollerIsSeenByOneReelAlone) {
    deck_sim::Settings settings;
    settings.start_place_m = 200.0;
    TurningReels deck(settings);
    deck.has_take_up = false;
    deck.press(deck_sim::Contact::Play);
    deck.run(5.0);
    EXPECT_TRUE(deck.watch.report().warning.empty()) << deck.watch.report().warning;
    EXPECT_NEAR(*deck.watch.report().speed_by_reels_m_s, 0.381, 0.002);
    EXPECT_FALSE(deck.watch.report().place_by_reels_m) << "one reel alone cannot tell it";
    deck.roller_factor = 0.0;
    deck.run(5.0);
    EXPECT_NE(deck.watch.report().warning.find("roller says 0.000 m/s, reels say 0.38"), std::string::npos)
        << deck.watch.report().warning;
}

TEST(Reels, AReversedTachIsToldApart) {
    deck_sim::Settings settings;
    settings.start_place_m = 200.0;
    TurningReels deck(settings);
    deck.roller_factor = -1.0;
    deck.press(deck_sim::Contact::Play);
    deck.run(5.0);
    EXPECT_NE(deck.watch.report().warning.find("wrong way"), std::string::npos) << deck.watch.report().warning;
}

TEST(Reels, AWrongStockIsForgivenOnceTheRollerIsTrusted) {
    deck_sim::Settings settings;
    settings.start_place_m = 200.0;
    TurningReels deck(settings, 35e-6); // the operator has said 1 mil base
    EXPECT_FALSE(deck.watch.trust_roller_now()) << "nothing moves";
    deck.press(deck_sim::Contact::Play);
    deck.run(5.0);
    EXPECT_NE(deck.watch.report().warning.find("thickness"), std::string::npos) << deck.watch.report().warning;
    EXPECT_TRUE(deck.watch.trust_roller_now());
    deck.run(60.0);
    EXPECT_TRUE(deck.watch.report().warning.empty()) << deck.watch.report().warning;
    deck.roller_factor = 0.95;
    deck.run(5.0);
    EXPECT_NE(deck.watch.report().warning.find("slips"), std::string::npos) << deck.watch.report().warning;
}

TEST(Reels, WithoutSensorsTapeLeftIsLengthLessPlace) {
    TurningReels deck;
    deck.has_supply = deck.has_take_up = false;
    deck.press(deck_sim::Contact::Play);
    deck.run(10.0);
    const ReelReport& report = deck.watch.report();
    EXPECT_FALSE(report.remaining_by_reels);
    EXPECT_FALSE(report.supply.radius_m || report.take_up.radius_m || report.speed_by_reels_m_s);
    EXPECT_NEAR(report.remaining_m, deck.truly_left_m(), 0.01);
    EXPECT_TRUE(report.warning.empty());
}

TEST(Reels, GeometryMustBeGiven) {
    EXPECT_THROW(ReelWatch({.geometry = {}}), std::invalid_argument);
    EXPECT_THROW(ReelWatch({.geometry = {.hub_radius_m = 0.057, .tape_thickness_m = 54e-6}}), std::invalid_argument);
}

TEST(Trend, IsTheSlopeOfTheLine) {
    Trend trend(60.0);
    EXPECT_FALSE(trend.slope_per_s());
    for (int i = 0; i < 2000; ++i) { // 200 s; only the last minute counts
        const double t = 0.1 * i;
        trend.add(DeckTime(deck_seconds(t)), t < 140.0 ? 100.0 : 5.0 - 0.25 * t);
    }
    EXPECT_NEAR(*trend.slope_per_s(), -0.25, 1e-9);
}

} // namespace overbias::transport
