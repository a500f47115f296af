// SPDX-License-Identifier: Apache-2.0
// What a deck can do beyond its keys, places and the autolocator, as commands over the real Transport.
#include "controller/locator_commands.hpp"
#include "controller/mode_commands.hpp"

#include "key_deck.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::controller {
namespace {

using namespace test;
using testing::Contains;
using testing::HasSubstr;
namespace json = boost::json;

class ModeCommandsTest : public testing::Test {
  protected:
    ModeCommandsTest() {
        const MachineCommands machine{
            .transport = transport_, .runner = runner_, .taking_over = [this](const std::string& command) {
                taken_.push_back(command);
                autolocator_.cancel("ended by " + command);
            }};
        add_machine_commands(registry_, machine);
        add_mode_commands(registry_, machine, adjust_);
        add_locator_commands(
            registry_,
            {.machine = machine, .autolocator = autolocator_, .cues = cues_, .changed = [this] { ++changes_; }});
        timeline_.run_for(std::chrono::seconds(5)); // the deck has told, and has settled
        order_.clear();
    }
    Reply call(const char* method, const json::value& parameters = nullptr) {
        Reply got;
        registry_.call(method, parameters, {}, [&](Reply reply) { got = std::move(reply); });
        return got;
    }
    json::value result(const char* method, const json::value& parameters = nullptr) {
        const Reply reply = call(method, parameters);
        EXPECT_TRUE(reply.ok()) << method << ": " << reply.message;
        return reply.ok() ? json::parse(reply.result) : json::value(nullptr);
    }
    [[nodiscard]] static int code(const Reply& reply) { return static_cast<int>(reply.code); }
    static constexpr int kRefused = static_cast<int>(ErrorCode::Refused);
    static constexpr int kBad = static_cast<int>(ErrorCode::InvalidParams);

    SimulatedTimeline timeline_;
    std::vector<std::string> order_, taken_;
    int changes_ = 0;
    KeyDeck deck_{order_};
    NoAdjust adjust_;
    transport::Transport transport_{timeline_, deck_, adjust_, {}};
    transport::CuePoints cues_;
    transport::Autolocator autolocator_{timeline_, transport_};
    JobRunner runner_{timeline_,
                      {.make_safe = [this] { transport_.stop(); }, .where = {}, .event = {}, .keep = {}, .ended = {}}};
    CommandRegistry registry_;
};

TEST_F(ModeCommandsTest, modes_reach_the_deck_and_end_what_the_autolocator_did) {
    EXPECT_EQ(result("library_wind", {{"direction", "reverse"}}).at("state").at("library_wind"), true);
    EXPECT_THAT(order_, Contains("library reverse"));
    EXPECT_THAT(taken_, Contains("library_wind"));
    result("stop");
    timeline_.run_for(std::chrono::seconds(5));
    EXPECT_EQ(result("ready", {{"track", 2}, {"on", true}}).at("state").at("ready_tracks"), json::value({2}));
    EXPECT_EQ(result("select_speed", {{"ips", 7.5}}).at("state").at("play_speed_ips"), 7.5);
    EXPECT_THAT(order_, Contains("speed 75"));
}

TEST_F(ModeCommandsTest, what_the_deck_does_not_offer_is_refused_with_the_reason) {
    for (const auto& [method, parameters] :
         std::vector<std::pair<const char*, json::value>>{{"shuttle", {{"speed", 30}}},
                                                          {"edit", nullptr},
                                                          {"defeat_lifters", {{"on", true}}},
                                                          {"ready", {{"track", 3}, {"on", true}}},
                                                          {"select_speed", {{"ips", 30}}},
                                                          {"route", {{"name", "mono"}, {"on", true}}}}) {
        const Reply reply = call(method, parameters);
        EXPECT_EQ(code(reply), kRefused) << method << ": " << reply.message;
        EXPECT_THAT(reply.message, HasSubstr(std::string(method) + " was refused: "));
    }
    EXPECT_TRUE(order_.empty());
    EXPECT_EQ(code(call("library_wind", {{"direction", "sideways"}})), kBad);
}

TEST_F(ModeCommandsTest, a_relay_that_is_there_is_switched_and_told_once) {
    EXPECT_EQ(result("route", {{"name", "mute"}, {"on", true}}).at("status"), "accepted");
    EXPECT_EQ(result("route", {{"name", "mute"}, {"on", true}}).at("status"), "unchanged");
    EXPECT_TRUE(adjust_.route(transport::Route::Mute));
}

TEST_F(ModeCommandsTest, cue_points_and_marks_are_set_listed_and_cleared) {
    result("cue_set", {{"cue", 3}, {"name", "chorus"}, {"position", "0:01:00.5"}});
    result("mark", {{"which", "in"}, {"position", 10}});
    const json::value listed = result("mark", {{"which", "out"}, {"position", 20.0}});
    ASSERT_EQ(listed.at("cues").as_array().size(), 1U);
    const json::value& cue = listed.at("cues").at(0);
    EXPECT_EQ(cue.at("cue"), 3);
    EXPECT_EQ(cue.at("name"), "chorus");
    EXPECT_NEAR(cue.at("tape_m").as_double(), 60.5 * 0.381, 1e-9);
    EXPECT_EQ(cue.at("tape_time"), "0:01:00.50");
    EXPECT_EQ(listed.at("mark_out").at("tape_m"), 20.0);
    EXPECT_EQ(changes_, 3);
    EXPECT_EQ(code(call("cue_set", {{"cue", 10}})), kBad);
    EXPECT_EQ(code(call("cue_set", {{"cue", 1}, {"position", "soon"}})), kBad);
    EXPECT_EQ(code(call("cue_go", {{"cue", "verse"}})), kBad);
    EXPECT_EQ(changes_, 3) << "nothing has changed";
    result("mark_clear");
    EXPECT_TRUE(result("cue_clear", {{"cue", 3}}).at("cues").as_array().empty());
    EXPECT_EQ(code(call("rehearse")), kRefused) << "no marks";
}

TEST_F(ModeCommandsTest, a_place_that_is_not_understood_moves_nothing) {
    EXPECT_EQ(code(call("locate", {{"position", "soon"}})), kBad);
    EXPECT_EQ(code(call("locate", {{"position", 3}})), kRefused) << "this deck has no tach";
    EXPECT_TRUE(order_.empty());
}

TEST_F(ModeCommandsTest, while_a_job_owns_the_deck_neither_modes_nor_places_move_it) {
    ASSERT_TRUE(runner_.start(std::make_unique<PlayingJob>(timeline_, transport_, order_), "id"));
    timeline_.run_for(std::chrono::seconds(5));
    order_.clear();
    for (const auto& [method, parameters] :
         std::vector<std::pair<const char*, json::value>>{{"library_wind", {{"direction", "forward"}}},
                                                          {"locate", {{"position", 3}}},
                                                          {"return_to_zero", nullptr},
                                                          {"ready", {{"track", 1}, {"on", true}}},
                                                          {"preset_counter", {{"position", 3}}},
                                                          {"punch", nullptr}}) {
        EXPECT_THAT(call(method, parameters).message, HasSubstr("the deck belongs to 'side A'")) << method;
    }
    EXPECT_TRUE(order_.empty());
}

} // namespace
} // namespace overbias::controller
