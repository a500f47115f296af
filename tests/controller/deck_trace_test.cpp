// SPDX-License-Identifier: Apache-2.0
#include "controller/deck_trace.hpp"

#include "base/async/simulated_timeline.hpp"
#include "deck-sim/simulated_deck.hpp"
#include "transport/drivers/nine_pin_frame.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::controller {
namespace {

using boost::json::object;
using std::chrono::milliseconds;

class Traced : public testing::Test {
  protected:
    const object& line(const std::string& name) {
        snapshot_ = trace_.snapshot();
        for (const auto& each : snapshot_.at("lines").as_array()) {
            if (each.at("name").as_string() == std::string_view(name)) {
                return each.as_object();
            }
        }
        throw std::runtime_error("no line " + name);
    }
    SimulatedTimeline timeline_;
    deck_sim::SimulatedDeck deck_{timeline_, deck_sim::Settings{}, {}};
    DeckTrace trace_{timeline_};
    object snapshot_;
};

TEST_F(Traced, LinesShowLevelLastChangeAndCount) {
    trace_.set_pins({{"play", "8"}});
    const auto lines = trace_.watch(deck_.lines());
    const auto play = lines->find_output("play");
    const auto lamp = lines->find_input("tally_play");
    const auto stop_lamp = lines->find_input("tally_stop");
    ASSERT_TRUE(play.ok() && lamp.ok() && stop_lamp.ok());
    EXPECT_FALSE(lines->find_output("plya").ok());
    std::vector<std::string> told;
    lines->on_edge([&](const transport::LineEdge& edge) { told.push_back(edge.active ? "lit" : "dark"); });
    EXPECT_EQ(line("play").at("direction"), "out");
    EXPECT_EQ(line("play").at("pin"), "8");
    EXPECT_TRUE(line("play").at("changed_at_s").is_null());
    EXPECT_EQ(line("tally_stop").at("active"), true) << "an input's level is known from the start";

    timeline_.run_for(milliseconds(500));
    lines->set(*play, true);
    lines->set(*play, true); // no change
    timeline_.run_for(milliseconds(100));
    lines->set(*play, false);
    timeline_.run_for(milliseconds(2000));
    EXPECT_EQ(line("play").at("changes"), 2);
    EXPECT_EQ(line("play").at("active"), false);
    EXPECT_DOUBLE_EQ(line("play").at("changed_at_s").as_double(), 0.6);
    EXPECT_EQ(line("tally_play").at("active"), true);
    EXPECT_EQ(line("tally_play").at("changes"), 1);
    EXPECT_GT(line("tally_play").at("changed_at_s").as_double(), 0.9) << "when it changed, not when it was asked";
    EXPECT_THAT(told, testing::ElementsAre("dark", "lit")) << "the driver hears every edge";
}

TEST_F(Traced, FollowersAreToldOfEveryChange) {
    const auto lines = trace_.watch(deck_.lines());
    const auto stop = lines->find_output("stop");
    ASSERT_TRUE(stop.ok());
    std::vector<object> events;
    trace_.follow([&](const object& event) { events.push_back(event); });
    lines->set(*stop, true);
    const transport::SerialTrace serial = trace_.watch_serial("/dev/x", nine_pin_words);
    serial(true, std::array<std::uint8_t, 3>{0x20, 0x00, 0x20}, timeline_.now());
    trace_.follow({});
    lines->set(*stop, false);
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[0].at("event"), "line");
    EXPECT_EQ(events[0].at("name"), "stop");
    EXPECT_EQ(events[1].at("event"), "frame");
    EXPECT_EQ(events[1].at("hex"), "20 00 20");
    EXPECT_EQ(events[1].at("means"), "STOP");
    EXPECT_EQ(line("stop").at("changes"), 2) << "it is noted all the same";
}

TEST_F(Traced, TheLastFramesAreKeptInOrderAndLongOnesAreCut) {
    const transport::SerialTrace serial = trace_.watch_serial("line", {});
    for (int i = 0; i < 300; ++i) {
        const std::array<std::uint8_t, 2> bytes{static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)};
        serial(i % 2 == 0, bytes, DeckTime(milliseconds(i)));
    }
    serial(false, std::vector<std::uint8_t>(100, 0xFF), DeckTime(milliseconds(300)));
    const object seen = trace_.snapshot();
    const auto& frames = seen.at("frames").as_array();
    ASSERT_EQ(frames.size(), DeckTrace::kFrames);
    EXPECT_EQ(seen.at("frames_seen"), 301);
    EXPECT_EQ(frames.front().at("hex"), "00 2D") << "frame 45 of 0 ... 300";
    EXPECT_EQ(frames.front().at("sent"), false);
    EXPECT_DOUBLE_EQ(frames.front().at("at_s").as_double(), 0.045);
    EXPECT_EQ(frames.back().at("cut_bytes"), 36);
    EXPECT_FALSE(frames.back().as_object().contains("means"));
}

TEST_F(Traced, FramesInWords) {
    EXPECT_EQ(nine_pin_words(false, std::array<std::uint8_t, 4>{0x11, 0x12, 0x04, 0x27}),
              "refused: " + transport::nine_pin_refusal(4));
    EXPECT_EQ(nine_pin_words(false, std::array<std::uint8_t, 2>{0x10, 0x01}), "") << "half a frame means nothing";
    EXPECT_EQ(vesc_words(true, std::array<std::uint8_t, 6>{0x02, 0x01, 0x1E, 0xF3, 0xFF, 0x03}), "alive");
    EXPECT_EQ(vesc_words(true, std::array<std::uint8_t, 6>{0x02, 0x03, 0x22, 0x0C, 0x06, 0x00}),
              "set current, controller 12");
    EXPECT_EQ(vesc_words(true, std::array<std::uint8_t, 2>{0x02, 0x01}), "");
    const std::string answer = "-0:12:34.56\r\n";
    EXPECT_EQ(studer_words(false, std::span(reinterpret_cast<const std::uint8_t*>(answer.data()), answer.size())),
              "-0:12:34.56");
}

} // namespace
} // namespace overbias::controller
