// SPDX-License-Identifier: Apache-2.0
// A whole reel on simulated deck time: two sides of ten programmes with tones and gaps, stopped in the middle, gone on
// with at a track boundary. The tape roller slips by 0.1 %.
#include "print_session_rig.hpp"

#include "base/units.hpp"
#include "mastering/plan/side_begin.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::test {

namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

const transport::JobEvent* last_event(const PrintRig& rig, const std::string& kind) {
    const auto found = std::find_if(rig.events.rbegin(), rig.events.rend(),
                                    [&](const transport::JobEvent& event) { return event.kind == kind; });
    return found == rig.events.rend() ? nullptr : &*found;
}

/// What was recorded before the boundary, and what the resumed print leaves of it.
struct Kept {
    double from_m, end_m; ///< true places: before the slate, the end of the last finished track
    std::vector<std::int16_t> before;
};

/// The frame after the last of the track that has just ended: the gap's first.
Kept keep_up_to_gap(PrintRig& rig, double from_m) {
    const transport::JobEvent* gap = last_event(rig, "section_start");
    Kept kept{.from_m = from_m, .end_m = true_place_m(rig, *gap->audio_frame), .before = {}};
    return kept;
}

} // namespace

TEST(PrintSession, TwoSidesOfTenProgrammesWithAStopInTheMiddle) {
    PrintRig rig(slipping());
    const double start_m = rig.deck->truth().place_at_record_head_m;
    mastering::ReelPlan plan = session_plan({5, 5}, 20);
    rig.start(plan);

    // the third programme is stopped in its middle
    run_to_phase(rig, "track 2 of 5", 0.0);
    run_to_phase(rig, "silence", 0.0);
    Kept kept = keep_up_to_gap(rig, start_m);
    run_to_phase(rig, "track 3 of 5", 9.0);
    ASSERT_TRUE(rig.runner->cancel("stopped by the operator"));
    PrintEnd stopped = rig.finish();
    EXPECT_EQ(stopped.end.ending, controller::JobEnding::Cancelled);
    rig.timeline.run_for(std::chrono::seconds(5));
    EXPECT_EQ(rig.session().tracks_done(), 2U);
    kept.before = tape_between(rig, kept.from_m, kept.end_m);

    const auto resumed = rig.resume();
    ASSERT_TRUE(resumed) << resumed.error().message;
    run_to_phase(rig, "track 3 of 5", 0.0);
    const double third_m = true_place_m(rig, *last_event(rig, "track_start")->audio_frame);
    EXPECT_NEAR(third_m - kept.end_m, 2.0 * metres_per_second(15.0), 0.005)
        << "the gap is as planned: the track begins 2 s after the end of the one before, give or take 13 ms";
    run_to_phase(rig, "waiting for the operator", 1.0);
    EXPECT_THAT(rig.runner->progress().gate, HasSubstr("thread tape 2 of 2: side B"));
    EXPECT_TRUE(tape_between(rig, kept.from_m, kept.end_m) == kept.before) << "a finished track is not what it was";

    thread_blank(rig, start_m);
    ASSERT_TRUE(rig.runner->confirm());
    const PrintEnd end = rig.finish();
    EXPECT_EQ(end.verdict(), "pass") << end.text();
    ASSERT_EQ(end.report.at("tracks").as_array().size(), 10U) << end.text();
    for (std::size_t i = 0; i < 10; ++i) {
        EXPECT_EQ(end.track(i).at("verdict"), "pass") << i << end.text();
        EXPECT_EQ(end.track(i).at("side"), i < 5 ? "A" : "B");
        EXPECT_EQ(json::value_to<std::string>(end.track(i).at("title")), "Track " + std::to_string(i + 1));
    }
    // sample-exact within a run; across the stop as planned, from the slate
    const double first_s = end.track(0).at("start_tape_s").to_number<double>();
    for (std::size_t i = 1; i < 5; ++i) {
        EXPECT_NEAR(end.track(i).at("start_tape_s").to_number<double>(), first_s + 22.0 * static_cast<double>(i),
                    0.001);
    }
    const json::array& sides = end.report.at("sides").as_array();
    ASSERT_EQ(sides.size(), 2U);
    EXPECT_EQ(sides[0].at("runs").as_array().size(), 2U);
    EXPECT_EQ(sides[1].at("runs").as_array().size(), 1U);
    EXPECT_EQ(sides[1].at("reel"), "reel 2");
    // side B begins where its plan says, to what the print's own timing moves it by
    EXPECT_NEAR(rig.session().sides[1].slate_m.value_or(-1.0),
                mastering::begins_on_new_tape_m(plan.tape, 15.0) + plan.slate.lead_in_s * metres_per_second(15.0),
                0.15);
    EXPECT_EQ(end.report.at("report_version"), 2);
    EXPECT_TRUE(rig.session().complete());
}

} // namespace overbias::test
