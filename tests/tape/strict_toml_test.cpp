// SPDX-License-Identifier: Apache-2.0
#include "base/toml/strict_toml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TomlDocument parsed_toml(const char* text) {
    auto document = TomlDocument::parse(text, "deck.toml");
    EXPECT_TRUE(document.ok());
    return std::move(document).value();
}

std::string finish_text(const TomlDocument& document) {
    const auto ok = document.finish();
    return ok ? std::string("all is well") : ok.error().message;
}

TEST(StrictToml, ReadsEveryTypeAndIsContent) {
    auto document =
        parsed_toml("rate = 48000\ntrim = -0.5\nbits = 24\nflag = true\nword = \"NAB\"\nnames = [\"a\", \"b\"]\n"
                    "speeds = [7.5, 15]\n[deep]\nx = 1.5\n[[row]]\nn = 1\n[[row]]\nn = 2\n");
    TomlSection root = document.root();
    EXPECT_DOUBLE_EQ(root.required_number("rate", {.min = 44100, .max = 192000}), 48000.0);
    EXPECT_DOUBLE_EQ(root.number("trim", 9.0), -0.5);
    EXPECT_EQ(root.required_integer("bits", {.min = 16, .max = 32}), 24);
    EXPECT_TRUE(root.required_boolean("flag"));
    EXPECT_EQ(root.required_choice("word", {"IEC1", "NAB"}), 1u);
    EXPECT_THAT(root.texts("names"), ElementsAre("a", "b"));
    EXPECT_THAT(root.numbers("speeds"), ElementsAre(7.5, 15.0));
    EXPECT_DOUBLE_EQ(root.section("deep").required_number("x"), 1.5);
    std::int64_t sum = 0;
    for (TomlSection& row : root.sections("row")) {
        sum += row.required_integer("n");
    }
    EXPECT_EQ(sum, 3);
    EXPECT_DOUBLE_EQ(root.number("absent", 7.0), 7.0);
    EXPECT_FALSE(root.optional_text("none").has_value());
    EXPECT_EQ(finish_text(document), "all is well");
    EXPECT_THAT(document.asked_keys(), testing::IsSupersetOf({"deep.x", "row[].n", "absent"}));
}

TEST(StrictToml, UnknownKeyNamesFileLineAndNearestKey) {
    auto document = parsed_toml("[audio]\nsample_rate_hz = 48000\nconverter_bist = 24\n[adio]\nx = 1\n");
    TomlSection audio = document.root().section("audio");
    (void)audio.required_number("sample_rate_hz");
    (void)audio.integer("converter_bits", 24);
    EXPECT_EQ(finish_text(document),
              "deck.toml:3: audio.converter_bist: unknown key; did you mean \"converter_bits\"?\n"
              "deck.toml:4: adio: unknown key; did you mean \"audio\"?");
}

TEST(StrictToml, UnknownKeyFarFromAllListsWhatThereIs) {
    auto document = parsed_toml("[tape]\nzzz = 1\n");
    (void)document.root().section("tape").number("speed_ips", 15);
    EXPECT_EQ(finish_text(document), "deck.toml:2: tape.zzz: unknown key; [tape] knows \"speed_ips\"");
}

TEST(StrictToml, UnknownKeyInEachRowOfAnArray) {
    auto document = parsed_toml("[[row]]\nn = 1\n[[row]]\nm = 1\n");
    for (TomlSection& row : document.root().sections("row")) {
        (void)row.integer("n", 0);
    }
    EXPECT_EQ(finish_text(document), "deck.toml:4: row[1].m: unknown key; did you mean \"n\"?");
}

TEST(StrictToml, WrongTypeRangeAndMissingAreToldTogetherInFileOrder) {
    auto document =
        parsed_toml("[audio]\nrate = \"fast\"\nbits = 24.5\ntrim = 99\nflag = 1\nword = \"XYZ\"\nhuge = inf\n");
    TomlSection audio = document.root().section("audio");
    (void)audio.required_text("card");
    EXPECT_DOUBLE_EQ(audio.number("trim", 1.0, {.min = -20, .max = 20}), 1.0);
    (void)audio.number("rate", 48000);
    (void)audio.integer("bits", 24, {.min = 16});
    (void)audio.boolean("flag", false);
    (void)audio.choice("word", {"NAB", "IEC1"}, 0);
    (void)audio.number("huge", 0);
    EXPECT_EQ(finish_text(document), "deck.toml:1: audio.card: expected text, got nothing; this key is required\n"
                                     "deck.toml:2: audio.rate: expected a number, got \"fast\"\n"
                                     "deck.toml:3: audio.bits: expected an integer of at least 16, got 24.5\n"
                                     "deck.toml:4: audio.trim: expected a number from -20 to 20, got 99\n"
                                     "deck.toml:5: audio.flag: expected true or false, got 1\n"
                                     "deck.toml:6: audio.word: expected one of \"NAB\", \"IEC1\", got \"XYZ\"\n"
                                     "deck.toml:7: audio.huge: expected a number, got inf");
}

TEST(StrictToml, SectionAskedForTwiceIsOneSection) {
    auto document = parsed_toml("[a]\nx = 1\ny = 2\n");
    (void)document.root().section("a").number("x", 0);
    (void)document.root().section("a").number("y", 0);
    EXPECT_EQ(finish_text(document), "all is well");
}

TEST(StrictToml, MissingRequiredKeyOfMissingSection) {
    auto document = parsed_toml("");
    (void)document.root().section("audio").required_number("rate");
    EXPECT_EQ(finish_text(document), "deck.toml: audio.rate: expected a number, got nothing; this key is required");
}

TEST(StrictToml, BrokenSyntaxAndFilesNameTheirPlace) {
    const auto broken = TomlDocument::parse("a = 1\nb = = 2\n", "deck.toml");
    ASSERT_FALSE(broken.ok());
    EXPECT_THAT(broken.error().message, testing::StartsWith("deck.toml:2: not TOML: "));
    EXPECT_EQ(broken.error().message.find('\n'), std::string::npos);
    const auto twice = TomlDocument::parse("a = 1\na = 2\n", "deck.toml");
    ASSERT_FALSE(twice.ok());
    EXPECT_THAT(twice.error().message, testing::StartsWith("deck.toml:2: "));
    const auto absent = TomlDocument::read("/nowhere/at/all.toml");
    ASSERT_FALSE(absent.ok());
    EXPECT_THAT(absent.error().message,
                HasSubstr("/nowhere/at/all.toml: expected a TOML file that can be read, got: No such file"));
    EXPECT_THAT(TomlDocument::read("/tmp").error().message, HasSubstr("directory"));
}

TEST(StrictToml, OneErrorIsOneLine) {
    auto document = parsed_toml("word = \"a\\nb\"\n");
    (void)document.root().choice("word", {"NAB"}, 0);
    EXPECT_EQ(finish_text(document).find('\n'), std::string::npos);
}

} // namespace
} // namespace overbias
