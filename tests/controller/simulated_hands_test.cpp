// SPDX-License-Identifier: Apache-2.0
// Hands at the simulated deck: what reaches it, and that a real deck has none.
#include "controller/simulated/simulated_back_ends.hpp"
#include "controller/simulated/simulated_hands.hpp"

#include "base/async/timeline.hpp"
#include "controller/config.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace overbias::controller {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;

struct Hands {
    explicit Hands(SimulatedHands* hands) {
        add_simulated_commands(registry, hands, [this](const std::string& command, const std::string& answer) {
            logged.push_back(command + ": " + answer);
        });
    }
    Reply call(const std::string& method, const json::object& parameters) {
        Reply answered;
        registry.call(method, parameters, {}, [&](const Reply& reply) { answered = reply; });
        return answered;
    }
    double position(const json::object& parameters) {
        const Reply reply = call("simulated_screw", parameters);
        EXPECT_TRUE(reply.ok()) << reply.message;
        return reply.ok() ? json::parse(reply.result).at("position").to_number<double>() : -1.0;
    }
    CommandRegistry registry;
    std::vector<std::string> logged;
};

TEST(SimulatedHands, TurnTheScrewThatWasMeant) {
    const auto ends = make_simulated_back_ends(simulated_config().value(), {});
    ASSERT_NE(ends->hands(), nullptr);
    Hands hands(ends->hands());
    const double other = hands.position({{"screw", "bias"}, {"track", 2}});
    EXPECT_DOUBLE_EQ(hands.position({{"screw", "bias"}, {"track", 1}, {"position", 0.25}}), 0.25);
    EXPECT_DOUBLE_EQ(hands.position({{"screw", "bias"}}), 0.25);
    EXPECT_DOUBLE_EQ(hands.position({{"screw", "bias"}, {"track", 2}}), other);
    EXPECT_THAT(hands.call("simulated_screw", {{"screw", "volume"}}).message, HasSubstr("reproduce_azimuth"));
    EXPECT_EQ(hands.call("simulated_screw", {{"screw", "bias"}, {"track", 3}}).code, ErrorCode::InvalidParams);
    EXPECT_EQ(hands.call("simulated_screw", {{"screw", "bias"}, {"position", 1.5}}).code, ErrorCode::InvalidParams);
    EXPECT_THAT(hands.logged, ElementsAre("simulated_screw: bias")); // looking is no command
}

TEST(SimulatedHands, PutAnotherTapeOnTheDeck) {
    const auto ends = make_simulated_back_ends(simulated_config().value(), {});
    Hands hands(ends->hands());
    EXPECT_TRUE(hands.call("simulated_tape", {{"tape", "flutter"}}).ok());
    EXPECT_TRUE(hands.call("simulated_tape", {{"tape", "blank"}}).ok());
    const Reply unknown = hands.call("simulated_tape", {{"tape", "cassette"}});
    EXPECT_EQ(unknown.code, ErrorCode::Refused);
    EXPECT_THAT(unknown.message, HasSubstr("'cassette'"));
}

TEST(SimulatedHands, ARealDeckHasNone) {
    Hands hands(nullptr);
    for (const auto& reply : {hands.call("simulated_tape", {{"tape", "blank"}}),
                              hands.call("simulated_screw", {{"screw", "bias"}, {"position", 0.1}})}) {
        EXPECT_EQ(reply.code, ErrorCode::Refused);
        EXPECT_THAT(reply.message, HasSubstr("real deck"));
    }
    EXPECT_TRUE(hands.logged.empty());
}

} // namespace
} // namespace overbias::controller
