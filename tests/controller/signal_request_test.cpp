// SPDX-License-Identifier: Apache-2.0
#include "controller/signal_request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace overbias::controller {
namespace {

using dsp::Signal;
using Kind = Signal::Kind;
using testing::HasSubstr;

std::string complaint(const SignalRequest& request) {
    const auto signal = signal_of(request);
    return signal ? "understood" : signal.error().message;
}

TEST(SignalRequest, everything_said_is_in_the_signal) {
    const auto sine = signal_of({.signal = "sine", .frequency_hz = 440.0, .level_dbfs = -14.0});
    ASSERT_TRUE(sine);
    EXPECT_EQ(sine->kind, Kind::Sine);
    EXPECT_EQ(sine->frequency_hz, 440.0);
    EXPECT_EQ(sine->level_dbfs, -14.0);
    const auto sweep = signal_of(
        {.signal = "sweep", .level_dbfs = -12.0, .from_hz = 30.0, .to_hz = 15000.0, .duration_s = 7.0, .repeat = true});
    ASSERT_TRUE(sweep);
    EXPECT_EQ(sweep->kind, Kind::Sweep);
    EXPECT_EQ(sweep->frequency_hz, 30.0);
    EXPECT_EQ(sweep->end_hz, 15000.0);
    EXPECT_EQ(sweep->duration_s, 7.0);
    EXPECT_EQ(sweep->level_dbfs, -12.0);
    EXPECT_TRUE(sweep->repeats);
    const auto burst = signal_of({.signal = "burst", .frequency_hz = 5000.0, .on_s = 0.1, .off_s = 0.4});
    ASSERT_TRUE(burst);
    EXPECT_EQ(burst->on_s, 0.1);
    EXPECT_EQ(burst->off_s, 0.4);
    EXPECT_EQ(signal_of({.signal = "pink", .level_dbfs = -30.0})->kind, Kind::PinkNoise);
    EXPECT_EQ(signal_of({.signal = "white", .level_dbfs = -30.0})->level_dbfs, -30.0);
}

TEST(SignalRequest, tones_are_words_with_colons_and_relative_to_the_level) {
    const auto tones =
        signal_of({.signal = "tones", .level_dbfs = -14.0, .tones = {"1000:0", "10e3:-10.5:12", "63:-20:5:0.5"}});
    ASSERT_TRUE(tones) << tones.error().message;
    EXPECT_EQ(tones->kind, Kind::Sequence);
    ASSERT_EQ(tones->tone_count, 3U);
    EXPECT_EQ(tones->tones[0].frequency_hz, 1000.0);
    EXPECT_EQ(tones->tones[0].level_dbfs, -14.0);
    EXPECT_EQ(tones->tones[0].duration_s, 30.0);
    EXPECT_EQ(tones->tones[1].frequency_hz, 10000.0);
    EXPECT_EQ(tones->tones[1].level_dbfs, -24.5);
    EXPECT_EQ(tones->tones[1].duration_s, 12.0);
    EXPECT_EQ(tones->tones[1].gap_s, 0.0);
    EXPECT_EQ(tones->tones[2].gap_s, 0.5);
    const auto together = signal_of({.signal = "multitone", .tones = {"100:-20", "3000:-26"}});
    ASSERT_TRUE(together);
    EXPECT_EQ(together->kind, Kind::Multitone);
    EXPECT_EQ(together->tones[1].level_dbfs, -26.0);
}

TEST(SignalRequest, what_is_not_understood_is_named) {
    EXPECT_THAT(complaint({.signal = "sien"}), HasSubstr("there is no signal 'sien'; there are: silence, sine"));
    EXPECT_THAT(complaint({.signal = "sine", .to_hz = 5.0}),
                HasSubstr("sine: 'to_hz' does not go with it; these do: frequency_hz, level_dbfs"));
    EXPECT_THAT(complaint({.signal = "pink", .repeat = true}), HasSubstr("'repeat' does not go with it"));
    EXPECT_THAT(complaint({.signal = "sweep", .tones = {"1:1"}}), HasSubstr("'tones' does not go with it"));
    EXPECT_THAT(complaint({.signal = "tones"}), HasSubstr("expected 1 to 32 tones, got 0"));
    EXPECT_THAT(complaint({.signal = "tones", .tones = std::vector<std::string>(33, "1000:-20")}), HasSubstr("got 33"));
    for (const char* wrong : {"", "1000", "1000:", ":-20", "1000:-20:5:1:1", "1000:-20:x", "1000:nan", "1000;-20"}) {
        EXPECT_THAT(complaint({.signal = "tones", .tones = {wrong}}), HasSubstr("is not understood")) << wrong;
    }
    EXPECT_THAT(complaint({.signal = "multitone", .tones = {"1000:-20:5"}}), HasSubstr("expected FREQUENCY:LEVEL ("));
}

TEST(SignalRequest, every_signal_has_a_name_of_its_own) {
    for (const std::string& name : signal_names()) {
        SignalRequest request{.signal = name};
        if (name == "tones" || name == "multitone") {
            request.tones = {"1000:-20"};
        }
        const auto signal = signal_of(request);
        ASSERT_TRUE(signal) << signal.error().message;
        EXPECT_EQ(signal_name(signal->kind), name);
    }
    EXPECT_EQ(signal_names().size(), 9U);
}

} // namespace
} // namespace overbias::controller
