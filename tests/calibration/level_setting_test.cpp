// SPDX-License-Identifier: Apache-2.0
// Level and equaliser trims set by converters of many tapers, and by hand.
#include "calibration/procedure/level_setting.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <random>

namespace overbias::calibration {

namespace {

constexpr double kConverterStep = 1.0 / 4095.0;

int settle(LevelSetting& setting, const std::function<double(double)>& read) {
    int readings = 0;
    while (setting.state() == LevelSetting::State::Working && readings < 100) {
        setting.add(read(setting.position()));
        ++readings;
    }
    return readings;
}

} // namespace

TEST(LevelSetting, SettlesOnEveryTaperInAFewReadings) {
    int all = 0;
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937_64 random(seed);
        const auto evenly = [&random](double low, double high) {
            return std::uniform_real_distribution<double>(low, high)(random);
        };
        const double range_db = evenly(6.0, 30.0);
        const double bend = evenly(-0.35, 0.35);
        const auto level = [&](double at) {
            const double x = 2.0 * at - 1.0;
            return 0.5 * range_db * (x + bend * (1.0 - x * x));
        };
        const double target = level(evenly(0.1, 0.9));
        LevelSetting setting({.level_db = target, .tolerance_db = 0.1}, evenly(0.0, 1.0), kConverterStep);
        all +=
            settle(setting, [&](double at) { return level(at) + std::normal_distribution<double>(0.0, 0.01)(random); });
        ASSERT_EQ(setting.state(), LevelSetting::State::Done) << setting.words();
        EXPECT_NEAR(level(setting.position()), target, 0.1);
        EXPECT_NEAR(setting.position() / kConverterStep, std::round(setting.position() / kConverterStep), 1e-6);
    }
    EXPECT_LE(all, 50 * 6);
}

TEST(LevelSetting, LeavesAloneWhatIsRight) {
    LevelSetting setting({.level_db = -20.0, .tolerance_db = 0.1}, 0.3, kConverterStep);
    EXPECT_EQ(settle(setting, [](double) { return -20.03; }), 1);
    EXPECT_EQ(setting.state(), LevelSetting::State::Done);
    EXPECT_FALSE(setting.moved());
}

TEST(LevelSetting, SaysWhyItCannot) {
    LevelSetting short_of({.level_db = 0.0, .tolerance_db = 0.1}, 0.5, kConverterStep);
    settle(short_of, [](double at) { return -20.0 + 12.0 * at; });
    EXPECT_EQ(short_of.state(), LevelSetting::State::Failed);
    EXPECT_THAT(short_of.words(), testing::HasSubstr("upper end of its travel and still 8.00 dB low"));
    LevelSetting dead({.level_db = 0.0, .tolerance_db = 0.1}, 0.5, kConverterStep);
    settle(dead, [](double) { return -3.0; });
    EXPECT_THAT(dead.words(), testing::HasSubstr("does not follow"));
    LevelSetting silent({.level_db = 0.0, .tolerance_db = 0.1}, 0.5, kConverterStep);
    settle(silent, [](double) { return -HUGE_VAL; });
    EXPECT_THAT(silent.words(), testing::HasSubstr("nothing comes off tape"));
}

TEST(LevelGuide, TellsAPersonWhichWayAndHowMuch) {
    LevelGuide guide({.level_db = 0.0, .tolerance_db = 0.1}, 3);
    guide.add(-1.5);
    EXPECT_EQ(guide.words(), "turn up: 1.5 dB");
    guide.add(-0.3);
    EXPECT_EQ(guide.words(), "turn up a little: 0.30 dB");
    guide.add(0.2);
    EXPECT_EQ(guide.words(), "turn down a little: 0.20 dB");
    guide.add(0.05);
    guide.add(-0.05);
    EXPECT_EQ(guide.words(), "hold it there");
    guide.add(0.2);
    guide.add(0.0);
    guide.add(0.0);
    EXPECT_FALSE(guide.done());
    guide.add(0.0);
    EXPECT_TRUE(guide.done());
}

} // namespace overbias::calibration
