// SPDX-License-Identifier: Apache-2.0
// The tape tells where it is: a print is made, the daemon is started anew (machine and counter are made again, the deck
// and its tape stay), the tape has been moved meanwhile, and the programme heard off tape gives the place back. What is
// right is taken from the deck's own truth: what the counter read when the same place of the tape was printed.
#include "print_rig.hpp"
#include "written_programme.hpp"

#include "controller/position_match.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numbers>
#include <vector>

namespace overbias::test {

namespace {

using controller::PositionMatch;
using mastering::KnownProgramme;
using testing::HasSubstr;
using transport::Motion;
using transport::PositionKnowledge;

constexpr double kPlay_m_s = 15.0 * 0.0254;
constexpr double kTenMilliseconds_m = 0.010 * kPlay_m_s;

class MatchRig {
  public:
    explicit MatchRig(const std::string& file, deck_sim::Settings settings = {}, std::vector<std::string> faults = {})
        : rig_({.faults = std::move(faults), .settings = settings}) {
        settings_ = settings;
        rig_.start(PrintRig::quick_request({file}));
        while (!rig_.ended()) {
            rig_.timeline.run_for(std::chrono::milliseconds(50));
            if (state().current == Motion::Recording) {
                printed_.push_back({rig_.deck->truth().place_at_record_head_m, state().position_m});
            }
        }
        const PrintEnd end = rig_.finish();
        EXPECT_NE(end.end.report, "") << end.end.reason;
        programme_ = mastering::programme_of_report(end.end.report).value();
        listen();
    }
    ~MatchRig() { tick_.reset(); }

    PrintRig& rig() { return rig_; }
    const transport::MachineState& state() { return rig_.transport->state(); }
    PositionMatch& match() { return *match_; }
    [[nodiscard]] const KnownProgramme& programme() const { return programme_; }

    void settle(Motion motion) {
        ASSERT_TRUE(rig_.timeline.run_until([&] { return state().current == motion; },
                                            rig_.timeline.now() + std::chrono::seconds(200)))
            << name_of(state().current) << " " << state().fault;
    }
    void locate(double to_m) {
        ASSERT_FALSE(rig_.transport->locate(to_m).denied());
        rig_.timeline.run_for(std::chrono::milliseconds(20));
        settle(Motion::Stopped);
    }
    /// The machine ends, the tape is moved by hand, the machine begins with what was kept of the place.
    void restart(double moved_m) {
        const double kept_m = state().position_m;
        match_.reset();
        rig_.transport.reset();
        rig_.timeline.run_for(std::chrono::seconds(1));
        if (moved_m != 0.0) {
            rig_.deck->hands(std::copysign(0.2, moved_m));
            rig_.timeline.run_for(deck_seconds(std::abs(moved_m) / 0.2));
            rig_.deck->hands({});
            rig_.timeline.run_for(std::chrono::seconds(3));
        }
        transport::TransportConfig config;
        config.tape_length_m = settings_.tape_length_m - settings_.start_place_m;
        config.last_position_m = kept_m;
        config.last_uncertainty_m = 0.01;
        rig_.transport = std::make_unique<transport::Transport>(rig_.timeline, *rig_.driver, *rig_.adjust, config);
        settle(Motion::Stopped);
        EXPECT_EQ(state().position_knowledge, PositionKnowledge::Doubtful);
        EXPECT_TRUE(rig_.transport->locate(5.0).denied());
        listen();
    }
    void play() {
        ASSERT_FALSE(rig_.transport->play().denied());
        settle(Motion::Playing);
    }
    Result<PositionMatch::Corrected> ask(const PositionMatch::Request& request) {
        std::optional<Result<PositionMatch::Corrected>> answer;
        match_->begin(request, [&](const Result<PositionMatch::Corrected>& result) { answer = result; });
        pass(60.0, [&] { return answer.has_value(); });
        return answer ? *answer : Result<PositionMatch::Corrected>(Error{"no answer within a minute"});
    }
    Result<PositionMatch::Corrected> ask_for(const KnownProgramme& programme, bool force = false) {
        return ask({.programme = [programme] { return Result<KnownProgramme>(programme); },
                    .heard = false,
                    .within_s = {},
                    .force = force});
    }
    /// Deck time passes until it is done, and waits for the worker, which computes in the host's.
    void pass(double limit_s, const std::function<bool()>& done) {
        for (int step = 0; step < static_cast<int>(limit_s * 50.0) && !done(); ++step) {
            rig_.timeline.run_for(std::chrono::milliseconds(20));
            std::atomic<bool> idle = false;
            worker_.post([&idle] {
                idle = true;
                idle.notify_one();
            });
            idle.wait(false);
        }
    }
    /// The counter now less what it read when this place of the tape was at the record head before, metres.
    double error_m() {
        const double place_m = rig_.deck->truth().place_at_record_head_m;
        const auto above = std::ranges::lower_bound(printed_, place_m, {}, &std::pair<double, double>::first);
        EXPECT_TRUE(above != printed_.begin() && above != printed_.end()) << "not inside what was printed";
        const auto below = above - 1;
        const double part = (place_m - below->first) / (above->first - below->first);
        return state().position_m - (below->second + part * (above->second - below->second));
    }

  private:
    void listen() {
        match_ = std::make_unique<PositionMatch>(PositionMatch::Parts{
            .timeline = rig_.timeline,
            .transport = *rig_.transport,
            .worker = worker_,
            .return_rate_hz = settings_.capture_rate_hz(),
            .return_clock = [this] { return rig_.engine->return_timestamp(); },
            // what a profile says, not the deck's truth, and the converters as a loop measures them
            .heard_later_m = [this] { return 0.0350 + kPlay_m_s * 61.37 / settings_.sample_rate_hz; }});
        tick_ = std::make_unique<PeriodicTimer>(rig_.timeline, std::chrono::milliseconds(10), [this] {
            if (!match_) {
                return;
            }
            match_->tick();
            for (auto block = rig_.tape_return().read(frames_); block.frames > 0;
                 block = rig_.tape_return().read(frames_)) {
                match_->heard(block.first_frame, std::span<const std::int32_t>(frames_).first(2 * block.frames));
            }
        });
    }

    deck_sim::Settings settings_;
    controller::Worker worker_;
    PrintRig rig_;
    KnownProgramme programme_;
    std::vector<std::pair<double, double>> printed_; ///< place at the record head, counter
    std::vector<std::int32_t> frames_ = std::vector<std::int32_t>(9600);
    std::unique_ptr<PositionMatch> match_;
    std::unique_ptr<PeriodicTimer> tick_;
};

std::string tone_file() {
    std::vector<float> samples(48000 * 2 * 30);
    for (std::size_t n = 0; n < samples.size() / 2; ++n) {
        samples[2 * n] = samples[2 * n + 1] =
            static_cast<float>(0.1 * std::sin(2.0 * std::numbers::pi * 1000.0 * static_cast<double>(n) / 48000.0));
    }
    return write_programme("tone", samples);
}

} // namespace

TEST(PositionMatch, AfterARestartTheProgrammeTellsWhereTheTapeIs) {
    MatchRig rig(demo_file(40));
    rig.locate(9.0);
    rig.restart(1.5);
    rig.play();
    EXPECT_GT(std::abs(rig.error_m()), 1.0) << "nobody counted while the tape was moved";
    const auto corrected = rig.ask_for(rig.programme());
    ASSERT_TRUE(corrected) << corrected.error().message;
    EXPECT_EQ(rig.state().position_knowledge, PositionKnowledge::Known);
    EXPECT_NEAR(corrected->tape_m - corrected->old_tape_m, 1.5, 0.3) << corrected->text;
    for (int step = 0; step < 20; ++step) {
        rig.rig().timeline.run_for(std::chrono::milliseconds(37));
        EXPECT_LT(std::abs(rig.error_m()), kTenMilliseconds_m);
    }
    std::printf("place off by %.2f ms of tape after the match; correlation %.3f, next best %.2f of it\n",
                1e3 * rig.error_m() / kPlay_m_s, corrected->match.correlation, corrected->match.runner_up);
    ASSERT_FALSE(rig.rig().transport->stop().denied());
    rig.settle(Motion::Stopped);
    rig.locate(12.0);
    EXPECT_LT(std::abs(rig.error_m()), kTenMilliseconds_m + 0.01) << "the roller slips in wind";
}

TEST(PositionMatch, WhereTheRollerSlippedAndNobodyKnewAPersonHasToInsist) {
    // from 70 s on, when the print has been made, the roller misses every tenth metre
    MatchRig rig(demo_file(40), {}, {"slipping_roller:time_s=70,percent=10"});
    rig.locate(5.0);
    (void)rig.rig().timeline.run_until([] { return false; }, DeckTime(std::chrono::seconds(75)));
    rig.locate(11.0);
    rig.play();
    const double off_m = rig.error_m();
    EXPECT_GT(std::abs(off_m), 0.5);
    EXPECT_EQ(rig.state().position_knowledge, PositionKnowledge::Known) << "the counter has no idea";
    const auto refused = rig.ask_for(rig.programme());
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("times what both may be off"));
    EXPECT_NEAR(rig.error_m(), off_m, 0.5) << "nothing was changed";
    const auto forced = rig.ask_for(rig.programme(), true);
    ASSERT_TRUE(forced) << forced.error().message;
    // the match is of 3 s before its end and later, and the roller slips on: 10 % of the time since
    EXPECT_LT(std::abs(rig.error_m()), 0.1 * kPlay_m_s * 8.0 + kTenMilliseconds_m);
}

TEST(PositionMatch, AnotherProgrammeOrToneOrSilenceChangesNothing) {
    MatchRig rig(demo_file(40));
    rig.locate(9.0);
    rig.restart(0.0);
    rig.play();
    const auto before = [&] { return rig.state().position_knowledge == PositionKnowledge::Doubtful; };

    KnownProgramme other = rig.programme();
    std::vector<float> noise(48000 * 2 * 40);
    std::uint32_t draw = 7;
    for (float& sample : noise) {
        draw = draw * 1664525U + 1013904223U;
        sample = (static_cast<float>(draw >> 8) / 8388608.0F - 1.0F) * 0.1F;
    }
    other.tracks[0].file = write_programme("noise", noise);
    const auto unlike = rig.ask_for(other);
    ASSERT_FALSE(unlike);
    EXPECT_THAT(unlike.error().message, HasSubstr("like no place of it"));
    EXPECT_TRUE(before());

    other.tracks[0].file = "/nowhere/gone.wav";
    const auto gone = rig.ask_for(other);
    ASSERT_FALSE(gone);
    EXPECT_THAT(gone.error().message, HasSubstr("/nowhere/gone.wav"));

    ASSERT_FALSE(rig.rig().transport->stop().denied());
    rig.settle(Motion::Stopped);
    const auto still = rig.ask_for(rig.programme());
    ASSERT_FALSE(still);
    EXPECT_THAT(still.error().message, HasSubstr("must be playing"));

    // behind the print's end there is nothing on the tape
    rig.rig().transport->preset_counter(rig.programme().ends_m() + 10.0);
    rig.rig().transport->fast_forward();
    rig.rig().timeline.run_for(std::chrono::seconds(12));
    ASSERT_FALSE(rig.rig().transport->stop().denied());
    rig.settle(Motion::Stopped);
    rig.rig().transport->preset_counter(rig.programme().ends_m() - 5.0);
    rig.play();
    const auto silent = rig.ask_for(rig.programme(), true);
    ASSERT_FALSE(silent);
    EXPECT_THAT(silent.error().message, HasSubstr("audible"));
}

TEST(PositionMatch, AToneHasNoPlace) {
    MatchRig rig(tone_file());
    rig.locate(6.0);
    rig.restart(0.0);
    rig.play();
    const auto refused = rig.ask_for(rig.programme());
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("fits more than one place"));
    EXPECT_EQ(rig.state().position_knowledge, PositionKnowledge::Doubtful);
}

TEST(PositionMatch, AFileAtAPlaceIsFoundAtAnotherCaptureRate) {
    deck_sim::Settings settings;
    settings.capture_sample_rate_hz = 96000.0;
    MatchRig rig(demo_file(40), settings);
    // where the file's first frame is heard: as the operator has heard it, so head distance and converters are in it
    KnownProgramme known = rig.programme();
    const double heard_at_m = known.begins_m() + 0.0350 + kPlay_m_s * 61.37 / 48000.0;
    rig.locate(9.0);
    rig.restart(-0.8);
    rig.play();
    const auto corrected =
        rig.ask({.programme = [file = demo_file(40),
                               heard_at_m] { return mastering::programme_of_file(file, heard_at_m, 15.0); },
                 .heard = true,
                 .within_s = 5.0,
                 .force = false});
    ASSERT_TRUE(corrected) << corrected.error().message;
    // the file's places are taken at nominal speed; the deck's speed is 0.04 % off over 15 s
    EXPECT_LT(std::abs(rig.error_m()), kTenMilliseconds_m);
}

TEST(PositionMatch, ADoubtfulPlaceIsCorrectedUnaskedOnATapeThatWasPrintedInThisRun) {
    MatchRig rig(demo_file(40));
    rig.locate(9.0);
    rig.restart(0.5);
    int corrections = 0;
    rig.match().on_unasked([&](const Result<PositionMatch::Corrected>& result) {
        corrections += result ? 1 : 0;
        EXPECT_TRUE(!result || result->unasked);
    });
    rig.play();
    rig.pass(8.0, [&] { return corrections > 0; });
    EXPECT_EQ(corrections, 0) << "this run has printed nothing, so it may be any tape";
    rig.match().printed(rig.programme());
    rig.pass(25.0, [&] { return corrections > 0; });
    EXPECT_EQ(corrections, 1);
    EXPECT_EQ(rig.state().position_knowledge, PositionKnowledge::Known);
    EXPECT_LT(std::abs(rig.error_m()), kTenMilliseconds_m);
}

TEST(PositionMatch, ACommandOfTheOperatorEndsIt) {
    MatchRig rig(demo_file(40));
    rig.locate(9.0);
    rig.play();
    std::string answer;
    rig.match().begin({.programme = [known = rig.programme()] { return Result<KnownProgramme>(known); },
                       .heard = false,
                       .within_s = {},
                       .force = false},
                      [&](const Result<PositionMatch::Corrected>& result) {
                          answer = result ? "corrected" : result.error().message;
                      });
    rig.rig().timeline.run_for(std::chrono::seconds(1));
    rig.match().let_go("ended by zero_counter");
    EXPECT_EQ(answer, "ended by zero_counter");
    answer.clear();
    rig.rig().timeline.run_for(std::chrono::seconds(10));
    EXPECT_EQ(answer, "") << "it answers once";
}

} // namespace overbias::test
