// SPDX-License-Identifier: Apache-2.0
// A side laid out: sections in exact frames.
#include "mastering/print_plan.hpp"
#include "plan_rig.hpp"

#include <cstdint>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::mastering {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::PlanRig;
using Kind = ProgrammeSection::Kind;

class SideLayout : public ::testing::Test {
  protected:
    PrintPlan lay_out(const ReelPlan& plan, const SideStart& start = {.timing_seed = 5}) {
        PrintInstallation installation;
        auto laid_out = lay_out_side(plan, 0, installation, start);
        EXPECT_TRUE(laid_out) << (laid_out ? "" : laid_out.error().message);
        return laid_out ? std::move(laid_out).value() : PrintPlan{};
    }
    static std::vector<Kind> kinds(const PrintPlan& plan) {
        std::vector<Kind> all;
        for (const ProgrammeSection& each : plan.sections) {
            all.push_back(each.kind);
        }
        return all;
    }
    PlanRig rig_;
};

TEST_F(SideLayout, TonesVoiceGapsAndTracksFollowEachOtherToTheFrame) {
    ReelPlan plan = PlanRig::plan({rig_.file("a.wav", 2.0), rig_.file("b.wav", 0.5)});
    plan.slate.lead_in_s = 1.5;
    plan.slate.tones = {{1000.0, 10.0, 0.0, false}, {10000.0, 4.0, -10.0, true}, {100.0, 4.0, 0.0, false}};
    plan.slate.tone_gap = {1.0, TapeSpan::Unit::Feet}; // 0.8 s at 15 ips ...
    plan.slate.tone_gap.value = 1.5;                   // ... so this is 1.2 s
    plan.slate.voice = rig_.file("voice.wav", 3.0);
    plan.gap = {6.0, TapeSpan::Unit::Feet};                                // 4.8 s
    plan.sides[0].tracks[1].gap = TapeSpan{0.381, TapeSpan::Unit::Metres}; // 1 s
    plan.post_roll_s = 2.25;
    const PrintPlan side = lay_out(plan);
    EXPECT_THAT(kinds(side),
                ElementsAre(Kind::LeadIn, Kind::Slate, Kind::Gap, Kind::Tone, Kind::Gap, Kind::Tone, Kind::Gap,
                            Kind::Voice, Kind::Gap, Kind::Track, Kind::Gap, Kind::Track, Kind::PostRoll));
    std::int64_t at = 0;
    std::vector<std::int64_t> lengths;
    for (const ProgrammeSection& each : side.sections) {
        EXPECT_EQ(each.first_frame, at);
        at += each.frames;
        lengths.push_back(each.frames);
    }
    EXPECT_EQ(side.frames, at);
    const std::int64_t rate = 48000;
    // The print's own timing is in the lead-in and in the gap before the first track, and in no other section.
    EXPECT_GT(lengths[0], rate * 3 / 2);
    EXPECT_LE(lengths[0], rate * 3 / 2 + rate / 4);
    EXPECT_GT(lengths[8], rate * 48 / 10);
    EXPECT_LE(lengths[8], rate * 48 / 10 + rate / 4);
    const double own = static_cast<double>(lengths[0] - rate * 3 / 2 + lengths[8] - rate * 48 / 10) / 48000.0;
    EXPECT_NEAR(side.own_timing_s, own, 2.0 / 48000.0);
    lengths[0] = lengths[8] = 0;
    EXPECT_THAT(lengths, ElementsAre(0, rate * 10, rate * 12 / 10, rate * 4, rate * 12 / 10, rate * 4, rate * 12 / 10,
                                     rate * 3, 0, rate * 2, rate, rate / 2, rate * 9 / 4));
    EXPECT_EQ(side.sections[3].index, 1);
    EXPECT_EQ(side.sections[11].index, 1);
    EXPECT_EQ(side.sections[10].index, 1) << "the gap knows the track that follows";
    EXPECT_EQ(side.sections[2].index, -1);
    EXPECT_TRUE(side.sections[2].silent());
    EXPECT_FALSE(side.sections[7].silent());
}

TEST_F(SideLayout, EveryPrintHasATimingOfItsOwnAndASeedRepeatsIt) {
    const ReelPlan plan = PlanRig::plan({rig_.file("a.wav", 1.0)});
    EXPECT_EQ(lay_out(plan, {.timing_seed = 5}).frames, lay_out(plan, {.timing_seed = 5}).frames);
    EXPECT_NE(lay_out(plan, {.timing_seed = 5}).frames, lay_out(plan, {.timing_seed = 6}).frames);
    EXPECT_NE(lay_out(plan, {}).frames, lay_out(plan, {}).frames);
}

TEST_F(SideLayout, APrintThatGoesOnBeginsInTheGapBeforeItsTrack) {
    ReelPlan plan = PlanRig::plan({rig_.file("a.wav", 1.0), rig_.file("b.wav", 2.0), rig_.file("c.wav", 3.0)});
    plan.sides[0].tracks[1].trim_db = -2.0;
    plan.sides[0].tracks[2].trim_db = -3.0;
    const PrintPlan side = lay_out(plan, {.timing_seed = 5, .first_track = 1, .gap_s = 1.25});
    EXPECT_THAT(kinds(side), ElementsAre(Kind::Gap, Kind::Track, Kind::Gap, Kind::Track, Kind::PostRoll));
    EXPECT_EQ(side.sections[0].frames, 60000);
    EXPECT_EQ(side.first_track, 1U);
    EXPECT_TRUE(side.tones.empty());
    EXPECT_EQ(side.own_timing_s, 0.0);
    EXPECT_THAT(side.trims_db, ElementsAre(-2.0, -3.0));
    EXPECT_EQ(side.files.at(0).path.filename(), "b.wav");
    PrintInstallation installation;
    EXPECT_FALSE(lay_out_side(plan, 0, installation, {.first_track = 3}));
}

TEST_F(SideLayout, AListOfFilesIsAPlanOfOneSide) {
    PrintRequest request;
    request.files = {rig_.file("a.wav", 1.0), rig_.file("b.wav", 1.0)};
    request.timing_seed = 9;
    request.gap_s = 2.5;
    request.trim_db = -1.5;
    request.start_m = 12.0;
    request.stop_on_bias_failure = true;
    const auto plan = make_print_plan(request, {});
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_THAT(kinds(*plan),
                ElementsAre(Kind::LeadIn, Kind::Slate, Kind::Gap, Kind::Track, Kind::Gap, Kind::Track, Kind::PostRoll));
    EXPECT_EQ(plan->sections[4].frames, 120000);
    EXPECT_THAT(plan->trims_db, ElementsAre(-1.5, -1.5));
    EXPECT_EQ(plan->request.start_m, 12.0);
    EXPECT_TRUE(plan->request.stop_on_bias_failure);
    request.files.clear();
    EXPECT_THAT(make_print_plan(request, {}).error().message, HasSubstr("no file was given"));
}

TEST_F(SideLayout, ASideThatIsLongerThanTheTapeIsRefused) {
    PrintRequest request;
    request.files = {rig_.file("a.wav", 10.0)};
    request.slate.duration_s = 10.0;
    // Lead-in 1, slate 10, gap 3, file 10, post-roll 2: 26 s at 15 ips are 9.906 m, and 5 m are kept free.
    PrintInstallation installation;
    installation.tape_length_m = 14.92;
    EXPECT_TRUE(make_print_plan(request, installation));
    installation.tape_length_m = 14.88;
    const auto refused = make_print_plan(request, installation);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("the print needs 0:26 (9.9 m at 15.00 ips)"));
}

} // namespace
} // namespace overbias::mastering
