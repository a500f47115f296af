// SPDX-License-Identifier: Apache-2.0
// From samples of a capture to the monitor's concerns: bias mixed down on one channel, rectified on another.
#include "calibration/bias/bias_listener.hpp"
#include "calibration/bias/bias_monitor.hpp"
#include "tests/support/allocation_count.hpp"

#include <cmath>
#include <cstddef>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numbers>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace overbias::calibration::bias_listener_test {
namespace {

using tape::BiasSource;
using tape::BiasSourceKind;
using testing::AllOf;
using testing::HasSubstr;
using transport::Concern;

constexpr double kRate = 96000.0;
constexpr std::size_t kChannels = 4;

tape::Figure own(double value) {
    return {.value = value, .source = "house rule"};
}

/// Track 1 rectified on channel 2, 0.02 without bias; track 2 mixed down from 153.6 to 24 kHz on channel 4.
std::vector<BiasSource> two_tracks() {
    BiasSource rectified;
    rectified.kind = BiasSourceKind::Rectified;
    rectified.track = 1;
    rectified.capture_channel = 2;
    rectified.dc_coupled = true;
    rectified.zero = own(0.02);
    rectified.level_db = {.warn = own(0.1), .fail = own(0.3)};
    BiasSource mixed;
    mixed.kind = BiasSourceKind::Mixed;
    mixed.track = 2;
    mixed.frequency_khz = own(153.6);
    mixed.oscillator_khz = own(129.6);
    mixed.capture_channel = 4;
    mixed.level_db = rectified.level_db;
    mixed.frequency_percent = {.warn = std::nullopt, .fail = own(0.5)};
    return {rectified, mixed};
}

/// What stands on the channels at a time.
struct Bias {
    double rectified = 0.0, mixed = 0.0, mixed_hz = 24000.0;
};

struct Capture {
    BiasListener listener{two_tracks(), kRate, kChannels};
    BiasMonitor monitor{two_tracks(), {.averaging_s = 2.0, .settle_s = 1.0, .missing_s = 2.0}};
    std::vector<Concern> said;

    Capture() {
        EXPECT_TRUE(monitor.set_up(0, BiasQuantity::Level, 0.2).ok());
        EXPECT_TRUE(monitor.set_up(1, BiasQuantity::Level, 0.1).ok());
        EXPECT_TRUE(monitor.set_up(1, BiasQuantity::Frequency, 153600.0).ok());
        monitor.recording(0.0, true);
    }
    void run(double seconds, const std::function<Bias(double)>& bias) {
        std::vector<float> block(960 * kChannels);
        std::vector<BiasReading> readings(listener.most_readings(960));
        double phase = 0.0, at_s = 0.0;
        while (at_s < seconds) {
            for (std::size_t i = 0; i < 960; ++i) {
                const Bias now = bias(at_s);
                phase += 2.0 * std::numbers::pi * now.mixed_hz / kRate;
                const double programme = 0.5 * std::sin(2.0 * std::numbers::pi * 1000.0 * at_s);
                block[i * kChannels] = static_cast<float>(programme);
                block[i * kChannels + 1] =
                    static_cast<float>(now.rectified + 0.05 * std::sin(2.0 * std::numbers::pi * 100.0 * at_s));
                block[i * kChannels + 2] = static_cast<float>(-programme);
                block[i * kChannels + 3] = static_cast<float>(now.mixed * std::cos(phase) + programme);
                at_s += 1.0 / kRate;
            }
            const std::size_t got = listener.process(block, readings);
            for (std::size_t n = 0; n < got; ++n) {
                const BiasReading& one = readings[n];
                for (auto& each :
                     monitor.take(static_cast<double>(one.until_frame) / kRate, one.source, one.quantity, one.value)) {
                    said.push_back(std::move(each));
                }
            }
        }
    }
};

TEST(BiasListener, HearsWhatTheMonitorIsToldOf) {
    // after 6 s track 2 has 0.2 dB less bias and 0.1 % more frequency; track 1 stays
    Capture capture;
    capture.run(12.0, [](double at_s) {
        return Bias{.rectified = 0.22,
                    .mixed = 0.1 * (at_s < 6.0 ? 1.0 : std::pow(10.0, -0.01)),
                    .mixed_hz = at_s < 6.0 ? 24000.0 : 24000.0 + 153.6};
    });
    const auto figures = capture.monitor.figures();
    ASSERT_EQ(figures.size(), 3U);
    EXPECT_NEAR(figures[0].drift.value_or(9.0), 0.0, 0.01);
    EXPECT_EQ(figures[0].state, BiasState::Good);
    EXPECT_NEAR(figures[1].drift.value_or(9.0), -0.2, 0.01);
    EXPECT_NEAR(figures[2].drift.value_or(9.0), 0.1, 0.0001);
    ASSERT_EQ(capture.said.size(), 1U);
    EXPECT_EQ(capture.said[0].severity, Concern::Severity::Warn);
    EXPECT_THAT(capture.said[0].words, HasSubstr("bias level of track 2 (mixed with 129.6 kHz, capture channel 4)"));
    EXPECT_GT(capture.said[0].at_s, 6.0);
    EXPECT_LT(capture.said[0].at_s, 9.0);
}

/// What a listener reads, at the end of two seconds, of a carrier at this frequency and amplitude.
std::vector<BiasReading> of_carrier(const BiasSource& source, double hz, double amplitude) {
    BiasListener listener({source}, kRate, 1);
    std::vector<float> samples(static_cast<std::size_t>(2.0 * kRate));
    for (std::size_t i = 0; i < samples.size(); ++i) {
        samples[i] =
            static_cast<float>(amplitude * std::sin(2.0 * std::numbers::pi * hz * static_cast<double>(i) / kRate));
    }
    std::vector<BiasReading> readings(listener.most_readings(samples.size()));
    readings.resize(listener.process(samples, readings));
    return readings;
}

TEST(BiasListener, ADividerTellsFrequencyAndItsLevelOnlyWhereThatIsKept) {
    BiasSource divided;
    divided.kind = BiasSourceKind::Divided;
    divided.track = 1;
    divided.frequency_khz = own(153.6);
    divided.divide_by = 8; // heard at 19.2 kHz
    divided.capture_channel = 1;
    auto readings = of_carrier(divided, 19200.0 * 1.002, 0.3);
    ASSERT_GE(readings.size(), 3U);
    for (const BiasReading& one : readings) {
        EXPECT_EQ(one.quantity, BiasQuantity::Frequency);
    }
    EXPECT_NEAR(readings.back().value.value_or(0.0), 153600.0 * 1.002, 1.0);
    divided.level_kept = true;
    readings = of_carrier(divided, 19200.0, 0.3);
    ASSERT_GE(readings.size(), 6U);
    EXPECT_EQ(readings[readings.size() - 2].quantity, BiasQuantity::Level);
    EXPECT_NEAR(readings[readings.size() - 2].value.value_or(0.0), 0.3, 0.001);
}

TEST(BiasListener, AnAliasIsHeardMirrored) {
    BiasSource direct;
    direct.kind = BiasSourceKind::Direct;
    direct.track = 1;
    direct.frequency_khz = own(170.0); // 192 - 170: heard at 22 kHz, lower as the bias rises
    direct.anti_alias_filter = false;
    direct.capture_channel = 1;
    const auto readings = of_carrier(direct, 22000.0 - 300.0, 0.2);
    ASSERT_GE(readings.size(), 2U);
    EXPECT_NEAR(readings[readings.size() - 2].value.value_or(0.0), 0.2, 0.001);
    EXPECT_NEAR(readings.back().value.value_or(0.0), 170300.0, 1.0);
}

TEST(BiasListener, BiasThatStopsIsMissedOnBothKinds) {
    Capture capture;
    capture.run(12.0, [](double at_s) {
        return at_s < 6.0 ? Bias{.rectified = 0.22, .mixed = 0.1} : Bias{.rectified = 0.0201, .mixed = 0.005};
    });
    int missed = 0;
    for (const Concern& each : capture.said) {
        missed += each.words.find("got none") != std::string::npos ? 1 : 0;
    }
    EXPECT_EQ(missed, 2);
    EXPECT_EQ(capture.monitor.worst(), BiasState::Missing);
}

TEST(BiasListener, RefusesWhatTheCaptureCannotHear) {
    const auto refusal = [](const std::vector<BiasSource>& sources, double rate_hz, std::size_t channels) {
        try {
            const BiasListener listener(sources, rate_hz, channels);
        } catch (const std::invalid_argument& error) {
            return std::string(error.what());
        }
        return std::string("accepted");
    };
    EXPECT_EQ(refusal(two_tracks(), kRate, kChannels), "accepted");
    EXPECT_THAT(refusal(two_tracks(), kRate, 2), AllOf(HasSubstr("capture channel 4"), HasSubstr("from 1 to 2")));
    EXPECT_THAT(refusal(two_tracks(), 48000.0, kChannels), AllOf(HasSubstr("does not pass"), HasSubstr("21.6 kHz")));
    auto direct = two_tracks();
    direct[1].kind = BiasSourceKind::Direct;
    EXPECT_THAT(refusal(direct, 192000.0, kChannels), HasSubstr("153.6 kHz does not pass the converter"));
    BiasSource adc;
    adc.kind = BiasSourceKind::Adc;
    EXPECT_TRUE(BiasListener({adc}, kRate, 0).empty()); // read by others
}

TEST(BiasListener, NoiseAloneIsNoReading) {
    BiasListener listener({two_tracks()[1]}, kRate, kChannels);
    std::vector<float> noise(96000 * kChannels);
    std::mt19937 random(2);
    std::normal_distribution<float> normal(0.0F, 0.1F);
    for (float& sample : noise) {
        sample = normal(random);
    }
    std::vector<BiasReading> readings(listener.most_readings(96000));
    readings.resize(listener.process(noise, readings));
    ASSERT_GE(readings.size(), 2U);
    for (const BiasReading& one : readings) {
        EXPECT_FALSE(one.value.has_value());
    }
}

TEST(BiasListener, NothingIsAllocatedWhileItListens) {
    BiasListener listener(two_tracks(), kRate, kChannels);
    const std::vector<float> block(96000 * kChannels, 0.3F);
    std::vector<BiasReading> readings(listener.most_readings(96000));
    const test_support::AllocationCount allocations;
    const std::size_t got = listener.process(block, readings);
    const std::size_t allocated = allocations.so_far();
    EXPECT_GE(got, 3U);
    EXPECT_EQ(allocated, 0U);
    EXPECT_TRUE(test_support::AllocationCount::works());
}

TEST(BiasListener, AGapDropsWhatIsHalfRead) {
    BiasListener listener({two_tracks()[0]}, kRate, kChannels);
    std::vector<BiasReading> readings(listener.most_readings(48000));
    std::vector<float> before(47000 * kChannels, 0.9F), after(48000 * kChannels, 0.3F);
    EXPECT_EQ(listener.process(before, readings), 0U);
    listener.reset();
    ASSERT_EQ(listener.process(after, readings), 1U);
    EXPECT_NEAR(readings[0].value.value_or(0.0), 0.28, 1e-6);
    EXPECT_EQ(readings[0].until_frame, 95000U);
}

} // namespace
} // namespace overbias::calibration::bias_listener_test
