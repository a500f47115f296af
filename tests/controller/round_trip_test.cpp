// SPDX-License-Identifier: Apache-2.0
// The loop measurement's mathematics, and where its result is kept.
#include "controller/loop_measurement.hpp"
#include "controller/round_trip.hpp"

#include <cmath>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numbers>

namespace overbias::controller {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// What a cable and two converters make of the signal: later by a fraction of a frame too (a windowed sinc, written out
/// here), quieter, with a little noise.
std::vector<std::int32_t> through_converters(const LoopMeasurement& loop, double frames, double left_gain,
                                             double right_gain, bool crossed = false) {
    const auto signal = loop.signal();
    std::vector<std::int32_t> out(loop.window_frames() * 2);
    constexpr int kReach = 24;
    for (std::size_t i = 0; i < out.size() / 2; ++i) {
        const double at = static_cast<double>(i) - frames;
        const auto nearest = static_cast<std::int64_t>(std::floor(at));
        for (std::size_t channel = 0; channel < 2; ++channel) {
            double sum = 0;
            for (std::int64_t n = nearest - kReach; n <= nearest + kReach + 1; ++n) {
                if (n < 0 || n >= static_cast<std::int64_t>(signal.size() / 2)) {
                    continue;
                }
                const double x = at - static_cast<double>(n);
                const double sinc = x == 0.0 ? 1.0 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x);
                const double window = 0.5 + 0.5 * std::cos(std::numbers::pi * x / (kReach + 1.5));
                sum += signal[static_cast<std::size_t>(n) * 2 + channel] * sinc * window;
            }
            const double noise = std::sin(static_cast<double>(i) * 12.9898 + static_cast<double>(channel)) * 2000.0;
            const double gain = channel == 0 ? left_gain : right_gain;
            out[2 * i + (crossed ? 1 - channel : channel)] = static_cast<std::int32_t>(sum * gain + noise);
        }
    }
    return out;
}

TEST(LoopMeasurement, FindsTheDelayToAFractionOfAFrame) {
    LoopMeasurement loop(48000.0);
    for (const double frames : {61.37, 0.5, 1234.25}) {
        const auto found = loop.find(through_converters(loop, frames, 0.7, 0.72));
        ASSERT_TRUE(found.ok()) << found.error().message;
        EXPECT_NEAR(found->frames, frames, 0.02);
    }
}

TEST(LoopMeasurement, SaysWhatCameInsteadOfTheSignal) {
    LoopMeasurement loop(48000.0);
    const std::vector<std::int32_t> silence(loop.window_frames() * 2);
    EXPECT_THAT(loop.find(silence).error().message, HasSubstr("did not come back on the left channel"));
    EXPECT_THAT(loop.find(through_converters(loop, 60, 0.7, 0.0)).error().message,
                HasSubstr("did not come back on the right channel"));
    EXPECT_THAT(loop.find(through_converters(loop, 60, 0.7, 0.7, true)).error().message,
                HasSubstr("left and right are crossed"));
    EXPECT_THAT(loop.find(through_converters(loop, 60, -0.7, 0.7)).error().message,
                HasSubstr("left channel comes back with its polarity turned over"));
}

class RoundTripFile : public testing::Test {
  protected:
    RoundTripFile() {
        std::string name = (fs::temp_directory_path() / "overbias-roundtrip-XXXXXX").string();
        EXPECT_NE(mkdtemp(name.data()), nullptr);
        directory_ = name;
        audio_.playback_device = "hw:CARD=Deck,DEV=0";
        audio_.capture_device = "hw:CARD=\"odd\",DEV=1";
    }
    ~RoundTripFile() override { fs::remove_all(directory_); }
    std::optional<double> loaded(const AudioConfig& audio) {
        const auto found = load_round_trip(directory_, audio);
        EXPECT_TRUE(found.ok()) << found.error().message;
        return found ? *found : std::nullopt;
    }
    fs::path directory_;
    AudioConfig audio_;
};

TEST_F(RoundTripFile, IsKeptForTheseDevicesAtThisRate) {
    EXPECT_EQ(loaded(audio_), std::nullopt) << "nothing was measured yet";
    ASSERT_TRUE(store_round_trip(directory_, audio_, 61.3721).ok());
    EXPECT_EQ(loaded(audio_), 61.3721);
    AudioConfig other = audio_;
    other.sample_rate_hz = other.capture_sample_rate_hz = 96000;
    EXPECT_EQ(loaded(other), std::nullopt) << "another rate is another delay";
    ASSERT_TRUE(store_round_trip(directory_, other, 75.0).ok());
    ASSERT_TRUE(store_round_trip(directory_, audio_, 62.0).ok()) << "measured anew";
    EXPECT_EQ(loaded(audio_), 62.0);
    EXPECT_EQ(loaded(other), 75.0);
    other.capture_device = "hw:CARD=Other";
    EXPECT_EQ(loaded(other), std::nullopt);
}

TEST_F(RoundTripFile, ADamagedFileIsAnErrorAndNotANewMeasurement) {
    std::ofstream(directory_ / "round_trip.toml") << "[[measured]]\nplayback_hz = 48000\n";
    EXPECT_THAT(load_round_trip(directory_, audio_).error().message, HasSubstr("round_trip.toml"));
    EXPECT_FALSE(store_round_trip(directory_, audio_, 1.0).ok());
}

} // namespace
} // namespace overbias::controller
