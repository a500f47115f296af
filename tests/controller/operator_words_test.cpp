// SPDX-License-Identifier: Apache-2.0
// What an operator says on the command line, and what is shown there.
#include "controller/client/align_texts.hpp"
#include "controller/client/operator_words.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <string>

namespace overbias::controller {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;

OperatorLine line_of(const std::string& text) {
    const auto line = operator_line(text);
    EXPECT_TRUE(line.ok() && line->has_value()) << text;
    return line.ok() && *line ? **line : OperatorLine{};
}

std::optional<OperatorLine> typed(OperatorKeys& keys, const std::string& text) {
    std::optional<OperatorLine> last;
    for (const char key : text) {
        last = keys.press(key);
    }
    return last;
}

TEST(OperatorLines, AreUnderstoodOrNamed) {
    EXPECT_EQ(line_of("accept").says, "accept");
    EXPECT_EQ(line_of("accept").value, std::nullopt);
    EXPECT_EQ(line_of("  accept  -4.25 # so it reads").value, -4.25);
    EXPECT_EQ(line_of("value +4.0").says, "accept");
    EXPECT_EQ(line_of("value +4.0").value, 4.0);
    EXPECT_EQ(line_of("skip").says, "skip");
    EXPECT_EQ(line_of("back").says, "back");
    EXPECT_EQ(line_of("abort").says, "abort");
    EXPECT_EQ(line_of("wait record.bias done").step, "record.bias");
    EXPECT_TRUE(line_of("wait record.bias done").done);
    EXPECT_FALSE(line_of("wait record.bias").done);
    for (const char* nothing : {"", "   ", "# accept"}) {
        const auto line = operator_line(nothing);
        ASSERT_TRUE(line.ok());
        EXPECT_FALSE(line->has_value()) << nothing;
    }
    for (const char* wrong :
         {"acept", "value", "value four", "value nan", "accept 1,5", "skip 3", "wait", "wait a b", "accept 1 2"}) {
        const auto line = operator_line(wrong);
        EXPECT_FALSE(line.ok()) << wrong;
    }
    EXPECT_THAT(operator_line("acept").error().message, HasSubstr("'acept' is not understood"));
}

TEST(OperatorKeys, ANumberAndEnterIsAValue) {
    OperatorKeys keys;
    EXPECT_EQ(typed(keys, "s")->says, "skip");
    EXPECT_EQ(typed(keys, "b")->says, "back");
    EXPECT_EQ(typed(keys, "q")->says, "abort");
    const auto bare = typed(keys, "\n");
    EXPECT_EQ(bare->says, "accept");
    EXPECT_EQ(bare->value, std::nullopt);
    EXPECT_FALSE(typed(keys, "-12,35").has_value());
    EXPECT_EQ(keys.typed(), "-12.35");
    EXPECT_FALSE(typed(keys, "\x7f").has_value());
    EXPECT_EQ(typed(keys, "\r")->value, -12.3);
    EXPECT_EQ(keys.typed(), "");
    EXPECT_FALSE(typed(keys, "1.2.3\n").has_value()); // no number: nothing is said
    EXPECT_EQ(keys.typed(), "");
    EXPECT_FALSE(typed(keys, "7\x1b").has_value());
    EXPECT_EQ(typed(keys, "\n")->value, std::nullopt);
}

TEST(OperatorScript, WaitsForItsStep) {
    OperatorScript script;
    for (const char* text : {"wait record.level done", "accept", "skip", "wait record.high", "abort"}) {
        script.add(line_of(text));
    }
    const json::value other{{"step_id", "record.bias"}, {"done", true}};
    const json::value there{{"step_id", "record.level"}, {"done", false}};
    const json::value done{{"step_id", "record.level"}, {"done", true}};
    EXPECT_FALSE(script.next(nullptr).has_value());
    EXPECT_FALSE(script.next(other).has_value());
    EXPECT_FALSE(script.next(there).has_value());
    EXPECT_EQ(script.next(done)->says, "accept");
    EXPECT_EQ(script.next(done)->says, "skip");
    EXPECT_FALSE(script.next(done).has_value());
    EXPECT_EQ(script.next(json::value{{"step_id", "record.high"}, {"done", false}})->says, "abort");
    EXPECT_FALSE(script.next(done).has_value());
}

TEST(OperatorScript, WaitsForWhatIsAskedInItsStep) {
    OperatorScript script;
    for (const char* text : {"wait lines.play_dbu enter", "accept 4", "wait lines.play_dbu confirm", "back"}) {
        script.add(line_of(text));
    }
    const json::value confirm{{"step_id", "lines.play_dbu"}, {"task", "confirm"}};
    EXPECT_FALSE(script.next(confirm).has_value());
    EXPECT_EQ(script.next(json::value{{"step_id", "lines.play_dbu"}, {"task", "enter"}})->value, 4.0);
    EXPECT_FALSE(script.next(json::value{{"step_id", "lines.play_dbu"}, {"task", "enter"}}).has_value());
    EXPECT_EQ(script.next(confirm)->says, "back");
    EXPECT_FALSE(operator_line("wait lines.play_dbu soon").ok());
}

TEST(AlignTexts, AReadingIsShortAndSaysWhichWay) {
    const json::value view = json::parse(R"({"title": "record level", "instruction": "turn it", "task": "turn",
        "step": 1, "steps": 3, "round": 2, "unit": "dB", "target": 0.0, "tolerance": 0.1, "averaging_s": 0.5,
        "note": null, "value_unit": null, "done": false,
        "tracks": [{"channel": 1, "reading": -0.42, "turn": 0.42, "done": false, "words": "0.42 dB to go"},
                   {"channel": 2, "reading": 0.01, "turn": 0.0, "done": true, "words": "hold it there"}]})");
    EXPECT_EQ(reading_text(view), "1: -0.42 dB UP   2: +0.01 dB OK");
    EXPECT_THAT(words_lines(view), ElementsAre("1: 0.42 dB to go", "2: hold it there"));
    EXPECT_EQ(step_text(view),
              "record level (2 of 3, round 2): turn it\n  target 0.00 dB, within 0.10 dB, mean of 0.5 s\n");
    EXPECT_THAT(keys_text(view), HasSubstr("Enter accept"));
    EXPECT_TRUE(same_but_for_numbers("34 s to go", "2.5 s to go"));
    EXPECT_FALSE(same_but_for_numbers("34 s to go", "nothing is heard"));
    EXPECT_EQ(bar_text(0.5, 10), "[#####-----]");
    EXPECT_EQ(bar_text(7.0, 4), "[####]");
    EXPECT_EQ(bar_text(-1.0, 4), "[----]");
}

TEST(AlignTexts, AnAcceptedValueIsToldWithItsLimit) {
    const auto accepted = [](const char* bound, double target, double tolerance, bool within) {
        return accepted_text({{"id", "proof.x"},
                              {"channel", 2},
                              {"reading", 45.5},
                              {"unit", "dB"},
                              {"target", target},
                              {"tolerance", tolerance},
                              {"within", within},
                              {"bound", bound}});
    };
    EXPECT_EQ(accepted("both_sides", 45.0, 1.0, true),
              "proof.x, track 2: +45.50 dB  ok (target 45.00 dB, within 1.00 dB)\n");
    EXPECT_EQ(accepted("at_least", 46.0, 1.0, true), "proof.x, track 2: +45.50 dB  ok (at least 45.00 dB)\n");
    EXPECT_EQ(accepted("at_most", 45.0, 0.0, false), "proof.x, track 2: +45.50 dB  NOT OK (at most 45.00 dB)\n");
}

TEST(AlignTexts, WhatIsMissingIsNoError) {
    EXPECT_EQ(reading_text(nullptr), "");
    EXPECT_EQ(reading_text(json::parse(R"({"unit": "dB", "tracks": [
        {"channel": 1, "reading": null, "turn": -1, "done": false, "words": ""},
        {"channel": 2, "reading": null, "turn": null, "done": false, "words": ""}]})")),
              "1: DOWN   2: - dB");
    EXPECT_EQ(procedures_text(json::object{}), "tape:      \n");
    EXPECT_EQ(accepted_text(json::parse(R"({"id": "x", "channel": 0, "reading": null, "unit": "us"})")), "x: - us\n");
}

} // namespace
} // namespace overbias::controller
