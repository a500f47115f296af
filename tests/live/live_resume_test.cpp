// SPDX-License-Identifier: Apache-2.0
// kill -9 of the daemon in the middle of a track, a new daemon, print_resume: the real programs in real time. What was
// finished is not touched, and the print comes to its end.
#include "live_rig.hpp"

#include "base/json/json_text.hpp"

#include <boost/json/value_to.hpp>
#include <cstddef>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace overbias::live {
namespace {

namespace json = boost::json;
using std::chrono::seconds;

constexpr double kPiece_m = 0.04;

json::value newest_session(Daemon& daemon) {
    return daemon.call("print_sessions").at("sessions").as_array().at(0);
}

void expect_finished_tape_untouched(LiveRig& rig, const std::vector<std::string>& before, double record_on_m) {
    const std::vector<std::string> now = rig.deck().digest(0.0, record_on_m, kPiece_m);
    ASSERT_LE(now.size(), before.size());
    for (std::size_t i = 0; i < now.size() && kPiece_m * static_cast<double>(i + 1) <= record_on_m; ++i) {
        EXPECT_EQ(now[i], before[i]) << "at " << kPiece_m * static_cast<double>(i) << " m";
    }
}

TEST(LiveResumeTest, a_print_goes_on_at_a_track_boundary_after_its_daemon_was_killed) {
    LiveRig rig;
    const std::string first = rig.music(12.0, 1), second = rig.music(8.0, 2);
    json::value started = rig.daemon().start_print(
        {{"files", {first, second}}, {"slate_s", 2.0}, {"lead_in_s", 0.5}, {"gap_s", 2.0}, {"post_roll_s", 1.0}});
    rig.daemon().wait_for_status(
        [&](const json::value&) { return newest_session(rig.daemon()).at("tracks_done").to_number<int>() == 1; },
        seconds(60), "the first track is done");
    rig.deck().wait_until(monotonic_ns() + 2'000'000'000); // the rest of the gap, and into the second track
    ASSERT_FALSE(rig.daemon().status().at("job").is_null()) << rig.daemon_log();
    rig.kill_daemon();
    EXPECT_EQ(rig.make_safe(), 0);
    const std::uint64_t killed = rig.deck().last_event();
    const double end_m = rig.deck().place_m();
    const std::vector<std::string> before = rig.deck().digest(0.0, end_m, kPiece_m);

    Daemon& daemon = rig.daemon();
    daemon.wait_for_status([](const json::value& status) { return status.at("motion").at("current") == "Stopped"; },
                           seconds(10), "the machine is stopped");
    const json::value session = newest_session(daemon);
    EXPECT_EQ(session.at("state"), "interrupted") << json_line(session);
    EXPECT_EQ(session.at("resume").at("track"), 2) << json_line(session);
    if (daemon.status().at("safety").at("acknowledgement_needed") == true) {
        daemon.call("acknowledge_no_hardware_stop");
    }
    json::object resumed = daemon.call("print_resume", json::object{{"session", session.at("session")}}).as_object();
    resumed["duration_s"] = 60.0; // winding, and what is heard before the boundary
    const Daemon::Print print = daemon.finish_print(resumed);
    ASSERT_TRUE(print.report.is_object()) << print.text() << rig.daemon_log();
    EXPECT_EQ(print.report.at("verdict"), "pass") << print.text();
    EXPECT_EQ(print.report.at("complete"), true);
    EXPECT_EQ(print.report.at("tracks").as_array().size(), 2U);
    EXPECT_EQ(print.report.at("sides").at(0).at("runs").as_array().size(), 2U);
    const auto record_on = rig.deck().wait_for("record_on", killed, seconds(1));
    ASSERT_TRUE(record_on);
    EXPECT_LT(record_on->place_m(), end_m) << "in the gap before the track that was broken off";
    expect_finished_tape_untouched(rig, before, record_on->place_m());
    rig.end_daemon();
}

} // namespace
} // namespace overbias::live
