// SPDX-License-Identifier: Apache-2.0
// What can't be printed, or can't be proven, whatever its files are: each is refused with words that say what to do,
// and what is just within its bounds is not.
#include "plan_rig.hpp"

#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::mastering {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kinds;
using testing::PlanRig;

class PlanRefusals : public ::testing::Test {
  protected:
    PlanCheck changed(const std::function<void(ReelPlan&)>& change) {
        ReelPlan plan = PlanRig::plan({file_, file_});
        change(plan);
        return check_plan(plan, PlanRig::context());
    }
    void refuses(const char* kind, const char* words, const std::function<void(ReelPlan&)>& change) {
        const PlanCheck check = changed(change);
        EXPECT_THAT(kinds(check.refusals), ElementsAre(kind));
        if (!check.refusals.empty()) {
            EXPECT_THAT(check.refusals.at(0).words, HasSubstr(words));
        }
    }
    void passes(const std::function<void(ReelPlan&)>& change) {
        EXPECT_THAT(kinds(changed(change).refusals), IsEmpty());
    }

    PlanRig rig_;
    std::string file_ = rig_.file("a.wav", 1.0, {{.to_s = 1.0}});
};

TEST_F(PlanRefusals, ASlateThatCanNotBeFound) {
    refuses("slate_not_usable", "10000 Hz", [](ReelPlan& p) { p.slate.tones[0].frequency_hz = 10000.0; });
    refuses("slate_not_usable", "100 Hz", [](ReelPlan& p) { p.slate.tones[0].frequency_hz = 100.0; });
    passes([](ReelPlan& p) { p.slate.tones[0].frequency_hz = 400.0; });
    refuses("slate_not_usable", "1.9 s", [](ReelPlan& p) { p.slate.tones[0].duration_s = 1.9; });
    passes([](ReelPlan& p) { p.slate.tones[0].duration_s = 2.0; });
    refuses("slate_not_usable", "-30.0 dB", [](ReelPlan& p) { p.slate.tones[0].level_re_operating_db = -30.0; });
    passes([](ReelPlan& p) { p.slate.tones[0].level_re_operating_db = -20.0; });
    refuses("slate_not_usable", "without a tone", [](ReelPlan& p) { p.slate.tones.clear(); });
}

TEST_F(PlanRefusals, TonesThatTheConverterCanNotGive) {
    // Operating level is -12 dBFS: there is room for 12 dB.
    refuses("tone_over_full_scale", "12.00 dB or less",
            [](ReelPlan& p) { p.slate.tones[0].level_re_operating_db = 12.5; });
    passes([](ReelPlan& p) { p.slate.tones[0].level_re_operating_db = 12.0; });
    refuses("tone_not_playable", "21600 Hz",
            [](ReelPlan& p) { p.slate.tones.push_back({.frequency_hz = 22000.0, .duration_s = 1.0}); });
    passes([](ReelPlan& p) { p.slate.tones.push_back({.frequency_hz = 16000.0, .duration_s = 1.0}); });
}

TEST_F(PlanRefusals, GapsThatProveNothing) {
    refuses("gap_not_usable", "noise", [](ReelPlan& p) {
        p.sides[0].tracks[0].gap = TapeSpan{0.5, TapeSpan::Unit::Seconds};
    });
    // Before the second track nothing has to be heard.
    passes([](ReelPlan& p) { p.sides[0].tracks[1].gap = TapeSpan{0.0, TapeSpan::Unit::Seconds}; });
    // 1 ft passes in 0.8 s at 15 ips.
    refuses("gap_not_usable", "0.8 s", [](ReelPlan& p) {
        p.sides[0].tracks[0].gap = TapeSpan{1.0, TapeSpan::Unit::Feet};
    });
    refuses("gap_not_usable", "between tones", [](ReelPlan& p) {
        p.slate.tones.push_back({.frequency_hz = 10000.0, .duration_s = 1.0});
        p.slate.tone_gap = {0.5, TapeSpan::Unit::Seconds};
    });
    refuses("lead_in_not_usable", "0.5 to 60 s", [](ReelPlan& p) { p.slate.lead_in_s = 0.1; });
    refuses("post_roll_not_usable", "reproduce head", [](ReelPlan& p) { p.post_roll_s = 0.5; });
}

TEST_F(PlanRefusals, TrimsBeyondReason) {
    refuses("trim_not_usable", "-61.00 dB", [](ReelPlan& p) { p.sides[0].tracks[0].trim_db = -61.0; });
}

TEST_F(PlanRefusals, NothingToPrint) {
    refuses("nothing_to_print", "no side", [](ReelPlan& p) { p.sides.clear(); });
    refuses("nothing_to_print", "no file", [](ReelPlan& p) { p.sides[0].tracks.clear(); });
}

TEST_F(PlanRefusals, AStockWithoutAProfile) {
    ReelPlan plan = PlanRig::plan({file_});
    PlanCheckContext context = PlanRig::context();
    context.stock.reset();
    context.stock_error = "no tape \"test-tape\"; there are: generic-2500ft";
    const PlanCheck check = check_plan(plan, context);
    EXPECT_THAT(kinds(check.refusals), ElementsAre("stock_unknown"));
    EXPECT_THAT(check.refusals.at(0).words, HasSubstr("generic-2500ft"));
}

TEST_F(PlanRefusals, ASideIsNotBegunOnItsLeaderOrOnTheSideBefore) {
    // Leader: 5 s, 1.905 m; lead-in 1 s, 0.381 m.
    refuses("start_on_leader", "1.91 m", [](ReelPlan& p) { p.sides[0].start_m = 2.0; });
    passes([](ReelPlan& p) { p.sides[0].start_m = 2.4; });
    const auto second = [](double start_m) {
        return [start_m](ReelPlan& p) {
            PlanSide side = p.sides[0];
            side.name = "B";
            side.new_tape = false;
            side.start_m = start_m;
            p.sides.push_back(side);
        };
    };
    // Side A: 5 s leader, then 1 + 10 + 3 + 1 + 3 + 1 + 2 = 21 s: it ends at 26 s, 9.906 m.
    refuses("sides_overlap", "9.91 m", second(10.0));
    passes(second(10.5));
}

TEST_F(PlanRefusals, AllIsToldAtOnce) {
    const PlanCheck check = changed([](ReelPlan& p) {
        p.slate.tones[0].frequency_hz = 50.0;
        p.slate.lead_in_s = 0.0;
        p.sides[0].tracks[1].file = "/nowhere/b.wav";
    });
    EXPECT_THAT(kinds(check.refusals), ElementsAre("slate_not_usable", "lead_in_not_usable", "file_missing"));
}

} // namespace
} // namespace overbias::mastering
