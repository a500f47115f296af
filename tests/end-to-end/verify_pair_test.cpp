// SPDX-License-Identifier: Apache-2.0
// Masters that come from elsewhere: an outside source plays into the simulated deck, both its line input and the tape
// return are captured by one card, and the recording is judged while it is made.
#include "comparison_programmes.hpp"
#include "mastering/verify/pair_job.hpp"
#include "print_rig.hpp"

#include <boost/json.hpp>
#include <cmath>
#include <gtest/gtest.h>
#include <memory>

namespace overbias::test {

namespace json = boost::json;

namespace {

/// Two pieces with four seconds between them.
std::shared_ptr<const std::vector<float>> two_pieces() {
    auto out = std::make_shared<std::vector<float>>();
    const auto add = [&out](const comparison_test::Stereo& what) { out->insert(out->end(), what.begin(), what.end()); };
    add(comparison_test::programme("wide", 1, 20.0));
    out->insert(out->end(), static_cast<std::size_t>(2 * 4.0 * 48000), 0.0F);
    add(comparison_test::programme("pink", 2, 75.0)); // longer than a minute: judged in two pieces
    return out;
}

struct Judged {
    controller::JobEnd end;
    json::object report;
    [[nodiscard]] std::string text() const {
        return std::string(controller::word(end.ending)) + " " + end.reason + "\n" + end.report.substr(0, 6000);
    }
};

Judged judge(const std::vector<std::string>& faults, bool monitor_input = false) {
    PrintRigOptions options;
    options.faults = faults;
    if (monitor_input) {
        options.faults.push_back("monitor_input");
    }
    options.settings.seed = 5;
    options.settings.source = two_pieces();
    options.settings.source_capture = true;
    PrintRig rig(options);
    audio::FrameTap& source = rig.engine->add_capture_tap(96000, {2, 3});
    mastering::ComparisonConfig comparison;
    comparison.sample_rate_hz = options.settings.capture_rate_hz();
    comparison.tape_speed_ips = options.settings.play_speed_ips;
    comparison.record_to_reproduce_m = 0.0350;
    comparison.play_dbfs_at_operating_level = options.settings.capture_dbfs_at_operating_level;
    comparison.capture_dbfs_at_operating_level = options.settings.capture_dbfs_at_operating_level;
    auto job = mastering::make_pair_job({.timeline = rig.timeline,
                                         .transport = *rig.transport,
                                         .engine = *rig.engine,
                                         .source = source,
                                         .tape_return = rig.tape_return(),
                                         .comparison = comparison,
                                         .identity = {}},
                                        {.record = true,
                                         .end_silence_s = 8.0,
                                         .patience_s = 60.0,
                                         .source = "capture channels 3 and 4",
                                         .tape = "capture channels 1 and 2"});
    if (auto started = rig.runner->start(std::move(job), "pair"); !started) {
        throw std::runtime_error(started.error().message);
    }
    const auto ended = [&rig] { return rig.runner->last() && rig.runner->last()->id == "pair"; };
    if (!rig.timeline.run_until(ended, rig.timeline.now() + deck_seconds(400.0))) {
        throw std::runtime_error("the job did not end");
    }
    Judged out{*rig.runner->last(), {}};
    if (!out.end.report.empty()) {
        out.report = json::parse(out.end.report).as_object();
    }
    return out;
}

} // namespace

TEST(CapturedPair, ProvesARecordingFromAnotherSource) {
    const Judged judged = judge({});
    ASSERT_FALSE(judged.report.empty()) << judged.text();
    EXPECT_EQ(judged.end.ending, controller::JobEnding::Pass) << judged.text();
    EXPECT_TRUE(judged.report.at("off_tape").at("proven").as_bool()) << judged.text();
    const json::array& tracks = judged.report.at("tracks").as_array();
    ASSERT_EQ(tracks.size(), 3U) << judged.text();
    EXPECT_EQ(tracks[0].at("programme").to_number<int>(), 1);
    EXPECT_NEAR(tracks[0].at("duration_s").to_number<double>(), 20.6, 0.6);
    EXPECT_EQ(tracks[1].at("programme").to_number<int>(), 2);
    EXPECT_EQ(tracks[2].at("programme").to_number<int>(), 2);
    EXPECT_NEAR(tracks[2].at("from_s").to_number<double>(), 60.0, 0.1);
    for (const json::value& track : tracks) {
        // the true distance of the heads, 35.1 mm at 15 in/s
        EXPECT_NEAR(track.at("delay_ms").to_number<double>(), 35.1 / 0.381, 0.5) << judged.text();
        EXPECT_TRUE(track.at("level_re_slate_db").as_array()[0].is_null()) << "there is no slate";
        EXPECT_TRUE(track.at("dropouts").as_array().empty()) << judged.text();
    }
}

TEST(CapturedPair, FindsADropOutAndAMonitorOnInput) {
    // programme time is not told to the deck here: the place is one of deck time, some 45 s into the recording
    const Judged hole = judge({"dropout:time_s=62,length_ms=25,depth_db=20,channel=left"});
    EXPECT_EQ(hole.report.at("reason").as_string(), "dropout") << hole.text();
    const Judged input = judge({}, true);
    EXPECT_EQ(input.report.at("reason").as_string(), "not_off_tape") << input.text();
}

} // namespace overbias::test
