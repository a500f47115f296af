// SPDX-License-Identifier: Apache-2.0
// A plan against the deck: what it is lined up for, and when it was aligned for this tape.
#include "plan_rig.hpp"

#include <functional>
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

class PlanDeckTest : public ::testing::Test {
  protected:
    PlanCheck with(const std::function<void(ReelPlan&, PlanDeck&)>& change) {
        ReelPlan plan = PlanRig::plan({file_});
        PlanCheckContext context = PlanRig::context();
        change(plan, *context.deck);
        return check_plan(plan, context);
    }
    PlanRig rig_;
    std::string file_ = rig_.file("a.wav", 1.0, {{.to_s = 1.0}});
};

TEST_F(PlanDeckTest, SpeedEqualisationAndLevelHaveToBeThoseItIsLinedUpFor) {
    const PlanCheck speed = with([](ReelPlan&, PlanDeck& deck) { deck.speed_ips = 7.5; });
    EXPECT_THAT(kinds(speed.refusals), ElementsAre("deck_speed"));
    EXPECT_THAT(speed.refusals.at(0).words, HasSubstr("set up for 7.5 ips"));

    const PlanCheck none = with([](ReelPlan& plan, PlanDeck&) { plan.tape.speed_ips = 30.0; });
    EXPECT_THAT(finding(none.refusals, "deck_speed").words, HasSubstr("runs at 7.5, 15 ips"));

    const PlanCheck eq = with([](ReelPlan&, PlanDeck& deck) { deck.equalisation = tape::Equalisation::Nab; });
    EXPECT_THAT(kinds(eq.refusals), ElementsAre("deck_equalisation"));

    const PlanCheck level = with([](ReelPlan&, PlanDeck& deck) {
        deck.operating_level = {250.0, tape::CalibrationSchool::Ansi};
    });
    EXPECT_THAT(kinds(level.refusals), ElementsAre("deck_operating_level"));

    // 288 nWb/m ANSI is the flux that DIN marks 320 (AES e-library 8378).
    const PlanCheck same = with([](ReelPlan&, PlanDeck& deck) {
        deck.operating_level = {288.0, tape::CalibrationSchool::Ansi};
    });
    EXPECT_THAT(kinds(same.refusals), IsEmpty());
}

TEST_F(PlanDeckTest, ADeckThatWasAlignedLatelyIsTaken) {
    const PlanCheck check = with([](ReelPlan& plan, PlanDeck&) { plan.alignment_within_days = 1; });
    EXPECT_TRUE(check.printable());
    ASSERT_TRUE(check.alignment);
    EXPECT_EQ(check.alignment->uuid, "11111111-2222-4333-8444-555555555555");
    EXPECT_EQ(check.alignment_days, 1);
}

TEST_F(PlanDeckTest, AnAlignmentThatIsTooOldIsRefusedOverALeapDay) {
    const auto aged = [&](const char* ended, int within) {
        return with([&](ReelPlan& plan, PlanDeck& deck) {
            deck.alignments[0].ended_at = ended;
            deck.now_utc = "2024-03-01T00:00:00.000Z"; // 2024 has a 29 February
            plan.alignment_within_days = within;
        });
    };
    EXPECT_TRUE(aged("2024-02-28T00:00:00.000Z", 2).printable());
    const PlanCheck old = aged("2024-02-27T23:00:00.000Z", 2);
    EXPECT_THAT(kinds(old.refusals), ElementsAre("not_aligned"));
    EXPECT_THAT(old.refusals.at(0).words, HasSubstr("2.0 days ago, expected within 2 days"));
}

TEST_F(PlanDeckTest, WithoutAnAlignmentForThisTapeItIsRefused) {
    const PlanCheck none = with([](ReelPlan&, PlanDeck& deck) { deck.alignments.clear(); });
    EXPECT_THAT(kinds(none.refusals), ElementsAre("not_aligned"));
    EXPECT_THAT(none.refusals.at(0).words, HasSubstr("batch 7, 15 ips, IEC1"));
    EXPECT_THAT(none.refusals.at(0).words, HasSubstr("overbias align record"));
    // A reproduce chain that was set says nothing of recording.
    const PlanCheck other = with([](ReelPlan&, PlanDeck& deck) { deck.alignments[0].procedure = "reproduce"; });
    EXPECT_THAT(kinds(other.refusals), ElementsAre("not_aligned"));
    const PlanCheck quick = with([](ReelPlan&, PlanDeck& deck) { deck.alignments[0].procedure = "quick"; });
    EXPECT_THAT(kinds(quick.refusals), IsEmpty());
}

TEST_F(PlanDeckTest, TheNewestAlignmentCountsAlsoWhenItFailed) {
    const PlanCheck failed = with([](ReelPlan&, PlanDeck& deck) {
        tape::AlignmentRecord later = deck.alignments[0];
        later.ended_at = "2024-05-03T09:00:00.000Z";
        later.steps[0].reading = 0.5;
        deck.alignments.insert(deck.alignments.begin(), later);
    });
    EXPECT_THAT(kinds(failed.refusals), ElementsAre("not_aligned"));
    EXPECT_THAT(failed.refusals.at(0).words, HasSubstr("FAIL"));
}

TEST_F(PlanDeckTest, NameAndReasonLetItPassAndAreKept) {
    const PlanCheck check = with([](ReelPlan& plan, PlanDeck& deck) {
        deck.alignments.clear();
        plan.alignment_override = {.name = "Meyer", .reason = "safety copy"};
    });
    EXPECT_TRUE(check.printable());
    EXPECT_TRUE(check.alignment_overridden);
    const PlanFinding said = finding(check.warnings, "alignment_overridden");
    EXPECT_THAT(said.words, HasSubstr("Meyer: safety copy"));
    EXPECT_THAT(said.words, HasSubstr("has not been aligned"));
    // Where nothing had to be overridden nothing is said to have been.
    const PlanCheck needless =
        with([](ReelPlan& plan, PlanDeck&) { plan.alignment_override = {.name = "Meyer", .reason = "safety copy"}; });
    EXPECT_FALSE(needless.alignment_overridden);
    EXPECT_THAT(kinds(needless.warnings), IsEmpty());
}

TEST_F(PlanDeckTest, ZeroDaysAsksForNoneAndSaysSo) {
    const PlanCheck check = with([](ReelPlan& plan, PlanDeck& deck) {
        deck.alignments.clear();
        plan.alignment_within_days = 0;
    });
    EXPECT_TRUE(check.printable());
    EXPECT_THAT(kinds(check.notes), ElementsAre("alignment_not_asked_for"));
}

TEST_F(PlanDeckTest, WithoutADeckThatIsSaid) {
    PlanCheckContext context = PlanRig::context();
    context.deck.reset();
    const PlanCheck check = check_plan(PlanRig::plan({file_}), context);
    EXPECT_TRUE(check.printable());
    EXPECT_THAT(kinds(check.notes), ElementsAre("no_deck"));
}

TEST_F(PlanDeckTest, WhereAPrintCanGoOnFollowsFromTheHeads) {
    // 38.1 mm at 15 ips are 0.1 s; with 0.02 s for the place and 0.3 s: 0.42 s.
    EXPECT_NEAR(least_resumable_gap_s(0.0381, 0.02, 15.0), 0.42, 1e-9);
    EXPECT_NEAR(least_resumable_gap_s(0.0381, 0.02, 7.5), 0.52, 1e-9);
    ReelPlan plan = PlanRig::plan({file_, file_, file_});
    plan.sides[0].tracks[1].gap = TapeSpan{0.41, TapeSpan::Unit::Seconds};
    plan.sides[0].tracks[2].gap = TapeSpan{0.43, TapeSpan::Unit::Seconds};
    const PlanCheck check = check_plan(plan, PlanRig::context());
    EXPECT_TRUE(check.printable());
    EXPECT_FALSE(check.sides[0].tracks[0].resumable) << "the side is begun anew there";
    EXPECT_FALSE(check.sides[0].tracks[1].resumable);
    EXPECT_TRUE(check.sides[0].tracks[2].resumable);
    EXPECT_THAT(finding(check.warnings, "not_resumable").words,
                HasSubstr("before track 2: the gap there is 0.42 s or less"));

    plan.sides[0].tracks[2].gap = TapeSpan{0.0, TapeSpan::Unit::Seconds};
    const PlanCheck none = check_plan(plan, PlanRig::context());
    EXPECT_TRUE(none.printable()) << "music without a pause can be printed and proven";
    EXPECT_THAT(finding(none.warnings, "not_resumable").words, HasSubstr("begun anew"));

    PlanCheckContext unknown = PlanRig::context();
    unknown.deck->erase_to_record_m.reset();
    EXPECT_THAT(finding(check_plan(plan, unknown).warnings, "not_resumable").words, HasSubstr("erase_to_record_mm"));
}

} // namespace
} // namespace overbias::mastering
