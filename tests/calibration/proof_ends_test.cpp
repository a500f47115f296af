// SPDX-License-Identifier: Apache-2.0
// How a proof ends: resumed, cancelled, ended by the operator, on a deck or a tape that fails, against limits.
#include "alignment_rig.hpp"
#include "calibration/proof/proof_job.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace overbias::calibration {

using test::AlignmentRig;

namespace {

ProofSetup nothing() {
    ProofSetup setup;
    setup.tones = setup.sweep = setup.timing = setup.distortion = setup.mol = setup.noise = setup.crosstalk =
        setup.bias_residual = setup.erase = false;
    return setup;
}

tape::AlignmentRecord stored(AlignmentRig& rig) {
    return rig.history.latest(rig.context().record.key).value();
}

/// Runs until this step has been stored; false: the job ended without.
bool run_until_stored(AlignmentRig& rig, const std::string& step) {
    rig.timeline.run_until(
        [&] {
            return rig.ended() || std::any_of(rig.events.begin(), rig.events.end(), [&](const auto& event) {
                       return event.kind == "aligned" && event.detail.at("step") == step;
                   });
        },
        rig.timeline.now() + std::chrono::seconds(300));
    return !rig.ended();
}

void expect_at_rest(AlignmentRig& rig) {
    rig.timeline.run_for(std::chrono::seconds(6));
    EXPECT_FALSE(rig.deck->truth().recording);
    EXPECT_NEAR(rig.deck->truth().speed_m_s, 0.0, 1e-3);
    EXPECT_FALSE(rig.context().oscillator.playing());
}

std::map<std::string, std::string> not_measured(const AlignmentRig& rig) {
    std::map<std::string, std::string> out;
    for (const transport::JobEvent& event : rig.events) {
        if (event.kind == "not_measured") {
            out[event.detail.at("step")] = event.detail.at("reason");
        }
    }
    return out;
}

class Watcher : public OperatorPort {
  public:
    void show(const AlignmentView& view) override { views.push_back(view); }
    std::optional<OperatorWord> take() override { return std::exchange(says, std::nullopt); }
    std::vector<AlignmentView> views;
    std::optional<OperatorWord> says;
};

} // namespace

TEST(ProofEnd, GoesOnAtTheMissingStep) {
    AlignmentRig rig(deck_sim::Settings{});
    ProofSetup setup = nothing();
    setup.tones = setup.distortion = setup.erase = true;
    rig.start(make_proof_job(rig.context(), setup));
    ASSERT_TRUE(run_until_stored(rig, "proof.response.315"));
    ASSERT_TRUE(rig.runner->cancel("test"));
    expect_at_rest(rig);
    const auto begun = rig.history.unfinished(rig.context().record.key, "proof");
    ASSERT_TRUE(begun);
    EXPECT_NE(begun->step("proof.response.315", 2), nullptr);
    EXPECT_EQ(begun->step("proof.response.400", 1), nullptr);
    rig.events.clear();
    auto again = rig.context();
    again.record = *begun;
    rig.start(make_proof_job(std::move(again), setup));
    ASSERT_TRUE(run_until_stored(rig, "proof.response.20000"));
    ASSERT_TRUE(rig.runner->cancel("test")); // once more, after the last tone
    expect_at_rest(rig);
    std::vector<std::string> steps;
    for (const auto& event : rig.events) {
        if (event.kind == "aligned") {
            steps.push_back(event.detail.at("step"));
        }
    }
    ASSERT_FALSE(steps.empty());
    EXPECT_EQ(steps.front(), "proof.response.400");
    auto last = rig.context();
    last.record = rig.history.unfinished(rig.context().record.key, "proof").value();
    rig.start(make_proof_job(std::move(last), setup));
    const auto end = rig.finish();
    EXPECT_EQ(end.ending, controller::JobEnding::NotJudged) << end.reason;
    const auto record = stored(rig);
    std::set<std::pair<std::string, int>> each;
    for (const tape::AlignmentStep& step : record.steps) {
        EXPECT_TRUE(each.emplace(step.id, step.channel).second) << step.id << " twice";
    }
    EXPECT_EQ(record.steps.size(), 2 * (31 + 3 + 1));
    EXPECT_FALSE(rig.history.unfinished(rig.context().record.key, "proof"));
}

TEST(ProofEnd, LeavesTheDeckStoppedWheneverItIsCancelled) {
    ProofSetup setup = nothing();
    setup.erase = setup.sweep = setup.print_through = true; // the parts that wind and replay
    setup.print_wait_min = 0.1;
    for (int n = 0; n < 9; ++n) {
        SCOPED_TRACE(n);
        AlignmentRig rig(deck_sim::Settings{});
        rig.start(make_proof_job(rig.context(), setup));
        rig.timeline.run_for(deck_seconds(0.05 + 15.1 * n));
        ASSERT_FALSE(rig.ended());
        ASSERT_TRUE(rig.runner->cancel("test"));
        rig.timeline.run_for(std::chrono::milliseconds(400));
        EXPECT_FALSE(rig.deck->truth().recording);
        expect_at_rest(rig);
    }
}

TEST(ProofEnd, EndsByTheOperatorAndKeepsWhatThereIs) {
    AlignmentRig rig(deck_sim::Settings{});
    Watcher watcher;
    auto context = rig.context();
    context.operator_port = &watcher;
    rig.start(make_proof_job(std::move(context), ProofSetup{}));
    ASSERT_TRUE(run_until_stored(rig, "proof.response.63"));
    watcher.says = OperatorWord{OperatorSays::Abort};
    const auto end = rig.finish();
    EXPECT_EQ(end.ending, controller::JobEnding::Fail);
    EXPECT_THAT(end.reason, testing::HasSubstr("ended by the operator: response by tones"));
    expect_at_rest(rig);
    const auto begun = rig.history.unfinished(rig.context().record.key, "proof");
    ASSERT_TRUE(begun);
    EXPECT_NE(begun->step("proof.response.63", 2), nullptr);
    ASSERT_FALSE(watcher.views.empty());
    const AlignmentView& last = watcher.views.back();
    EXPECT_EQ(last.step_id, "proof.response.63");
    EXPECT_EQ(last.task, OperatorTask::Watch);
    ASSERT_EQ(last.tracks.size(), 2U);
    EXPECT_NEAR(*last.tracks[1].reading, begun->step("proof.response.63", 2)->reading, 1e-9);
}

TEST(ProofEnd, RefusesWhatDoesNotComeOffTape) {
    for (const auto& [fault, words] :
         {std::pair{"monitor_input", "monitor is on INPUT"}, std::pair{"missing_channel:channel=right", "right track"},
          std::pair{"missing_channel:channel=both", "nothing comes back"}}) {
        AlignmentRig rig(deck_sim::Settings{}, {fault});
        rig.start(make_proof_job(rig.context(), ProofSetup{}));
        const auto end = rig.finish();
        EXPECT_EQ(end.ending, controller::JobEnding::Refused) << fault;
        EXPECT_THAT(end.reason, testing::HasSubstr(words));
        expect_at_rest(rig);
    }
}

TEST(ProofEnd, SaysThatATrackHasDiedMeanwhile) {
    for (const double at_s : {12.0, 50.0, 75.0}) { // tones, distortion or MOL, crosstalk
        AlignmentRig rig(deck_sim::Settings{},
                         {"droop:db=60,channel=right,programme_s=" + std::to_string(static_cast<int>(at_s))});
        rig.deck->programme_starts(rig.timeline.now());
        ProofSetup setup;
        setup.sweep = setup.timing = setup.noise = false;
        rig.start(make_proof_job(rig.context(), setup));
        const auto end = rig.finish();
        EXPECT_EQ(end.ending, controller::JobEnding::Fault) << at_s;
        EXPECT_THAT(end.reason, testing::HasSubstr("track 2")) << at_s;
        EXPECT_THAT(end.reason, testing::HasSubstr("nothing of it comes off tape any more")) << at_s;
        expect_at_rest(rig);
    }
}

TEST(ProofEnd, SaysThatTheDeckLeftRecordAndWhatHappenedToTheTape) {
    {
        AlignmentRig rig(deck_sim::Settings{});
        rig.start(make_proof_job(rig.context(), ProofSetup{}));
        ASSERT_TRUE(run_until_stored(rig, "proof.response.100"));
        rig.deck->record_enable(false);
        const auto end = rig.finish();
        EXPECT_EQ(end.ending, controller::JobEnding::Fault);
        EXPECT_THAT(end.reason, testing::HasSubstr("record"));
        expect_at_rest(rig);
    }
    AlignmentRig rig(deck_sim::Settings{}, {"tape_break:time_s=30"});
    rig.start(make_proof_job(rig.context(), ProofSetup{}));
    const auto end = rig.finish();
    EXPECT_EQ(end.ending, controller::JobEnding::Fault);
    EXPECT_THAT(end.reason, testing::HasSubstr("tape"));
    EXPECT_FALSE(rig.deck->truth().recording);
}

/// Erase depth and print-through go back over the tape: never over what was there before the job began.
TEST(ProofEnd, RecordsOverNothingButItsOwn) {
    AlignmentRig rig(deck_sim::Settings{});
    rig.into_record();
    const auto programme = rig.taken(dsp::sine_signal(700.0, -20.0), audio::OscillatorChannels::Both, 4.0);
    ASSERT_GT(programme[0].size(), 100000U);
    rig.to_rest();
    const double begun_m = rig.deck->truth().place_at_record_head_m;
    const double cell_m = rig.deck->tape_cell_m();
    const auto cells = [&] {
        std::vector<std::int16_t> read(2 * static_cast<std::size_t>(3.0 / cell_m));
        rig.deck->read_tape(static_cast<std::int64_t>((begun_m - 3.0) / cell_m), read);
        return read;
    };
    const auto before = cells();
    ASSERT_GT(*std::max_element(before.begin(), before.end()), 100);
    ProofSetup setup = nothing();
    setup.erase = setup.print_through = true;
    setup.print_wait_min = 0.05;
    rig.start(make_proof_job(rig.context(), setup));
    const auto end = rig.finish();
    ASSERT_EQ(end.ending, controller::JobEnding::NotJudged) << end.reason;
    EXPECT_EQ(cells(), before);
    EXPECT_NEAR(stored(rig).step("proof.erase", 1)->reading, 78.0, 0.5);
    EXPECT_NEAR(rig.deck->truth().place_at_record_head_m, begun_m, 0.2) << "back to where it began";
}

TEST(ProofEnd, JudgesByTheSheetAndNotByWhatIsUnsure) {
    deck_sim::Settings settings;
    settings.crosstalk_db = -50.0;
    settings.mol_re_operating_db = 8.0;
    ProofSetup setup = nothing();
    setup.tones_hz = {100.0, 10000.0};
    setup.tones = setup.distortion = setup.crosstalk = setup.timing = true;
    setup.crosstalk_hz = {100.0, 1000.0};
    const auto proven = [&](bool unsure) {
        setup.limits.response = {{50.0, 15000.0, {.value = 0.01, .source = "page 1", .unsure = unsure}}};
        setup.limits.crosstalk_db = tape::Figure{.value = 60.0, .source = "page 2", .unsure = unsure};
        setup.limits.third_harmonic_percent = tape::Figure{.value = 0.05, .source = "page 3", .unsure = unsure};
        setup.limits.timing_us = tape::Figure{.value = 0.001, .source = "page 4", .unsure = unsure};
        AlignmentRig rig(settings);
        rig.start(make_proof_job(rig.context(), setup));
        const auto end = rig.finish();
        return std::pair{end, stored(rig)};
    };
    const auto [sure, by_sure] = proven(false);
    EXPECT_EQ(sure.ending, controller::JobEnding::Fail);
    EXPECT_THAT(sure.reason, testing::HasSubstr("crosstalk, 1 kHz of track 1 reads"));
    EXPECT_THAT(sure.reason, testing::HasSubstr("expected at least 60.00"));
    EXPECT_THAT(sure.reason, testing::HasSubstr("third harmonic of track 2"));
    EXPECT_THAT(sure.reason, testing::HasSubstr("expected at most 0.05"));
    EXPECT_THAT(sure.reason, testing::HasSubstr("timing between the tracks: the right track comes "));
    EXPECT_THAT(sure.reason, testing::HasSubstr(", expected within 0.00 us"));
    EXPECT_THAT(sure.reason, testing::HasSubstr("response, 100 Hz of track 1"));
    EXPECT_THAT(sure.reason, testing::Not(testing::HasSubstr("crosstalk, 100 Hz")));
    EXPECT_THAT(by_sure.step("proof.crosstalk.1000", 1)->remark, testing::HasSubstr("page 2"));
    const auto [unsure, by_unsure] = proven(true);
    EXPECT_EQ(unsure.ending, controller::JobEnding::NotJudged) << unsure.reason;
    EXPECT_EQ(by_unsure.step("proof.crosstalk.1000", 1)->target, 60.0);
    EXPECT_FALSE(by_unsure.step("proof.crosstalk.1000", 1)->tolerance);
    EXPECT_THAT(by_unsure.step("proof.crosstalk.1000", 1)->remark, testing::HasSubstr("unsure"));
}

TEST(ProofEnd, TellsABoundAsABoundAndWhatCouldNotBeMeasured) {
    deck_sim::Settings settings;
    settings.crosstalk_db = -110.0;
    settings.erase_depth_db = -115.0;
    settings.mol_re_operating_db = 20.0;
    settings.play_dbfs_at_operating_level = settings.capture_dbfs_at_operating_level = -10.0;
    ProofSetup setup = nothing();
    setup.crosstalk = setup.erase = setup.mol = setup.bias_residual = true;
    setup.crosstalk_hz = {1000.0};
    setup.limits.crosstalk_db = tape::Figure{.value = 105.0, .source = "page 2"};
    setup.limits.erase_depth_db = tape::Figure{.value = 60.0, .source = "page 3"};
    AlignmentRig rig(settings);
    rig.start(make_proof_job(rig.context(), setup));
    const auto end = rig.finish();
    EXPECT_EQ(end.ending, controller::JobEnding::Pass) << end.reason;
    const auto record = stored(rig);
    const auto* crosstalk = record.step("proof.crosstalk.1000", 1);
    ASSERT_NE(crosstalk, nullptr);
    EXPECT_THAT(crosstalk->remark, testing::HasSubstr("better than"));
    EXPECT_LT(crosstalk->reading, 105.0);
    EXPECT_EQ(crosstalk->within(), std::nullopt) << "noise hides whether it is kept";
    const auto* erase = record.step("proof.erase", 2);
    ASSERT_NE(erase, nullptr);
    EXPECT_THAT(erase->remark, testing::HasSubstr("better than"));
    EXPECT_EQ(erase->within(), true) << "more than was asked for in any case";
    ASSERT_NE(record.step("proof.mol", 1), nullptr);
    EXPECT_THAT(record.step("proof.mol", 1)->remark, testing::HasSubstr("more than this"));
    const auto told = not_measured(rig);
    EXPECT_THAT(told.at("proof.crosstalk.1000"), testing::HasSubstr("noise hides"));
    EXPECT_THAT(told.at("proof.bias_residual"), testing::HasSubstr("names no bias frequency"));
}

TEST(ProofEnd, RefusesASetupThatCanNotBe) {
    AlignmentRig rig(deck_sim::Settings{});
    const auto why = [&](const std::function<void(ProofSetup&)>& change) -> std::string {
        ProofSetup setup;
        change(setup);
        try {
            (void)make_proof_job(rig.context(), setup);
        } catch (const std::invalid_argument& wrong) {
            return wrong.what();
        }
        return "";
    };
    EXPECT_EQ(why([](ProofSetup&) {}), "");
    EXPECT_THAT(why([](ProofSetup& setup) { setup = nothing(); }), testing::HasSubstr("nothing is to be measured"));
    EXPECT_THAT(why([](ProofSetup& setup) { setup.response_level_db = 20.0; }), testing::HasSubstr("14.0"));
    EXPECT_THAT(why([](ProofSetup& setup) { setup.noise_s = 0.1; }), testing::HasSubstr("noise"));
    EXPECT_THAT(why([](ProofSetup& setup) { setup.distortion_hz = 9000.0; }), testing::HasSubstr("third harmonic"));
    EXPECT_THAT(why([](ProofSetup& setup) { setup.bias_hz = 150.0; }), testing::HasSubstr("20 to 1000 kHz"));
    EXPECT_THAT(why([](ProofSetup& setup) { setup.crosstalk_hz.clear(); }), testing::HasSubstr("crosstalk"));
    EXPECT_THAT(why([](ProofSetup& setup) { setup.tones_hz = {0.0}; }), testing::HasSubstr("response"));
}

/// On a real deck they are; here somebody does them when he likes, or long after the job has gone.
TEST(ProofEnd, WaitsForCalculationsThatAreDoneElsewhere) {
    ProofSetup setup = nothing();
    setup.sweep = setup.noise = true;
    setup.noise_s = 2.0;
    const auto with = [&](AlignmentRig& rig, std::vector<std::function<void()>>& waiting) {
        auto context = rig.context();
        context.run_elsewhere = [&waiting](std::function<void()> work) { waiting.push_back(std::move(work)); };
        rig.start(make_proof_job(std::move(context), setup));
    };
    std::vector<std::function<void()>> waiting, left;
    {
        AlignmentRig rig(deck_sim::Settings{});
        with(rig, waiting);
        rig.timeline.run_for(std::chrono::seconds(40));
        ASSERT_EQ(waiting.size(), 1U);
        EXPECT_FALSE(rig.ended());
        EXPECT_TRUE(rig.deck->truth().recording);
        std::exchange(waiting, {}).front()();
        rig.timeline.run_for(std::chrono::seconds(5));
        ASSERT_EQ(waiting.size(), 1U);
        EXPECT_NE(rig.history.unfinished(rig.context().record.key, "proof")->step("proof.response.sweep.101", 1),
                  nullptr);
        std::exchange(waiting, {}).front()();
        const auto end = rig.finish();
        EXPECT_EQ(end.ending, controller::JobEnding::NotJudged) << end.reason;
    }
    {
        AlignmentRig rig(deck_sim::Settings{});
        with(rig, left);
        rig.timeline.run_for(std::chrono::seconds(40));
        ASSERT_TRUE(rig.runner->cancel("test"));
    }
    ASSERT_EQ(left.size(), 1U);
    left.front()(); // touches nothing that has gone
}

} // namespace overbias::calibration
