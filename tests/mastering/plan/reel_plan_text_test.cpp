// SPDX-License-Identifier: Apache-2.0
// Reel plans as text: TOML and JSON by one set of keys, defaults, and every mistake said at once.
#include "base/json/json_text.hpp"
#include "plan_rig.hpp"

#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>

namespace overbias::mastering {
namespace {

namespace json = boost::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::filesystem::path source(const std::string& path) {
    const char* root = std::getenv("OVERBIAS_SOURCE_DIR");
    return std::filesystem::path(root == nullptr ? "." : root) / path;
}

std::string text_of(const std::filesystem::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

PlanDefaults defaults() {
    PlanDefaults known;
    known.stock = "house-tape";
    known.batch = "42";
    known.tape_length_m = 762.0;
    known.speed_ips = 30.0;
    known.equalisation = tape::Equalisation::Aes;
    known.operating_level = tape::Fluxivity{250.0, tape::CalibrationSchool::Ansi};
    known.studio = "Room 1";
    known.otherwise.slate.tones = {SlateTone{}};
    known.folder = "/masters";
    return known;
}

const std::string kLeast = "title = \"T\"\n[[sides]]\nname = \"A\"\n[[sides.tracks]]\nfile = \"a.wav\"\n";

ReelPlan read(const std::string& toml) {
    auto plan = reel_plan_from_toml(toml, "reel.toml", defaults());
    EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
    return plan ? *plan : ReelPlan{};
}

std::string refused(const std::string& toml, const PlanDefaults& known = defaults()) {
    const auto plan = reel_plan_from_toml(toml, "reel.toml", known);
    return plan ? "it was read" : plan.error().message;
}

TEST(ReelPlanText, ALengthOfTapeIsTimeFeetOrMetres) {
    const auto feet = tape_span_from_text("6 ft");
    ASSERT_TRUE(feet);
    EXPECT_NEAR(feet->metres(15.0), 1.8288, 1e-9);
    EXPECT_NEAR(feet->seconds(15.0), 4.8, 1e-9); // 72 inches
    EXPECT_NEAR(tape_span_from_text("2s")->metres(7.5), 0.381, 1e-9);
    EXPECT_NEAR(tape_span_from_text("3.5 m")->metres(30.0), 3.5, 1e-9);
    for (const char* wrong : {"", "3", "3 min", "ft", "-1 s", "3 s ", "inf s", "nan m", "1e999 s"}) {
        EXPECT_FALSE(tape_span_from_text(wrong)) << wrong;
    }
    EXPECT_EQ(tape_span_text(*feet), "6 ft");
}

TEST(ReelPlanText, WhatAPlanLeavesOutIsTheInstallations) {
    const ReelPlan plan = read(kLeast);
    EXPECT_EQ(plan.tape.stock, "house-tape");
    EXPECT_EQ(plan.tape.batch, "42");
    EXPECT_EQ(plan.tape.length_m, 762.0);
    EXPECT_EQ(plan.tape.speed_ips, 30.0);
    EXPECT_EQ(plan.tape.equalisation, tape::Equalisation::Aes);
    EXPECT_EQ(plan.tape.operating_level.nwb_per_m, 250.0);
    EXPECT_EQ(plan.studio, "Room 1");
    EXPECT_EQ(plan.sides.at(0).tracks.at(0).file, "/masters/a.wav");
    EXPECT_EQ(plan.sides[0].tracks[0].name(), "a.wav");
    ASSERT_EQ(plan.slate.tones.size(), 1U);
}

TEST(ReelPlanText, WhatNobodyKnowsHasToStandInThePlan) {
    PlanDefaults nothing;
    nothing.otherwise.slate.tones = {SlateTone{}};
    nothing.folder = "/masters";
    const std::string words = refused(kLeast, nothing);
    for (const char* key : {"tape.stock", "tape.length", "tape.speed_ips", "tape.equalisation",
                            "tape.operating_level_nwb_per_m", "tape.operating_level_school"}) {
        EXPECT_THAT(words, HasSubstr(key));
    }
    EXPECT_THAT(words, Not(HasSubstr("title")));
}

TEST(ReelPlanText, AnotherStockHasItsOwnLengthAndNotTheBatchOfTheHouseTape) {
    PlanDefaults known = defaults();
    const std::string other =
        "title = \"T\"\n[tape]\nstock = \"long-play\"\n" + kLeast.substr(kLeast.find("[[sides]]"));
    EXPECT_THAT(refused(other, known), HasSubstr("tape.length"));
    known.length_of_stock = [](const std::string& stock) {
        return stock == "long-play" ? std::optional(1097.28) : std::nullopt;
    };
    const auto plan = reel_plan_from_toml(other, "reel.toml", known);
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_EQ(plan->tape.length_m, 1097.28);
    EXPECT_EQ(plan->tape.batch, "");
}

TEST(ReelPlanText, MistakesAreToldTogetherWithLineKeyExpectedAndGot) {
    const std::string words =
        refused("titel = \"T\"\ngap = \"3 minutes\"\npost_roll_s = 0\n[tape]\nspeed_ips = \"15\"\n"
                "equalisation = \"IEC\"\nlength = \"20 s\"\n[live]\nstops = [\"rain\"]\n"
                "[alignment]\noverride_name = \"Meyer\"\n"
                "[[sides]]\nname = \"A\"\nstart_m = -1\n[[sides.tracks]]\nfile = \"a.wav\"\n"
                "isrc = \"GB-1\"\nsha256 = \"abc\"\n[[sides]]\nname = \"A\"\n");
    EXPECT_THAT(words, HasSubstr("reel.toml:1: titel: unknown key; did you mean \"title\"?"));
    EXPECT_THAT(words, HasSubstr("title: expected text, got nothing"));
    EXPECT_THAT(words, HasSubstr("reel.toml:2: gap: expected a length of tape like \"3 s\""));
    EXPECT_THAT(words, HasSubstr("got \"3 minutes\""));
    EXPECT_THAT(words, HasSubstr("reel.toml:3: post_roll_s: expected a number from 1 to 600, got 0"));
    EXPECT_THAT(words, HasSubstr("reel.toml:5: tape.speed_ips"));
    EXPECT_THAT(words, HasSubstr("reel.toml:6: tape.equalisation: expected one of \"NAB\", \"IEC1\", \"AES\""));
    EXPECT_THAT(words, HasSubstr("reel.toml:7: tape.length"));
    EXPECT_THAT(words, HasSubstr("reel.toml:9: live.stops"));
    EXPECT_THAT(words, HasSubstr("alignment.override_reason: expected both"));
    EXPECT_THAT(words, HasSubstr("sides[0].start_m"));
    EXPECT_THAT(words, HasSubstr("sides[0].tracks[0].isrc: expected an ISRC"));
    EXPECT_THAT(words, HasSubstr("sides[0].tracks[0].sha256"));
    EXPECT_THAT(words, HasSubstr("there are two sides \"A\""));
    EXPECT_THAT(words, HasSubstr("sides[1].tracks: expected at least one track"));
}

TEST(ReelPlanText, WhatEndsAPrintOrIsToldAtOnceIsAReasonOfAFailure) {
    const std::string head = "[live]\nstops = [\"xrun\", \"bias\"]\nwarns = [\"azimuth\", \"noise\"]\n";
    const ReelPlan plan =
        read("title = \"T\"\n" + head + "[[sides]]\nname = \"A\"\n[[sides.tracks]]\nfile = \"a.wav\"\n");
    EXPECT_THAT(plan.live.stops, ElementsAre("xrun", "bias"));
    EXPECT_THAT(plan.live.warns, ElementsAre("azimuth", "noise"));
    EXPECT_THAT(refused("[live]\nstops = [\"bias_failure\"]\n" + kLeast), HasSubstr("live.stops"));
}

TEST(ReelPlanText, ALevelNeedsItsSchool) {
    EXPECT_THAT(
        refused("title = \"T\"\n[tape]\noperating_level_nwb_per_m = 320\n" + kLeast.substr(kLeast.find("[[sides]]"))),
        HasSubstr("operating_level_school"));
}

TEST(ReelPlanText, TheExampleIsReadAndSaysWhatItSays) {
    const auto plan = read_reel_plan(source("docs/examples/plans/two-sided-reel.toml"), {});
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_EQ(plan->title, "Night Ferry");
    EXPECT_NEAR(plan->tape.length_m, 762.0, 1e-9);
    EXPECT_EQ(plan->slate.tones.size(), 3U);
    EXPECT_TRUE(plan->slate.tones.at(1).azimuth);
    EXPECT_EQ(plan->reels(), 2);
    EXPECT_EQ(plan->tracks(), 3U);
    EXPECT_NEAR(plan->gap_before(0, 1).seconds(15.0), 4.8, 1e-9);
    EXPECT_NEAR(plan->gap_before(1, 0).seconds(15.0), 3.0, 1e-9);
    EXPECT_EQ(plan->alignment_within_days, 14);
    EXPECT_THAT(plan->live.stops, ElementsAre("not_off_tape", "no_signal"));
    EXPECT_EQ(plan->sides.at(0).tracks.at(0).file,
              (source("docs/examples/plans").lexically_normal() / "a1-night-ferry.wav").string());
    EXPECT_THAT(text_of(source("docs/printing-a-reel.md")), HasSubstr("examples/plans/two-sided-reel.toml"));
}

TEST(ReelPlanText, WrittenAsJsonOrTomlAndReadAgainItIsTheSamePlan) {
    auto plan = read_reel_plan(source("docs/examples/plans/two-sided-reel.toml"), {});
    ASSERT_TRUE(plan) << plan.error().message;
    plan->alignment_override = {.name = "Meyer", .reason = "a \"hot\" reel\nand a second line \x7f"};
    plan->sides[1].start_m = 3.25;
    plan->sides[1].new_tape = false;
    plan->sides[1].gap = TapeSpan{2.5, TapeSpan::Unit::Metres};
    plan->limits.dropout_depth_db = 4.5;
    const json::object written = reel_plan_json(*plan);
    // Other defaults must not show.
    const auto from_json = reel_plan_from_json(written, defaults());
    ASSERT_TRUE(from_json) << from_json.error().message;
    EXPECT_EQ(json_line(reel_plan_json(*from_json)), json_line(written));
    EXPECT_EQ(from_json->alignment_override.reason, plan->alignment_override.reason);
    EXPECT_EQ(from_json->sides[1].start_m, 3.25);
    EXPECT_FALSE(from_json->sides[1].new_tape);
    const auto from_toml = reel_plan_from_toml(reel_plan_toml(*plan), "again", {});
    ASSERT_TRUE(from_toml) << from_toml.error().message;
    EXPECT_EQ(json_line(reel_plan_json(*from_toml)), json_line(written));
    // As it comes back from a file or a browser, where a whole number has lost its point.
    std::string plain = json::serialize(json::parse(json_line(written)));
    const auto from_text = reel_plan_from_json(json::parse(plain), {});
    ASSERT_TRUE(from_text) << from_text.error().message;
    EXPECT_EQ(json_line(reel_plan_json(*from_text)), json_line(written));
}

TEST(ReelPlanText, OfJsonAMistakeIsToldByItsPlace) {
    json::value given = json::parse(R"({"title": "T", "sides": [{"name": "A", "tracks": [
        {"file": "/a.wav"}, {"file": "b.wav", "gap": 3, "colour": "red"}]}]})");
    PlanDefaults known = defaults();
    known.folder.clear();
    const auto plan = reel_plan_from_json(given, known);
    ASSERT_FALSE(plan);
    EXPECT_THAT(plan.error().message, HasSubstr("plan: sides[0].tracks[1].gap: expected text"));
    EXPECT_THAT(plan.error().message, HasSubstr("sides[0].tracks[1].colour: unknown key"));
    EXPECT_THAT(plan.error().message,
                HasSubstr("sides[0].tracks[1].file: expected an absolute path or \"upload:ID\", got \"b.wav\""));
    EXPECT_THAT(plan.error().message, Not(HasSubstr("plan:1")));
    EXPECT_FALSE(reel_plan_from_json(json::parse("[1]"), known));
    // What a form sends for a field that was left alone.
    given =
        json::parse(R"({"title": "T", "artist": "", "tape": {"batch": null}, "sides": [{"name": "A", "start_m": null,
        "tracks": [{"file": "upload:8f", "isrc": ""}]}]})");
    const auto form = reel_plan_from_json(given, known);
    ASSERT_TRUE(form) << form.error().message;
    EXPECT_EQ(form->tape.batch, "42");
    EXPECT_EQ(form->sides[0].tracks[0].file, "upload:8f");
}

TEST(ReelPlanText, TheTemplateIsAPlanOnceItHasATitle) {
    ReelPlan plan = plan_to_fill_in(defaults(), {"/m/one.wav", "/m/two.wav"});
    const std::string untitled = reel_plan_template(plan);
    EXPECT_THAT(refused(untitled), AllOf(HasSubstr("title"), Not(HasSubstr("sides"))));
    plan.title = "T";
    const ReelPlan again = read(reel_plan_template(plan));
    EXPECT_EQ(again.sides.at(0).tracks.at(1).file, "/m/two.wav");
    EXPECT_EQ(again.sides[0].tracks[1].title, "two");
    // Every key that it can have is in it, with what it means.
    for (const std::string& key : reel_plan_keys()) {
        const std::string last = key.substr(key.rfind('.') + 1);
        EXPECT_THAT(untitled, HasSubstr(last)) << key;
    }
}

TEST(ReelPlanText, EveryKeyIsInItsDocument) {
    const std::string document = text_of(source("docs/printing-a-reel.md"));
    const std::vector<std::string> keys = reel_plan_keys();
    std::size_t values = 0;
    for (const std::string& key : keys) {
        const bool table = key == "tape" || key == "slate" || key == "limits" || key == "live" || key == "alignment" ||
                           key == "sides" || key == "slate.tones" || key == "sides[].tracks";
        if (table) {
            continue;
        }
        ++values;
        EXPECT_THAT(document, HasSubstr("| `" + key + "` |")) << "docs/printing-a-reel.md lacks " << key;
    }
    std::size_t rows = 0;
    for (std::size_t at = document.find("\n| `"); at != std::string::npos; at = document.find("\n| `", at + 1)) {
        ++rows;
    }
    EXPECT_EQ(rows, values) << "docs/printing-a-reel.md has a key that does not exist";
}

} // namespace
} // namespace overbias::mastering
