// SPDX-License-Identifier: Apache-2.0
// What the log says of a print that its daemon did not survive.
#include "controller/log_keeper.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <vector>

namespace overbias::controller {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const std::string kPrint = "0d9c3f0a-27a4-4d1e-8f5e-6d4b6a5c1b2a";

class InterruptedPrint : public testing::Test {
  protected:
    InterruptedPrint() {
        std::string name = (fs::temp_directory_path() / "overbias-keeper-XXXXXX").string();
        EXPECT_NE(mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    ~InterruptedPrint() override { fs::remove_all(folder_); }
    std::unique_ptr<logbook::Logbook> open() {
        auto opened = logbook::Logbook::open(folder_ / "logbook.sqlite");
        EXPECT_TRUE(opened.ok()) << opened.error().message;
        return std::move(opened).value();
    }
    static LogSubject subject() {
        return {
            .deck = {.uuid = "11111111-1111-4111-8111-111111111111", .name = "d", .profile = "p", .simulated = true},
            .head_block = {.uuid = "22222222-2222-4222-8222-222222222222",
                           .deck_uuid = "11111111-1111-4111-8111-111111111111",
                           .name = {}},
            .reel = {.uuid = "33333333-3333-4333-8333-333333333333",
                     .label = {},
                     .stock = "s",
                     .batch = {},
                     .length_m = 762.0}};
    }
    fs::path folder_;
};

TEST_F(InterruptedPrint, IsFoundWithTheLastPlaceThatWasProven) {
    {
        const auto logbook = open();
        LogKeeper keeper(*logbook, subject(), [] { return std::optional<std::int64_t>(); });
        keeper.job_started(kPrint, "print", {}, 2.0);
        // by the counter the tape is further than what has been judged of it
        for (const double proven_m : {3.25, 44.5}) {
            keeper.job_event(
                kPrint, {.kind = "proven", .detail = {}, .audio_frame = 48000, .tape_m = 1.0, .counter_m = proven_m},
                proven_m + 0.4);
        }
        keeper.job_event(kPrint, {.kind = "dropout", .detail = {}, .audio_frame = {}, .tape_m = 2.0}, 45.0);
        ASSERT_TRUE(logbook->flush().ok());
        const auto running = logbook->sessions(10);
        ASSERT_TRUE(running.ok());
        EXPECT_EQ(running->front().last_proven_m, 44.5);
    } // the keeper ends its own session in order; the print's stays open
    const auto logbook = open();
    EXPECT_THAT(logbook->interrupted_sessions(), testing::ElementsAre(kPrint));
    const auto sessions = logbook->sessions(10);
    ASSERT_TRUE(sessions.ok());
    const auto print = std::ranges::find(*sessions, kPrint, [](const auto& each) { return each.session.uuid; });
    ASSERT_NE(print, sessions->end());
    EXPECT_EQ(print->state, "interrupted");
    EXPECT_EQ(print->last_proven_m, 44.5);
    const auto events = logbook->events(kPrint, 0, 100);
    ASSERT_TRUE(events.ok());
    EXPECT_EQ(events->back().event.kind, "session_interrupted");
    EXPECT_EQ(events->back().event.tape_m, 44.5);
    EXPECT_THAT(events->back().event.detail_json, HasSubstr("\"last_proven_m\":44.500"));
    EXPECT_TRUE(logbook->verify_chain()->intact);
}

TEST_F(InterruptedPrint, OfWhichNothingWasProvenSaysNothing) {
    {
        const auto logbook = open();
        LogKeeper keeper(*logbook, subject(), [] { return std::optional<std::int64_t>(); });
        keeper.job_started(kPrint, "print", {}, 2.0);
        ASSERT_TRUE(logbook->flush().ok());
    }
    const auto logbook = open();
    EXPECT_EQ(logbook->sessions(10)->front().last_proven_m, std::nullopt);
    EXPECT_EQ(logbook->events(kPrint, 0, 100)->back().event.tape_m, std::nullopt);
}

TEST_F(InterruptedPrint, OfTheProofTheChangeIsLoggedAndAPlaceNowAndThen) {
    const auto logbook = open();
    LogKeeper keeper(*logbook, subject(), [] { return std::optional<std::int64_t>(); });
    keeper.job_started(kPrint, "print", {}, 2.0);
    const auto proven = [&](double at_m, const std::string& failing, bool off_tape) {
        std::map<std::string, std::string> detail{{"failing", failing}, {"dropouts", "0"}};
        if (off_tape) {
            detail["delay_ms"] = "92.1";
        }
        keeper.job_event(
            kPrint, {.kind = "proven", .detail = detail, .audio_frame = 1, .tape_m = 1.0, .counter_m = at_m}, at_m);
    };
    const auto several = [&](double from_m, const std::string& failing, bool off_tape) {
        for (int i = 0; i < 5; ++i) {
            proven(from_m + 0.2 * i, failing, off_tape);
        }
    };
    several(2.0, "", false);
    several(3.0, "", true);
    several(4.0, "no_signal", true);
    several(5.0, "", true);
    for (double at_m = 6.0; at_m < 50.0; at_m += 0.25) {
        proven(at_m, "", true);
    }
    ASSERT_TRUE(logbook->flush().ok());
    const auto events = logbook->events(kPrint, 0, 100);
    ASSERT_TRUE(events.ok());
    std::vector<double> places;
    for (const auto& each : *events) {
        if (each.event.kind == "proven") {
            places.push_back(each.event.tape_m.value_or(-1.0));
        }
    }
    EXPECT_THAT(places, testing::ElementsAre(2.0, 3.0, 4.0, 5.0, 25.0, 45.0));
}

} // namespace
} // namespace overbias::controller
