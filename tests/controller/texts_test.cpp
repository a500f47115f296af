// SPDX-License-Identifier: Apache-2.0
#include "controller/client/texts.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::controller {
namespace {

using testing::HasSubstr;
using testing::Not;
namespace json = boost::json;

TEST(TextsTest, a_verdict_is_told_with_reasons_and_dropouts_by_place) {
    const json::value end =
        json::parse(R"({"verdict":"fail","reason":"dropout","report_error":null,"fraction":1.0,"phase":"judged"})");
    const json::value report =
        json::parse(R"({"findings":[],"off_tape":{"proven":true,"text":"off tape: delay 92.1 ms"},
        "tracks":[{"file":"/music/side-a.wav","verdict":"fail","findings":[{"reason":"dropout","channel":"left","text":"1 drop-out"}],
        "level_difference_db":[0.031,-0.5],"judged_share":0.979,
        "dropouts":[{"tape_m":9.716,"tape_time_s":25.501,"programme_time_s":72.501,"channel":"left","length_ms":20.04,"depth_db":19.96,"kind":"flat"}],
        "not_proven":[{"from_s":1.5,"to_s":2.25,"reason":"frames lost"}],"xruns":[]}]})");
    const std::string text = verdict_text(end, report);
    EXPECT_THAT(text, HasSubstr("verdict: fail (dropout)\n"));
    EXPECT_THAT(text, HasSubstr("  off tape: delay 92.1 ms\n"));
    EXPECT_THAT(text, HasSubstr("side-a.wav: fail, level off tape against sent: left +0.03 dB, right -0.50 dB; judged "
                                "for drop-outs: 97 %"));
    EXPECT_THAT(text, HasSubstr("dropout: left: 1 drop-out"));
    EXPECT_THAT(text, HasSubstr("drop-out (flat), left, at 1:12.501 of the file, 9.72 m of tape (0:25.501) after the "
                                "slate's onset: 20.0 ms, 20.0 dB deep"));
    EXPECT_THAT(text, HasSubstr("not proven: 0:01.500 to 0:02.250 of the file, frames lost"));
}

TEST(TextsTest, many_dropouts_are_counted_not_listed) {
    json::array dropouts;
    for (int i = 0; i < 25; ++i) {
        dropouts.push_back({{"tape_m", i}, {"channel", "left"}, {"kind", "flat"}});
    }
    const json::value report{
        {"tracks", {json::object{{"file", "a.wav"}, {"verdict", "fail"}, {"dropouts", dropouts}}}}};
    const std::string text = verdict_text(json::value{{"verdict", "fail"}}, report);
    EXPECT_THAT(text, HasSubstr("and 5 drop-outs more; the report has them all"));
    EXPECT_THAT(text, Not(HasSubstr("level off tape")));
}

TEST(TextsTest, a_job_without_report_says_how_far_it_came) {
    const std::string text = verdict_text(
        json::parse(
            R"({"verdict":"fault","reason":"the tape broke","fraction":0.537,"phase":"track 1 of 1: a.wav","report_error":null})"),
        nullptr);
    EXPECT_THAT(text, HasSubstr("verdict: fault (the tape broke)"));
    EXPECT_THAT(text, HasSubstr("53 %  track 1 of 1: a.wav; nothing of this print is proven"));
}

TEST(TextsTest, whatever_a_daemon_leaves_out_does_not_break_the_client) {
    for (const json::value& nothing :
         {json::value(nullptr), json::value(json::object()), json::value(json::array()), json::value(3)}) {
        EXPECT_NO_THROW(status_text(nothing));
        EXPECT_NO_THROW(job_text(nothing));
        EXPECT_NO_THROW(log_text(nothing));
        EXPECT_NO_THROW(print_started_text(nothing));
        EXPECT_NO_THROW(progress_text(nothing));
        EXPECT_NO_THROW(verdict_text(nothing, nothing));
        EXPECT_NO_THROW(command_text("play", nothing));
    }
}

TEST(TextsTest, durations_and_progress) {
    EXPECT_EQ(clock_text(3725.4), "1:02:05");
    EXPECT_EQ(clock_text(-3), "0:00:00");
    EXPECT_EQ(progress_text(json::parse(R"({"fraction":0.999,"phase":"slate","remaining_s":61})")),
              "99 %  slate  (0:01:01 to go)");
}

} // namespace
} // namespace overbias::controller
