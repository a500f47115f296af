// SPDX-License-Identifier: Apache-2.0
// A plan on the tape: lengths, places, sides that are split, and the dry run.
#include "mastering/plan/cue_sheet.hpp"
#include "plan_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::mastering {
namespace {

using ::testing::ElementsAre;
using testing::finding;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kinds;
using testing::PlanRig;

/// Of the rig's 80 s of tape 5 s are leader at each end and 5 s spare: 65 s. A slate takes 1 + 10 + 3 + 2 = 16 s.
class PlanTapeTest : public ::testing::Test {
  protected:
    std::string of(double duration_s) { return rig_.file("f" + std::to_string(++files_) + ".wav", duration_s); }
    PlanRig rig_;
    int files_ = 0;
};

TEST_F(PlanTapeTest, A2500FootReelHoldsThirtyThreeMinutesAndTwentySecondsAt15Ips) {
    ReelPlan plan = PlanRig::plan({of(1.0)});
    plan.tape.length_m = 762.0; // 2500 ft
    plan.tape.head_leader = plan.tape.tail_leader = plan.tape.spare = {0.0, TapeSpan::Unit::Metres};
    plan.sides[0].start_m = 0.381; // its lead-in of 1 s begins at 0
    const PlanCheck check = check_plan(plan, PlanRig::context());
    EXPECT_NEAR(check.sides.at(0).usable_s, 2000.0, 1e-6);
    EXPECT_NEAR(check.sides[0].usable_m, 762.0, 1e-9);
    // 12 ft of leader at both ends and 5 m of spare.
    plan.sides[0].start_m.reset();
    plan.tape.head_leader = plan.tape.tail_leader = {12.0, TapeSpan::Unit::Feet};
    plan.tape.spare = {5.0, TapeSpan::Unit::Metres};
    EXPECT_NEAR(check_plan(plan, PlanRig::context()).sides.at(0).usable_m, 762.0 - 2.0 * 3.6576 - 5.0, 1e-9);
}

TEST_F(PlanTapeTest, ATrackOf49SecondsFitsAndOneOf49AndAHalfDoesNot) {
    const PlanCheck fits = check_plan(PlanRig::plan({of(49.0)}), PlanRig::context());
    EXPECT_TRUE(fits.printable());
    EXPECT_NEAR(fits.sides.at(0).left_s, 0.0, 0.001);
    EXPECT_NEAR(fits.sides[0].duration_s, 65.0, 0.001);
    const PlanCheck over = check_plan(PlanRig::plan({of(49.5)}), PlanRig::context());
    EXPECT_THAT(kinds(over.refusals), ElementsAre("track_too_long"));
    EXPECT_EQ(over.refusals.at(0).track, 0);
    EXPECT_NEAR(over.sides[0].left_s, -0.5, 0.001);
    // Splitting does not help it.
    ReelPlan split = PlanRig::plan({of(49.5)});
    split.split_sides = true;
    EXPECT_THAT(kinds(check_plan(split, PlanRig::context()).refusals), ElementsAre("track_too_long"));
}

TEST_F(PlanTapeTest, PlacesAreCountedFromTheBeginningOfTheReel) {
    const PlanCheck check = check_plan(PlanRig::plan({of(4.0), of(6.0)}), PlanRig::context());
    const PlanSideCheck& side = check.sides.at(0);
    // Record from 5 s (1.905 m), first tone 1 s later.
    EXPECT_NEAR(side.start_m, 6.0 * 0.381, 1e-9);
    ASSERT_EQ(side.tracks.size(), 2U);
    EXPECT_NEAR(side.tracks[0].start_s, 14.0, 1e-4);
    EXPECT_NEAR(side.tracks[0].start_m, 19.0 * 0.381, 1e-4);
    EXPECT_NEAR(side.tracks[1].start_s, 21.0, 1e-4);
    EXPECT_NEAR(side.tracks[1].end_s, 27.0, 1e-4);
    EXPECT_NEAR(side.end_m, 34.0 * 0.381, 1e-4);
}

TEST_F(PlanTapeTest, TwoSidesOnOneTapeShareItsLength) {
    ReelPlan plan = PlanRig::plan({of(10.0)});
    PlanSide second = plan.sides[0];
    second.name = "B";
    second.new_tape = false;
    second.gap = TapeSpan{4.0, TapeSpan::Unit::Seconds};
    plan.sides.push_back(second);
    const PlanCheck check = check_plan(plan, PlanRig::context());
    EXPECT_TRUE(check.printable());
    // A: 5 to 31 s; B records from 35 s on, and has 70 - 35 = 35 s, of which it needs 26.
    EXPECT_NEAR(check.sides.at(1).usable_s, 35.0, 0.001);
    EXPECT_NEAR(check.sides[1].left_s, 9.0, 0.001);
    EXPECT_EQ(check.sides[1].reel, 1);
    plan.sides[1].tracks[0].file = of(20.0);
    EXPECT_THAT(kinds(check_plan(plan, PlanRig::context()).refusals), ElementsAre("too_long"));
    // On a tape of its own there is room.
    plan.split_sides = true;
    const PlanCheck apart = check_plan(plan, PlanRig::context());
    EXPECT_TRUE(apart.printable());
    EXPECT_EQ(apart.sides.at(1).reel, 2);
    EXPECT_EQ(apart.sides.size(), 2U);
}

TEST_F(PlanTapeTest, ASideThatDoesNotFitIsRefusedOrSplitAtTrackBoundaries) {
    // 16 s of slate and 20 s each: two fit (16 + 20 + 3 + 20 = 59), three do not.
    ReelPlan plan = PlanRig::plan({of(20.0), of(20.0), of(20.0), of(20.0), of(20.0)});
    plan.sides[0].tracks[2].title = "Third";
    const PlanCheck refused = check_plan(plan, PlanRig::context());
    EXPECT_THAT(kinds(refused.refusals), ElementsAre("too_long"));
    EXPECT_THAT(refused.refusals.at(0).words, HasSubstr("--split"));
    EXPECT_EQ(refused.sides.size(), 1U);

    plan.split_sides = true;
    const PlanCheck split = check_plan(plan, PlanRig::context());
    EXPECT_TRUE(split.printable());
    ASSERT_EQ(split.sides.size(), 3U);
    ASSERT_EQ(split.plan.sides.size(), 3U);
    EXPECT_EQ(split.plan.sides[1].name, "A-2");
    EXPECT_EQ(split.plan.sides[2].name, "A-3");
    EXPECT_EQ(split.plan.sides[0].tracks.size(), 2U);
    EXPECT_EQ(split.plan.sides[1].tracks.size(), 2U);
    EXPECT_EQ(split.plan.sides[2].tracks.size(), 1U);
    EXPECT_EQ(split.plan.sides[1].tracks[0].title, "Third");
    EXPECT_EQ(split.plan.reels(), 3);
    EXPECT_THAT(kinds(split.notes), ElementsAre("split", "split"));
    EXPECT_THAT(split.notes.at(0).words, HasSubstr("\"Third\""));
    for (const PlanSideCheck& side : split.sides) {
        EXPECT_TRUE(side.fits());
        ASSERT_TRUE(side.laid_out);
        EXPECT_EQ(side.laid_out->sections[1].kind, ProgrammeSection::Kind::Slate) << "each reel has its tones";
    }
}

TEST_F(PlanTapeTest, WhatFollowsASplitSideStaysBehindItsLastPart) {
    ReelPlan plan = PlanRig::plan({of(20.0), of(20.0), of(5.0)});
    PlanSide second = plan.sides[0];
    second.name = "B";
    second.new_tape = false;
    second.tracks.resize(1);
    second.tracks[0].file = of(5.0);
    plan.sides.push_back(second);
    plan.split_sides = true;
    const PlanCheck check = check_plan(plan, PlanRig::context());
    EXPECT_TRUE(check.printable());
    ASSERT_EQ(check.sides.size(), 3U);
    EXPECT_EQ(check.plan.sides[1].name, "A-2");
    EXPECT_EQ(check.plan.sides[2].name, "B");
    EXPECT_EQ(check.sides[2].reel, 2);
    EXPECT_GT(check.sides[2].start_m, check.sides[1].end_m);
}

TEST_F(PlanTapeTest, TheDryRunTellsWhenAndWhereEverythingBegins) {
    ReelPlan plan = PlanRig::plan({of(4.0), of(6.0)});
    plan.slate.tones.push_back({.frequency_hz = 10000.0, .duration_s = 5.0, .azimuth = true});
    PlanSide second = plan.sides[0];
    second.name = "B";
    plan.sides.push_back(second);
    const PlanCheck check = check_plan(plan, PlanRig::context());
    const CueSheet sheet = dry_run(check);
    std::vector<std::string> all;
    for (const Cue& cue : sheet.cues) {
        all.push_back(cue.kind);
    }
    const std::vector<std::string> side{"gate", "roll",  "lead_in", "slate", "gap",       "tone",
                                        "gap",  "track", "gap",     "track", "post_roll", "end"};
    std::vector<std::string> both = side;
    both.insert(both.end(), side.begin(), side.end());
    EXPECT_EQ(all, both);
    // Roll 2, lead-in 1, slate 10, gap 1, tone 5, gap 3, track 4, gap 3, track 6, post-roll 2.
    const Cue& second_track = sheet.cues.at(9);
    EXPECT_NEAR(second_track.side_s, 27.0, 1e-4);
    EXPECT_NEAR(second_track.elapsed_s, 29.0, 1e-4);
    EXPECT_NEAR(second_track.counter_m, 32.0 * 0.381, 1e-4);
    EXPECT_NEAR(second_track.tape_m, 26.0 * 0.381, 1e-4) << "from the first tone";
    EXPECT_EQ(second_track.counter, "0:00:32");
    EXPECT_EQ(second_track.track, 1);
    EXPECT_NEAR(sheet.cues.at(11).side_s, 35.0, 1e-4);
    EXPECT_NEAR(sheet.cues.at(11).counter_m, check.sides[0].end_m, 1e-4);
    EXPECT_NEAR(sheet.elapsed_s, 2.0 * 37.0, 1e-3);
    EXPECT_THAT(sheet.cues.at(12).words, HasSubstr("side B (reel 2 of 2)"));
    EXPECT_THAT(sheet.cues.at(5).words, HasSubstr("for azimuth"));
    EXPECT_EQ(counter_text(762.0, 15.0), "0:33:20");
}

TEST_F(PlanTapeTest, NoGateWhereTheTapeStaysOn) {
    ReelPlan plan = PlanRig::plan({of(4.0)});
    PlanSide second = plan.sides[0];
    second.name = "B";
    second.new_tape = false;
    plan.sides.push_back(second);
    int gates = 0;
    for (const Cue& cue : dry_run(check_plan(plan, PlanRig::context())).cues) {
        gates += cue.kind == "gate" ? 1 : 0;
    }
    EXPECT_EQ(gates, 1);
}

} // namespace
} // namespace overbias::mastering
