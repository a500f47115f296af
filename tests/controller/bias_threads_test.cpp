// SPDX-License-Identifier: Apache-2.0
// The bias monitor's own threads, as a real deck has them.
#include "controller/bias/bias_converters.hpp"
#include "controller/bias/bias_ears.hpp"

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <numbers>
#include <span>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <vector>

namespace overbias::controller {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr double kRate_hz = 48000.0;
constexpr auto kPatience = 30s; // of a loaded machine

template <typename Done>
bool wait_for(Done done) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!done()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::yield();
    }
    return true;
}

tape::BiasSource mixed(int capture_channel) {
    tape::BiasSource one;
    one.kind = tape::BiasSourceKind::Mixed;
    one.capture_channel = capture_channel;
    one.frequency_khz = tape::Figure{.value = 153.6, .source = "test"};
    one.oscillator_khz = tape::Figure{.value = 144.0, .source = "test"};
    return one;
}

/// Pushes `seconds` of 9.6 kHz from frame `first` on: 0.5 on channel 0 of the tap, 0.25 on channel 1.
void push(audio::FrameTap& tap, std::int64_t first, double seconds) {
    constexpr std::size_t kBlock = 480;
    std::vector<std::int32_t> block(2 * kBlock);
    for (std::int64_t at = first; at < first + static_cast<std::int64_t>(seconds * kRate_hz); at += kBlock) {
        for (std::size_t i = 0; i < kBlock; ++i) {
            const double sine = std::sin(2.0 * std::numbers::pi * 9600.0 *
                                         static_cast<double>(at + static_cast<std::int64_t>(i)) / kRate_hz);
            block[2 * i] = static_cast<std::int32_t>(0.5 * sine * 2147483647.0);
            block[2 * i + 1] = static_cast<std::int32_t>(0.25 * sine * 2147483647.0);
        }
        tap.rt_push(at, block);
    }
}

TEST(BiasEars, ListenToTheirOwnChannelsOnTheirOwnThread) {
    const std::vector<tape::BiasSource> sources{mixed(6), mixed(4)};
    EXPECT_EQ(BiasEars::channels(sources), (std::vector<std::size_t>{3, 5}));
    audio::FrameTap tap(1 << 18, 2);
    BiasEars ears(tap, sources, kRate_hz);
    ears.start(1ms);
    std::vector<BiasHeard> heard;
    const auto more = [&] {
        for (BiasHeard& one : ears.take()) {
            heard.push_back(one);
        }
        return heard.size();
    };
    push(tap, 1000, 2.0);
    ASSERT_TRUE(wait_for([&] { return more() >= 12; })); // level and frequency, of both, in three half seconds
    for (const BiasHeard& one : heard) {
        ASSERT_TRUE(one.reading.value);
        EXPECT_FALSE(one.gap);
        EXPECT_GT(one.frame, 1000);
        EXPECT_LE(one.frame, 1000 + 96000);
        const double expected = one.reading.quantity == calibration::BiasQuantity::Frequency ? 153600.0
                                : one.reading.source == 0                                    ? 0.25
                                                                                             : 0.5;
        EXPECT_NEAR(*one.reading.value, expected, 0.001 * expected);
    }
    // frames are missing: that is said before any reading of what comes after
    const std::size_t before = more();
    push(tap, 500000, 1.0);
    ASSERT_TRUE(wait_for([&] { return more() >= before + 3; }));
    EXPECT_TRUE(heard[before].gap);
    EXPECT_EQ(heard[before].frame, 500000);
    EXPECT_GE(heard[before + 1].frame, 500000 + 24000);
}

class Converter : public testing::Test {
  protected:
    Converter() {
        std::string name = (fs::temp_directory_path() / "overbias-converter-XXXXXX").string();
        EXPECT_NE(mkdtemp(name.data()), nullptr);
        root = name;
        fs::create_directories(root / "iio:device0");
        std::ofstream(root / "iio:device0" / "name") << "ads1115\n";
        std::ofstream(root / "iio:device0" / "in_voltage0_scale") << "1\n";
    }
    ~Converter() override {
        std::error_code error;
        fs::remove_all(root, error);
    }
    Converter(const Converter&) = delete;
    Converter& operator=(const Converter&) = delete;
    fs::path root;
};

TEST_F(Converter, ThatBlocksHoldsUpNobody) {
    const fs::path raw = root / "iio:device0" / "in_voltage0_raw";
    ASSERT_EQ(::mkfifo(raw.c_str(), 0600), 0); // a read waits until somebody writes
    tape::BiasSource adc;
    adc.kind = tape::BiasSourceKind::Adc;
    adc.device = "ads1115";
    BiasConverters converters({adc}, root);
    converters.start();
    EXPECT_TRUE(converters.ask(DeckTime(1s))); // returns at once, or this test never ends
    EXPECT_FALSE(converters.ask(DeckTime(2s)));
    EXPECT_EQ(converters.asked(), DeckTime(1s));
    EXPECT_TRUE(converters.take().empty());
    std::ofstream(raw) << "1750\n";
    std::vector<BiasPolled> polled;
    ASSERT_TRUE(wait_for([&] {
        for (BiasPolled& one : converters.take()) {
            polled.push_back(one);
        }
        return !polled.empty();
    }));
    ASSERT_TRUE(polled.front().level) << polled.front().problem;
    EXPECT_NEAR(*polled.front().level, 1.75, 1e-9);
    EXPECT_EQ(polled.front().at, DeckTime(1s));
    EXPECT_TRUE(wait_for([&] { return !converters.asked(); }));
}

} // namespace
} // namespace overbias::controller
