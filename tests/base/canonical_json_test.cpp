// SPDX-License-Identifier: Apache-2.0
// The oracle is RFC 8785: the numbers of its appendix B, the example of its section 3.2.
#include "base/json/canonical_json.hpp"
#include "base/json/json_text.hpp"

#include <algorithm>
#include <bit>
#include <boost/json.hpp>
#include <cstdint>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace overbias {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

std::string form(const json::value& value) {
    const auto text = canonical_json(value);
    return text ? *text : "error: " + text.error().message;
}

TEST(CanonicalJsonTest, numbers_of_appendix_B) {
    const std::vector<std::pair<std::uint64_t, std::string>> vectors{
        {0x0000000000000000, "0"},
        {0x8000000000000000, "0"},
        {0x0000000000000001, "5e-324"},
        {0x8000000000000001, "-5e-324"},
        {0x7fefffffffffffff, "1.7976931348623157e+308"},
        {0xffefffffffffffff, "-1.7976931348623157e+308"},
        {0x4340000000000000, "9007199254740992"},
        {0xc340000000000000, "-9007199254740992"},
        {0x4430000000000000, "295147905179352830000"},
        {0x44b52d02c7e14af5, "9.999999999999997e+22"},
        {0x44b52d02c7e14af6, "1e+23"},
        {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
        {0x444b1ae4d6e2ef4e, "999999999999999700000"},
        {0x444b1ae4d6e2ef4f, "999999999999999900000"},
        {0x444b1ae4d6e2ef50, "1e+21"},
        {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
        {0x3eb0c6f7a0b5ed8d, "0.000001"},
        {0x41b3de4355555553, "333333333.3333332"},
        {0x41b3de4355555554, "333333333.33333325"},
        {0x41b3de4355555555, "333333333.3333333"},
        {0x41b3de4355555556, "333333333.3333334"},
        {0x41b3de4355555557, "333333333.33333343"},
        {0xbecbf647612f3696, "-0.0000033333333333333333"},
        {0x43143ff3c1cb0959, "1424953923781206.2"},
    };
    for (const auto& [bits, text] : vectors) {
        EXPECT_EQ(form(std::bit_cast<double>(bits)), text) << std::hex << bits;
    }
}

TEST(CanonicalJsonTest, what_has_no_form_is_an_error) {
    EXPECT_THAT(form(std::numeric_limits<double>::quiet_NaN()), HasSubstr("finite"));
    EXPECT_THAT(form(std::numeric_limits<double>::infinity()), HasSubstr("finite"));
    EXPECT_THAT(form(std::int64_t{9007199254740993}), HasSubstr("2^53"));
    EXPECT_THAT(form(std::uint64_t{1} << 63), HasSubstr("2^53"));
    EXPECT_EQ(form(std::int64_t{-9007199254740992}), "-9007199254740992");
    for (const char* text : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\xc3"}) {
        EXPECT_THAT(form(json::string(text)), HasSubstr("UTF-8"));
        EXPECT_THAT(form(json::object{{text, 1}}), HasSubstr("UTF-8"));
    }
}

/// Its first number, 333333333.33333329, is among those above: the parser of Boost 1.81 does not read all of 17 digits.
TEST(CanonicalJsonTest, the_example_of_section_3_2) {
    const json::value value = json::parse(R"({
  "numbers": [333333333.5, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
  "literals": [null, true, false]})");
    EXPECT_EQ(form(value), "{\"literals\":[null,true,false],\"numbers\":[333333333.5,1e+30,4.5,0.002,1e-27],"
                           "\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

TEST(CanonicalJsonTest, names_are_sorted_as_UTF_16) {
    const json::value value = json::parse(R"({"\u20ac": "Euro Sign", "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One", "\ud83d\ude00": "Emoji: Grinning Face",
        "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"})");
    std::vector<std::size_t> places;
    const std::string text = form(value);
    for (const char* each : {"Carriage", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew"}) {
        places.push_back(text.find(each));
    }
    EXPECT_TRUE(std::is_sorted(places.begin(), places.end())) << text;
    EXPECT_EQ(text.find('\n'), std::string::npos);
}

TEST(CanonicalJsonTest, stays_the_same_when_it_is_read_and_written_again) {
    json::value value{{"b", {1.0, 0.1, 1e-9, 123456.789012345678, -0.0, 3}},
                      {"a", {{"z", nullptr}, {"y", "\xc3\xbc\n"}}}};
    round_numbers(value, 12);
    const std::string once = form(value);
    EXPECT_EQ(once, "{\"a\":{\"y\":\"\xc3\xbc\\n\",\"z\":null},\"b\":[1,0.1,1e-9,123456.789012,0,3]}");
    EXPECT_EQ(form(json::parse(once)), once);
    EXPECT_EQ(form(json::parse(json_indented(value))), once);
    EXPECT_EQ(form(json::parse(json_line(value))), once);
}

} // namespace
} // namespace overbias
