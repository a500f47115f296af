// SPDX-License-Identifier: Apache-2.0
// What may go wrong with the machine, the card or the tape while a print runs: the deck is out of record and still, the
// job says where.
#include "print_rig.hpp"
#include "written_programme.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace overbias::test {

namespace {

/// Lets the deck come to rest and says whether it did, out of record.
void expect_safe(PrintRig& rig) {
    rig.timeline.run_for(std::chrono::seconds(4));
    EXPECT_FALSE(rig.deck->truth().recording);
    EXPECT_NEAR(rig.deck->truth().speed_m_s, 0.0, 1e-3);
}

} // namespace

TEST(PrintTrouble, ATapeBreakEndsTheJobWithItsPlace) {
    PrintRig rig({.faults = {"tape_break:programme_s=5"}});
    const PrintEnd end = rig.print(PrintRig::quick_request({demo_file()}));
    EXPECT_EQ(end.end.ending, controller::JobEnding::Fault) << end.text();
    EXPECT_NE(end.end.reason.find(" m"), std::string::npos) << "no place on the tape: " << end.end.reason;
    expect_safe(rig);
}

TEST(PrintTrouble, ALostRecordTallyEndsTheJob) {
    PrintRig rig({.faults = {"stuck_tally:line=tally_record,value=0,programme_s=3"}});
    const PrintEnd end = rig.print(PrintRig::quick_request({demo_file()}));
    EXPECT_EQ(end.end.ending, controller::JobEnding::Fault) << end.text();
    expect_safe(rig);
}

TEST(PrintTrouble, ALostPlayTallyEndsTheJob) {
    PrintRig rig({.faults = {"stuck_tally:line=tally_play,value=0,programme_s=3"}});
    const PrintEnd end = rig.print(PrintRig::quick_request({demo_file()}));
    EXPECT_EQ(end.end.ending, controller::JobEnding::Fault) << end.text();
    expect_safe(rig);
}

TEST(PrintTrouble, ADeadTachBeforePlayRecordsNothing) {
    PrintRig rig({.faults = {"dead_tach"}});
    const PrintEnd end = rig.print(PrintRig::quick_request({demo_file()}));
    EXPECT_EQ(end.end.ending, controller::JobEnding::Fault) << end.text();
    for (const transport::JobEvent& event : rig.events) {
        EXPECT_NE(event.kind, "record_on");
    }
    expect_safe(rig);
}

TEST(PrintTrouble, FramesLostOnTheWayToTheDeckAreNotProven) {
    PrintRig rig({.faults = {"xrun:programme_s=6,length_ms=80,direction=playback"}});
    const PrintEnd end = rig.print(PrintRig::quick_request({demo_file()}));
    EXPECT_EQ(end.verdict(), "fail") << end.text();
    EXPECT_TRUE(end.names("not_proven")) << end.text();
    ASSERT_EQ(end.track(0).at("xruns").as_array().size(), 1U) << end.text();
    EXPECT_EQ(end.track(0).at("xruns").at(0).at("direction").as_string(), "playback");
}

TEST(PrintTrouble, FramesLostOnTheWayBackAreNotProvenAndNoDropout) {
    PrintRig rig({.faults = {"xrun:programme_s=6,length_ms=80,direction=capture"}});
    const PrintEnd end = rig.print(PrintRig::quick_request({demo_file()}));
    EXPECT_EQ(end.verdict(), "fail") << end.text();
    EXPECT_TRUE(end.names("not_proven")) << end.text();
    EXPECT_TRUE(end.track(0).at("dropouts").as_array().empty()) << end.text();
}

TEST(PrintTrouble, AStopByHandEndsTheJob) {
    PrintRig rig;
    rig.start(PrintRig::quick_request({demo_file()}));
    rig.timeline.run_for(std::chrono::seconds(12));
    ASSERT_TRUE(rig.deck->truth().recording);
    const auto stop = rig.deck->lines().find_output("stop");
    ASSERT_TRUE(stop.ok());
    rig.deck->lines().set(*stop, true); // somebody presses STOP on the deck itself
    rig.timeline.run_for(std::chrono::milliseconds(100));
    rig.deck->lines().set(*stop, false);
    const PrintEnd end = rig.finish(20.0);
    EXPECT_EQ(end.end.ending, controller::JobEnding::Fault) << end.text();
    expect_safe(rig);
}

TEST(PrintTrouble, TheSamePrintStandingOnTheTapeDoesNotPassForANewOne) {
    // The first print is real. For the second the deck shows its record lamp but neither records nor erases, and the
    // tape carries the same programme from the first print, found again to a fraction of a second.
    PrintRig rig;
    mastering::PrintRequest request = PrintRig::quick_request({demo_file()});
    request.start_m = 4.0;
    const PrintEnd first = rig.print(request);
    ASSERT_EQ(first.verdict(), "pass") << first.text();
    rig.deck->inhibit_record(true);
    for (request.timing_seed = 8; request.timing_seed < 14; ++request.timing_seed) {
        const PrintEnd second = rig.print(request);
        EXPECT_EQ(second.verdict(), "fail") << second.text();
        EXPECT_EQ(second.reason(), "not_off_tape") << second.text();
    }
}

TEST(PrintTrouble, PrintingOverAnOldPrintErasesIt) {
    PrintRig rig;
    mastering::PrintRequest request = PrintRig::quick_request({demo_file()});
    request.start_m = 4.0;
    ASSERT_EQ(rig.print(request).verdict(), "pass");
    const PrintEnd again = rig.print(request);
    EXPECT_EQ(again.verdict(), "pass") << again.text();
    EXPECT_NEAR(again.report.at("reel").at("slate_counter_m").to_number<double>(), 4.0, 0.13);
}

TEST(PrintTrouble, AnUnknownPositionIsNotLocatedTo) {
    PrintRigOptions options;
    options.zero_counter = false;
    PrintRig rig(options);
    mastering::PrintRequest request = PrintRig::quick_request({demo_file()});
    request.start_m = 4.0;
    const PrintEnd end = rig.print(request);
    EXPECT_EQ(end.end.ending, controller::JobEnding::Refused) << end.text();
    EXPECT_FALSE(rig.deck->truth().recording);
}

} // namespace overbias::test
