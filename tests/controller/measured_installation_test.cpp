// SPDX-License-Identifier: Apache-2.0
// What alignments measure of the installation itself, and where it is kept.
#include "controller/alignment/measured_head_delay.hpp"
#include "controller/alignment/measured_levels.hpp"
#include "controller/installation_memory.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <string>

namespace overbias::controller {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const Identity kBlock{.deck_uuid = "11111111-1111-4111-8111-111111111111",
                      .head_block_uuid = "22222222-2222-4222-8222-222222222222"};

class MeasuredInstallation : public testing::Test {
  protected:
    MeasuredInstallation() {
        std::string name = (fs::temp_directory_path() / "overbias-measured-XXXXXX").string();
        EXPECT_NE(mkdtemp(name.data()), nullptr);
        config_ = simulated_config().value();
        config_.daemon.state_dir = name;
    }
    ~MeasuredInstallation() override { fs::remove_all(config_.daemon.state_dir); }
    [[nodiscard]] const fs::path& folder() const { return config_.daemon.state_dir; }
    [[nodiscard]] std::optional<double> delay_s(const Identity& identity, const TapeConfig& tape) const {
        const auto kept = load_head_delay(folder(), identity, tape);
        EXPECT_TRUE(kept.ok()) << kept.error().message;
        return kept && *kept ? std::optional((*kept)->delay_s) : std::nullopt;
    }
    Config config_;
};

TEST_F(MeasuredInstallation, AHeadDelayHoldsForItsBlockSpeedAndEqualisation) {
    EXPECT_EQ(delay_s(kBlock, config_.tape), std::nullopt);
    ASSERT_TRUE(store_head_delay(folder(), kBlock, config_.tape, {.delay_s = 0.0921281, .uncertainty_s = 1.8e-6}).ok());
    EXPECT_EQ(delay_s(kBlock, config_.tape), 0.0921281);
    TapeConfig faster = config_.tape;
    faster.speed_ips = 30.0;
    EXPECT_EQ(delay_s(kBlock, faster), std::nullopt);
    TapeConfig other = config_.tape;
    other.equalisation = tape::Equalisation::Nab;
    EXPECT_EQ(delay_s(kBlock, other), std::nullopt);
    EXPECT_EQ(delay_s({.deck_uuid = kBlock.deck_uuid, .head_block_uuid = "3"}, config_.tape), std::nullopt);
    ASSERT_TRUE(store_head_delay(folder(), kBlock, faster, {.delay_s = 0.046, .uncertainty_s = 0.0}).ok());
    ASSERT_TRUE(store_head_delay(folder(), kBlock, config_.tape, {.delay_s = 0.093, .uncertainty_s = 0.0}).ok());
    EXPECT_EQ(delay_s(kBlock, config_.tape), 0.093); // the newer one, and the other speed's stays
    EXPECT_EQ(delay_s(kBlock, faster), 0.046);
}

TEST_F(MeasuredInstallation, AMeasuredHeadDelayGoesBeforeTheConfiguration) {
    config_.deck.calibrated_head_delay_ms = 90.0;
    take_head_delay(config_, kBlock);
    EXPECT_EQ(config_.deck.calibrated_head_delay_ms, 90.0); // nothing was measured
    ASSERT_TRUE(store_head_delay(folder(), kBlock, config_.tape, {.delay_s = 0.0921281, .uncertainty_s = 0.0}).ok());
    take_head_delay(config_, kBlock);
    EXPECT_NEAR(config_.deck.calibrated_head_delay_ms, 92.1281, 1e-6);
}

TEST_F(MeasuredInstallation, LineLevelsAreTakenWhereTheConfigurationHasNone) {
    tape::LevelChart measured = config_.audio.levels;
    measured.play_dbu_at_full_scale = 18.25;
    measured.capture_dbu_at_full_scale = 17.5;
    ASSERT_TRUE(store_line_levels(folder(), config_.audio, measured).ok());
    config_.audio.levels.capture_dbu_at_full_scale = 20.0;
    const Config started = with_round_trip(config_);
    EXPECT_EQ(started.audio.levels.play_dbu_at_full_scale, 18.25);
    EXPECT_EQ(started.audio.levels.capture_dbu_at_full_scale, 20.0);
    EXPECT_EQ(started.audio.levels.dbu_at_0_vu, std::nullopt);
    Config other = config_;
    other.audio.playback_device = "hw:CARD=Other";
    EXPECT_EQ(with_round_trip(other).audio.levels.play_dbu_at_full_scale, std::nullopt); // another card
}

TEST_F(MeasuredInstallation, AFileThatCanNotBeReadIsNamed) {
    std::ofstream(folder() / "head_delay.toml") << "[[measured]]\nspeed_ips = \"fast\"\n";
    const auto kept = load_head_delay(folder(), kBlock, config_.tape);
    ASSERT_FALSE(kept.ok());
    EXPECT_THAT(kept.error().message, HasSubstr("head_delay.toml"));
    std::ofstream(folder() / "line_levels.toml") << "measured = 1\n";
    EXPECT_THAT(load_line_levels(folder(), config_.audio, config_.audio.levels).error().message,
                HasSubstr("line_levels.toml"));
}

} // namespace
} // namespace overbias::controller
