// SPDX-License-Identifier: Apache-2.0
// Where the loop measurement's result is kept.
#include "controller/round_trip.hpp"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::controller {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

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
