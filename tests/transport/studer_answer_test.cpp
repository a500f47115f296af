// SPDX-License-Identifier: Apache-2.0
#include "transport/drivers/studer_answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::transport {
namespace {

StuderAnswer pattern(const char* text) {
    auto parsed = StuderAnswer::parse(text);
    EXPECT_TRUE(parsed.ok()) << parsed.error().message;
    return std::move(parsed).value();
}

TEST(StuderAnswer, Times) {
    const StuderAnswer time = pattern("TIM {sign}{h}:{m}:{s}.{f}");
    EXPECT_DOUBLE_EQ(*time.read("TIM 1:02:03.45")->time_s, 3723.45);
    EXPECT_DOUBLE_EQ(*time.read("TIM -1:02:03.45")->time_s, -3723.45);
    EXPECT_DOUBLE_EQ(*time.read("  TIM   -0:00:00.05 ")->time_s, -0.05) << "the sign of nothing but hundredths";
    EXPECT_DOUBLE_EQ(*pattern("{m}.{s}").read("12.34")->time_s, 754.0);
    for (const char* other : {"", "TIM", "TIM 1:02:03", "TIM 1:02:03.", "TIM 1:02:03.45x", "TIN 1:02:03.45",
                              "TIM 1:0x:03.45", "1:02:03.45", "TIM 1234567:00:00.00"}) {
        EXPECT_FALSE(time.read(other)) << other;
    }
}

TEST(StuderAnswer, HexValueAndWhatDoesNotMatter) {
    EXPECT_EQ(pattern("S{hex}H").read("S0fH")->hex, 15U);
    EXPECT_EQ(pattern("{hex}").read("FFFFFFFFFFFFFFFF")->hex, ~0ULL);
    EXPECT_FALSE(pattern("{hex}").read("10000000000000000"));
    EXPECT_EQ(pattern("BIA {*} {value} dB").read("BIA 2 17 dB")->value, "17");
    EXPECT_EQ(pattern("{value}").read(" 12 34 ")->value, "12 34");
    EXPECT_FALSE(pattern("BIA {value}").read("BIA "));
    EXPECT_FALSE(pattern("STOP{*}").read("STO"));
    EXPECT_TRUE(pattern("STOP{*}").read("STOP"));
}

TEST(StuderAnswer, PatternsThatCannotBe) {
    using testing::HasSubstr;
    EXPECT_THAT(StuderAnswer::parse("").error().message, HasSubstr("got nothing"));
    EXPECT_THAT(StuderAnswer::parse("{hours}").error().message, HasSubstr("got {hours}"));
    EXPECT_THAT(StuderAnswer::parse("{h").error().message, HasSubstr("has no }"));
    EXPECT_THAT(StuderAnswer::parse("{h}:{h}").error().message, HasSubstr("stands twice"));
    EXPECT_THAT(StuderAnswer::parse("{h}{m}").error().message, HasSubstr("between {m} and the field before it"));
}

} // namespace
} // namespace overbias::transport
