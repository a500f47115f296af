// SPDX-License-Identifier: Apache-2.0
// The programme of our own is what its header says it is.
#include "audio/demo_programme.hpp"

#include "audio/sound_file.hpp"
#include "written_file.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <gmock/gmock.h>
#include <numbers>

namespace overbias::audio {
namespace {

using namespace testing;

std::vector<double> samples_of(const std::filesystem::path& path) {
    SF_INFO info{};
    const SndfileHandle file(sf_open(path.c_str(), SFM_READ, &info));
    std::vector<double> samples(static_cast<std::size_t>(info.frames * info.channels));
    sf_readf_double(file.get(), samples.data(), info.frames);
    return samples;
}

/// Power around a frequency in dB re full scale: mean of squared 10 ms transforms, which are 100 Hz wide.
double band_db(const std::vector<double>& samples, std::size_t channel, double frequency_hz) {
    constexpr std::size_t kWindow = 480;
    double power = 0;
    std::size_t windows = 0;
    for (std::size_t at = 0; (at + kWindow) * 2 <= samples.size(); at += kWindow * 4, ++windows) {
        std::complex<double> sum = 0;
        for (std::size_t i = 0; i < kWindow; ++i) {
            const double hann = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / kWindow);
            sum += hann * samples[2 * (at + i) + channel] *
                   std::polar(1.0, -2 * std::numbers::pi * frequency_hz * static_cast<double>(i) / 48000.0);
        }
        power += std::norm(sum) / (kWindow * kWindow);
    }
    return 10 * std::log10(power / static_cast<double>(windows));
}

struct DemoProgramme : ::testing::Test {
    SoundFolder folder;
};

TEST_F(DemoProgramme, IsAStereoMasterWithLevelWidthAndTreble) {
    const auto path = folder.path() / "demo.wav";
    ASSERT_TRUE(write_demo_programme(path, 12.0, 1));
    const auto info = inspect_sound_file(path);
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_EQ(info->sample_format, "24-bit");
    EXPECT_EQ(info->sample_rate_hz, 48000.0);
    EXPECT_EQ(info->channels, 2);
    EXPECT_EQ(info->frames, 12 * 48000);

    const auto samples = samples_of(path);
    double peak = 0;
    double mid = 0;
    double side = 0;
    double power = 0;
    for (std::size_t i = 0; i < samples.size(); i += 2) {
        peak = std::max({peak, std::abs(samples[i]), std::abs(samples[i + 1])});
        power += (samples[i] * samples[i] + samples[i + 1] * samples[i + 1]) / 2;
        mid += std::pow(samples[i] + samples[i + 1], 2) / 4;
        side += std::pow(samples[i] - samples[i + 1], 2) / 4;
    }
    EXPECT_NEAR(20 * std::log10(peak), -3.0, 0.01);
    EXPECT_NEAR(10 * std::log10(power * 2 / static_cast<double>(samples.size())), -18.0, 2.0);
    EXPECT_GT(10 * std::log10(side / mid), -12.0) << "the channels differ";
    for (const std::size_t channel : {0U, 1U}) {
        EXPECT_GT(band_db(samples, channel, 10000), -75.0);
        EXPECT_GT(band_db(samples, channel, 16000), -75.0);
        EXPECT_GT(band_db(samples, channel, 3150), -70.0);
    }
    EXPECT_LT(std::abs(samples[2]), 1e-4) << "fades in";
    EXPECT_LT(std::abs(samples[samples.size() - 2]), 1e-4) << "fades out";
}

TEST_F(DemoProgramme, TheSameSeedGivesTheSameMusic) {
    const auto sha = [this](const char* name, std::uint64_t seed) {
        const auto path = folder.path() / name;
        EXPECT_TRUE(write_demo_programme(path, 1.5, seed));
        return inspect_sound_file(path)->sha256;
    };
    const std::string first = sha("a.wav", 7);
    EXPECT_EQ(first, sha("b.wav", 7));
    EXPECT_NE(first, sha("c.wav", 8));
}

TEST_F(DemoProgramme, SaysWhyItCannotBeWritten) {
    const auto nowhere = write_demo_programme(folder.path() / "no" / "demo.wav", 2.0, 1);
    ASSERT_FALSE(nowhere);
    EXPECT_THAT(nowhere.error().message, ::testing::HasSubstr("demo.wav: cannot be written"));
    EXPECT_FALSE(write_demo_programme(folder.path() / "demo.wav", 0.0, 1));
}

} // namespace
} // namespace overbias::audio
