// SPDX-License-Identifier: Apache-2.0
// The bias monitor, fed with readings of known drift.
#include "calibration/bias/bias_monitor.hpp"
#include "calibration/bias/drift_trend.hpp"

#include <cmath>
#include <cstddef>
#include <deque>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace overbias::calibration::bias_monitor_test {
namespace {

using tape::BiasSource;
using tape::BiasSourceKind;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using transport::Concern;

tape::Figure own(double value, bool unsure = false) {
    return {.value = value, .source = "house rule", .unsure = unsure};
}

BiasSource adc(int track = 1) {
    BiasSource one;
    one.kind = BiasSourceKind::Adc;
    one.track = track;
    one.device = "ads1115";
    one.volts_per_unit = own(20.0);
    one.level_db = {.warn = own(0.1), .fail = own(0.3)};
    return one;
}

BiasSource mixed() {
    BiasSource one;
    one.kind = BiasSourceKind::Mixed;
    one.track = 2;
    one.frequency_khz = own(153.6);
    one.oscillator_khz = own(129.6);
    one.capture_channel = 4;
    one.level_db = {.warn = own(0.1), .fail = own(0.3)};
    one.frequency_percent = {.warn = std::nullopt, .fail = own(0.5)};
    return one;
}

BiasSource off_tape() {
    BiasSource one;
    one.kind = BiasSourceKind::Tape;
    one.high_frequency_db = {.warn = own(0.25), .fail = own(0.5)};
    one.third_harmonic_percent = {.warn = own(20.0), .fail = std::nullopt};
    one.noise_db = {.warn = own(1.0), .fail = std::nullopt};
    return one;
}

double volts(double db) {
    return 50.0 * std::pow(10.0, db / 20.0);
}

/// A deck that records, its one test point set up at 50 V and read once a second.
struct OneTrack {
    explicit OneTrack(BiasSource source = adc(), const BiasMonitorSettings& settings = {})
        : monitor({std::move(source)}, settings) {
        EXPECT_TRUE(monitor.set_up(0, BiasQuantity::Level, 50.0).ok());
        monitor.recording(now, true);
    }
    /// What was said in so many seconds of readings.
    std::vector<Concern> run(int seconds, std::optional<double> value) {
        std::vector<Concern> said;
        for (int n = 0; n < seconds; ++n) {
            now += 1.0;
            for (auto& each : monitor.take(now, 0, BiasQuantity::Level, value)) {
                said.push_back(std::move(each));
            }
            for (auto& each : monitor.tick(now)) {
                said.push_back(std::move(each));
            }
        }
        return said;
    }
    [[nodiscard]] BiasFigure figure() const { return monitor.figures().at(0); }
    double now = 1000.0;
    BiasMonitor monitor;
};

TEST(BiasMonitor, DriftIsAgainstSetUp) {
    OneTrack deck;
    EXPECT_THAT(deck.run(20, volts(-0.05)), IsEmpty());
    const BiasFigure figure = deck.figure();
    EXPECT_EQ(figure.state, BiasState::Good);
    EXPECT_NEAR(figure.drift.value_or(9.0), -0.05, 1e-9);
    EXPECT_NEAR(figure.drift_percent.value_or(9.0), 100.0 * (std::pow(10.0, -0.0025) - 1.0), 1e-9);
    EXPECT_NEAR(figure.now.value_or(0.0), volts(-0.05), 1e-9);
    EXPECT_STREQ(figure.drift_unit(), "dB");
}

TEST(BiasMonitor, WarnsFailsAndComesBackWithHysteresis) {
    OneTrack deck;
    EXPECT_THAT(deck.run(20, volts(0.0)), IsEmpty());
    auto said = deck.run(10, volts(-0.12));
    ASSERT_EQ(said.size(), 1U);
    EXPECT_EQ(said[0].severity, Concern::Severity::Warn);
    EXPECT_EQ(said[0].monitor, "bias");
    EXPECT_THAT(said[0].words, AllOf(HasSubstr("bias level of track 1 (converter ads1115, channel 0)"),
                                     HasSubstr("expected 50.000 V"), HasSubstr("got 49.314 V, -0.12 dB"),
                                     HasSubstr("warning from 0.10 dB (house rule)"), HasSubstr("check the track's")));
    EXPECT_THAT(deck.run(20, volts(-0.09)), IsEmpty()); // within the limit, but not well within
    EXPECT_EQ(deck.figure().state, BiasState::Warn);
    said = deck.run(10, volts(0.35)); // to the other side
    ASSERT_GE(said.size(), 1U);
    EXPECT_EQ(said.back().severity, Concern::Severity::Fail);
    EXPECT_EQ(deck.monitor.worst(), BiasState::Fail);
    EXPECT_THAT(deck.run(20, volts(0.25)), IsEmpty()); // 0.8 of 0.3 is 0.24
    said = deck.run(20, volts(0.2));
    ASSERT_EQ(said.size(), 1U);
    EXPECT_EQ(said[0].severity, Concern::Severity::Warn);
    said = deck.run(20, volts(0.05));
    ASSERT_EQ(said.size(), 1U);
    EXPECT_EQ(said[0].severity, Concern::Severity::Over);
    EXPECT_THAT(said[0].words, HasSubstr("within its limits again"));
}

TEST(BiasMonitor, OneOddReadingIsAveragedAway) {
    OneTrack deck;
    EXPECT_THAT(deck.run(20, volts(0.0)), IsEmpty());
    EXPECT_THAT(deck.run(1, volts(-0.4)), IsEmpty()); // a fifth of it is within the limit
    EXPECT_NEAR(deck.figure().drift.value_or(9.0), 20.0 * std::log10(0.8 + 0.2 * std::pow(10.0, -0.02)), 1e-9);
    EXPECT_THAT(deck.run(20, volts(0.0)), IsEmpty());
}

TEST(BiasMonitor, NothingIsConcludedFromATimeWhenNobodyListened) {
    BiasMonitor monitor({adc()});
    ASSERT_TRUE(monitor.set_up(0, BiasQuantity::Level, 50.0));
    monitor.recording(0.0, true);
    for (double at_s = 2.0; at_s <= 20.0; at_s += 0.5) {
        EXPECT_THAT(monitor.take(at_s, 0, BiasQuantity::Level, 50.0), IsEmpty());
    }
    EXPECT_EQ(monitor.worst(), BiasState::Good);
    monitor.gap(60.0, 0);
    EXPECT_EQ(monitor.worst(), BiasState::NotJudged) << "good is nothing that nobody has seen";
    EXPECT_FALSE(monitor.figures().front().now) << "a mean is never of times before a gap";
    EXPECT_THAT(monitor.take(60.5, 0, BiasQuantity::Level, std::nullopt), IsEmpty()); // missing since 60 s, not 20 s
    EXPECT_THAT(monitor.tick(64.9), IsEmpty());
    EXPECT_EQ(monitor.tick(65.6).size(), 1U);
    EXPECT_EQ(monitor.worst(), BiasState::Missing);
}

TEST(BiasMonitor, ASourceThatIsSilentSaysNothingOfAnother) {
    BiasMonitor monitor({adc(1), adc(2)});
    ASSERT_TRUE(monitor.set_up(0, BiasQuantity::Level, 50.0));
    ASSERT_TRUE(monitor.set_up(1, BiasQuantity::Level, 50.0));
    monitor.recording(0.0, true);
    EXPECT_EQ(monitor.tick(20.0, 1).size(), 1U);
    EXPECT_EQ(monitor.figures()[0].state, BiasState::NotJudged);
    EXPECT_EQ(monitor.figures()[1].state, BiasState::Missing);
}

TEST(BiasMonitor, AllIsGoodOnlyWhenEachIs) {
    BiasMonitor monitor({adc(1), adc(2), off_tape()});
    ASSERT_TRUE(monitor.set_up(0, BiasQuantity::Level, 50.0));
    monitor.recording(0.0, true);
    double at_s = 0.0;
    const auto run = [&](std::optional<double> first, double second) {
        for (const double until_s = at_s + 4.0; at_s < until_s; at_s += 0.5) {
            EXPECT_THAT(monitor.take(at_s, 0, BiasQuantity::Level, first), IsEmpty());
            EXPECT_THAT(monitor.take(at_s, 1, BiasQuantity::Level, second), IsEmpty());
        }
    };
    run(50.0, 50.0);
    run(50.0, 50.0);
    EXPECT_EQ(monitor.worst(), BiasState::Good); // the others have no set-up value: nothing is said of them
    ASSERT_TRUE(monitor.set_up(1, BiasQuantity::Level, 50.0));
    run(50.0, 50.0);
    EXPECT_EQ(monitor.worst(), BiasState::Good);
    run(std::nullopt, 50.0);
    EXPECT_EQ(monitor.figures()[1].state, BiasState::Good);
    EXPECT_EQ(monitor.worst(), BiasState::NotJudged); // not missing yet
}

TEST(BiasMonitor, IsJudgedOnlyWhileTheDeckRecordsAndHasSettled) {
    OneTrack deck;
    EXPECT_THAT(deck.run(1, volts(-20.0)), IsEmpty()); // the oscillator comes up
    EXPECT_THAT(deck.run(5, volts(-0.5)), IsEmpty());  // settled, but no whole averaging time yet
    EXPECT_EQ(deck.figure().state, BiasState::NotJudged);
    ASSERT_EQ(deck.run(2, volts(-0.5)).size(), 1U);
    deck.monitor.recording(deck.now, false);
    EXPECT_EQ(deck.figure().state, BiasState::NotJudged);
    EXPECT_THAT(deck.run(60, std::nullopt), IsEmpty()); // no bias in play
    EXPECT_EQ(deck.monitor.worst(), BiasState::NotJudged);
    deck.monitor.recording(deck.now, true);
    EXPECT_EQ(deck.run(20, volts(-0.5)).size(), 1U); // it is said anew for each recording
}

TEST(BiasMonitor, NoBiasInRecordIsAFailure) {
    for (const std::optional<double> none :
         {std::optional<double>(), std::optional(0.0), std::optional(-1.0),
          std::optional(std::numeric_limits<double>::quiet_NaN()),
          std::optional(std::numeric_limits<double>::infinity()), std::optional(volts(-20.1))}) {
        OneTrack deck;
        EXPECT_THAT(deck.run(20, volts(0.0)), IsEmpty());
        auto said = deck.run(20, none);
        ASSERT_EQ(said.size(), 1U);
        EXPECT_EQ(said[0].severity, Concern::Severity::Fail);
        EXPECT_NEAR(said[0].at_s, 1026.0, 1e-9); // more than 5 s after the last reading
        EXPECT_THAT(said[0].words, AllOf(HasSubstr("got none for 5 s"), HasSubstr("track 1"), HasSubstr("stop")));
        said = deck.run(20, volts(0.0));
        ASSERT_EQ(said.size(), 1U);
        EXPECT_EQ(said[0].severity, Concern::Severity::Over);
        EXPECT_THAT(said[0].words, HasSubstr("there again"));
        EXPECT_EQ(deck.figure().state, BiasState::Good);
    }
    OneTrack low; // far too low, but bias
    EXPECT_THAT(low.run(20, volts(0.0)), IsEmpty());
    EXPECT_THAT(low.run(20, volts(-19.9)).back().words, HasSubstr("dB; failure"));
    // never there since record began; and readings that have stopped altogether
    OneTrack never;
    ASSERT_EQ(never.run(20, std::nullopt).size(), 1U);
    OneTrack hung;
    EXPECT_THAT(hung.run(20, volts(0.0)), IsEmpty());
    EXPECT_THAT(hung.monitor.tick(hung.now + 4.0), IsEmpty());
    EXPECT_EQ(hung.monitor.tick(hung.now + 6.0).size(), 1U);
    // the mean after a gap holds nothing of before it
    OneTrack gap;
    (void)gap.run(20, volts(-3.0));
    (void)gap.run(2, std::nullopt);
    (void)gap.run(1, volts(0.0));
    EXPECT_NEAR(gap.figure().drift.value_or(9.0), 0.0, 1e-9);
}

TEST(BiasMonitor, AnUnsureLimitRaisesNoAlarm) {
    BiasSource unsure = adc();
    unsure.level_db = {.warn = own(0.1, true), .fail = own(0.3, true)};
    OneTrack deck(unsure);
    EXPECT_THAT(deck.run(20, volts(-3.0)), IsEmpty());
    EXPECT_NEAR(deck.figure().drift.value_or(9.0), -3.0, 1e-9); // shown all the same
    EXPECT_EQ(deck.figure().state, BiasState::NotJudged);
}

TEST(BiasMonitor, NothingIsJudgedWithoutASetUp) {
    BiasMonitor monitor({adc()});
    monitor.recording(0.0, true);
    for (int n = 1; n < 30; ++n) {
        EXPECT_THAT(monitor.take(n, 0, BiasQuantity::Level, n < 15 ? std::optional(5.0) : std::nullopt), IsEmpty());
    }
    EXPECT_FALSE(monitor.figures().at(0).drift.has_value());
    for (const double bad : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN()}) {
        const auto refused = monitor.set_up(0, BiasQuantity::Level, bad);
        ASSERT_FALSE(refused.ok());
        EXPECT_THAT(refused.error().message, AllOf(HasSubstr("bias level of track 1"), HasSubstr("above 0")));
    }
    EXPECT_FALSE(monitor.set_up(0, BiasQuantity::Frequency, 150000.0).ok()); // a test point has none
    EXPECT_FALSE(monitor.set_up(7, BiasQuantity::Level, 1.0).ok());
    EXPECT_THROW(BiasMonitor({adc()}, {.averaging_s = 0.0}), std::invalid_argument);
}

TEST(BiasMonitor, FrequencyAndLevelOfOneSourceAreTwoFigures) {
    BiasMonitor monitor({mixed()});
    ASSERT_TRUE(monitor.set_up(0, BiasQuantity::Level, 0.1).ok());
    ASSERT_TRUE(monitor.set_up(0, BiasQuantity::Frequency, 153600.0).ok());
    monitor.recording(0.0, true);
    std::vector<Concern> said;
    for (int n = 1; n < 30; ++n) {
        for (const auto& [quantity, value] :
             {std::pair(BiasQuantity::Level, 0.1), std::pair(BiasQuantity::Frequency, 153600.0 * 0.994)}) {
            for (auto& each : monitor.take(n, 0, quantity, value)) {
                said.push_back(std::move(each));
            }
        }
    }
    ASSERT_EQ(said.size(), 1U);
    EXPECT_THAT(said[0].words, AllOf(HasSubstr("bias frequency of track 2"), HasSubstr("expected 153.600 kHz"),
                                     HasSubstr("-0.60 %"), HasSubstr("failure from 0.50 %")));
    // gone: one failure for the source, not one a figure
    said.clear();
    for (int n = 30; n < 50; ++n) {
        for (const BiasQuantity quantity : {BiasQuantity::Level, BiasQuantity::Frequency}) {
            for (auto& each : monitor.take(n, 0, quantity, std::nullopt)) {
                said.push_back(std::move(each));
            }
        }
    }
    ASSERT_EQ(said.size(), 1U);
    EXPECT_THAT(said[0].words, AllOf(HasSubstr("bias level of track 2"), HasSubstr("-20.00 dBFS")));
}

TEST(BiasMonitor, OffTapeFiguresAreJudgedOneByOne) {
    BiasMonitor monitor({off_tape()});
    ASSERT_TRUE(monitor.set_up(0, BiasQuantity::HighFrequency, -0.1).ok());
    ASSERT_TRUE(monitor.set_up(0, BiasQuantity::ThirdHarmonic, 1.0).ok());
    ASSERT_TRUE(monitor.set_up(0, BiasQuantity::Noise, -62.0).ok());
    const auto severity = [&](double at_s, BiasQuantity quantity, double value) {
        const auto said = monitor.take(at_s, 0, quantity, value);
        return said.empty() ? std::string("none") : std::string(transport::concern_word(said.at(0).severity));
    };
    EXPECT_EQ(severity(1, BiasQuantity::HighFrequency, -0.3), "none");
    EXPECT_EQ(severity(2, BiasQuantity::HighFrequency, -0.36), "warn"); // no mean with the one before
    EXPECT_EQ(severity(3, BiasQuantity::HighFrequency, 0.42), "fail");  // to either side
    EXPECT_EQ(severity(4, BiasQuantity::HighFrequency, -0.1), "over");
    EXPECT_EQ(severity(5, BiasQuantity::ThirdHarmonic, 1.25), "warn");
    EXPECT_EQ(severity(6, BiasQuantity::ThirdHarmonic, 0.5), "over"); // less distortion is no concern
    EXPECT_EQ(severity(7, BiasQuantity::Noise, -70.0), "none");
    EXPECT_EQ(severity(8, BiasQuantity::Noise, -60.9), "warn");
    monitor.recording(9.0, true);
    EXPECT_EQ(monitor.worst(), BiasState::Warn);  // holds through a recording
    EXPECT_THAT(monitor.tick(1000.0), IsEmpty()); // nothing off tape is ever missing
    // what stands now is how it shall be: nothing waits for the next measurement
    ASSERT_TRUE(monitor.set_up(0, BiasQuantity::Noise, -60.9).ok());
    EXPECT_EQ(monitor.figures().back().state, BiasState::Good);
    ASSERT_TRUE(monitor.set_up(0, BiasQuantity::Noise, -70.0).ok());
    EXPECT_EQ(monitor.figures().back().state, BiasState::NotJudged);
    EXPECT_EQ(severity(1001, BiasQuantity::Noise, -60.9), "warn"); // said when it is measured
}

TEST(BiasMonitor, HistoryIsBoundedAndTheTrendLeadsToTheLimit) {
    OneTrack deck(adc(), {.history_step_s = 10.0, .history_points = 100});
    const double per_hour = -0.06;
    for (int second = 0; second < 1800; ++second) {
        (void)deck.run(1, volts(per_hour * second / 3600.0));
    }
    const auto points = deck.monitor.history(0, BiasQuantity::Level);
    ASSERT_EQ(points.size(), 100U);
    for (std::size_t n = 1; n < points.size(); ++n) {
        EXPECT_NEAR(points[n].at_s - points[n - 1].at_s, 11.0, 1.01);
    }
    EXPECT_NEAR(points.back().drift, per_hour * (points.back().at_s - 1001.0) / 3600.0, 1e-6);
    const BiasFigure figure = deck.figure();
    ASSERT_TRUE(figure.trend.has_value());
    EXPECT_NEAR(figure.trend->per_hour, per_hour, 1e-6);
    EXPECT_TRUE(figure.trend->sure());
    EXPECT_NEAR(figure.hours_to_fail.value_or(0.0), (0.3 - 0.03) / 0.06, 0.01);
    // history outlives a recording, and ends with a new set-up
    deck.monitor.recording(deck.now, false);
    EXPECT_EQ(deck.monitor.history(0, BiasQuantity::Level).size(), 100U);
    ASSERT_TRUE(deck.monitor.set_up(0, BiasQuantity::Level, 49.0).ok());
    EXPECT_THAT(deck.monitor.history(0, BiasQuantity::Level), IsEmpty());
    EXPECT_THAT(deck.monitor.history(0, BiasQuantity::Noise), IsEmpty());
}

TEST(DriftTrend, SlopeAndItsErrorAreThoseOfTheTextbook) {
    // 0, 0.1, 0, 0.1 ... at steps of ten minutes: Sxx 42, Sxy 0.2, Syy 0.02 a step; by hand
    std::deque<DriftPoint> points;
    for (int n = 0; n < 8; ++n) {
        points.push_back({.at_s = 600.0 * n, .drift = n % 2 == 0 ? 0.0 : 0.1});
    }
    const auto trend = drift_trend(points, 1e6, 0.0);
    ASSERT_TRUE(trend.has_value());
    EXPECT_NEAR(trend->per_hour, 6.0 * 0.2 / 42.0, 1e-12);
    EXPECT_NEAR(trend->error, 0.052164, 1e-6);
    EXPECT_FALSE(trend->sure());
    EXPECT_FALSE(drift_trend(points, 3000.0, 0.0).has_value()); // six points
    EXPECT_FALSE(drift_trend(points, 1e6, 4201.0).has_value()); // too short a time
    EXPECT_TRUE(drift_trend(points, 1e6, 4200.0).has_value());
    EXPECT_FALSE(drift_trend({}, 1e6, 0.0).has_value());
    for (DriftPoint& each : points) {
        each.at_s = 5.0; // all at once has no slope
    }
    EXPECT_FALSE(drift_trend(points, 1e6, 0.0).has_value());
    // only the last of them count
    points.clear();
    for (int n = 0; n < 40; ++n) {
        points.push_back({.at_s = 60.0 * n, .drift = n < 20 ? 5.0 : 0.01 * n});
    }
    const auto late = drift_trend(points, 15.0 * 60.0, 0.0);
    ASSERT_TRUE(late.has_value());
    EXPECT_NEAR(late->per_hour, 0.6, 1e-9);
}

} // namespace
} // namespace overbias::calibration::bias_monitor_test
