// SPDX-License-Identifier: Apache-2.0
// The live analysers over a tap that the test fills itself, with signals whose figures follow from how they are made.
#include "base/async/simulated_timeline.hpp"
#include "controller/analysers/analyser_commands.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <future>
#include <gtest/gtest.h>
#include <memory>
#include <numbers>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace overbias::controller {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kPatience{30}; ///< a test that needs it has failed
constexpr double kRate_hz = 48000.0;
constexpr double kTurn = 2.0 * std::numbers::pi;
constexpr double kOperating_dbfs = -20.0;

using Signal = std::function<double(double seconds)>;

class AnalyserTest : public testing::Test {
  protected:
    void start(AnalyserWorkerConfig config = {}) {
        config.drain_interval = std::chrono::milliseconds(1);
        worker_ = std::make_unique<AnalyserWorker>(tap_, config);
    }
    /// Frames `from_s` to `to_s` of the stream.
    void play(double from_s, double to_s, const Signal& left, const Signal& right) {
        const auto begin = std::llround(from_s * kRate_hz), end = std::llround(to_s * kRate_hz);
        constexpr std::int64_t kBlock = 480;
        std::vector<std::int32_t> block(2 * kBlock);
        for (std::int64_t frame = begin; frame < end; frame += kBlock) {
            for (std::int64_t n = 0; n < kBlock; ++n) {
                const double at_s = static_cast<double>(frame + n) / kRate_hz;
                block[static_cast<std::size_t>(2 * n)] =
                    static_cast<std::int32_t>(std::lround(2147483647.0 * left(at_s)));
                block[static_cast<std::size_t>(2 * n + 1)] =
                    static_cast<std::int32_t>(std::lround(2147483647.0 * right(at_s)));
            }
            tap_.rt_push(frame, block);
        }
    }
    std::shared_ptr<const Analysis> ask(std::vector<TurningPart> parts = {}) {
        auto told = std::make_shared<std::promise<std::shared_ptr<const Analysis>>>();
        auto answer = told->get_future();
        worker_->ask(std::move(parts), [told](std::shared_ptr<const Analysis> it) { told->set_value(std::move(it)); });
        if (answer.wait_for(kPatience) != std::future_status::ready) {
            throw std::runtime_error("no answer");
        }
        return answer.get();
    }
    json::object words(const Analysis& analysis, bool card_lost = false) {
        AnalysisContext context;
        context.operating_level_dbfs = kOperating_dbfs;
        context.card_lost = card_lost;
        context.card_problem = card_lost ? "hw:Deck went away" : "";
        return analysis_json(analysis, context);
    }
    static double value(const json::value& figure) { return figure.at("value").to_number<double>(); }
    static double value(const json::value& figure, std::size_t channel) {
        return figure.at("value").at(channel).to_number<double>();
    }

    audio::FrameTap tap_{16 * 48000};
    std::unique_ptr<AnalyserWorker> worker_;
};

Signal sine(double amplitude, double hz, double late_s = 0.0) {
    return [=](double at_s) { return amplitude * std::sin(kTurn * hz * (at_s - late_s)); };
}
const Signal kSilence = [](double) { return 0.0; };

TEST_F(AnalyserTest, a_tone_is_told_by_channel_and_against_the_other) {
    const Signal left = [](double at_s) {
        return 0.1 * (std::sin(kTurn * 1000.0 * at_s) + 0.01 * std::sin(kTurn * 3000.0 * at_s));
    };
    play(0.0, 10.0, left, sine(0.05, 1000.0, 5e-6));
    start();
    const json::value it = words(*ask());
    EXPECT_EQ(it.at("signal"), "tone");
    EXPECT_NEAR(it.at("held_s").to_number<double>(), 10.0, 0.011);
    const json::value& tone = it.at("tone");
    EXPECT_NEAR(value(tone.at("frequency"), 0), 1000.0, 0.001);
    EXPECT_NEAR(value(tone.at("frequency"), 1), 1000.0, 0.001);
    EXPECT_NEAR(value(tone.at("level"), 0), -20.0, 0.01);
    EXPECT_NEAR(value(tone.at("level_re_operating"), 0), 0.0, 0.01);
    EXPECT_NEAR(value(tone.at("level_re_operating"), 1), -6.02, 0.01);
    EXPECT_NEAR(value(tone.at("third_harmonic"), 0), 1.0, 0.005);
    EXPECT_NEAR(value(tone.at("thd"), 0), 1.0, 0.005);
    EXPECT_LT(value(tone.at("third_harmonic"), 1), 0.001);
    EXPECT_NEAR(tone.at("plays_s").to_number<double>(), 10.0, 0.1);
    EXPECT_NEAR(tone.at("level").at("averaging_s").to_number<double>(), 2.0, 0.01);
    const json::value& stereo = it.at("stereo");
    EXPECT_NEAR(value(stereo.at("level_difference")), -6.02, 0.01);
    EXPECT_NEAR(value(stereo.at("azimuth")), 5.0, 0.02);
    EXPECT_NEAR(value(stereo.at("azimuth_now")), 5.0, 0.05);
    EXPECT_NEAR(value(stereo.at("phase")), -1.8, 0.02) << "360 f t degrees, late is negative";
    EXPECT_EQ(stereo.at("azimuth_from"), "tones");
    EXPECT_NEAR(value(stereo.at("correlation")), std::cos(kTurn * 1000.0 * 5e-6), 0.001);
}

TEST_F(AnalyserTest, what_an_operator_turns_is_seen_within_a_second) {
    play(0.0, 8.5, sine(0.1, 1000.0), sine(0.1, 1000.0, 20e-6));
    play(8.5, 10.0, sine(0.1, 1000.0), sine(0.1, 1000.0, 2e-6));
    start();
    const json::value stereo = words(*ask()).at("stereo");
    EXPECT_NEAR(value(stereo.at("azimuth_now")), 2.0, 0.1);
    EXPECT_NEAR(value(stereo.at("azimuth")), 17.3, 0.3) << "the mean still knows where it was";
}

TEST_F(AnalyserTest, one_high_tone_may_lack_whole_periods_until_a_lower_one_was_there) {
    play(0.0, 4.0, sine(0.1, 10000.0), sine(0.1, 10000.0, 120e-6));
    start();
    const json::value alone = words(*ask()).at("stereo");
    EXPECT_NEAR(value(alone.at("azimuth")), 20.0, 0.05) << "one period of 100 us is missing, and said to be";
    EXPECT_NE(std::string(alone.at("azimuth_from").as_string()).find("whole periods"), std::string::npos);
    EXPECT_NEAR(alone.at("azimuth_period_us").to_number<double>(), 100.0, 0.01);
    for (const double hz : {1000.0, 2000.0, 4000.0}) {
        const double from_s = 4.0 + (hz == 1000.0 ? 0.0 : hz == 2000.0 ? 1.0 : 2.0);
        play(from_s, from_s + 1.0, sine(0.1, hz), sine(0.1, hz, 120e-6));
    }
    play(7.0, 9.0, sine(0.1, 10000.0), sine(0.1, 10000.0, 120e-6));
    const json::value together = words(*ask());
    EXPECT_EQ(together.at("stereo").at("azimuth_from"), "tones");
    EXPECT_NEAR(value(together.at("stereo").at("azimuth")), 120.0, 0.5);
    EXPECT_NEAR(value(together.at("stereo").at("azimuth_now")), 120.0, 0.5);
    EXPECT_EQ(together.at("tones").as_array().size(), 10U) << "five tones in each channel";
}

/// A carrier of 3150 Hz that runs 0.5 % fast and swings by 0.1 % at 4 Hz, where the weighting is 1 (AES6, IEC 60386):
/// the two-sigma peak of a sine is 0.99692 of its peak.
TEST_F(AnalyserTest, wow_and_flutter_run_on_with_their_lines_and_parts) {
    constexpr double kPeak = 0.001, kFlutter_hz = 4.0, kOther_hz = 11.0;
    const Signal carrier = [](double at_s) {
        const double hz = 3150.0 * 1.005;
        const double swing = kPeak * hz / kFlutter_hz * std::sin(kTurn * kFlutter_hz * at_s) +
                             0.01 * kPeak * hz / kOther_hz * std::sin(kTurn * kOther_hz * at_s);
        return 0.1 * std::sin(kTurn * hz * at_s + swing);
    };
    const std::vector<TurningPart> parts{{{"capstan", 4.02}, "its drawing"}, {{"supply reel", 0.6}, "counter"}};
    play(0.0, 12.0, carrier, carrier);
    start();
    json::value it = words(*ask(parts)).at("wow_flutter");
    EXPECT_NEAR(value(it.at("speed_error")), 0.5, 0.002);
    EXPECT_EQ(it.at("nominal_hz").to_number<double>(), 3150.0);
    EXPECT_NEAR(value(it.at("weighted")), 0.0997, 0.003);
    EXPECT_NEAR(it.at("weighted").at("averaging_s").to_number<double>(), 6.0, 0.5) << "4 s of the ten settle";
    EXPECT_EQ(it.at("weighted").at("detector"), "two-sigma peak");
    const json::array& lines = it.at("lines").as_array();
    ASSERT_GE(lines.size(), 2U);
    EXPECT_NEAR(lines[0].at("frequency_hz").to_number<double>(), kFlutter_hz, 0.02);
    EXPECT_NEAR(lines[0].at("peak_percent").to_number<double>(), 0.1, 0.003);
    EXPECT_EQ(lines[0].at("part"), "capstan");
    EXPECT_EQ(lines[0].at("times_a_turn").to_number<int>(), 1);
    EXPECT_NEAR(lines[1].at("frequency_hz").to_number<double>(), kOther_hz, 0.02);
    EXPECT_TRUE(lines[1].at("part").is_null()) << "nothing that is known turns so";
    // it runs on: six seconds later the whole memory counts
    play(12.0, 18.0, carrier, carrier);
    it = words(*ask(parts)).at("wow_flutter");
    EXPECT_NEAR(it.at("weighted").at("averaging_s").to_number<double>(), 10.0, 0.1);
    EXPECT_NEAR(value(it.at("weighted")), 0.0997, 0.0008);
    EXPECT_GT(it.at("drift").at("averaging_s").to_number<double>(), 14.0) << "longer than the memory";
    // and ends with its carrier
    play(18.0, 20.0, kSilence, kSilence);
    EXPECT_TRUE(words(*ask(parts)).at("wow_flutter").is_null());
}

TEST_F(AnalyserTest, a_carrier_that_flutters_too_much_for_a_tone_is_a_carrier_still) {
    constexpr double kPeak = 0.03, kFlutter_hz = 5.0;
    const Signal carrier = [](double at_s) {
        return 0.1 *
               std::sin(kTurn * 3150.0 * at_s + kPeak * 3150.0 / kFlutter_hz * std::sin(kTurn * kFlutter_hz * at_s));
    };
    play(0.0, 10.0, carrier, carrier);
    start();
    const json::value it = words(*ask());
    EXPECT_TRUE(it.at("tone").is_null());
    ASSERT_FALSE(it.at("wow_flutter").is_null());
    EXPECT_NEAR(value(it.at("wow_flutter").at("unweighted")), 2.99, 0.06);
}

TEST_F(AnalyserTest, noise_is_read_by_every_weighting_and_hum_is_named) {
    std::mt19937 random(7);
    std::normal_distribution<double> normal;
    const Signal hiss = [&](double at_s) { return 1e-3 * normal(random) + 2e-3 * std::sin(kTurn * 150.0 * at_s); };
    const Signal plain = [&](double) { return 1e-3 * normal(random); };
    play(0.0, 6.0, hiss, plain);
    start();
    const json::value it = words(*ask());
    EXPECT_EQ(it.at("signal"), "noise");
    for (const char* key : {"tone", "wow_flutter"}) {
        EXPECT_TRUE(it.at(key).is_null()) << key;
    }
    EXPECT_TRUE(it.at("tones").as_array().empty());
    const json::value& noise = it.at("noise");
    // a standard deviation of 0.001 re the rms of a full-scale sine
    EXPECT_NEAR(value(noise.at("rms"), 1), 20.0 * std::log10(1e-3 * std::numbers::sqrt2), 0.05);
    EXPECT_EQ(noise.at("itu468").at("detector"), "quasi-peak, mean of the needle");
    EXPECT_EQ(noise.at("a_weighted").at("weighting"), "A");
    EXPECT_GT(value(noise.at("itu468"), 1), value(noise.at("a_weighted"), 1) + 5.0) << "468 reads white noise higher";
    EXPECT_NEAR(noise.at("rms").at("averaging_s").to_number<double>(), 4.0, 0.01);
    const json::value& hum = it.at("hum");
    ASSERT_EQ(hum.at(0).at("lines").as_array().size(), 1U);
    EXPECT_EQ(hum.at(0).at("lines").at(0).at("name"), "150 Hz (3 x 50 Hz)");
    EXPECT_NEAR(hum.at(0).at("lines").at(0).at("level_dbfs").to_number<double>(), -53.98, 0.2);
    EXPECT_TRUE(hum.at(1).at("sum_dbfs").is_null());
    EXPECT_TRUE(it.at("stereo").at("azimuth").at("value").is_null());
}

TEST_F(AnalyserTest, programme_tells_the_azimuth_as_an_estimate_with_its_confidence) {
    // noise of 1 to 12 kHz's worth: held samples in steps would do, but a sum of many sines can be delayed exactly
    std::mt19937 random(3);
    std::uniform_real_distribution<double> phase(0.0, kTurn), hz(200.0, 14000.0), fade(0.1, 0.9);
    std::vector<std::array<double, 3>> partials(60);
    for (auto& partial : partials) {
        partial = {hz(random), phase(random), fade(random)};
    }
    const auto music = [partials](double at_s) {
        double sum = 0.0;
        for (const auto& [frequency, begin, slow] : partials) {
            sum += 0.02 * std::sin(kTurn * frequency * at_s + begin) * (1.0 + std::sin(kTurn * slow * at_s));
        }
        return sum;
    };
    play(0.0, 6.0, music, [music](double at_s) { return 0.5 * music(at_s - 8e-6); });
    start();
    const json::value it = words(*ask());
    EXPECT_EQ(it.at("signal"), "programme");
    EXPECT_TRUE(it.at("tone").is_null());
    EXPECT_TRUE(it.at("hum").is_null());
    const json::value& stereo = it.at("stereo");
    EXPECT_NEAR(value(stereo.at("azimuth")), 8.0, 0.2);
    EXPECT_EQ(stereo.at("azimuth_from"), "programme alone: an estimate");
    EXPECT_GT(stereo.at("azimuth_confidence").to_number<double>(), 0.9);
    EXPECT_NEAR(value(stereo.at("level_difference")), -6.02, 0.05);
}

/// Every member that has a value of a figure, or null in its place.
void expect_nothing(const json::value& it) {
    for (const char* key : {"tone", "wow_flutter", "stereo", "noise", "hum"}) {
        EXPECT_TRUE(it.at(key).is_null()) << key;
    }
    EXPECT_EQ(it.at("signal"), "nothing");
    EXPECT_TRUE(it.at("tones").as_array().empty());
}

TEST_F(AnalyserTest, digital_silence_has_no_figures) {
    play(0.0, 5.0, kSilence, kSilence);
    start();
    const json::value it = words(*ask());
    EXPECT_EQ(it.at("stale"), false);
    expect_nothing(it);
}

TEST_F(AnalyserTest, before_any_sample_it_is_stale_and_has_no_figures) {
    start();
    const json::value it = words(*ask());
    EXPECT_EQ(it.at("stale"), true);
    expect_nothing(it);
}

TEST_F(AnalyserTest, what_stops_coming_is_not_told_as_live) {
    AnalyserWorkerConfig config;
    config.stale_after = std::chrono::milliseconds(200);
    config.answer_interval = std::chrono::milliseconds(1);
    play(0.0, 2.0, sine(0.1, 1000.0), sine(0.1, 1000.0));
    start(config);
    const auto until = std::chrono::steady_clock::now() + kPatience;
    std::shared_ptr<const Analysis> it = ask();
    while (!it->stale && std::chrono::steady_clock::now() < until) {
        it = ask();
    }
    EXPECT_TRUE(it->stale);
    expect_nothing(words(*it));
}

TEST_F(AnalyserTest, a_lost_card_is_said_and_nothing_else_is) {
    play(0.0, 2.0, sine(0.1, 1000.0), sine(0.1, 1000.0));
    start();
    const std::shared_ptr<const Analysis> analysis = ask();
    EXPECT_FALSE(words(*analysis).at("tone").is_null());
    EXPECT_EQ(words(*analysis).at("card").at("lost"), false);
    const json::value it = words(*analysis, true);
    EXPECT_EQ(it.at("card").at("lost"), true);
    EXPECT_EQ(it.at("card").at("problem"), "hw:Deck went away");
    EXPECT_EQ(it.at("stale"), true);
    expect_nothing(it);
}

TEST_F(AnalyserTest, nothing_is_measured_across_a_gap) {
    play(0.0, 5.0, sine(0.1, 1000.0), sine(0.1, 1000.0));
    play(7.0, 8.0, sine(0.1, 400.0), sine(0.1, 400.0)); // two seconds are missing
    start();
    const std::shared_ptr<const Analysis> it = ask();
    EXPECT_EQ(it->gaps, 1U);
    EXPECT_NEAR(it->held_s, 1.0, 0.001);
    ASSERT_TRUE(it->figures.tone.has_value());
    EXPECT_NEAR(it->figures.tone->frequency_hz[0].value_or(0.0), 400.0, 0.01);
    EXPECT_EQ(it->figures.tones.size(), 2U) << "one in each channel: the 1 kHz is forgotten";
}

TEST_F(AnalyserTest, what_the_tap_had_no_room_for_is_counted) {
    play(0.0, 40.0, kSilence, kSilence); // it holds 16 s, or a little more
    const std::uint64_t lost = tap_.dropped_frames();
    ASSERT_GT(lost, 0U);
    start();
    EXPECT_EQ(ask()->lost_frames, lost);
}

TEST_F(AnalyserTest, those_who_ask_too_soon_wait_and_are_told_the_same) {
    AnalyserWorkerConfig config;
    config.answer_interval = std::chrono::milliseconds(300);
    play(0.0, 1.0, sine(0.1, 1000.0), sine(0.1, 1000.0));
    start(config);
    const std::shared_ptr<const Analysis> first = ask();
    const auto at = std::chrono::steady_clock::now();
    auto told = std::make_shared<std::promise<std::shared_ptr<const Analysis>>>();
    auto second = told->get_future();
    worker_->ask({}, [told](std::shared_ptr<const Analysis> it) { told->set_value(std::move(it)); });
    const std::shared_ptr<const Analysis> third = ask();
    EXPECT_EQ(second.get(), third);
    EXPECT_NE(first, third);
    EXPECT_GE(std::chrono::steady_clock::now() - at, std::chrono::milliseconds(150))
        << "a measurement takes some of it";
}

TEST_F(AnalyserTest, the_command_answers_on_the_timeline_with_how_each_figure_is_made) {
    play(0.0, 10.0, sine(0.1, 3150.0), sine(0.1, 3150.0));
    start();
    SimulatedTimeline timeline;
    CommandRegistry registry;
    add_analyser_commands(registry, {.timeline = timeline,
                                     .worker = *worker_,
                                     .parts =
                                         [] {
                                             return std::vector<TurningPart>{{{"capstan", 12.0}, "its drawing"}};
                                         },
                                     .context = [] { return AnalysisContext{}; }});
    std::string said;
    Caller caller;
    caller.role = Role::Observe;
    registry.call("analysis", json::object{}, caller, [&](const Reply& reply) { said = reply.result; });
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (said.empty() && std::chrono::steady_clock::now() < until) {
        timeline.run_for(std::chrono::milliseconds(1));
    }
    const json::value it = json::parse(said);
    std::size_t figures = 0;
    for (const char* group : {"tone", "wow_flutter", "stereo", "noise"}) {
        for (const auto& [key, figure] : it.at(group).as_object()) {
            if (const json::object* const object = figure.if_object()) {
                ++figures;
                for (const char* member : {"unit", "standard", "weighting", "detector"}) {
                    EXPECT_TRUE(object->at(member).is_string()) << group << "." << key << "." << member;
                }
                EXPECT_TRUE(object->at("averaging_s").is_number()) << group << "." << key;
                EXPECT_TRUE(object->contains("value")) << group << "." << key;
            }
        }
    }
    EXPECT_EQ(figures, 7U + 8U + 5U + 6U);
    EXPECT_EQ(it.at("rotating_parts").at(0).at("name"), "capstan");
    EXPECT_EQ(it.at("rotating_parts").at(0).at("source"), "its drawing");
}

TEST_F(AnalyserTest, nonsense_is_refused) {
    EXPECT_THROW(AnalyserWorker(tap_, {.rate_hz = 0.0}), std::invalid_argument);
    EXPECT_THROW(AnalyserWorker(tap_, {.memory_s = -1.0}), std::invalid_argument);
}

} // namespace
} // namespace overbias::controller
