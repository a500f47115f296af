// SPDX-License-Identifier: Apache-2.0
// The card's cable is pulled in the middle of a print, and put back.
#include "live_rig.hpp"

#include "base/json/json_text.hpp"

#include <gtest/gtest.h>

namespace overbias::live {
namespace {

namespace json = boost::json;

json::object short_print(const std::string& file) {
    return {{"files", {file}}, {"slate_s", 2.0}, {"lead_in_s", 0.5}, {"gap_s", 1.0}, {"post_roll_s", 1.0}};
}

bool lost(const json::value& status) {
    return status.at("audio").at("lost").as_bool();
}

TEST(LiveCardTest, a_card_that_vanishes_ends_record_at_once_and_comes_back_without_resuming) {
    LiveRig rig;
    Daemon& daemon = rig.daemon();
    DeckControl& deck = rig.deck();
    const json::value started = daemon.start_print(short_print(rig.music(6.0)));
    const auto record_on = deck.wait_for("record_on", 0, std::chrono::seconds(10));
    ASSERT_TRUE(record_on) << rig.daemon_log();
    deck.wait_until(record_on->at_ns + 5'000'000'000); // in the music
    ASSERT_EQ(deck.truth().at("recording"), true);

    deck.tell("unplug");
    const auto unplugged = deck.wait_for("unplug", 0, std::chrono::seconds(1));
    ASSERT_TRUE(unplugged);
    const auto off = deck.wait_for("record_off", unplugged->n, std::chrono::seconds(5));
    ASSERT_TRUE(off) << rig.daemon_log();
    EXPECT_LE(off->at_ns - unplugged->at_ns, 250'000'000);
    const auto still = deck.wait_for("still", unplugged->n, std::chrono::seconds(5));
    ASSERT_TRUE(still) << rig.daemon_log();
    EXPECT_LE(still->at_ns - unplugged->at_ns, 3'000'000'000);

    const Daemon::Print broken = daemon.finish_print(started);
    EXPECT_NE(broken.end.at("exit_status"), 0) << broken.text();
    EXPECT_NE(broken.end.at("verdict"), "pass") << broken.text();
    const json::value without = daemon.wait_for_status(lost, std::chrono::seconds(5), "the card is told to be lost");
    ASSERT_TRUE(without.at("audio").at("problem").is_string());
    EXPECT_NE(std::string(without.at("audio").at("problem").as_string()).find("Deck"), std::string::npos)
        << "the message names the card: " << json_line(without.at("audio"));

    const double place_m = deck.place_m();
    deck.tell("plug_in");
    const auto plugged = deck.wait_for("plug_in", 0, std::chrono::seconds(1));
    ASSERT_TRUE(plugged);
    daemon.wait_for_status([](const json::value& status) { return !lost(status); }, std::chrono::seconds(15),
                           "the card is open again");
    EXPECT_FALSE(deck.wait_for("moving", plugged->n, std::chrono::seconds(2))) << "nothing resumes by itself";
    EXPECT_EQ(deck.place_m(), place_m);
    EXPECT_EQ(deck.truth().at("recording"), false);

    if (daemon.status().at("fault").is_string()) {
        daemon.call("clear_fault");
    }
    const Daemon::Print next = daemon.finish_print(daemon.start_print(short_print(rig.music(3.0))));
    EXPECT_EQ(next.end.at("verdict"), "pass") << next.text() << rig.daemon_log();
    rig.end_daemon();
}

} // namespace
} // namespace overbias::live
