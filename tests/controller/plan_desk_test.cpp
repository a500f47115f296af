// SPDX-License-Identifier: Apache-2.0
// Reel plans over the registry: read in each of the ways, held against the deck and its alignments.
#include "controller/plans/plan_desk.hpp"

#include "base/async/simulated_timeline.hpp"
#include "base/host_time.hpp"
#include "tape/memory_history.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <unistd.h>

namespace overbias::controller {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

/// A second of silence: 16 bit, mono, 48 kHz.
std::string silent_wav() {
    const std::uint32_t bytes = 2 * 48000;
    const auto number = [](std::uint32_t value, int size) {
        std::string out;
        for (int i = 0; i < size; ++i) {
            out += static_cast<char>(value >> (8 * i) & 0xFFU);
        }
        return out;
    };
    return "RIFF" + number(36 + bytes, 4) + "WAVEfmt " + number(16, 4) + number(1, 2) + number(1, 2) +
           number(48000, 4) + number(96000, 4) + number(2, 2) + number(16, 2) + "data" + number(bytes, 4) +
           std::string(bytes, '\0');
}

class PlanDeskTest : public ::testing::Test {
  protected:
    PlanDeskTest() : folder_(::testing::TempDir() + "plan-desk-" + std::to_string(::getpid())) {
        std::filesystem::create_directories(folder_);
        std::ofstream(folder_ / "a.wav", std::ios::binary) << silent_wav();
        auto config = simulated_config();
        EXPECT_TRUE(config) << (config ? "" : config.error().message);
        config_ = std::move(config).value();
        config_.print.studio = "Room 7";
    }
    ~PlanDeskTest() override { std::filesystem::remove_all(folder_); }

    void begin() {
        desk_ = std::make_unique<PlanDesk>(PlanDesk::Parts{.timeline = timeline_,
                                                           .config = config_,
                                                           .progress = [this](const std::string&) { ++progress_; },
                                                           .alignments = history_,
                                                           .deck_uuid = "deck",
                                                           .head_block_uuid = "heads"});
        desk_->add_commands(registry_);
    }
    Reply call(const std::string& method, const json::object& parameters) {
        if (!desk_) {
            begin();
        }
        std::unique_ptr<Reply> reply;
        registry_.call(method, parameters, {.local = true},
                       [&](Reply answer) { reply = std::make_unique<Reply>(std::move(answer)); });
        // A host thread works; deck time does not pass for it.
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (!reply && std::chrono::steady_clock::now() < until) {
            timeline_.run_for(std::chrono::milliseconds(1));
        }
        EXPECT_NE(reply, nullptr) << method << " was never answered";
        return reply ? *reply : Reply{};
    }
    json::object checked(const json::object& parameters) {
        const Reply reply = call("plan_check", parameters);
        EXPECT_TRUE(reply.ok()) << reply.message;
        return reply.ok() ? json::parse(reply.result).as_object() : json::object{};
    }
    void aligned(const std::string& batch) {
        tape::AlignmentRecord record;
        record.uuid = "11111111-2222-4333-8444-555555555555";
        record.key = {.deck_uuid = "deck",
                      .head_block_uuid = "heads",
                      .speed_ips = config_.tape.speed_ips,
                      .equalisation = config_.tape.equalisation,
                      .stock = config_.tape.stock.id,
                      .batch = batch};
        record.procedure = "record";
        record.begun_at = record.ended_at = utc_text(host_now().utc_ns - 3'600'000'000'000);
        EXPECT_TRUE(history_.store(record));
    }
    json::object plan() const {
        return {{"title", "T"},
                {"sides",
                 json::array{json::object{
                     {"name", "A"}, {"tracks", json::array{json::object{{"file", (folder_ / "a.wav").string()}}}}}}}};
    }

    std::filesystem::path folder_;
    SimulatedTimeline timeline_;
    Config config_;
    tape::MemoryAlignmentHistory history_;
    CommandRegistry registry_;
    std::unique_ptr<PlanDesk> desk_;
    int progress_ = 0;
};

TEST_F(PlanDeskTest, APlanIsHeldAgainstTheDecksAlignmentForItsBatch) {
    aligned("12");
    json::object given = plan();
    given["tape"] = json::object{{"batch", "12"}};
    const json::object good = checked({{"plan", given}});
    EXPECT_TRUE(good.at("printable").as_bool()) << json::serialize(good.at("refusals"));
    EXPECT_EQ(good.at("alignment").at("procedure").as_string(), "record");
    EXPECT_EQ(good.at("plan").at("studio").as_string(), "Room 7");
    EXPECT_FALSE(good.at("cue_sheet").at("cues").as_array().empty());
    EXPECT_GT(progress_, 0);

    given["tape"] = json::object{{"batch", "13"}};
    const json::object other = checked({{"plan", given}});
    EXPECT_FALSE(other.at("printable").as_bool());
    EXPECT_EQ(other.at("refusals").at(0).at("kind").as_string(), "not_aligned");
}

TEST_F(PlanDeskTest, ATextLiesInItsFolderAndAFileInItsOwn) {
    const std::string toml = "title = \"T\"\n[alignment]\nwithin_days = 0\n[[sides]]\nname = \"A\"\n[[sides.tracks]]\n"
                             "file = \"a.wav\"\n";
    EXPECT_TRUE(checked({{"toml", toml}, {"folder", folder_.string()}}).at("printable").as_bool());
    std::ofstream(folder_ / "reel.toml") << toml;
    EXPECT_TRUE(checked({{"path", (folder_ / "reel.toml").string()}}).at("printable").as_bool());
    EXPECT_TRUE(checked({{"plan", (folder_ / "reel.toml").string()}}).at("printable").as_bool());
}

TEST_F(PlanDeskTest, WhatIsNoPlanIsAnErrorWithItsLines) {
    const Reply reply = call("plan_check", {{"toml", "titel = 3\n"}, {"name", "reel.toml"}, {"folder", "/"}});
    EXPECT_EQ(reply.code, ErrorCode::UnusableInput);
    EXPECT_THAT(reply.message, HasSubstr("reel.toml:1: titel: unknown key"));
    EXPECT_EQ(call("plan_check", json::object{}).code, ErrorCode::InvalidParams);
    EXPECT_EQ(call("plan_check", {{"path", "reel.toml"}}).code, ErrorCode::InvalidParams);
    EXPECT_THAT(call("plan_check", {{"path", "/nowhere/reel.toml"}}).message, HasSubstr("/nowhere/reel.toml"));
}

TEST_F(PlanDeskTest, ATemplateComesWithTheConfigurationsDefaults) {
    const Reply reply = call("plan_template", {{"files", json::array{"/m/a.wav"}}, {"title", "Ferry"}});
    ASSERT_TRUE(reply.ok()) << reply.message;
    const json::value answer = json::parse(reply.result);
    EXPECT_THAT(std::string(answer.at("toml").as_string()), HasSubstr("title = \"Ferry\""));
    EXPECT_EQ(answer.at("plan").at("sides").at(0).at("tracks").at(0).at("file").as_string(), "/m/a.wav");
}

TEST_F(PlanDeskTest, ATextIsReadAsItIsWrittenWithoutWhatItLeavesToTheConfiguration) {
    const char* const text =
        "title = \"F\u00e4hre \\U0001D11E\"\ngap = \"3 s\"\n[tape]\ntails_out = false\n"
        "[[sides]]\nname = \"A\"\nstart_m = 5\n[[sides.tracks]]\nfile = \"a.wav\"\ntrim_db = -0.5\n";
    const Reply reply = call("plan_read", {{"toml", text}, {"name", "ferry.toml"}});
    ASSERT_TRUE(reply.ok()) << reply.message;
    const json::value answer = json::parse(reply.result);
    EXPECT_TRUE(answer.at("against").is_null()) << answer;
    EXPECT_EQ(
        answer.at("plan"),
        (json::object{{"title", "F\u00e4hre \U0001D11E"},
                      {"gap", "3 s"},
                      {"tape", {{"tails_out", false}}},
                      {"sides", json::array{json::object{
                                    {"name", "A"},
                                    {"start_m", 5},
                                    {"tracks", json::array{json::object{{"file", "a.wav"}, {"trim_db", -0.5}}}}}}}}));
}

TEST_F(PlanDeskTest, APlanWithMistakesIsReadAndTheyAreTold) {
    const Reply reply = call("plan_read", {{"toml", "colour = 3\n[[sides]]\nname = \"A\"\n"}, {"name", "ferry.toml"}});
    ASSERT_TRUE(reply.ok()) << reply.message;
    const json::value answer = json::parse(reply.result);
    EXPECT_EQ(answer.at("plan").at("colour").as_int64(), 3);
    const std::string against(answer.at("against").as_string());
    EXPECT_THAT(against, HasSubstr("ferry.toml:1: colour"));
    EXPECT_THAT(against, HasSubstr("title"));
}

TEST_F(PlanDeskTest, WhatIsNoPlanIsRefusedInWords) {
    const Reply noise = call("plan_read", {{"toml", "title = \"x\"\nRIFF....WAVEfmt"}, {"name", "a.wav"}});
    EXPECT_EQ(noise.code, ErrorCode::UnusableInput);
    EXPECT_THAT(noise.message, HasSubstr("a.wav:2: not TOML"));
    const Reply other = call("plan_read", {{"toml", "[package]\nname = \"x\"\n"}, {"name", "Cargo.toml"}});
    EXPECT_EQ(other.code, ErrorCode::UnusableInput);
    EXPECT_THAT(other.message, HasSubstr("Cargo.toml is no reel plan: it has no [[sides]]"));
}

TEST_F(PlanDeskTest, ADeskThatGoesEndsItsCheck) {
    begin();
    bool answered = false;
    registry_.call("plan_check", json::object{{"plan", plan()}}, {.local = true},
                   [&](const Reply&) { answered = true; });
    desk_.reset();
    timeline_.run_for(std::chrono::milliseconds(5));
    EXPECT_FALSE(answered && progress_ > 0);
}

} // namespace
} // namespace overbias::controller
