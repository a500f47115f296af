// SPDX-License-Identifier: Apache-2.0
// Where a print is interrupted, what it then goes on from, and what it refuses to go on with.
#include "print_session_rig.hpp"

#include "base/units.hpp"
#include "comparison_programmes.hpp"
#include "written_programme.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::test {

namespace {

using ::testing::HasSubstr;

constexpr int kTrack_s = 10;

/// Three tracks on one side, stopped so long after this phase began.
void print_and_stop(PrintRig& rig, const std::string& phase, double after_s, double gap_s = 2.0) {
    rig.start(session_plan({3}, kTrack_s, gap_s));
    run_to_phase(rig, phase, after_s);
    ASSERT_TRUE(rig.runner->cancel("stopped by the operator"));
    EXPECT_EQ(rig.finish().end.ending, controller::JobEnding::Cancelled);
    rig.timeline.run_for(std::chrono::seconds(5));
}

std::vector<std::int16_t> all_of_it(PrintRig& rig) {
    const deck_sim::Settings settings;
    return tape_between(rig, settings.start_place_m, settings.start_place_m + 40.0);
}

std::size_t runs(const PrintEnd& end) {
    return end.report.at("sides").as_array().at(0).at("runs").as_array().size();
}

} // namespace

TEST(GoingOn, AStopDuringTheSlateBeginsTheSideAnew) {
    PrintRig rig(slipping());
    print_and_stop(rig, "slate", 2.0);
    EXPECT_EQ(rig.session().tracks_done(), 0U);
    const auto resumed = rig.resume();
    ASSERT_TRUE(resumed) << resumed.error().message;
    const PrintEnd end = rig.finish();
    EXPECT_EQ(end.verdict(), "pass") << end.text();
    EXPECT_EQ(runs(end), 2U);
}

TEST(GoingOn, AStopDuringTheFirstTrackBeginsTheSideAnew) {
    PrintRig rig(slipping());
    print_and_stop(rig, "track 1 of 3", 5.0);
    EXPECT_EQ(mastering::next_boundary(rig.session()), (mastering::Boundary{0, 0}));
    const double slate_m = rig.session().sides[0].slate_m.value_or(-1.0);
    const auto resumed = rig.resume();
    ASSERT_TRUE(resumed) << resumed.error().message;
    const PrintEnd end = rig.finish();
    EXPECT_EQ(end.verdict(), "pass") << end.text();
    EXPECT_NEAR(rig.session().sides[0].slate_m.value_or(-1.0), slate_m, 0.05) << "over what was begun";
}

// STOP has to be heard while files are read and decoded.
TEST(GoingOn, AStopInAGapKeepsTheTrackBeforeItAndTheFilesAreMatchedOnAnotherThread) {
    PrintRig rig(slipping());
    rig.start(session_plan({3}, kTrack_s));
    run_to_phase(rig, "track 2 of 3", 0.0);
    run_to_phase(rig, "silence", 1.5);
    ASSERT_TRUE(rig.runner->cancel("stopped by the operator"));
    (void)rig.finish();
    rig.timeline.run_for(std::chrono::seconds(5));
    EXPECT_EQ(rig.session().tracks_done(), 2U);
    const auto resumed = rig.resume();
    ASSERT_TRUE(resumed) << resumed.error().message;
    const PrintEnd end = rig.finish();
    EXPECT_EQ(end.verdict(), "pass") << end.text();
    EXPECT_EQ(runs(end), 2U);
    EXPECT_GE(rig.asides, 2);
}

// Nobody had told the session that its run ended, and the counter's place is in doubt.
TEST(GoingOn, AfterTheDaemonWasKilledInATrackTheTapeTellsWhereItIs) {
    PrintRig rig(slipping());
    print_and_stop(rig, "track 3 of 3", 4.0);
    EXPECT_TRUE(rig.session().sides[0].runs.back().ended.empty());
    rig.restart(1.5); // metres that the kept place is wrong by
    ASSERT_EQ(rig.transport->state().position_knowledge, transport::PositionKnowledge::Doubtful);
    const auto resumed = rig.resume();
    ASSERT_TRUE(resumed) << resumed.error().message;
    const PrintEnd end = rig.finish();
    EXPECT_EQ(end.verdict(), "pass") << end.text();
    EXPECT_EQ(rig.transport->state().position_knowledge, transport::PositionKnowledge::Known);
}

TEST(GoingOn, AnotherReelIsNotRecordedOn) {
    PrintRig rig(slipping());
    print_and_stop(rig, "track 3 of 3", 4.0);
    const double place_m = rig.deck->truth().place_at_record_head_m;
    thread_blank(rig, place_m);
    const auto altered = rig.deck->altered_cells();
    const auto resumed = rig.resume();
    ASSERT_TRUE(resumed) << resumed.error().message;
    const PrintEnd end = rig.finish();
    EXPECT_EQ(end.end.ending, controller::JobEnding::Refused) << end.text();
    EXPECT_THAT(end.end.reason, HasSubstr("nothing was recorded"));
    EXPECT_THAT(end.end.reason, HasSubstr("expected track 2"));
    EXPECT_THAT(end.end.reason, HasSubstr("check that the reel of this side is threaded"));
    rig.timeline.run_for(std::chrono::seconds(5));
    EXPECT_EQ(rig.deck->altered_cells(), altered);
}

TEST(GoingOn, WithASilentTapeReturnNothingIsRecorded) {
    PrintRig rig(slipping());
    print_and_stop(rig, "track 3 of 3", 4.0);
    const auto before = all_of_it(rig);
    const auto input = rig.deck->lines().find_output("monitor_input");
    ASSERT_TRUE(input);
    const auto resumed = rig.resume();
    ASSERT_TRUE(resumed) << resumed.error().message;
    run_to_phase(rig, "listening for the boundary", 0.5);
    rig.deck->lines().set(*input, true); // somebody has turned the deck's output away from the tape: it is silent
    const PrintEnd end = rig.finish();
    EXPECT_EQ(end.end.ending, controller::JobEnding::Refused) << end.text();
    EXPECT_THAT(end.end.reason, HasSubstr("audible"));
    rig.timeline.run_for(std::chrono::seconds(5));
    EXPECT_TRUE(all_of_it(rig) == before);
    rig.deck->lines().set(*input, false); // mended, it goes on
    ASSERT_TRUE(rig.resume());
    const PrintEnd mended = rig.finish();
    EXPECT_EQ(mended.verdict(), "pass") << mended.text();
}

TEST(GoingOn, AChangedFileIsRefused) {
    PrintRig rig(slipping());
    print_and_stop(rig, "track 2 of 3", 4.0);
    const std::string file = rig.session().sides[0].tracks[2].file;
    const std::filesystem::path kept = file + ".kept";
    std::filesystem::copy_file(file, kept);
    const std::string other = write_programme("other", comparison_test::fresh_programme("speech", 3, kTrack_s));
    std::filesystem::copy_file(other, file, std::filesystem::copy_options::overwrite_existing);
    const auto resumed = rig.resume();
    std::filesystem::rename(kept, file); // other tests read it
    ASSERT_FALSE(resumed);
    EXPECT_THAT(resumed.error().message, HasSubstr(file + " is not the file the print was begun with"));
}

TEST(GoingOn, AGapThatIsTooShortIsRefusedWithTheBoundaryThatWouldDo) {
    PrintRig rig(slipping());
    mastering::ReelPlan plan = session_plan({3}, kTrack_s);
    // 33 mm between erase and record head are 0.087 s, the place is known to 0.02 s, and 0.3 s: 0.407 s
    plan.sides[0].tracks[2].gap = mastering::TapeSpan{0.36, mastering::TapeSpan::Unit::Seconds};
    rig.start(plan);
    run_to_phase(rig, "track 3 of 3", 4.0);
    ASSERT_TRUE(rig.runner->cancel("stopped by the operator"));
    (void)rig.finish();
    rig.timeline.run_for(std::chrono::seconds(5));
    const auto resumed = rig.resume();
    ASSERT_FALSE(resumed);
    EXPECT_THAT(resumed.error().message, HasSubstr("the gap is 0.36 s, and going on takes at least 0.41 s"));
    EXPECT_THAT(resumed.error().message, HasSubstr("the boundary before track 2 would do"));
    const auto earlier = rig.resume(mastering::Boundary{0, 1});
    ASSERT_TRUE(earlier) << earlier.error().message;
    const PrintEnd end = rig.finish();
    EXPECT_EQ(end.verdict(), "pass") << end.text();
}

TEST(GoingOn, APrintOfFilesThatHasNoTitleGoesOn) {
    PrintRig rig(slipping());
    mastering::ReelPlan plan = session_plan({2}, kTrack_s);
    plan.title.clear();
    rig.start(plan);
    run_to_phase(rig, "track 2 of 2", 4.0);
    ASSERT_TRUE(rig.runner->cancel("stopped by the operator"));
    (void)rig.finish();
    rig.timeline.run_for(std::chrono::seconds(5));
    const auto resumed = rig.resume();
    ASSERT_TRUE(resumed) << resumed.error().message;
    const PrintEnd end = rig.finish();
    EXPECT_EQ(end.verdict(), "pass") << end.text();
    EXPECT_FALSE(end.report.at("plan").as_object().contains("title"));
}

TEST(GoingOn, AGapThatIsJustLongEnoughIsGoneOnIn) {
    PrintRig rig(slipping());
    mastering::ReelPlan plan = session_plan({3}, kTrack_s);
    plan.sides[0].tracks[2].gap = mastering::TapeSpan{0.5, mastering::TapeSpan::Unit::Seconds};
    rig.start(plan);
    run_to_phase(rig, "track 3 of 3", 4.0);
    ASSERT_TRUE(rig.runner->cancel("stopped by the operator"));
    (void)rig.finish();
    rig.timeline.run_for(std::chrono::seconds(5));
    const auto resumed = rig.resume();
    ASSERT_TRUE(resumed) << resumed.error().message;
    const PrintEnd end = rig.finish();
    EXPECT_EQ(end.verdict(), "pass") << end.text();
}

TEST(GoingOn, WithoutTheDistanceFromEraseToRecordHeadNothingGoesOnAtABoundary) {
    PrintRigOptions options = slipping();
    options.erase_to_record_m.reset();
    PrintRig rig(options);
    print_and_stop(rig, "track 2 of 3", 4.0);
    const auto resumed = rig.resume();
    ASSERT_FALSE(resumed);
    EXPECT_THAT(resumed.error().message, HasSubstr("erase"));
}

TEST(LiveLimits, WhatStopsLeavesRecordAtOnceAndThePrintCanGoOn) {
    PrintRigOptions options = slipping();
    options.faults = {"dropout:programme_s=16,length_ms=30,depth_db=25,channel=left"};
    PrintRig rig(options);
    mastering::ReelPlan plan = session_plan({3}, kTrack_s);
    plan.live.stops.emplace_back("dropout");
    rig.start(plan);
    const PrintEnd end = rig.finish();
    EXPECT_EQ(end.verdict(), "fail");
    EXPECT_EQ(end.reason(), "dropout") << end.text();
    EXPECT_EQ(rig.session().tracks_done(), 1U) << "the drop-out is in the second track";
    EXPECT_FALSE(rig.deck->truth().recording);
    EXPECT_EQ(end.report.at("complete"), false);
    EXPECT_EQ(mastering::next_boundary(rig.session()), (mastering::Boundary{0, 1}));
    // The hole is in the tape: what is printed again there meets it again.
    ASSERT_TRUE(rig.resume());
    const PrintEnd again = rig.finish();
    EXPECT_EQ(again.reason(), "dropout") << again.text();
    EXPECT_EQ(rig.session().tracks_done(), 1U) << again.text();
    EXPECT_EQ(again.report.at("findings").as_array().size(), 1U)
        << "what ended the first run was printed again: " << again.text();
}

TEST(LiveLimits, LostFramesEndAPrintThatIsToldTo) {
    PrintRigOptions options = slipping();
    options.faults = {"xrun:programme_s=4,length_ms=80,direction=playback"};
    PrintRig rig(options);
    mastering::ReelPlan plan = session_plan({2}, kTrack_s);
    plan.live.stops.emplace_back("xrun");
    rig.start(plan);
    const PrintEnd end = rig.finish();
    EXPECT_EQ(end.reason(), "xrun") << end.text();
    EXPECT_EQ(end.report.at("complete"), false);
    EXPECT_FALSE(rig.deck->truth().recording);
}

TEST(LiveLimits, WhatWarnsIsToldAndThePrintGoesOn) {
    PrintRigOptions options = slipping();
    options.faults = {"dropout:programme_s=4,length_ms=30,depth_db=25,channel=left"};
    PrintRig rig(options);
    mastering::ReelPlan plan = session_plan({2}, kTrack_s);
    plan.live.warns.emplace_back("dropout");
    rig.start(plan);
    const PrintEnd end = rig.finish();
    EXPECT_EQ(end.reason(), "dropout") << end.text();
    EXPECT_EQ(end.report.at("complete"), true);
    const auto told = std::count_if(rig.events.begin(), rig.events.end(), [](const transport::JobEvent& event) {
        return event.kind == "live_warning" && event.detail.at("reason") == "dropout";
    });
    EXPECT_GE(told, 1);
}

TEST(PrintGates, NothingIsConfirmedInAdvance) {
    PrintRig rig(slipping());
    rig.start(session_plan({1, 1}, kTrack_s));
    run_to_phase(rig, "slate", 0.0);
    EXPECT_FALSE(rig.runner->confirm());
    run_to_phase(rig, "waiting for the operator", 30.0);
    EXPECT_FALSE(rig.ended());
    const double place_m = deck_sim::Settings{}.start_place_m;
    thread_blank(rig, place_m);
    EXPECT_TRUE(rig.runner->confirm());
    EXPECT_FALSE(rig.runner->confirm()) << "once is enough, and twice is too much";
    const PrintEnd end = rig.finish();
    EXPECT_EQ(end.verdict(), "pass") << end.text();
}

} // namespace overbias::test
