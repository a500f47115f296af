// SPDX-License-Identifier: Apache-2.0
// What the stored print sessions say: which can go on, with what, and which uploaded files they still need.
#include "controller/printing/print_requests.hpp"
#include "controller/printing/session_store.hpp"
#include "mastering/plan/side_begin.hpp"
#include "mastering/print_report.hpp"
#include "mastering/punch_in.hpp"
#include "mastering/session_resume.hpp"
#include "mastering/session_text.hpp"

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>

namespace overbias::controller {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kSession = "0b8d1c5e-6f0a-4f2e-9a51-3a7d2f6f9c10";
const std::string kUpload = "7e1f0a52-94d0-4c0b-8b0e-55b5a3c0d2aa";
const std::string kOther = "c2b6a7de-1111-4222-8333-444455556666";

class Sessions : public testing::Test {
  protected:
    Sessions() {
        std::string name = (std::filesystem::temp_directory_path() / "overbias-sessions-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("no folder for the test");
        }
        folder_ = name;
    }
    ~Sessions() override {
        std::error_code error;
        std::filesystem::remove_all(folder_, error);
    }
    /// A session of one side with one track.
    static mastering::PrintSession session(const std::string& file, const std::string& plan, bool complete) {
        mastering::PrintSession made;
        made.id = kSession;
        made.made_utc = "2026-03-01T12:00:00Z";
        made.title = "Album";
        made.plan = plan;
        mastering::SessionSide side;
        side.name = "A";
        side.verdict = complete ? "pass" : "";
        mastering::SessionTrack track;
        track.file = file;
        track.done = complete;
        side.tracks.push_back(track);
        made.sides.push_back(side);
        return made;
    }
    static mastering::SessionRun run(const std::string& begun_utc, std::optional<double> from_m) {
        mastering::SessionRun made;
        made.begun_utc = begun_utc;
        made.from_m = from_m;
        return made;
    }
    std::filesystem::path folder_;
};

TEST_F(Sessions, AnUploadIsNeededUntilThePrintHasComeToItsEnd) {
    const SessionStore store(folder_ / "prints");
    EXPECT_EQ(store.needs_upload(kUpload), "") << "there is no session yet";
    const std::string read_from = "/var/lib/overbias/uploads/" + kUpload + "/content";
    ASSERT_TRUE(store.save(session(read_from, "{}", false)));
    EXPECT_THAT(store.needs_upload(kUpload), AllOf(HasSubstr("print " + kSession + " (Album)"), HasSubstr("--resume")));
    EXPECT_EQ(store.needs_upload(kOther), "");
    ASSERT_TRUE(store.save(session(read_from, "{}", true)));
    EXPECT_EQ(store.needs_upload(kUpload), "");
}

TEST_F(Sessions, AVoiceSlateOfThePlanIsNeededToo) {
    const SessionStore store(folder_ / "prints");
    const std::string plan = R"({"slate": {"voice": "upload:)" + kUpload + "\"}}";
    ASSERT_TRUE(store.save(session("/masters/a.wav", plan, false)));
    EXPECT_THAT(store.needs_upload(kUpload), HasSubstr("needs it"));
    EXPECT_EQ(store.needs_upload(kOther), "");
}

TEST_F(Sessions, WhatWasRefusedBeforeAnythingWasRecordedHasNothingToGoOnWith) {
    const SessionStore store(folder_ / "prints");
    const std::string read_from = "/var/lib/overbias/uploads/" + kUpload + "/content";
    mastering::PrintSession refused = session(read_from, "{}", false);
    refused.sides[0].runs.push_back(run("2026-03-01T12:00:00Z", {}));
    ASSERT_TRUE(store.save(refused));
    EXPECT_NE(store.needs_upload(kUpload), "") << "its run goes on and may come to record";
    refused.sides[0].runs[0].ended = "the tape position is not known";
    ASSERT_TRUE(store.save(refused));
    EXPECT_EQ(store.needs_upload(kUpload), "");
    EXPECT_FALSE(store.newest_interrupted());
    EXPECT_FALSE(store.newest_on_tape());
    const auto told = listed_json(refused, false);
    EXPECT_EQ(told.at("state"), "refused");
    EXPECT_TRUE(told.at("resume").is_null());
    EXPECT_EQ(listed_json(refused, true).at("state"), "printing");
    refused.sides[0].runs[0].from_m = 1.0;
    EXPECT_EQ(listed_json(refused, false).at("state"), "interrupted");
    EXPECT_TRUE(listed_json(refused, false).at("resume").is_object());
    const auto resumed = mastering::resume_session(session(read_from, "{}", false), {}, {}, {}, {});
    ASSERT_FALSE(resumed);
    EXPECT_THAT(resumed.error().message, HasSubstr("nothing of it was recorded"));
}

TEST_F(Sessions, TheOneOnTheTapeIsTheOneRecordedLast) {
    const SessionStore store(folder_ / "prints");
    mastering::PrintSession first = session("/a.wav", "{}", false); // begun first, gone on with last
    first.sides[0].runs.push_back(run("2026-03-01T12:00:00Z", 1.0));
    first.sides[0].runs.push_back(run("2026-03-03T12:00:00Z", 9.0));
    mastering::PrintSession second = session("/a.wav", "{}", true);
    second.id = kOther;
    second.made_utc = "2026-03-02T12:00:00Z";
    second.sides[0].runs.push_back(run("2026-03-02T12:00:00Z", 1.0));
    ASSERT_TRUE(store.save(first));
    ASSERT_TRUE(store.save(second));
    const auto newest = store.newest_on_tape();
    ASSERT_TRUE(newest);
    EXPECT_EQ(newest->id, kSession);
}

TEST_F(Sessions, TheLevelItWasPrintedWithIsKeptAndHasToBeTheSame) {
    const SessionStore store(folder_ / "prints");
    mastering::PrintSession made = session("/a.wav", R"({"title": "Album", "sides": []})", false);
    made.sides[0].runs.push_back(run("2026-03-01T12:00:00Z", 1.0));
    made.speed_ips = 15.0;
    made.sample_rate_hz = 48000.0;
    made.play_dbfs_at_operating_level = -14.0;
    ASSERT_TRUE(store.save(made));
    const auto kept = store.load(kSession);
    ASSERT_TRUE(kept) << kept.error().message;
    EXPECT_EQ(kept->play_dbfs_at_operating_level, -14.0);
    const auto report = boost::json::parse(mastering::report_of_session(*kept));
    EXPECT_EQ(report.at("reel").at("play_dbfs_at_operating_level").to_number<double>(), -14.0)
        << "a verification needs it";
    mastering::PrintInstallation installation;
    installation.tape_speed_ips = 15.0;
    installation.sample_rate_hz = 48000.0;
    installation.play_dbfs_at_operating_level = -12.0;
    const auto louder = mastering::resume_session(*kept, {}, installation, {}, {});
    ASSERT_FALSE(louder);
    EXPECT_THAT(louder.error().message, AllOf(HasSubstr("-14.00 dBFS"), HasSubstr("-12.00 dBFS")));
    installation.play_dbfs_at_operating_level = -14.0;
    const auto same = mastering::resume_session(*kept, {}, installation, {}, {});
    ASSERT_FALSE(same) << "there is no such plan";
    EXPECT_THAT(same.error().message, Not(HasSubstr("dBFS")));
}

TEST_F(Sessions, ATrackIsKnownByItsTitleAndOneStoredWithoutByItsFile) {
    mastering::PrintSession printed = session("/var/lib/overbias/uploads/" + kUpload + "/content", "{}", false);
    printed.sides[0].tracks[0].name = "Ferry";
    printed.sides[0].tracks.insert(printed.sides[0].tracks.begin(), mastering::SessionTrack());
    std::string text = mastering::session_text(printed);
    const auto kept = mastering::session_from_text(text);
    ASSERT_TRUE(kept) << kept.error().message;
    EXPECT_EQ(mastering::boundary_words(*kept, {0, 1}), "side A before track 2 (Ferry)");
    const std::string name = "\"name\": \"Ferry\",";
    ASSERT_NE(text.find(name), std::string::npos) << text;
    const auto older = mastering::session_from_text(text.erase(text.find(name), name.size()));
    ASSERT_TRUE(older) << older.error().message;
    EXPECT_EQ(mastering::boundary_words(*older, {0, 1}), "side A before track 2 (content)");
}

// What passes the record head just after record came on was not erased: 33 mm are 87 ms at 15 ips.
TEST(PunchIn, ATrackMustNotBeginBeforeTheErasedTapeHasComeToTheRecordHead) {
    EXPECT_NEAR(mastering::erased_from_s(100.0, 0.033, 15.0), 100.0866, 1e-4);
    EXPECT_FALSE(mastering::begins_on_erased_tape(100.08, 100.0, 0.033, 15.0));
    EXPECT_TRUE(mastering::begins_on_erased_tape(100.09, 100.0, 0.033, 15.0));
    EXPECT_FALSE(mastering::begins_on_erased_tape(100.09, 100.0, 0.033, 7.5)) << "twice as long at half the speed";
}

TEST(SideBegin, WithoutALeaderTheRunUpIsDoneOnTape) {
    mastering::PlanTape tape;
    EXPECT_NEAR(mastering::begins_on_new_tape_m(tape, 15.0), 0.762, 1e-9);
    tape.head_leader = {4.0, mastering::TapeSpan::Unit::Metres};
    EXPECT_EQ(mastering::begins_on_new_tape_m(tape, 15.0), 4.0);
}

} // namespace
} // namespace overbias::controller
