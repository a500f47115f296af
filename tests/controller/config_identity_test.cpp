// SPDX-License-Identifier: Apache-2.0
#include "base/uuid.hpp"
#include "controller/config.hpp"
#include "controller/identity.hpp"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::controller {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class IdentityDirectory : public testing::Test {
  protected:
    IdentityDirectory() {
        std::string name = (fs::temp_directory_path() / "overbias-identity-XXXXXX").string();
        EXPECT_NE(mkdtemp(name.data()), nullptr);
        directory_ = name;
        auto config = simulated_config();
        EXPECT_TRUE(config.ok());
        config_ = std::move(config).value();
        config_.daemon.state_dir = directory_ / "state";
    }
    ~IdentityDirectory() override { fs::remove_all(directory_); }

    fs::path directory_;
    Config config_;
};

TEST_F(IdentityDirectory, IsMadeOnceAndStays) {
    const auto first = load_identity(config_);
    ASSERT_TRUE(first.ok()) << first.error().message;
    EXPECT_TRUE(is_uuid(first->deck_uuid));
    EXPECT_TRUE(is_uuid(first->head_block_uuid));
    EXPECT_NE(first->deck_uuid, first->head_block_uuid);
    const auto again = load_identity(config_);
    EXPECT_EQ(again->deck_uuid, first->deck_uuid);
    EXPECT_EQ(again->head_block_uuid, first->head_block_uuid);
    // another deck in the same directory is another identity, and the first keeps its own
    config_.deck.profile.id = "other";
    EXPECT_NE(load_identity(config_)->deck_uuid, first->deck_uuid);
    config_.deck.profile.id = "simulated";
    EXPECT_EQ(load_identity(config_)->deck_uuid, first->deck_uuid);
}

TEST_F(IdentityDirectory, ConfigurationComesFirst) {
    config_.deck.head_block_uuid = "2c5ea4c0-4067-41fe-9bad-9b1deb4d3b7d";
    const auto identity = load_identity(config_);
    EXPECT_EQ(identity->head_block_uuid, config_.deck.head_block_uuid);
    EXPECT_TRUE(is_uuid(identity->deck_uuid));
    EXPECT_EQ(load_identity(config_)->deck_uuid, identity->deck_uuid);
}

TEST_F(IdentityDirectory, DamagedFileIsAnErrorAndNeverANewIdentity) {
    ASSERT_TRUE(load_identity(config_).ok());
    const fs::path file = config_.daemon.state_dir / "identity.toml";
    std::ofstream(file) << "[[deck]]\nprofile = \"simulated\"\nuuid = \"half\"\n";
    const auto broken = load_identity(config_);
    ASSERT_FALSE(broken.ok());
    EXPECT_THAT(broken.error().message, HasSubstr(file.string() + ":3: deck[0].uuid: expected a UUID, got \"half\""));
    EXPECT_THAT(broken.error().message, HasSubstr("head_block_uuid: expected text, got nothing"));
}

TEST_F(IdentityDirectory, StateDirectoryThatCannotBeMade) {
    std::ofstream(directory_ / "file") << "x";
    config_.daemon.state_dir = directory_ / "file" / "state";
    EXPECT_THAT(load_identity(config_).error().message, HasSubstr("cannot be made"));
}

} // namespace
} // namespace overbias::controller
