// SPDX-License-Identifier: Apache-2.0
// [[bias_monitor]]: what reaches a converter, and what is refused. The aliases are those of a table that was computed
// by hand, for a converter without an anti-alias filter.
#include "tape/bias_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace overbias::tape::bias_source_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Figure own(double value) {
    return {.value = value, .source = "measured on this deck"};
}

BiasSource source(BiasSourceKind kind, double bias_khz) {
    BiasSource one;
    one.kind = kind;
    one.frequency_khz = own(bias_khz);
    one.capture_channel = 3;
    return one;
}

std::string refusal(const BiasSource& one, double rate_hz) {
    const auto ok = usable_bias_source(one, rate_hz);
    return ok ? "accepted" : ok.error().message;
}

constexpr std::array kBiasKhz{100.0, 120.0, 144.0, 150.0, 153.6, 160.0, 240.0, 246.0, 250.0, 432.0};

TEST(BiasSource, NoUsualBiasIsHeardDirectlyAt192KiloHertz) {
    for (const double khz : kBiasKhz) {
        EXPECT_THAT(refusal(source(BiasSourceKind::Direct, khz), 192000.0),
                    AllOf(HasSubstr("track 1"), HasSubstr("capture channel 3"), HasSubstr("ends at 86.4 kHz"),
                          HasSubstr("divide it"), HasSubstr("mix it down"), HasSubstr("rectify it"), HasSubstr("adc")));
    }
    // at 384 kHz the lower ones are
    for (const double khz : kBiasKhz) {
        EXPECT_EQ(usable_bias_source(source(BiasSourceKind::Direct, khz), 384000.0).ok(), khz < 165.0) << khz;
    }
}

TEST(BiasSource, TheProfileMaySayHowFarAConverterPasses) {
    BiasSource one = source(BiasSourceKind::Direct, 88.0);
    EXPECT_THAT(refusal(one, 192000.0), HasSubstr("does not pass"));
    one.passes_to_khz = own(90.0);
    EXPECT_EQ(refusal(one, 192000.0), "accepted");
    one.frequency_khz = own(89.5); // with its pull range of 1 % it is not
    EXPECT_THAT(refusal(one, 192000.0), HasSubstr("ends at 90.0 kHz"));
    one.passes_to_khz = own(500.0); // nothing passes half the rate
    one.frequency_khz = own(120.0);
    EXPECT_THAT(refusal(one, 192000.0), HasSubstr("ends at 96.0 kHz"));
}

TEST(BiasSource, AdviceIsWorthFollowing) {
    const std::string words = refusal(source(BiasSourceKind::Direct, 432.0), 96000.0);
    EXPECT_THAT(words, HasSubstr("by 16: 27.0 kHz")); // 54 kHz at 8 would not pass 43.2
    BiasSource divided = source(BiasSourceKind::Divided, 432.0);
    divided.divide_by = 16;
    EXPECT_EQ(refusal(divided, 96000.0), "accepted");
    divided.divide_by = 8;
    EXPECT_THAT(refusal(divided, 96000.0), HasSubstr("54.0 kHz does not pass"));
}

TEST(BiasSource, WithoutAFilterTheAliasIsHeard) {
    struct Row {
        double bias_khz, at_96, at_192, at_384, at_768;
    };
    constexpr std::array kAliases{
        Row{100, 4, 92, 100, 100},  Row{120, 24, 72, 120, 120},           Row{144, 48, 48, 144, 144},
        Row{150, 42, 42, 150, 150}, Row{153.6, 38.4, 38.4, 153.6, 153.6}, Row{160, 32, 32, 160, 160},
        Row{240, 48, 48, 144, 240}, Row{246, 42, 54, 138, 246},           Row{250, 38, 58, 134, 250},
        Row{432, 48, 48, 48, 336}};
    for (const Row& row : kAliases) {
        const std::array<std::pair<double, double>, 4> columns{
            {{96.0, row.at_96}, {192.0, row.at_192}, {384.0, row.at_384}, {768.0, row.at_768}}};
        for (const auto& [rate_khz, alias_khz] : columns) {
            BiasSource one = source(BiasSourceKind::Direct, row.bias_khz);
            one.anti_alias_filter = false;
            const auto heard = heard_bias(one, 1000.0 * rate_khz);
            if (alias_khz == 0.5 * rate_khz) { // onto its own image
                ASSERT_FALSE(heard.ok()) << row.bias_khz << " at " << rate_khz;
                EXPECT_THAT(heard.error().message, HasSubstr("half the rate"));
                continue;
            }
            ASSERT_TRUE(heard.ok()) << heard.error().message;
            EXPECT_NEAR(heard->frequency_hz, 1000.0 * alias_khz, 1e-6) << row.bias_khz << " at " << rate_khz;
            // a change of the bias, heard: fold the changed frequency by hand
            const double up = row.bias_khz * 1000.0 + 30.0;
            double folded = up;
            while (folded > 500.0 * rate_khz) {
                folded = folded - 1000.0 * rate_khz;
            }
            EXPECT_NEAR(heard->bias_of(folded < 0 ? -folded : folded), up, 1e-6);
        }
    }
    BiasSource on_zero = source(BiasSourceKind::Direct, 192.0);
    on_zero.anti_alias_filter = false;
    EXPECT_THAT(refusal(on_zero, 192000.0), HasSubstr("too near 0"));
    EXPECT_THAT(refusal(on_zero, 96000.0), HasSubstr("too near 0"));
}

TEST(BiasSource, DividedAndMixedAreHeardWhereTheyFall) {
    BiasSource one = source(BiasSourceKind::Divided, 153.6);
    one.divide_by = 8;
    auto heard = heard_bias(one, 96000.0);
    ASSERT_TRUE(heard.ok()) << heard.error().message;
    EXPECT_NEAR(heard->frequency_hz, 19200.0, 1e-9);
    EXPECT_NEAR(heard->pull_hz, 192.0, 1e-9);
    EXPECT_NEAR(heard->bias_of(19210.0), 153680.0, 1e-6);

    one = source(BiasSourceKind::Mixed, 240.0);
    one.oscillator_khz = own(216.0);
    heard = heard_bias(one, 96000.0);
    ASSERT_TRUE(heard.ok()) << heard.error().message;
    EXPECT_NEAR(heard->frequency_hz, 24000.0, 1e-9);
    EXPECT_NEAR(heard->pull_hz, 2400.0, 1e-9); // 1 % of the bias, not of what is heard
    EXPECT_NEAR(heard->bias_of(24500.0), 240500.0, 1e-6);

    one.oscillator_khz = own(264.0); // above the bias: mirrored
    heard = heard_bias(one, 96000.0);
    ASSERT_TRUE(heard.ok());
    EXPECT_NEAR(heard->frequency_hz, 24000.0, 1e-9);
    EXPECT_NEAR(heard->bias_of(24500.0), 239500.0, 1e-6);

    one.oscillator_khz = own(239.0); // 1 kHz from it with a pull range of 2.4
    EXPECT_THAT(refusal(one, 96000.0), HasSubstr("an oscillator further from the bias"));
    one.oscillator_khz = own(120.0);
    EXPECT_THAT(refusal(one, 96000.0), HasSubstr("120.0 kHz does not pass"));
    one.oscillator_khz = own(216.0);
    one.pull_percent = 5.0; // 12 kHz, more than a sixteenth of the rate
    EXPECT_THAT(refusal(one, 96000.0), AllOf(HasSubstr("pull range of 12.0 kHz"), HasSubstr("smaller pull_percent")));
}

TEST(BiasSource, DirectVoltageNeedsAnInputThatPassesIt) {
    BiasSource one = source(BiasSourceKind::Rectified, 153.6);
    EXPECT_THAT(refusal(one, 96000.0), AllOf(HasSubstr("direct voltage"), HasSubstr("dc_coupled")));
    one.dc_coupled = true;
    EXPECT_EQ(refusal(one, 96000.0), "accepted");
}

TEST(BiasSource, LevelIsScaledFromZero) {
    BiasSource one = source(BiasSourceKind::Adc, 153.6);
    EXPECT_DOUBLE_EQ(bias_level(one, 2.5), 2.5);
    one.zero = own(0.5);
    one.volts_per_unit = own(20.0);
    EXPECT_DOUBLE_EQ(bias_level(one, 2.5), 40.0);
}

// --- reading

std::string complaint(std::string_view text, std::vector<BiasSource>* into = nullptr,
                      std::optional<Figure> frequency = std::nullopt) {
    auto document = TomlDocument::parse(text, "deck.toml");
    if (!document) {
        return document.error().message;
    }
    auto sources = read_bias_sources(document->root(), 2, frequency);
    const auto ok = document->finish();
    if (into != nullptr) {
        *into = std::move(sources);
    }
    return ok ? "accepted" : ok.error().message;
}

TEST(BiasSourceToml, ReadsEveryKind) {
    std::vector<BiasSource> sources;
    EXPECT_EQ(complaint(R"(
[[bias_monitor]]
kind = "mixed"
track = 1
capture_channel = 3
oscillator_khz = { value = 129.6, source = "crystal" }
pull_percent = 2.0
volts_per_unit = { value = 60.0, source = "rms meter at set-up" }
level_warn_db = { value = 0.1, source = "house rule" }
level_fail_db = { value = 0.3, source = "house rule", unsure = true }
frequency_fail_percent = { value = 0.5, source = "house rule" }
[[bias_monitor]]
kind = "divided"
track = 2
capture_channel = 4
divide_by = 8
frequency_khz = { value = 150.0, source = "counter" }
[[bias_monitor]]
kind = "rectified"
track = 2
capture_channel = 5
dc_coupled = true
zero = { value = 0.01, source = "bias off" }
[[bias_monitor]]
kind = "adc"
track = 1
device = "ads1115"
adc_channel = 0
level_fail_db = { value = 0.3, source = "house rule" }
[[bias_monitor]]
kind = "tape"
track = 1
high_frequency_warn_db = { value = 0.25, source = "house rule" }
third_harmonic_fail_percent = { value = 20, source = "house rule" }
noise_warn_db = { value = 1, source = "house rule" }
)",
                        &sources, own(153.6)),
              "accepted");
    ASSERT_EQ(sources.size(), 5U);
    EXPECT_EQ(sources[0].kind, BiasSourceKind::Mixed);
    EXPECT_DOUBLE_EQ(sources[0].frequency_khz.value_or(Figure{}).value, 153.6); // the profile's own
    EXPECT_DOUBLE_EQ(sources[0].pull_percent, 2.0);
    EXPECT_DOUBLE_EQ(sources[0].level_db.warn.value_or(Figure{}).value, 0.1);
    EXPECT_TRUE(sources[0].level_db.fail.value_or(Figure{}).unsure);
    EXPECT_TRUE(sources[0].has_level());
    EXPECT_EQ(bias_source_place(sources[0]), "track 1 (mixed with 129.6 kHz, capture channel 3)");
    EXPECT_DOUBLE_EQ(sources[1].frequency_khz.value_or(Figure{}).value, 150.0);
    EXPECT_FALSE(sources[1].has_level());
    EXPECT_EQ(sources[2].capture_channel, 5);
    EXPECT_EQ(sources[3].device, "ads1115");
    EXPECT_FALSE(sources[3].has_frequency());
    EXPECT_DOUBLE_EQ(sources[4].third_harmonic_percent.fail.value_or(Figure{}).value, 20.0);
    EXPECT_FALSE(sources[4].has_level());
}

TEST(BiasSourceToml, RefusesWhatCannotBe) {
    const auto with = [](const std::string& rest) {
        return complaint("[[bias_monitor]]\ntrack = 1\n" + rest, nullptr, own(153.6));
    };
    EXPECT_EQ(with("kind = \"direct\"\ncapture_channel = 1"), "accepted");
    EXPECT_THAT(with("kind = \"dircet\"\ncapture_channel = 1"), HasSubstr("direct"));
    EXPECT_THAT(with("kind = \"direct\""), HasSubstr("capture_channel"));
    EXPECT_THAT(with("kind = \"direct\"\ncapture_channel = 1\ndivide_by = 8"), HasSubstr("divide_by"));
    EXPECT_THAT(with("kind = \"mixed\"\ncapture_channel = 1"), HasSubstr("oscillator_khz"));
    EXPECT_THAT(with("kind = \"adc\"\nadc_channel = 1"), HasSubstr("device"));
    EXPECT_THAT(with("kind = \"rectified\"\ncapture_channel = 1"), HasSubstr("direct voltage"));
    EXPECT_THAT(with("kind = \"divided\"\ncapture_channel = 1\ndivide_by = 8\n"
                     "level_warn_db = { value = 0.1, source = \"x\" }"),
                HasSubstr("a level of its own"));
    EXPECT_EQ(with("kind = \"divided\"\ncapture_channel = 1\ndivide_by = 8\nlevel_kept = true\n"
                   "level_warn_db = { value = 0.1, source = \"x\" }"),
              "accepted");
    EXPECT_THAT(with("kind = \"direct\"\ncapture_channel = 1\nlevel_warn_db = { value = 0.4, source = \"x\" }\n"
                     "level_fail_db = { value = 0.3, source = \"x\" }"),
                HasSubstr("a warning comes before"));
    EXPECT_THAT(with("kind = \"direct\"\ncapture_channel = 1\nfrequency_fail_percent = { value = 1, source = \"x\" }"),
                HasSubstr("pull_percent"));
    EXPECT_THAT(with("kind = \"direct\"\ncapture_channel = 1\nlevel_warn_db = 0.4"), HasSubstr("level_warn_db"));
    EXPECT_THAT(complaint("[[bias_monitor]]\ntrack = 1\nkind = \"direct\"\ncapture_channel = 1"),
                HasSubstr("bias_frequency_khz"));
    EXPECT_THAT(complaint("[[bias_monitor]]\ntrack = 3\nkind = \"tape\""), HasSubstr("track"));
}

TEST(BiasSourceToml, AChannelCarriesOneBiasOnly) {
    const std::string first = "[[bias_monitor]]\ntrack = 1\nkind = \"direct\"\ncapture_channel = 3\n";
    EXPECT_EQ(
        complaint(first + "[[bias_monitor]]\ntrack = 2\nkind = \"direct\"\ncapture_channel = 4\n", nullptr, own(153.6)),
        "accepted");
    EXPECT_THAT(
        complaint(first + "[[bias_monitor]]\ntrack = 2\nkind = \"direct\"\ncapture_channel = 3\n", nullptr, own(153.6)),
        HasSubstr("channel 3 carries the bias of track 1"));
    EXPECT_THAT(
        complaint(first + "[[bias_monitor]]\ntrack = 1\nkind = \"direct\"\ncapture_channel = 4\n", nullptr, own(153.6)),
        HasSubstr("another source of kind \"direct\""));
    const std::string adc = "[[bias_monitor]]\ntrack = 1\nkind = \"adc\"\ndevice = \"a\"\nadc_channel = 0\n";
    EXPECT_THAT(complaint(adc + "[[bias_monitor]]\ntrack = 2\nkind = \"adc\"\ndevice = \"a\"\nadc_channel = 0\n"),
                HasSubstr("channel 0 of \"a\" carries the bias of track 1"));
}

} // namespace
} // namespace overbias::tape::bias_source_test
