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
    const json::value report = json::parse(
        R"({"limits":{"dropout_depth_db":6,"dropout_length_ms":3},"findings":[],"reel":{"slate_counter_m":1.25},"off_tape":{"proven":true,"text":"off tape: delay 92.1 ms"},
        "tracks":[{"file":"/music/side-a.wav","verdict":"fail","findings":[{"reason":"dropout","channel":"left","text":"1 drop-out"}],
        "level_difference_db":[0.031,-0.5],"judged_share":0.979,
        "start_tape_m":4.953,"start_tape_s":13.0,"dropouts":[{"tape_m":9.716,"tape_time_s":25.501,"programme_time_s":72.501,"channel":"left","length_ms":20.04,"depth_db":19.96,"kind":"flat"}],
        "not_proven":[{"from_s":1.5,"to_s":2.25,"reason":"frames lost"}],"xruns":[]}]})");
    const std::string text = verdict_text(end, report);
    EXPECT_THAT(text, HasSubstr("verdict: fail (dropout)\n"));
    EXPECT_THAT(text, HasSubstr("  off tape: delay 92.1 ms\n"));
    EXPECT_THAT(text, HasSubstr("side-a.wav: fail, level off tape against sent: left +0.03 dB, right -0.50 dB; judged "
                                "for drop-outs: 97 % of its time\n    begins at tape 0:00:13.000, 4.95 m after the "
                                "slate's onset, counter 6.20 m\n"));
    EXPECT_THAT(text, HasSubstr("    dropout: 1, over the limit (6.0 dB for 3.0 ms): 1\n"));
    EXPECT_THAT(text, HasSubstr("drop-out (flat), left, 20.0 ms, 20.0 dB deep, at 0:01:12.501 of the file; tape "
                                "0:00:25.501, 9.72 m after the slate's onset, counter 10.97 m\n"));
    EXPECT_THAT(text, HasSubstr("not proven: 0:00:01.500 to 0:00:02.250 of the file: frames lost\n"));
}

TEST(TextsTest, what_only_follows_from_a_graver_finding_is_counted) {
    const json::value report = json::parse(R"({"findings":[],"off_tape":{"proven":true,"text":"off tape"},
        "xruns_outside_tracks":[{"direction":"capture","tape_time_s":3661.5,"length_ms":50.0}],
        "tracks":[{"file":"a.wav","verdict":"fail","findings":[
            {"reason":"channel_missing","channel":"left","text":"the left channel is not in the return"},
            {"reason":"level_difference","channel":"left","text":"the left channel is -51 dB"},
            {"reason":"level_difference","channel":"right","text":"the right channel is -3 dB"}],
        "not_proven":[{"from_s":1.5,"to_s":2.25,"reason":"not seen"},{"from_s":1.5,"to_s":2.25,"reason":"xrun"}]}]})");
    const std::string text = verdict_text(json::value{{"verdict", "fail"}}, report);
    EXPECT_THAT(text, HasSubstr("    channel_missing: the left channel is not in the return\n"));
    EXPECT_THAT(text, Not(HasSubstr("-51 dB")));
    EXPECT_THAT(text, HasSubstr("level_difference: the right channel is -3 dB\n"));
    EXPECT_THAT(text, HasSubstr("and 1 that follow from this; the report has them\n"));
    EXPECT_THAT(text, HasSubstr("0:00:02.250 of the file: not seen; xrun\n"));
    EXPECT_THAT(text, HasSubstr("outside the files: frames lost (capture), 50.0 ms, at tape 1:01:01.500 after"));
}

TEST(TextsTest, a_print_that_did_not_come_off_tape_says_nothing_of_its_files) {
    const json::value report = json::parse(R"({"off_tape":{"proven":false,"text":"not off tape: delay 0.00 ms"},
        "findings":[{"reason":"not_off_tape","channel":null,"text":"not off tape: delay 0.00 ms"}],
        "tracks":[{"file":"a.wav","verdict":"fail","judged_share":0.0,
            "not_proven":[{"from_s":0,"to_s":20,"reason":"not seen to the end"}]}]})");
    const std::string text = verdict_text(json::parse(R"({"verdict":"fail","reason":"not_off_tape"})"), report);
    EXPECT_EQ(text, "verdict: fail (not_off_tape)\n  not_off_tape: delay 0.00 ms\n"
                    "  a.wav: fail, not judged: it was not shown to come off tape\n");
}

TEST(TextsTest, a_name_can_not_break_a_line_or_speak_to_the_terminal) {
    EXPECT_EQ(printable("Seite A\n\t\x1b[2J.wav"), "Seite A\\n\\t\\x1b[2J.wav");
    EXPECT_EQ(printable("Tr\xc3\xa4ume \xe2\x80\x93 \xf0\x9f\x8e\xb5"), "Tr\xc3\xa4ume \xe2\x80\x93 \xf0\x9f\x8e\xb5");
    EXPECT_EQ(printable("Tr\xe4ume"), "Tr\\xe4ume");
    EXPECT_TRUE(is_utf8("Tr\xc3\xa4ume"));
    EXPECT_FALSE(is_utf8("Tr\xe4ume"));
    EXPECT_FALSE(is_utf8("\xc0\xaf"));         // overlong
    EXPECT_FALSE(is_utf8("\xed\xa0\x80"));     // half of a surrogate pair
    EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80")); // beyond U+10FFFF
    EXPECT_FALSE(is_utf8("\xe2\x80"));
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
        EXPECT_NO_THROW((void)status_text(nothing));
        EXPECT_NO_THROW((void)job_text(nothing));
        EXPECT_NO_THROW((void)log_text(nothing));
        EXPECT_NO_THROW((void)print_started_text(nothing));
        EXPECT_NO_THROW((void)progress_text(nothing));
        EXPECT_NO_THROW((void)verdict_text(nothing, nothing));
        EXPECT_NO_THROW((void)command_text("play", nothing));
    }
}

TEST(TextsTest, a_job_that_waits_says_for_what) {
    const auto job = [](const std::string& gate) {
        return json::parse(
            R"({"job":{"name":"print","state":"running","phase":"waiting for the operator","fraction":0.5,)"
            R"("remaining_s":60,"gate":)" +
            gate + "}}");
    };
    EXPECT_EQ(job_text(job(R"("thread tape 2 of 2")")), "print, running, 50 %  waiting for the operator  (0:01:00 to "
                                                        "go)\n          waits for you: thread tape 2 of 2\n");
    EXPECT_EQ(job_text(job("null")), "print, running, 50 %  waiting for the operator  (0:01:00 to go)\n");
    // of the line that a terminal redraws
    EXPECT_EQ(progress_text(job(R"("thread tape 2 of 2")").at("job")).find('\n'), std::string::npos);
}

TEST(TextsTest, durations_and_progress) {
    EXPECT_EQ(clock_text(3725.4), "1:02:05");
    EXPECT_EQ(clock_text(-3), "0:00:00");
    EXPECT_EQ(progress_text(json::parse(R"({"fraction":0.999,"phase":"slate","remaining_s":61})")),
              "99 %  slate  (0:01:01 to go)");
}

} // namespace
} // namespace overbias::controller
