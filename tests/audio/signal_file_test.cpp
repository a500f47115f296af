// SPDX-License-Identifier: Apache-2.0
// Test signals as files: what is in them, and that nothing is left of one that did not come to its end.
#include "audio/signal_file.hpp"

#include "audio/float_file.hpp"
#include "audio/sound_file_writer.hpp"
#include "written_file.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>
#include <numbers>
#include <string>
#include <sys/resource.h>
#include <vector>

namespace overbias::audio {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using Kind = dsp::Signal::Kind;

struct Contents {
    double rate_hz = 0.0;
    std::size_t channels = 0;
    std::vector<float> samples;
    [[nodiscard]] std::int64_t frames() const { return static_cast<std::int64_t>(samples.size() / channels); }
    [[nodiscard]] double at(std::int64_t frame, std::size_t channel = 0) const {
        return static_cast<double>(samples[static_cast<std::size_t>(frame) * channels + channel]);
    }
    [[nodiscard]] double rms(std::int64_t from, std::int64_t to, std::size_t channel = 0) const {
        double sum = 0.0;
        for (std::int64_t n = from; n < to; ++n) {
            sum += at(n, channel) * at(n, channel);
        }
        return std::sqrt(sum / static_cast<double>(to - from));
    }
};

Contents contents(const std::filesystem::path& path) {
    auto file = FloatFile::open(path);
    EXPECT_TRUE(file.ok()) << file.error().message;
    Contents all{file->sample_rate_hz(), file->channels(), {}};
    all.samples.resize(static_cast<std::size_t>(file->frames()) * file->channels());
    EXPECT_EQ(*file->read(all.samples), static_cast<std::size_t>(file->frames()));
    return all;
}

std::string bytes(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

class SignalFile : public ::testing::Test {
  protected:
    Contents write(const dsp::Signal& signal, const SignalFileOptions& options) {
        const auto written = write_signal_file(path, signal, options);
        EXPECT_TRUE(written.ok()) << written.error().message;
        return contents(path);
    }
    [[nodiscard]] std::size_t files() const {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder.path()), {}));
    }
    SoundFolder folder;
    std::filesystem::path path = folder.path() / "signal.wav";
};

TEST_F(SignalFile, ASineIsWhereItsFormulaSaysAndFadedAtBothEnds) {
    const auto file = write(dsp::sine_signal(1000.0, -20.0), {.sample_rate_hz = 96000, .bits = 0, .duration_s = 0.5});
    EXPECT_EQ(file.rate_hz, 96000.0);
    ASSERT_EQ(file.channels, 2U);
    ASSERT_EQ(file.frames(), 48000);
    for (std::int64_t n = 960; n <= 48000 - 960; ++n) {
        ASSERT_NEAR(file.at(n), 0.1 * std::sin(2.0 * std::numbers::pi * static_cast<double>(n) / 96.0), 1e-7) << n;
        ASSERT_EQ(file.at(n, 0), file.at(n, 1));
    }
    EXPECT_EQ(file.at(0), 0.0);
    EXPECT_NEAR(file.at(480 + 24), 0.1 * (0.5 + 0.5 * std::sin(std::numbers::pi * 24.0 / 960.0)), 1e-4)
        << "half way up the raised cosine";
    EXPECT_LT(std::abs(file.at(47999)), 1e-6);
}

TEST_F(SignalFile, IntegersAreDitheredToTheirBits) {
    const double lsb = std::ldexp(1.0, -15);
    const auto file = write(dsp::sine_signal(1000.0, -20.0), {.bits = 16, .duration_s = 2.0});
    double power = 0.0;
    for (std::int64_t n = 480; n < 95000; ++n) {
        ASSERT_EQ(std::remainder(file.at(n), lsb), 0.0);
        const double error = file.at(n) - 0.1 * std::sin(2.0 * std::numbers::pi * static_cast<double>(n) / 48.0);
        power += error * error / (94520.0 * lsb * lsb);
    }
    EXPECT_NEAR(power, 0.25, 0.01);
}

TEST_F(SignalFile, TonesFollowEachOtherAndTheFileEndsWithThem) {
    const std::array<dsp::SignalTone, 2> tones{{{1000.0, -20.0, 0.3, 0.1}, {10000.0, -30.0, 0.2, 0.0}}};
    const auto file = write(dsp::sequence_signal(tones), {.bits = 0, .duration_s = 99.0});
    ASSERT_EQ(file.frames(), 28800);
    EXPECT_NEAR(file.rms(4800, 9600), 0.1 / std::numbers::sqrt2, 1e-5);
    EXPECT_EQ(file.rms(14400, 19200), 0.0);
    EXPECT_NEAR(file.rms(20000, 28000), 0.1 / std::sqrt(20.0), 1e-5);
}

TEST_F(SignalFile, TheFirstBurstIsWhole) {
    const auto file = write(dsp::burst_signal(5000.0, -10.0, 0.005, 0.095), {.bits = 0, .duration_s = 0.3});
    for (const std::int64_t begin : {0, 4800, 9600}) {
        for (std::int64_t n = 0; n < 240; ++n) {
            ASSERT_NEAR(file.at(begin + n),
                        std::pow(10.0, -0.5) *
                            std::sin(2.0 * std::numbers::pi * 5000.0 * static_cast<double>(n) / 48000.0),
                        1e-6);
        }
        EXPECT_EQ(file.rms(begin + 240, begin + 4800), 0.0);
    }
}

TEST_F(SignalFile, OneChannelOrOneOfTwo) {
    EXPECT_EQ(write(dsp::sine_signal(1000.0, -20.0), {.channels = 1, .bits = 0, .duration_s = 0.1}).channels, 1U);
    for (const std::size_t carrying : {0U, 1U}) {
        const auto file = write(dsp::sine_signal(1000.0, -20.0),
                                {.carrying = carrying == 0 ? OscillatorChannels::Left : OscillatorChannels::Right,
                                 .bits = 0,
                                 .duration_s = 0.1,
                                 .overwrite = true});
        EXPECT_NEAR(file.rms(960, 3840, carrying), 0.1 / std::numbers::sqrt2, 1e-5);
        EXPECT_EQ(file.rms(0, 4800, 1 - carrying), 0.0);
        std::filesystem::remove(path);
    }
}

TEST_F(SignalFile, TheSameSeedGivesTheSameFile) {
    for (const int bits : {24, 0}) {
        SignalFileOptions options{.bits = bits, .duration_s = 0.2, .seed = 7, .overwrite = true};
        (void)write(dsp::noise_signal(Kind::PinkNoise, -20.0), options);
        const std::string first = bytes(path);
        (void)write(dsp::noise_signal(Kind::PinkNoise, -20.0), options);
        EXPECT_EQ(bytes(path), first) << bits;
        options.seed = 8;
        (void)write(dsp::noise_signal(Kind::PinkNoise, -20.0), options);
        EXPECT_NE(bytes(path), first) << bits;
    }
}

TEST_F(SignalFile, AFileThatIsThereIsKept) {
    std::ofstream(path) << "precious";
    const auto refused = write_signal_file(path, dsp::sine_signal(1000.0, -20.0), {.duration_s = 0.1});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("signal.wav: is there already"));
    EXPECT_EQ(bytes(path), "precious");
    EXPECT_EQ(files(), 1U);
    (void)write(dsp::sine_signal(1000.0, -20.0), {.duration_s = 0.1, .overwrite = true});
    EXPECT_EQ(files(), 1U);
}

TEST_F(SignalFile, WhatCanNotBeMadeIsSaidInWordsAndLeavesNothing) {
    const auto words = [&](const dsp::Signal& signal, const SignalFileOptions& options) {
        const auto refused = write_signal_file(path, signal, options);
        EXPECT_FALSE(refused.ok());
        return refused.ok() ? std::string() : refused.error().message;
    };
    EXPECT_THAT(words(dsp::sine_signal(22000.0, -20.0), {}), HasSubstr("up to 0.45 of the sample rate, got 22000"));
    EXPECT_THAT(words(dsp::sine_signal(1000.0, 1.0), {}), HasSubstr("levels of 0 dBFS or less"));
    EXPECT_THAT(words(dsp::sine_signal(1000.0, -20.0), {.sample_rate_hz = 8000}), HasSubstr("44100 to 192000 Hz"));
    EXPECT_THAT(words(dsp::sine_signal(1000.0, -20.0), {.channels = 6}), HasSubstr("expected 1 or 2"));
    EXPECT_THAT(words(dsp::sine_signal(1000.0, -20.0), {.bits = 12}), HasSubstr("expected 16, 24 or 32 bits"));
    EXPECT_THAT(words(dsp::sine_signal(1000.0, -20.0), {.duration_s = 0.0}), HasSubstr("a length of"));
    EXPECT_THAT(words(dsp::sine_signal(1000.0, -20.0), {.duration_s = std::nan("")}), HasSubstr("a length of"));
    EXPECT_THAT(words(dsp::sine_signal(1000.0, -20.0), {.channels = 1, .carrying = OscillatorChannels::Left}),
                HasSubstr("neither left nor right"));
    path = folder.path() / "no-such-folder" / "signal.wav";
    EXPECT_THAT(words(dsp::sine_signal(1000.0, -20.0), {}), HasSubstr("check the folder"));
    path = folder.path();
    EXPECT_THAT(words(dsp::sine_signal(1000.0, -20.0), {}), HasSubstr("is a directory"));
    EXPECT_EQ(files(), 0U);
}

TEST_F(SignalFile, AnInterruptedOneLeavesNothing) {
    int asked = 0;
    const auto ended = write_signal_file(path, dsp::sine_signal(1000.0, -20.0), {}, [&] { return ++asked < 10; });
    ASSERT_FALSE(ended);
    EXPECT_THAT(ended.error().message, HasSubstr("interrupted; nothing was kept"));
    EXPECT_EQ(asked, 10);
    EXPECT_EQ(files(), 0U);
}

/// Files of this process may grow so far and no further: what a full disk looks like.
class SmallDisk {
  public:
    explicit SmallDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        getrlimit(RLIMIT_FSIZE, &before_);
        rlimit small = before_;
        small.rlim_cur = bytes;
        setrlimit(RLIMIT_FSIZE, &small);
    }
    ~SmallDisk() {
        setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

  private:
    void (*handler_)(int);
    rlimit before_{};
};

TEST_F(SignalFile, AFullDiskIsSaidAndWhatWasThereStays) {
    std::ofstream(path) << "precious";
    {
        const SmallDisk disk(200000);
        const auto ended =
            write_signal_file(path, dsp::sine_signal(1000.0, -20.0), {.duration_s = 10.0, .overwrite = true});
        ASSERT_FALSE(ended);
        EXPECT_THAT(ended.error().message, HasSubstr("check the space on the disk"));
    }
    EXPECT_EQ(bytes(path), "precious");
    EXPECT_EQ(files(), 1U);
}

TEST_F(SignalFile, WhatAWavCanNotCountBecomesAnRf64) {
    // announced as more than 4 GB; libsndfile needs no more than the announcement
    auto file = SoundFileWriter::create(path, {.bits = 24, .frames = 800'000'000});
    ASSERT_TRUE(file.ok()) << file.error().message;
    ASSERT_TRUE(file->write(std::vector<float>(9600, 0.25F)));
    ASSERT_TRUE(file->finish());
    EXPECT_EQ(bytes(path).substr(0, 4), "RF64");
    EXPECT_EQ(contents(path).frames(), 4800);
}

} // namespace
} // namespace overbias::audio
