// SPDX-License-Identifier: Apache-2.0
// Converters and lines, on the simulated card. Its deck held on INPUT is the cable in place of the deck; the person's
// voltmeter knows what the test has made the converters' full scale.
#include "alignment_rig.hpp"
#include "calibration/lines/lines_job.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace overbias::calibration {

using test::AlignmentRig;
using testing::HasSubstr;

namespace {

constexpr double kZeroDbu_v = 0.774597; // rms, measurements in 600 ohm

/// What the converters are, which the operator's voltmeter shows.
struct Bench {
    double play_full_scale_dbu = 18.0;
    double capture_full_scale_dbu = 18.0;
    double sent_dbfs = -14.0;
    double right_db = 0.0; ///< of the playback's right channel over its left: as the voltmeter shows it

    [[nodiscard]] double line_dbu(bool right) const {
        return play_full_scale_dbu + sent_dbfs + (right ? right_db : 0.0);
    }
};

double volts(double dbu) {
    return kZeroDbu_v * std::pow(10.0, dbu / 20.0);
}

/// Answers each question by a plan: what the test has put in front first, then what is right.
class MeterReader : public OperatorPort {
  public:
    MeterReader(AlignmentRig& rig, const Bench& bench, LineUnit unit) : rig_(rig), bench_(bench), unit_(unit) {}

    void show(const AlignmentView& view) override {
        const std::string asked = view.step_id + (view.task == OperatorTask::Enter ? " enter" : " confirm");
        if (!view.note.empty() && (notes.empty() || notes.back() != view.note)) {
            notes.push_back(view.note);
        }
        if (says_) { // the same question, with a new reading
            return;
        }
        ++asked_[asked];
        asked_now_ = asked;
        std::deque<OperatorWord>& plan = first[asked];
        if (!plan.empty()) {
            says_ = plan.front();
            plan.pop_front();
            return;
        }
        if (view.step_id == "lines.play_dbu" && view.task == OperatorTask::Enter) {
            says_ = entered(bench_.line_dbu(view.instruction.find("right line") != std::string::npos));
        } else if (view.step_id == "lines.capture_dbu") {
            says_ = entered(fed_dbu);
        } else if (view.step_id == "lines.vu") {
            says_ = OperatorWord{OperatorSays::Accept, vu};
        } else {
            says_ = OperatorWord{};
        }
    }
    std::optional<OperatorWord> take() override {
        if (!says_ || ++waited_ < 20) { // looks at the meter
            return std::nullopt;
        }
        waited_ = 0;
        if (before_answer) {
            before_answer(asked_now_);
        }
        return std::exchange(says_, std::nullopt);
    }
    [[nodiscard]] int times(const std::string& asked) { return asked_[asked]; }

    std::map<std::string, std::deque<OperatorWord>> first; ///< answers before the right one, by question
    std::function<void(const std::string& asked)> before_answer{};
    std::vector<std::string> notes;
    double fed_dbu = 4.0, vu = 0.0;

  private:
    [[nodiscard]] OperatorWord entered(double dbu) const {
        return {OperatorSays::Accept, unit_ == LineUnit::Dbu ? dbu : volts(dbu)};
    }

    AlignmentRig& rig_;
    Bench bench_;
    LineUnit unit_;
    std::map<std::string, int> asked_;
    std::optional<OperatorWord> says_;
    std::string asked_now_;
    int waited_ = 0;
};

OperatorWord word(double value) {
    return {OperatorSays::Accept, value};
}

const std::vector<std::string> kCable{"monitor_input"};

struct Measured {
    std::optional<tape::LevelChart> chart;
    std::optional<double> round_trip_frames;
};

LinesSetup setup_for(Measured& measured, LineUnit unit) {
    LinesSetup setup;
    setup.unit = unit;
    setup.measured = [&measured](const tape::LevelChart& chart) { measured.chart = chart; };
    setup.round_trip_measured = [&measured](double frames) { measured.round_trip_frames = frames; };
    return setup;
}

controller::JobEnd run(AlignmentRig& rig, MeterReader& person, LinesSetup setup,
                       audio::FrameTap* other_return = nullptr) {
    auto base = rig.context();
    AlignmentContext context{.timeline = base.timeline,
                             .transport = base.transport,
                             .adjust = base.adjust,
                             .engine = base.engine,
                             .oscillator = base.oscillator,
                             .tape_return = other_return != nullptr ? *other_return : base.tape_return,
                             .installation = base.installation,
                             .record = base.record,
                             .history = base.history,
                             .utc_now = base.utc_now,
                             .operator_name = "the operator",
                             .operator_port = &person};
    if (const auto unfinished = rig.history.unfinished(base.record.key, "lines")) {
        context.record = *unfinished;
    }
    rig.start(make_lines_job(std::move(context), std::move(setup)));
    return rig.finish(200.0);
}

double reading(const AlignmentRig& rig, const tape::AlignmentKey& key, const std::string& id, int channel) {
    const auto record = rig.history.latest(key);
    const tape::AlignmentStep* step = record ? record->step(id, channel) : nullptr;
    return step != nullptr ? step->reading : std::nan("");
}

} // namespace

TEST(LinesJob, FindsTheConvertersFullScaleAndRoundTrip) {
    double worst_line = 0.0, worst_trip = 0.0;
    const std::uint64_t seeds = std::max<std::uint64_t>(test::alignment_seeds() / 2, 3);
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937_64 random(seed);
        const auto between = [&random](double low, double high) {
            return low + (high - low) * static_cast<double>(random() >> 11) / 9007199254740992.0;
        };
        deck_sim::Settings settings;
        settings.seed = seed;
        settings.play_dbfs_at_operating_level = between(-20.0, -10.0);
        settings.capture_dbfs_at_operating_level = between(-20.0, -10.0);
        settings.round_trip_frames = between(40.0, 120.0);
        settings.play_clock_ppm = between(-50.0, 50.0);
        settings.capture_clock_ppm = between(-50.0, 50.0);
        AlignmentRig rig(settings, kCable);
        Bench bench;
        bench.play_full_scale_dbu = between(6.0, 26.0);
        bench.sent_dbfs = settings.play_dbfs_at_operating_level;
        bench.right_db = between(-0.3, 0.3);
        // a sine of one line voltage is told apart by what the two converters make of operating level
        bench.capture_full_scale_dbu = bench.play_full_scale_dbu + settings.play_dbfs_at_operating_level -
                                       settings.capture_dbfs_at_operating_level;
        const LineUnit unit = seed % 2 == 0 ? LineUnit::Dbu : LineUnit::Volts;
        MeterReader person(rig, bench, unit);
        person.vu = between(-3.0, 2.0);
        Measured measured;
        LinesSetup setup = setup_for(measured, unit);
        setup.vu_meters = setup.linearity = true;
        const auto end = run(rig, person, std::move(setup));
        ASSERT_EQ(end.ending, controller::JobEnding::NotJudged) << end.reason;
        ASSERT_TRUE(measured.chart);
        ASSERT_TRUE(measured.round_trip_frames);
        const auto key = rig.context().record.key;
        for (int channel = 1; channel <= 2; ++channel) {
            const double over = channel == 2 ? bench.right_db : 0.0;
            EXPECT_NEAR(reading(rig, key, "lines.play_dbu", channel), bench.play_full_scale_dbu + over, 0.05);
            EXPECT_NEAR(reading(rig, key, "lines.capture_dbu", channel), bench.capture_full_scale_dbu + over, 0.05);
            worst_line = std::max(worst_line, std::abs(reading(rig, key, "lines.capture_dbu", channel) -
                                                       bench.capture_full_scale_dbu - over));
            for (const char* down : {"20", "40", "60"}) {
                EXPECT_NEAR(reading(rig, key, std::string("lines.linearity.") + down, channel), 0.0, 0.05) << down;
            }
            // the deck's electronics, 15 dB below its tape's noise: the converters are far quieter
            EXPECT_NEAR(reading(rig, key, "lines.noise_a", channel),
                        settings.noise_a_weighted_db - 15.0 + settings.capture_dbfs_at_operating_level, 0.5);
            // and unweighted, which is some 2.5 dB more, is all that comes beside the tone
            EXPECT_NEAR(20.0 * std::log10(reading(rig, key, "lines.thd_n", channel) / 100.0),
                        settings.noise_a_weighted_db - 15.0 + 2.5, 1.5);
        }
        EXPECT_NEAR(reading(rig, key, "lines.channel_difference", 0), bench.right_db, 0.05);
        EXPECT_NEAR(reading(rig, key, "lines.vu", 0), bench.line_dbu(false) + bench.right_db / 2.0 - person.vu, 0.01);
        EXPECT_NEAR(*measured.chart->dbu_at_0_vu, reading(rig, key, "lines.vu", 0), 1e-9);
        EXPECT_NEAR(*measured.chart->play_dbu_at_full_scale, bench.play_full_scale_dbu + bench.right_db / 2.0, 0.05);
        EXPECT_NEAR(*measured.chart->capture_dbu_at_full_scale, bench.capture_full_scale_dbu + bench.right_db / 2.0,
                    0.05);
        EXPECT_NEAR(*measured.round_trip_frames, settings.round_trip_frames, 0.1);
        worst_trip = std::max(worst_trip, std::abs(*measured.round_trip_frames - settings.round_trip_frames));
        EXPECT_EQ(rig.history.latest(key)->step("lines.play_dbu", 1)->accepted_by, "the operator");
        EXPECT_EQ(rig.history.latest(key)->step("lines.round_trip", 0)->accepted_by, "");
    }
    std::cout << "lines: " << seeds << " cards, worst full scale " << worst_line << " dB, worst round trip "
              << worst_trip << " frames\n";
}

TEST(LinesJob, AsksAgainForAnEntryThatCantBe) {
    AlignmentRig rig(deck_sim::Settings{}, kCable);
    MeterReader person(rig, Bench{}, LineUnit::Volts);
    // millivolts, dBu, a dead line, and nothing at all
    person.first["lines.play_dbu enter"] = {word(1228.0), word(-10.0), word(0.0), OperatorWord{}};
    Measured measured;
    const auto end = run(rig, person, setup_for(measured, LineUnit::Volts));
    ASSERT_EQ(end.ending, controller::JobEnding::NotJudged) << end.reason;
    EXPECT_EQ(person.times("lines.play_dbu enter"), 4 + 2);
    EXPECT_THAT(person.notes, testing::Contains(HasSubstr("if the meter shows 1228 mV, enter 1.228")));
    EXPECT_THAT(person.notes, testing::Contains(HasSubstr("if the meter shows -10.00 dBu, enter 0.245")));
    EXPECT_THAT(person.notes, testing::Contains(HasSubstr("check that the tone plays and the line is whole")));
    EXPECT_THAT(person.notes, testing::Contains(HasSubstr("a value in V is expected")));
    EXPECT_NEAR(*measured.chart->play_dbu_at_full_scale, 18.0, 0.05);
}

TEST(LinesJob, DoubtsASecondChannelInAnotherUnitAndLetsItBeEnteredAgain) {
    AlignmentRig rig(deck_sim::Settings{}, kCable);
    MeterReader person(rig, Bench{}, LineUnit::Dbu);
    person.first["lines.play_dbu enter"] = {word(4.0), word(1.228)}; // the right one in volts
    Measured measured;
    auto end = run(rig, person, setup_for(measured, LineUnit::Dbu));
    ASSERT_EQ(end.ending, controller::JobEnding::NotJudged) << end.reason;
    EXPECT_THAT(person.notes, testing::Contains(HasSubstr("the right channel would be 2.77 dB below the left")));
    EXPECT_NEAR(*measured.chart->play_dbu_at_full_scale, 18.0, 0.05);
    // what really is unequal is taken when it is entered again
    MeterReader other(rig, Bench{.right_db = 2.0}, LineUnit::Dbu);
    end = run(rig, other, setup_for(measured, LineUnit::Dbu));
    ASSERT_EQ(end.ending, controller::JobEnding::NotJudged) << end.reason;
    EXPECT_EQ(other.times("lines.play_dbu enter"), 3);
    EXPECT_NEAR(*measured.chart->play_dbu_at_full_scale, 19.0, 0.05);
}

TEST(LinesJob, BothInTheWrongUnitAreSeenWhenTheyAreReadBack) {
    AlignmentRig rig(deck_sim::Settings{}, kCable);
    MeterReader person(rig, Bench{}, LineUnit::Dbu);
    person.first["lines.play_dbu enter"] = {word(1.228), word(1.228)}; // volts, where dBu are asked for
    person.first["lines.play_dbu confirm"] = {OperatorWord{OperatorSays::Back}};
    Measured measured;
    const auto end = run(rig, person, setup_for(measured, LineUnit::Dbu));
    ASSERT_EQ(end.ending, controller::JobEnding::NotJudged) << end.reason;
    EXPECT_THAT(person.notes, testing::Contains(HasSubstr("left line +1.23 dBu (0.892 V), a full-scale sine +15.23")));
    EXPECT_NEAR(*measured.chart->play_dbu_at_full_scale, 18.0, 0.05);
}

TEST(LinesJob, TheToneIsOnTheChannelThatIsAskedFor) {
    AlignmentRig rig(deck_sim::Settings{}, kCable);
    MeterReader person(rig, Bench{}, LineUnit::Dbu);
    std::array<std::vector<double>, 2> peaks; // on each line in the last tenths of a second before an answer
    std::vector<std::int32_t> samples(9600);
    person.before_answer = [&](const std::string& asked) {
        std::array<double, 2> peak{};
        for (auto block = rig.swapped_return->read(samples); block.frames > 0;
             block = rig.swapped_return->read(samples)) {
            peak = {}; // of the last block that came
            for (std::size_t i = 0; i < 2 * block.frames; ++i) {
                peak[i % 2] = std::max(peak[i % 2], std::abs(samples[i] / 2147483648.0));
            }
        }
        if (asked == "lines.play_dbu enter") {
            peaks[0].push_back(peak[1]); // it is the swapped one
            peaks[1].push_back(peak[0]);
        }
    };
    Measured measured;
    (void)run(rig, person, setup_for(measured, LineUnit::Dbu));
    ASSERT_EQ(peaks[0].size(), 2U);
    for (std::size_t c = 0; c < 2; ++c) {
        EXPECT_NEAR(20.0 * std::log10(peaks[c][c]), -14.0, 0.1);
        EXPECT_LT(peaks[1 - c][c], 0.001);
    }
}

TEST(LinesJob, NamesWhatIsWrongWithTheCable) {
    const auto told = [](const std::vector<std::string>& faults, audio::FrameTap* AlignmentRig::*other) {
        deck_sim::Settings settings;
        settings.bias_capture = true;
        AlignmentRig rig(settings, faults);
        MeterReader person(rig, Bench{}, LineUnit::Dbu);
        person.first["lines.round_trip confirm"] = {OperatorWord{}, OperatorWord{OperatorSays::Abort}};
        Measured measured;
        const auto end = run(rig, person, setup_for(measured, LineUnit::Dbu), other != nullptr ? rig.*other : nullptr);
        EXPECT_THAT(end.reason, HasSubstr("ended by the operator at cable in place of the deck"));
        EXPECT_FALSE(measured.chart);
        EXPECT_FALSE(measured.round_trip_frames);
        return person.notes.back();
    };
    EXPECT_THAT(told(kCable, &AlignmentRig::swapped_return), HasSubstr("left and right are swapped"));
    EXPECT_THAT(told(kCable, &AlignmentRig::dead_right_return),
                HasSubstr("nothing of the signal came back on the right channel"));
    EXPECT_THAT(told({}, nullptr), HasSubstr("the cable is open"));
    EXPECT_THAT(told({"monitor_input", "reproduce_polarity:channel=left"}, nullptr),
                HasSubstr("the left channel comes back inverted"));
}

TEST(LinesJob, WithoutACableAKnownVoltageIsFed) {
    deck_sim::Settings settings;
    settings.capture_dbfs_at_operating_level = -12.0;
    AlignmentRig rig(settings, kCable);
    MeterReader person(rig, Bench{}, LineUnit::Dbu);
    person.first["lines.play_dbu enter"] = {OperatorWord{OperatorSays::Skip}, OperatorWord{OperatorSays::Skip}};
    person.first["lines.round_trip confirm"] = {OperatorWord{OperatorSays::Skip}};
    // before the generator is on, then 4 V where dBu are asked for is just possible; 400 is not
    person.first["lines.capture_dbu enter"] = {word(4.0), word(400.0)};
    bool fed = false;
    const auto output = rig.deck->lines().find_output("route_oscillator");
    ASSERT_TRUE(output);
    rig.timeline.call_after(std::chrono::seconds(6), [&] {
        rig.deck->lines().set(*output, true);
        fed = true;
    });
    person.fed_dbu = 4.0;
    Measured measured;
    const auto end = run(rig, person, setup_for(measured, LineUnit::Dbu));
    ASSERT_EQ(end.ending, controller::JobEnding::NotJudged) << end.reason;
    EXPECT_TRUE(fed);
    EXPECT_THAT(person.notes, testing::Contains(HasSubstr("no steady tone arrives on the left channel")));
    EXPECT_FALSE(measured.round_trip_frames);
    EXPECT_FALSE(measured.chart->play_dbu_at_full_scale);
    ASSERT_TRUE(measured.chart->capture_dbu_at_full_scale);
    EXPECT_NEAR(*measured.chart->capture_dbu_at_full_scale, 4.0 + 12.0, 0.05);
}

TEST(LinesJob, GoesOnWhereItWasBrokenOff) {
    AlignmentRig rig(deck_sim::Settings{}, kCable);
    Measured measured;
    {
        MeterReader person(rig, Bench{}, LineUnit::Dbu);
        person.first["lines.round_trip confirm"] = {OperatorWord{OperatorSays::Abort}};
        (void)run(rig, person, setup_for(measured, LineUnit::Dbu));
        EXPECT_FALSE(measured.chart);
    }
    MeterReader person(rig, Bench{}, LineUnit::Dbu);
    const auto end = run(rig, person, setup_for(measured, LineUnit::Dbu));
    ASSERT_EQ(end.ending, controller::JobEnding::NotJudged) << end.reason;
    EXPECT_EQ(person.times("lines.play_dbu enter"), 0);
    EXPECT_NEAR(*measured.chart->play_dbu_at_full_scale, 18.0, 0.05);
    EXPECT_NEAR(*measured.chart->capture_dbu_at_full_scale, 18.0, 0.05);
}

TEST(LinesJob, NeedsAPersonAndADeckThatStands) {
    AlignmentRig rig(deck_sim::Settings{}, kCable);
    EXPECT_THROW((void)make_lines_job(rig.context(), LinesSetup{}), std::invalid_argument);
    rig.transport->play();
    rig.timeline.run_for(std::chrono::seconds(2));
    MeterReader person(rig, Bench{}, LineUnit::Dbu);
    Measured measured;
    const auto end = run(rig, person, setup_for(measured, LineUnit::Dbu));
    EXPECT_EQ(end.ending, controller::JobEnding::Refused);
    EXPECT_THAT(end.reason, HasSubstr("the tape moves"));
}

} // namespace overbias::calibration
