// SPDX-License-Identifier: Apache-2.0
// The same print twice: by daemon and deck as two processes through ALSA and GPIO in real time, and in one process on
// simulated deck time. Same verdict, same report.
#include "live_rig.hpp"

#include "base/json/json_text.hpp"

#include <algorithm>
#include <boost/json/value_to.hpp>
#include <fstream>
#include <future>
#include <gtest/gtest.h>

namespace overbias::live {
namespace {

namespace json = boost::json;

constexpr double kMusic_s = 8.0;

json::object short_print(const std::string& file) {
    return {{"files", {file}}, {"slate_s", 2.0}, {"lead_in_s", 0.5}, {"gap_s", 1.0}, {"post_roll_s", 1.0}};
}

struct Both {
    Daemon::Print live, simulated;
    json::object truth; ///< after the live one
};

/// The simulated run is made while the live one goes on.
Both print_both(double sample_rate_hz, const std::vector<std::string>& faults) {
    LiveRig rig({.sample_rate_hz = sample_rate_hz, .faults = faults});
    const std::string music = rig.music(kMusic_s);
    auto simulated = std::async(std::launch::async, [&] {
        const std::filesystem::path configuration = rig.folder() / "simulated.toml";
        std::ofstream(configuration) << "[audio]\nsample_rate_hz = " << sample_rate_hz << "\n";
        std::vector<std::string> arguments{"--simulate",
                                           "--config",
                                           configuration.string(),
                                           "--state-dir",
                                           (rig.folder() / "simulated").string(),
                                           "--time-scale",
                                           "0",
                                           "--listen",
                                           "none"};
        for (const std::string& fault : faults) {
            arguments.insert(arguments.end(), {"--fault", fault});
        }
        Daemon daemon(arguments, {}, rig.folder() / "simulated.log");
        return daemon.finish_print(daemon.start_print(short_print(music)));
    });
    Both both;
    both.live = rig.daemon().finish_print(rig.daemon().start_print(short_print(music)));
    both.simulated = simulated.get();
    both.truth = rig.deck().truth();
    rig.end_daemon();
    return both;
}

std::vector<double> numbers(const json::value& track, const char* name) {
    return json::value_to<std::vector<double>>(track.at(name));
}

/// `damaged`: a channel whose level the fault changes by itself, more or less as it meets loud or quiet music (every
/// print has a timing of its own).
void expect_same_figures(const Both& both, std::optional<std::size_t> damaged = {}) {
    const json::array& live = both.live.report.at("tracks").as_array();
    const json::array& simulated = both.simulated.report.at("tracks").as_array();
    ASSERT_EQ(live.size(), simulated.size());
    for (std::size_t i = 0; i < live.size(); ++i) {
        EXPECT_EQ(live[i].at("verdict"), simulated[i].at("verdict"));
        EXPECT_EQ(live[i].at("sha256"), simulated[i].at("sha256"));
        const auto levels = numbers(live[i], "level_difference_db");
        const auto levels_then = numbers(simulated[i], "level_difference_db");
        ASSERT_EQ(levels.size(), 2U);
        ASSERT_EQ(levels_then.size(), 2U);
        for (std::size_t channel = 0; channel < 2; ++channel) {
            EXPECT_NEAR(levels[channel], levels_then[channel], channel == damaged ? 0.5 : 0.1) << "channel " << channel;
        }
        EXPECT_NEAR(live[i].at("delay_ms").to_number<double>(), simulated[i].at("delay_ms").to_number<double>(), 0.2);
        EXPECT_TRUE(live[i].at("not_proven").as_array().empty());
        EXPECT_TRUE(live[i].at("xruns").as_array().empty());
    }
}

class LivePrintTest : public testing::TestWithParam<double> {};

TEST_P(LivePrintTest, passes_with_the_figures_of_the_simulated_run) {
    const Both both = print_both(GetParam(), {});
    SCOPED_TRACE("live " + both.live.text() + "\nsimulated " + both.simulated.text());
    ASSERT_TRUE(both.live.report.is_object() && both.simulated.report.is_object());
    EXPECT_EQ(both.live.report.at("verdict"), "pass");
    EXPECT_EQ(both.simulated.report.at("verdict"), "pass");
    expect_same_figures(both);
    for (const json::value& track : both.live.report.at("tracks").as_array()) {
        EXPECT_TRUE(track.at("dropouts").as_array().empty());
    }
    EXPECT_EQ(both.truth.at("recording"), false);
    EXPECT_TRUE(both.truth.at("record_off_ns").is_int64());
    EXPECT_GT(both.truth.at("place_m").to_number<double>(), 12.0 + (kMusic_s + 2.0) * 0.381);
    EXPECT_EQ(both.truth.at("card").at("playback_xruns"), 0);
    EXPECT_EQ(both.truth.at("card").at("capture_xruns"), 0);
}

INSTANTIATE_TEST_SUITE_P(Rates, LivePrintTest, testing::Values(48000.0, 96000.0),
                         [](const auto& rate) { return std::to_string(static_cast<int>(rate.param)); });

TEST(LivePrintFaultTest, a_drop_out_is_found_at_the_same_place) {
    const Both both = print_both(48000.0, {"dropout:tape_m=15.2,length_ms=60,depth_db=30,channel=left"});
    SCOPED_TRACE("live " + both.live.text() + "\nsimulated " + both.simulated.text());
    ASSERT_TRUE(both.live.report.is_object() && both.simulated.report.is_object());
    EXPECT_EQ(both.live.report.at("verdict"), "fail");
    EXPECT_EQ(both.simulated.report.at("verdict"), "fail");
    EXPECT_EQ(both.live.report.at("reason"), both.simulated.report.at("reason"));
    expect_same_figures(both, 0);
    const json::array& live = both.live.report.at("tracks").at(0).at("dropouts").as_array();
    const json::array& simulated = both.simulated.report.at("tracks").at(0).at("dropouts").as_array();
    ASSERT_EQ(live.size(), 1U);
    ASSERT_EQ(simulated.size(), 1U);
    EXPECT_EQ(live[0].at("channel"), simulated[0].at("channel"));
    EXPECT_NEAR(live[0].at("length_ms").to_number<double>(), 60.0, 10.0);
    // 15.2 m from the tape's beginning; the counter stood at 0 at 12 m, and every print has a timing of its own
    for (const Daemon::Print* print : {&both.live, &both.simulated}) {
        const double slate_m = print->report.at("reel").at("slate_counter_m").to_number<double>();
        const json::value& dropout = print->report.at("tracks").at(0).at("dropouts").at(0);
        EXPECT_NEAR(12.0 + slate_m + dropout.at("tape_m").to_number<double>(), 15.2, 0.01);
    }
}

TEST(LivePrintFaultTest, a_channel_upside_down_is_found) {
    const Both both = print_both(48000.0, {"polarity:channel=right"});
    SCOPED_TRACE("live " + both.live.text() + "\nsimulated " + both.simulated.text());
    ASSERT_TRUE(both.live.report.is_object() && both.simulated.report.is_object());
    EXPECT_EQ(both.live.report.at("verdict"), "fail");
    EXPECT_EQ(both.live.report.at("reason"), both.simulated.report.at("reason"));
    expect_same_figures(both);
}

} // namespace
} // namespace overbias::live
