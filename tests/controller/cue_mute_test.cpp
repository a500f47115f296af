// SPDX-License-Identifier: Apache-2.0
#include "controller/cue_mute.hpp"

#include "controller/cue_mute_relay.hpp"
#include "controller/deck_offers.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <vector>

namespace overbias::controller {
namespace {

constexpr std::int32_t kMinus14Dbfs = 428'475'566; // 2^31 x 10^(-14/20)
constexpr std::int32_t kMinus26Dbfs = 107'630'000;

DeckTime at(double time_s) {
    return DeckTime(deck_seconds(time_s));
}

TEST(CueMuteTest, a_loud_tape_return_is_muted_while_the_lifters_are_defeated_and_opens_when_it_has_been_quiet) {
    CueMute cue({.limit_dbfs = -20.0, .hold_s = 0.5});
    const std::vector<std::int32_t> loud{0, -kMinus14Dbfs, 0, 0};
    const std::vector<std::int32_t> quiet{kMinus26Dbfs, 0, 0, -kMinus26Dbfs};
    EXPECT_EQ(cue.update(true, quiet, at(0.0)), std::nullopt);
    EXPECT_EQ(cue.update(true, loud, at(0.01)), std::optional(true));
    EXPECT_EQ(cue.update(true, loud, at(0.02)), std::nullopt) << "told once";
    EXPECT_EQ(cue.update(true, quiet, at(0.40)), std::nullopt) << "not yet quiet for half a second";
    EXPECT_TRUE(cue.muted());
    EXPECT_EQ(cue.update(true, quiet, at(0.53)), std::optional(false));
}

TEST(CueMuteTest, nothing_is_muted_with_the_lifters_in_place) {
    CueMute cue;
    const std::vector<std::int32_t> loud(8, kMinus14Dbfs);
    EXPECT_EQ(cue.update(false, loud, at(0.0)), std::nullopt);
    EXPECT_EQ(cue.update(true, loud, at(0.01)), std::optional(true));
    EXPECT_EQ(cue.update(false, loud, at(0.02)), std::optional(false)) << "the lifters hold the tape off: open at once";
}

TEST(CueMuteTest, the_level_is_the_one_that_was_set) {
    CueMute low({.limit_dbfs = -30.0});
    CueMute high({.limit_dbfs = -10.0});
    const std::vector<std::int32_t> between(8, kMinus14Dbfs);
    EXPECT_EQ(low.update(true, between, at(0.0)), std::optional(true));
    EXPECT_EQ(high.update(true, between, at(0.0)), std::nullopt);
}

using transport::Route;

/// The relays of a patch that has a mute and a mono relay.
class Patch final : public transport::DeckAdjust {
  public:
    [[nodiscard]] transport::DeckAdjustCapabilities capabilities() const noexcept override {
        return {.monitor_select = false, .routes = {Route::Mute, Route::Mono}};
    }
    Result<void> select_monitor(transport::MonitorSelect) override { return Error{"turn the switch by hand"}; }
    Result<void> set_route(Route route, bool on) override {
        if (broken) {
            return Error{"the relay does not answer"};
        }
        closed[route] = on;
        return {};
    }
    [[nodiscard]] bool route(Route route) const override {
        const auto found = closed.find(route);
        return found != closed.end() && found->second;
    }
    std::map<Route, bool> closed;
    bool broken = false;
};

TEST(CueMuteRelayTest, the_end_of_a_cue_leaves_the_mute_that_the_operator_had_closed) {
    Patch patch;
    CueMuteRelay relay(patch);
    ASSERT_TRUE(relay.set_route(Route::Mute, true).ok());
    ASSERT_TRUE(relay.mute_cue(true).ok());
    ASSERT_TRUE(relay.mute_cue(false).ok());
    EXPECT_TRUE(patch.route(Route::Mute));
    ASSERT_TRUE(relay.set_route(Route::Mute, false).ok());
    EXPECT_FALSE(patch.route(Route::Mute));
}

TEST(CueMuteRelayTest, the_end_of_a_cue_leaves_the_mute_that_the_operator_closes_meanwhile) {
    Patch patch;
    CueMuteRelay relay(patch);
    ASSERT_TRUE(relay.mute_cue(true).ok());
    EXPECT_FALSE(relay.route(Route::Mute)) << "the operator has not";
    ASSERT_TRUE(relay.set_route(Route::Mute, true).ok());
    ASSERT_TRUE(relay.mute_cue(false).ok());
    EXPECT_TRUE(patch.route(Route::Mute));
}

TEST(CueMuteRelayTest, a_mute_opened_during_a_loud_cue_opens_when_the_cue_is_over) {
    Patch patch;
    patch.closed[Route::Mute] = true; // as it was found: the operator's
    CueMuteRelay relay(patch);
    EXPECT_TRUE(relay.route(Route::Mute));
    ASSERT_TRUE(relay.mute_cue(true).ok());
    ASSERT_TRUE(relay.set_route(Route::Mute, false).ok());
    EXPECT_TRUE(patch.route(Route::Mute)) << "loud";
    ASSERT_TRUE(relay.mute_cue(false).ok());
    EXPECT_FALSE(patch.route(Route::Mute));
}

TEST(CueMuteRelayTest, what_the_relay_did_not_do_is_not_remembered_as_done) {
    Patch patch;
    CueMuteRelay relay(patch);
    patch.broken = true;
    EXPECT_EQ(relay.set_route(Route::Mute, true).error().message, "the relay does not answer");
    EXPECT_FALSE(relay.mute_cue(true).ok());
    EXPECT_FALSE(relay.route(Route::Mute));
    EXPECT_FALSE(relay.muted_by_cue());
    patch.broken = false;
    ASSERT_TRUE(relay.mute_cue(true).ok()) << "asked again";
    EXPECT_TRUE(patch.route(Route::Mute));
}

TEST(CueMuteRelayTest, every_other_route_goes_through_and_each_change_is_told_once) {
    Patch patch;
    int told = 0;
    CueMuteRelay relay(patch, [&] { ++told; });
    ASSERT_TRUE(relay.set_route(Route::Mono, true).ok());
    EXPECT_TRUE(patch.route(Route::Mono));
    EXPECT_EQ(told, 1);
    ASSERT_TRUE(relay.mute_cue(true).ok());
    ASSERT_TRUE(relay.mute_cue(true).ok());
    EXPECT_EQ(told, 2);
    EXPECT_EQ(boost::json::serialize(routes_json(relay)), R"({"on":["mono"],"muted_by_cue":true})");
}

TEST(DeckOffersTest, what_a_deck_and_its_patch_offer_is_told_in_the_commands_own_words) {
    transport::DeckCapabilities deck;
    EXPECT_EQ(boost::json::serialize(offers_json(deck, {})),
              R"({"library_wind":false,"shuttle":null,"edit":false,"lifter_defeat":false,"thread":false,)"
              R"("speeds_ips":[],"ready_tracks":0,"routes":[]})");
    deck.library_wind = deck.shuttle = deck.edit = deck.lifter_defeat = deck.thread_tension = true;
    deck.slowest_shuttle_m_s = 0.0127;
    deck.fastest_shuttle_m_s = 7.62;
    deck.speeds_ips = {15, 30};
    deck.ready_tracks = 24;
    const boost::json::object all = offers_json(deck, Patch().capabilities());
    EXPECT_EQ(all.at("shuttle"), (boost::json::value{{"slowest_ips", 0.5}, {"fastest_ips", 300.0}}));
    EXPECT_EQ(boost::json::serialize(all.at("routes")), R"(["mute","mono"])");
    EXPECT_EQ(all.at("speeds_ips"), (boost::json::value{15.0, 30.0}));
    EXPECT_EQ(all.at("ready_tracks"), 24);
    for (const char* offer : {"library_wind", "edit", "lifter_defeat", "thread"}) {
        EXPECT_EQ(all.at(offer), true) << offer;
    }
}

} // namespace
} // namespace overbias::controller
