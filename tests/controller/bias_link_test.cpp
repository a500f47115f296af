// SPDX-License-Identifier: Apache-2.0
// The bias monitor on a deck: what it hears, what it says and when.
#include "bias_rig.hpp"

#include "base/units.hpp"
#include "calibration/procedure/procedure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>

namespace overbias::controller::bias_test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr double kAveragingS = 5.0;

double value(const json::object& from, const char* key) {
    return from.at(key).to_number<double>();
}

std::string words(const BiasRig::Heard& heard) {
    return json::value_to<std::string>(heard.concern.at("words"));
}

std::string told(const json::value& text) {
    return text.is_string() ? json::value_to<std::string>(text) : "null";
}

double minutes_of_clean_bias() {
    const char* const given = std::getenv("OVERBIAS_BIAS_MINUTES");
    return given == nullptr ? 5.0 : std::stod(given);
}

TEST(BiasLink, HearsTheCurrentAndTheFrequencyThatFlow) {
    const Folder folder;
    BiasRig rig(folder.path());
    EXPECT_EQ(rig.ask("bias").at("state"), "not_judged");
    EXPECT_THAT(told(rig.ask("bias").at("why")), HasSubstr("no set-up value at 15.00 ips IEC1"));
    rig.record();
    rig.run(9.0);
    for (int track = 1; track <= 2; ++track) {
        const double ma = rig.deck.deck->bias_ma(static_cast<std::size_t>(track - 1));
        ASSERT_GT(ma, 1.0);
        EXPECT_NEAR(value(rig.figure(track, "level"), "now"), amplitude_db(ma / deck_sim::kBiasFullScale_ma), 0.01);
        EXPECT_NEAR(value(rig.figure(track, "frequency"), "now"), 153600.0, 3.0); // the card's crystal is 13 ppm off
    }
    EXPECT_EQ(rig.figure(1, "level").at("unit"), "dBFS");
}

TEST(BiasLink, IsQuietOverALongCleanStretch) {
    const Folder folder;
    BiasRig rig(folder.path());
    rig.set_up();
    rig.run(60.0 * minutes_of_clean_bias());
    EXPECT_THAT(rig.heard, IsEmpty());
    EXPECT_EQ(rig.ask("bias").at("state"), "good");
    EXPECT_GE(rig.figure(1, "level").at("history").as_array().size(), 5U);
    // from when record is to end nothing is judged, though its tally is still on
    transport::MachineState ending = rig.deck.transport->state();
    ending.requested = transport::Motion::Stopped;
    rig.link->state(ending);
    EXPECT_EQ(rig.ask("bias").at("recording"), false);
    rig.link->state(rig.deck.transport->state());
    EXPECT_EQ(rig.ask("bias").at("recording"), true);
    // and nothing is said when it has ended: it was asked to
    rig.deck.transport->stop();
    rig.run(5.0);
    EXPECT_THAT(rig.heard, IsEmpty());
    EXPECT_THAT(told(rig.ask("bias").at("why")), HasSubstr("the deck does not record"));
}

TEST(BiasLink, DriftIsWarnedOfAndThenAFailureWithinItsAveraging) {
    const Folder folder;
    BiasRig rig(folder.path(), {"bias_drift:db=1.2,over_s=60,time_s=20,channel=left"});
    rig.set_up();
    const double set_up_ma = rig.deck.deck->bias_ma(0);
    ASSERT_LT(rig.now_s(), 20.0);
    const double per_s = 1.2 / 60.0;
    const double late_db = per_s * (kAveragingS + 1.0) + 0.02; // its mean lags, and the fault goes in steps of 0.02 dB
    const auto drift_db = [&] { return amplitude_db(rig.deck.deck->bias_ma(0) / set_up_ma); };
    ASSERT_TRUE(rig.wait([&] { return rig.heard.size() == 1; }, 60.0));
    EXPECT_EQ(rig.heard[0].concern.at("severity"), "warn");
    EXPECT_GE(drift_db(), 0.2);
    EXPECT_LE(drift_db(), 0.2 + late_db);
    ASSERT_TRUE(rig.wait([&] { return rig.heard.size() == 2; }, 60.0));
    EXPECT_EQ(rig.heard[1].concern.at("severity"), "fail");
    EXPECT_GE(drift_db(), 0.5);
    EXPECT_LE(drift_db(), 0.5 + late_db);
    EXPECT_EQ(rig.heard[1].concern.at("track"), 1);
    EXPECT_THAT(words(rig.heard[1]), AllOf(HasSubstr("bias level of track 1"), HasSubstr("failure from 0.50 dB")));
    EXPECT_EQ(rig.ask("bias").at("state"), "fail");
    EXPECT_EQ(rig.figure(2, "level").at("state"), "good");
    EXPECT_THAT(rig.logged(), AllOf(Contains("bias_set_up"), Contains("bias_warning"), Contains("bias_alarm")));
    // what was said stays until the next recording
    rig.deck.transport->stop();
    rig.run(3.0);
    EXPECT_EQ(rig.ask("bias").at("concerns").as_array().size(), 1U);
}

TEST(BiasLink, FrequencyIsWatchedToo) {
    const Folder folder;
    BiasRig rig(folder.path(), {"bias_drift:percent=-0.3,over_s=1,time_s=20,channel=right"});
    rig.set_up();
    ASSERT_TRUE(rig.wait([&] { return !rig.heard.empty(); }, 20.0));
    EXPECT_EQ(rig.heard[0].concern.at("severity"), "warn");
    EXPECT_EQ(rig.heard[0].concern.at("track"), 2);
    EXPECT_EQ(rig.heard[0].concern.at("quantity"), "frequency");
    rig.run(10.0);
    EXPECT_NEAR(value(rig.figure(2, "frequency"), "drift"), -0.3, 0.005);
    EXPECT_EQ(rig.heard.size(), 1U);
}

TEST(BiasLink, BiasThatFailsIsMissingWithinItsTime) {
    const Folder folder;
    BiasRig rig(folder.path(), {"bias_loss:time_s=25,channel=right"});
    rig.set_up();
    ASSERT_LT(rig.now_s(), 25.0);
    ASSERT_TRUE(rig.wait([&] { return rig.figure(2, "level").at("state") == "missing"; }, 30.0));
    EXPECT_GT(rig.now_s(), 25.0);
    EXPECT_LT(rig.now_s(), 25.0 + 5.0 + 1.5); // missing_s, and two readings
    EXPECT_THAT(words(rig.heard.back()), HasSubstr("got none for 5 s while the deck records"));
    EXPECT_EQ(rig.heard.back().concern.at("severity"), "fail");
    EXPECT_EQ(rig.figure(1, "level").at("state"), "good");
}

TEST(BiasLink, SamplesThatAreLostAreNoAlarm) {
    const Folder folder;
    BiasRig rig(folder.path());
    rig.set_up();
    for (int times = 0; times < 3; ++times) {
        rig.deaf = true;
        rig.run(12.0); // the ring holds less than six
        rig.deaf = false;
        rig.run(2.0);
        EXPECT_EQ(rig.figure(1, "level").at("state"), "not_judged"); // what the bias did meanwhile nobody knows
        rig.run(6.0);
    }
    EXPECT_GT(value(rig.ask("bias"), "lost_frames"), 3 * 6.0 * 48000.0);
    EXPECT_GE(value(rig.ask("bias"), "gaps"), 3.0);
    EXPECT_THAT(rig.heard, IsEmpty());
    EXPECT_EQ(rig.ask("bias").at("state"), "good");
}

TEST(BiasLink, SetUpIsTakenOnlyFromBiasThatFlowsAndStands) {
    const Folder folder;
    BiasRig rig(folder.path(), {"bias_drift:db=2,over_s=30,time_s=14"});
    EXPECT_THAT(told(rig.ask("bias_set_up").at("error")), HasSubstr("the deck does not record"));
    rig.record();
    rig.run(3.0);
    EXPECT_THAT(told(rig.ask("bias_set_up").at("error")), HasSubstr("not 5 s of readings yet"));
    rig.until(22.0);
    const json::object answer = rig.ask("bias_set_up"); // frequency stands, the level goes
    ASSERT_EQ(answer.at("stored").as_array().size(), 2U);
    EXPECT_EQ(answer.at("stored").at(0).at("quantity"), "frequency");
    EXPECT_THAT(told(answer.at("not_stored").at(0).at("why")),
                HasSubstr("it does not stand still: expected less than"));
}

TEST(BiasLink, SetUpOutlivesTheDaemonAndBelongsToItsSpeed) {
    const Folder folder;
    {
        BiasRig rig(folder.path());
        rig.set_up();
    } // the worker has written
    {
        const BiasRig rig(folder.path());
        EXPECT_EQ(rig.link->stop_obstacle(), "");
    }
    BiasRig rig(folder.path(), {}, with_bias());
    EXPECT_EQ(rig.figure(1, "level").at("set_up_by"), "operator");
    EXPECT_NEAR(value(rig.figure(1, "level"), "set_up"), amplitude_db(5.0 / 20.0) + 3.0, 0.02); // 3 dB over the peak
    transport::MachineState state = rig.deck.transport->state();
    state.play_speed_ips = 30.0;
    rig.link->state(state);
    EXPECT_TRUE(rig.figure(1, "level").at("set_up").is_null());
    EXPECT_THAT(rig.link->stop_obstacle(), HasSubstr("no set-up value at 30.00 ips"));
    state.play_speed_ips = 15.0;
    rig.link->state(state);
    EXPECT_FALSE(rig.figure(1, "level").at("set_up").is_null());
}

TEST(BiasLink, ARecordAlignmentStoresTheBiasItHasSet) {
    const Folder folder;
    deck_sim::Settings settings = with_bias(test::deck_off(3));
    BiasRig rig(folder.path(), {}, settings);
    test::align_reproduce(*rig.deck.deck);
    rig.set_up(); // what it is before; that it is turned, up and down and through its peak, is no failure
    rig.deck.transport->stop();
    rig.run(5.0);
    const auto procedure =
        calibration::record_alignment(test::stock_with(3.0), 15.0, calibration::AlignmentLimits{}, false);
    ASSERT_TRUE(procedure.ok());
    rig.deck.start(*procedure);
    rig.run(20.0);
    ASSERT_TRUE(rig.deck.runner->running());
    EXPECT_THAT(told(rig.figure(1, "level").at("why")), HasSubstr("an alignment runs"));
    const JobEnd end = rig.deck.finish();
    ASSERT_EQ(end.ending, JobEnding::Pass) << end.reason;
    EXPECT_THAT(rig.heard, IsEmpty());
    EXPECT_EQ(rig.figure(1, "level").at("set_up_by"), "operator");
    rig.link->job_ended(end);
    EXPECT_EQ(rig.figure(1, "level").at("set_up_by"), "alignment");
    EXPECT_EQ(rig.figure(1, "high_frequency").at("set_up_by"), "alignment");
    EXPECT_EQ(rig.figure(1, "high_frequency").at("state"), "good");
    EXPECT_EQ(rig.figure(1, "high_frequency").at("now"), rig.figure(1, "high_frequency").at("set_up"));
    EXPECT_THAT(told(rig.figure(1, "noise").at("why")), HasSubstr("the gap after a print's slate"));
    // the deck records with what was set; the bias is that
    rig.record();
    rig.run(9.0);
    for (int track = 1; track <= 2; ++track) {
        const double ma = rig.deck.deck->bias_ma(static_cast<std::size_t>(track - 1));
        EXPECT_NEAR(value(rig.figure(track, "level"), "set_up"), amplitude_db(ma / deck_sim::kBiasFullScale_ma), 0.03);
        EXPECT_EQ(rig.figure(track, "level").at("state"), "good");
    }
    EXPECT_THAT(rig.heard, IsEmpty());
}

TEST(BiasLink, AnAlignmentThatFailedStoresNothing) {
    const Folder folder;
    BiasRig rig(folder.path(), {}, with_bias(test::deck_off(3)));
    test::align_reproduce(*rig.deck.deck);
    const auto procedure =
        calibration::record_alignment(test::stock_with(3.0), 15.0, calibration::AlignmentLimits{}, false);
    rig.deck.start(*procedure);
    JobEnd end = rig.deck.finish();
    end.ending = JobEnding::Cancelled;
    rig.link->job_ended(end);
    EXPECT_TRUE(rig.figure(1, "level").at("set_up").is_null());
}

TEST(BiasLink, AConverterIsPolledAndItsLossIsSaid) {
    const Folder folder;
    const fs::path root = folder.path() / "iio";
    const fs::path device = root / "iio:device0";
    const auto put = [&](const char* attribute, const std::string& text) {
        std::ofstream(device / attribute) << text << "\n";
    };
    const auto plug = [&](double volts) {
        fs::create_directories(device);
        put("name", "ads1115");
        put("in_voltage0_scale", "0.125");
        put("in_voltage0_raw", std::to_string(std::lround(volts * 1000.0 / 0.125)));
    };
    plug(1.75);
    tape::BiasSource adc;
    adc.kind = tape::BiasSourceKind::Adc;
    adc.track = 1;
    adc.device = "ads1115";
    adc.level_db = {.warn = tape::Figure{.value = 0.2, .source = "house rule"},
                    .fail = tape::Figure{.value = 0.5, .source = "house rule"}};
    BiasRig rig(
        folder.path(), {}, with_bias(), [&](Config& config) { config.deck.profile.bias_sources = {adc}; }, root);
    rig.set_up();
    EXPECT_NEAR(value(rig.figure(1, "level"), "now"), 1.75, 1e-3);
    EXPECT_EQ(rig.figure(1, "level").at("unit"), "V");
    rig.run(10.0);
    EXPECT_EQ(rig.figure(1, "level").at("state"), "good");
    put("in_voltage0_raw", std::to_string(std::lround(1.85 * 1000.0 / 0.125))); // 0.48 dB more
    ASSERT_TRUE(rig.wait([&] { return rig.heard.size() == 1; }, 10.0));
    EXPECT_EQ(rig.heard[0].concern.at("severity"), "warn");
    fs::remove_all(device);
    rig.run(1.0);
    EXPECT_THAT(told(rig.figure(1, "level").at("problem")), HasSubstr("ads1115"));
    ASSERT_TRUE(rig.wait([&] { return rig.heard.size() == 2; }, 10.0));
    EXPECT_EQ(rig.figure(1, "level").at("state"), "missing");
    plug(1.75);
    ASSERT_TRUE(rig.wait([&] { return rig.heard.size() == 3; }, 10.0));
    EXPECT_EQ(rig.heard[2].concern.at("severity"), "over");
    EXPECT_TRUE(rig.figure(1, "level").at("problem").is_null());
}

TEST(BiasLink, WithoutItsConverterNothingIsCalledGood) {
    const Folder folder;
    const fs::path device = folder.path() / "iio" / "iio:device0";
    tape::BiasSource adc;
    adc.kind = tape::BiasSourceKind::Adc;
    adc.track = 1;
    adc.device = "ads1115";
    adc.level_db.fail = tape::Figure{.value = 0.5, .source = "house rule"};
    BiasRig rig(
        folder.path(), {}, with_bias(),
        [&](Config& config) {
            config.deck.profile.bias_sources = {adc, config.deck.profile.bias_sources.at(1)};
        },
        folder.path() / "iio");
    rig.run(1.0); // it was never there
    EXPECT_THAT(told(rig.ask("bias").at("why")), HasSubstr("ads1115"));
    rig.set_up(); // of track 2, which the card hears
    rig.run(10.0);
    EXPECT_EQ(rig.figure(2, "level").at("state"), "good");
    EXPECT_EQ(rig.figure(1, "level").at("state"), "not_judged");
    EXPECT_EQ(rig.ask("bias").at("state"), "not_judged");
    EXPECT_EQ(rig.link->status().at("state"), "not_judged");
    EXPECT_THAT(told(rig.link->status().at("why")), HasSubstr("ads1115"));
    // its test point, as the deck has it
    fs::create_directories(device);
    std::ofstream(device / "name") << "ads1115\n";
    std::ofstream(device / "in_voltage0_scale") << "0.125\n";
    std::ofstream(device / "in_voltage0_raw") << std::lround(rig.deck.deck->bias_test_point_v(0) * 8000.0) << "\n";
    rig.run(8.0);
    EXPECT_FALSE(rig.ask("bias_set_up", {{"track", 1}}).contains("error"));
    rig.run(1.0);
    EXPECT_EQ(rig.ask("bias").at("state"), "good");
    EXPECT_NEAR(value(rig.figure(1, "level"), "now"), 0.25 * rig.deck.deck->bias_ma(0), 1e-3); // 0.25 V a mA
    // unplugged: from the next poll on nothing is good, and after its time it is missing
    fs::remove_all(device);
    rig.run(1.0);
    EXPECT_EQ(rig.figure(1, "level").at("state"), "not_judged");
    EXPECT_TRUE(rig.figure(1, "level").at("now").is_null());
    EXPECT_EQ(rig.ask("bias").at("state"), "not_judged");
    rig.run(5.0);
    EXPECT_EQ(rig.ask("bias").at("state"), "missing");
    EXPECT_EQ(rig.figure(2, "level").at("state"), "good");
}

TEST(BiasLink, ACaptureThatBringsNothingIsSaidAndNothingIsCalledGood) {
    const Folder folder;
    BiasRig rig(folder.path());
    rig.set_up();
    rig.run(1.0);
    ASSERT_EQ(rig.ask("bias").at("state"), "good");
    rig.deck.engine->stop();
    rig.run(3.0);
    EXPECT_EQ(rig.ask("bias").at("state"), "not_judged");
    EXPECT_THAT(told(rig.ask("bias").at("why")), HasSubstr("no samples come from the capture"));
    EXPECT_EQ(rig.figure(1, "level").at("state"), "not_judged");
    EXPECT_TRUE(rig.figure(1, "level").at("now").is_null());
    rig.run(20.0);
    EXPECT_THAT(rig.heard, IsEmpty()); // what the bias did nobody knows
    ASSERT_TRUE(rig.deck.engine->start().ok());
    rig.run(10.0);
    EXPECT_EQ(rig.ask("bias").at("state"), "good");
    EXPECT_TRUE(rig.figure(1, "level").at("problem").is_null());
}

TEST(BiasLink, WhatTheCardCannotHearIsRefused) {
    const Folder folder;
    const auto why = [&](const std::function<void(tape::BiasSource&)>& change) -> std::string {
        try {
            const BiasRig rig(folder.path(), {}, with_bias(),
                              [&](Config& config) { change(config.deck.profile.bias_sources.front()); });
        } catch (const std::runtime_error& refused) {
            return refused.what();
        }
        return "accepted";
    };
    EXPECT_EQ(why([](tape::BiasSource&) {}), "accepted");
    EXPECT_THAT(why([](tape::BiasSource& source) { source.kind = tape::BiasSourceKind::Direct; }),
                AllOf(HasSubstr("simulated-bias"), HasSubstr("does not pass the converter")));
    EXPECT_THAT(why([](tape::BiasSource& source) { source.capture_channel = 5; }),
                HasSubstr("expected a capture channel from 1 to 4"));
    EXPECT_THAT(why([](tape::BiasSource& source) { source.capture_channel = 1; }), HasSubstr("with the role \"bias\""));
}

TEST(BiasLink, AConfigurationWithSuchAProfileIsRefused) {
    const Folder folder;
    const char* const source = std::getenv("OVERBIAS_SOURCE_DIR");
    ASSERT_NE(source, nullptr);
    fs::copy(fs::path(source) / "profiles" / "tapes", folder.path() / "tapes");
    const auto check = [&](const std::string& from, const std::string& to) {
        std::ifstream shipped(fs::path(source) / "profiles" / "decks" / "simulated-bias.toml");
        std::string text{std::istreambuf_iterator<char>(shipped), {}};
        const std::size_t at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        fs::create_directories(folder.path() / "decks");
        std::ofstream(folder.path() / "decks" / "mine.toml") << text.replace(at, from.size(), to);
        const auto config = parse_config(
            "[deck]\nprofile = \"mine\"\n[daemon]\nprofiles = \"" + folder.path().string() + "\"\n", "test.toml", true);
        return config ? std::string("accepted") : config.error().message;
    };
    EXPECT_EQ(check("capture_channel = 3", "capture_channel = 3"), "accepted");
    EXPECT_THAT(check("capture_channel = 3", "capture_channel = 2"),
                AllOf(HasSubstr("test.toml"), HasSubstr("deck.profile"), HasSubstr("with the role \"bias\"")));
    EXPECT_THAT(check("oscillator_khz = { value = 144,", "oscillator_khz = { value = 125,"),
                AllOf(HasSubstr("deck.profile"), HasSubstr("28.6 kHz does not pass the converter")));
}

TEST(BiasLink, ADeckWithoutAMonitorSaysSo) {
    const Folder folder;
    BiasRig rig(folder.path(), {}, {}, [](Config& config) { config.deck.profile.bias_sources.clear(); });
    rig.run(1.0);
    EXPECT_EQ(rig.ask("bias").at("watched"), false);
    EXPECT_TRUE(rig.link->status().is_null());
    EXPECT_THAT(told(rig.ask("bias_set_up").at("error")), HasSubstr("has no [[bias_monitor]]"));
    EXPECT_THAT(rig.link->stop_obstacle(), HasSubstr("has no [[bias_monitor]]"));
}

} // namespace
} // namespace overbias::controller::bias_test
