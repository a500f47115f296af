// SPDX-License-Identifier: Apache-2.0
// What comes out of a file on its way to the card.
#include "audio/sample_rate_conversion.hpp"
#include "audio/sound_file.hpp"

#include "written_file.hpp"

#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>
#include <numbers>

namespace overbias::audio {
namespace {

using namespace testing;
using ::testing::HasSubstr;

constexpr double kTwoPi = 2.0 * std::numbers::pi;

std::vector<double> sine(double frequency_hz, double rate_hz, std::size_t frames, double amplitude) {
    std::vector<double> samples(frames);
    for (std::size_t i = 0; i < frames; ++i) {
        samples[i] = amplitude * std::sin(kTwoPi * frequency_hz * static_cast<double>(i) / rate_hz);
    }
    return samples;
}

/// amplitude * sin(2 pi f t + phase) fitted by least squares to one channel of interleaved frames, and what is left
/// over.
struct FittedSine {
    double amplitude = 0, phase = 0, residual_rms = 0;
};
FittedSine fit_sine(const std::vector<double>& samples, double frequency_hz, double rate_hz, std::size_t first,
                    std::size_t last) {
    double ss = 0, sc = 0, cc = 0, sy = 0, cy = 0;
    const auto angle = [&](std::size_t i) { return kTwoPi * frequency_hz * static_cast<double>(i) / rate_hz; };
    for (std::size_t i = first; i < last; ++i) {
        const double s = std::sin(angle(i));
        const double c = std::cos(angle(i));
        ss += s * s;
        sc += s * c;
        cc += c * c;
        sy += s * samples[i];
        cy += c * samples[i];
    }
    const double determinant = ss * cc - sc * sc;
    const double a = (sy * cc - cy * sc) / determinant;
    const double b = (cy * ss - sy * sc) / determinant;
    double residual = 0;
    for (std::size_t i = first; i < last; ++i) {
        residual += std::pow(samples[i] - a * std::sin(angle(i)) - b * std::cos(angle(i)), 2);
    }
    return {std::hypot(a, b), std::atan2(b, a), std::sqrt(residual / static_cast<double>(last - first))};
}

struct Programme : ::testing::Test {
    Result<std::unique_ptr<ProgrammeReader>> open(const std::filesystem::path& path, ProgrammeOptions options = {}) {
        const auto info = inspect_sound_file(path);
        EXPECT_TRUE(info) << info.error().message;
        return open_programme(*info, options);
    }
    /// Everything, in pieces of an odd size.
    std::vector<std::int32_t> read_all(ProgrammeReader& reader) {
        std::vector<std::int32_t> all;
        std::vector<std::int32_t> piece(2 * 777);
        for (;;) {
            const auto frames = reader.read(piece);
            EXPECT_TRUE(frames) << frames.error().message;
            if (!frames || *frames == 0) {
                return all;
            }
            all.insert(all.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(*frames * 2));
        }
    }
    std::vector<std::int32_t> read_all(const std::filesystem::path& path, ProgrammeOptions options = {}) {
        auto reader = open(path, options);
        EXPECT_TRUE(reader) << reader.error().message;
        if (!reader) {
            return {};
        }
        auto all = read_all(**reader);
        EXPECT_EQ(static_cast<std::int64_t>(all.size()), 2 * (*reader)->frames());
        return all;
    }
    static std::vector<double> channel_of(const std::vector<std::int32_t>& frames, std::size_t channel) {
        std::vector<double> samples;
        for (std::size_t i = channel; i < frames.size(); i += 2) {
            samples.push_back(std::ldexp(frames[i], -31));
        }
        return samples;
    }
    std::string refusal(const std::filesystem::path& path, ProgrammeOptions options = {}) {
        const auto reader = open(path, options);
        return reader ? "accepted" : reader.error().message;
    }
    SoundFolder folder;
};

TEST_F(Programme, IntegerFilesPassBitForBit) {
    struct Case {
        const char* name;
        int format, bits;
    };
    for (const Case& one : {Case{"16.wav", kWav16, 16}, Case{"24.wav", kWav24, 24}, Case{"24.rf64", kRf64Of24, 24},
                            Case{"16.flac", kFlac16, 16}, Case{"24.flac", kFlac24, 24}}) {
        const auto samples = wild_samples(20002, one.bits);
        auto reader = open(folder.write(one.name, one.format, 48000, 2, samples));
        ASSERT_TRUE(reader) << reader.error().message;
        EXPECT_EQ((*reader)->frames(), 10001);
        EXPECT_FALSE((*reader)->converted());
        EXPECT_FALSE((*reader)->dithered());
        EXPECT_EQ(read_all(**reader), samples) << one.name;
    }
}

TEST_F(Programme, ThirtyTwoBitsPassToAThirtyTwoBitConverter) {
    const auto samples = wild_samples(2000, 32);
    EXPECT_EQ(read_all(folder.write("32.wav", kWav32, 48000, 2, samples), {.converter_bits = 32}), samples);
}

TEST_F(Programme, MonoGoesToBothChannels) {
    for (const int format : {kWav24, kFlac24}) {
        const auto samples = wild_samples(20000, 24);
        const auto frames = read_all(folder.write("mono", format, 48000, 1, samples));
        ASSERT_EQ(frames.size(), 40000U);
        for (std::size_t i = 0; i < samples.size(); ++i) {
            ASSERT_EQ(frames[2 * i], samples[i]);
            ASSERT_EQ(frames[2 * i + 1], samples[i]);
        }
    }
}

TEST_F(Programme, MoreBitsThanTheConverterHasAreDitheredAway) {
    const std::vector<int> samples(20000, 0x12345640); // a quarter between two codes of 24 bits
    auto reader = open(folder.write("32.wav", kWav32, 48000, 2, samples));
    ASSERT_TRUE(reader);
    EXPECT_TRUE((*reader)->dithered());
    EXPECT_FALSE((*reader)->converted());
    double sum = 0;
    const auto frames = read_all(**reader);
    for (const std::int32_t sample : frames) {
        ASSERT_EQ(sample & 0xff, 0);
        sum += sample - 0x12345600;
    }
    EXPECT_NEAR(sum / static_cast<double>(frames.size()), 0x40, 4.0); // truncation would give 0
}

TEST_F(Programme, TrimChangesTheLevelAndDithers) {
    const auto path = folder.write("tone.wav", kWav24, 48000, 1, sine(997, 48000, 48000, 0.5));
    const auto fitted = fit_sine(channel_of(read_all(path, {.trim_db = -6.0}), 0), 997, 48000, 0, 48000);
    EXPECT_NEAR(20 * std::log10(fitted.amplitude / 0.5), -6.0, 0.0001);
    // dither and rounding: LSB^2 / 4, of 24 bits; the source's own rounding adds LSB^2 / 12 a quarter as strong
    // (997 Hz, so that the rounding does not repeat with the period)
    const double lsb = std::ldexp(1.0, -23);
    EXPECT_NEAR(fitted.residual_rms / lsb, std::sqrt(0.25 + std::pow(10.0, -0.6) / 12), 0.002);
}

TEST_F(Programme, DitherIsSeededAndOfEachChannel) {
    const auto path = folder.write("silence.wav", kWavFloat, 48000, 2, std::vector<double>(20000, 0.0));
    const auto first = read_all(path, {.dither_seed = 5});
    EXPECT_EQ(first, read_all(path, {.dither_seed = 5}));
    EXPECT_NE(first, read_all(path, {.dither_seed = 6}));
    EXPECT_NE(channel_of(first, 0), channel_of(first, 1));
    const auto mono = read_all(folder.write("mono.wav", kWavFloat, 48000, 1, std::vector<double>(20000, 0.0)));
    EXPECT_EQ(channel_of(mono, 0), channel_of(mono, 1)) << "mono stays mono";
}

struct ConvertedTone {
    int from_hz;
    double tone_hz;
};
class Conversion : public Programme, public ::testing::WithParamInterface<ConvertedTone> {};

TEST_P(Conversion, KeepsLevelTimeAndLengthAndAddsNothing) {
    const auto [from_hz, tone_hz] = GetParam();
    const auto frames = static_cast<std::size_t>(from_hz) + 37;
    const auto path = folder.write("tone.wav", kWav24, from_hz, 1, sine(tone_hz, from_hz, frames, 0.7));
    auto reader = open(path);
    ASSERT_TRUE(reader) << reader.error().message;
    EXPECT_TRUE((*reader)->converted());
    EXPECT_TRUE((*reader)->dithered());
    const auto expected = std::llround(static_cast<double>(frames) * 48000.0 / from_hz);
    EXPECT_EQ((*reader)->frames(), expected);
    const auto samples = channel_of(read_all(**reader), 0);
    ASSERT_EQ(static_cast<std::int64_t>(samples.size()), expected);
    const auto fitted = fit_sine(samples, tone_hz, 48000, 4000, samples.size() - 4000);
    EXPECT_NEAR(20 * std::log10(fitted.amplitude / 0.7), 0.0, 0.01);
    EXPECT_NEAR(fitted.phase / (kTwoPi * tone_hz) * 48000.0, 0.0, 0.001) << "start offset in frames";
    EXPECT_LT(20 * std::log10(fitted.residual_rms), -110.0) << "images and distortion, dBFS";
}

INSTANTIATE_TEST_SUITE_P(Tones, Conversion,
                         ::testing::Values(ConvertedTone{96000, 1000}, ConvertedTone{44100, 1000},
                                           ConvertedTone{44100, 19000}, ConvertedTone{88200, 15000},
                                           ConvertedTone{192000, 1000}, ConvertedTone{96000, 20000}),
                         [](const auto& tone) {
                             return std::to_string(tone.param.from_hz) + "_" +
                                    std::to_string(static_cast<int>(tone.param.tone_hz));
                         });

TEST_F(Programme, NothingFromAboveTheCardsBandFoldsBack) {
    const auto path = folder.write("ultrasonic.wav", kWav24, 96000, 1, sine(30000, 96000, 96000, 0.7));
    const auto samples = channel_of(read_all(path), 0);
    double power = 0;
    for (std::size_t i = 4000; i < samples.size() - 4000; ++i) {
        power += samples[i] * samples[i];
    }
    EXPECT_LT(10 * std::log10(power / static_cast<double>(samples.size() - 8000)), -110.0);
}

TEST_F(Programme, StereoStaysStereoInAConversion) {
    std::vector<double> frames;
    for (std::size_t i = 0; i < 96000; ++i) {
        frames.push_back(0.5 * std::sin(kTwoPi * 1000 * static_cast<double>(i) / 96000));
        frames.push_back(-0.25 * std::sin(kTwoPi * 3000 * static_cast<double>(i) / 96000));
    }
    const auto out = read_all(folder.write("two.flac", kFlac24, 96000, 2, frames));
    EXPECT_NEAR(fit_sine(channel_of(out, 0), 1000, 48000, 4000, 44000).amplitude, 0.5, 1e-4);
    const auto right = fit_sine(channel_of(out, 1), 3000, 48000, 4000, 44000);
    EXPECT_NEAR(right.amplitude, 0.25, 1e-4);
    EXPECT_NEAR(std::abs(right.phase), std::numbers::pi, 1e-4);
    EXPECT_LT(right.residual_rms, 1e-5);
}

// A square wave without its harmonics above the new band overshoots (Gibbs): full scale before is too much after.
TEST_F(Programme, ConversionBeyondFullScaleIsRefusedWithTheTrimThatFits) {
    std::vector<double> square(96000);
    for (std::size_t i = 0; i < square.size(); ++i) {
        square[i] = i / 32 % 2 == 0 ? 0.999 : -0.999; // 1.5 kHz
    }
    const auto path = folder.write("side-a.flac", kFlac24, 96000, 1, square);
    const std::string message = refusal(path);
    EXPECT_THAT(message,
                ::testing::StartsWith(
                    (folder.path() / "side-a.flac: converting 96 kHz to 48 kHz would exceed full scale by ").string()));
    const std::size_t at = message.find("(--trim ");
    ASSERT_NE(at, std::string::npos) << message;
    const double fits_db = std::stod(message.substr(at + 8));
    EXPECT_LT(fits_db, -0.5);
    EXPECT_GT(fits_db, -2.0);

    const auto samples = channel_of(read_all(path, {.trim_db = fits_db}), 0);
    const double peak = std::abs(*std::max_element(samples.begin(), samples.end(),
                                                   [](double a, double b) { return std::abs(a) < std::abs(b); }));
    EXPECT_LE(20 * std::log10(peak), 0.0);
    EXPECT_GT(20 * std::log10(peak), -0.11) << "no more trim than needed";
    EXPECT_THAT(refusal(path, {.trim_db = fits_db + 0.1}), HasSubstr("with a trim of"));
}

TEST_F(Programme, FloatBeyondFullScaleIsRefusedWithTheTrimThatFits) {
    auto samples = sine(1000, 48000, 9600, 0.5);
    samples[5000] = -1.5; // 3.52 dB over
    const auto path = folder.write("hot.wav", kWavFloat, 48000, 1, samples);
    EXPECT_THAT(
        refusal(path),
        HasSubstr("hot.wav: it would exceed full scale by 3.53 dB; print it with a trim of -3.6 dB (--trim -3.6)"));
    EXPECT_EQ(refusal(path, {.trim_db = -3.6}), "accepted");
    EXPECT_THAT(refusal(path, {.trim_db = -3.5}), HasSubstr("by 0.03 dB"));
}

TEST_F(Programme, FloatAtFullScaleFits) {
    std::vector<double> samples(9600, 0.0);
    samples[10] = 1.0;
    samples[20] = -1.0;
    const auto frames = read_all(folder.write("full.wav", kWavFloat, 48000, 1, samples));
    EXPECT_GT(frames[20], 0x7ffffd00);
    EXPECT_LT(frames[40], -0x7ffffd00);
}

TEST_F(Programme, RaisingAnIntegerFileTooFarIsRefused) {
    const auto path = folder.write("quiet.wav", kWav24, 48000, 1, sine(1000, 48000, 9600, 0.5));
    EXPECT_EQ(refusal(path, {.trim_db = 6.0}), "accepted");
    EXPECT_THAT(refusal(path, {.trim_db = 7.0}),
                HasSubstr("a trim of +7 dB would exceed full scale by 0.98 dB; print it with a trim of 6.0 dB"));
}

TEST_F(Programme, SamplesThatAreNoNumbersAreRefused) {
    std::vector<double> samples(9600, 0.1);
    samples[77] = std::nan("");
    EXPECT_THAT(refusal(folder.write("nan.wav", kWavFloat, 48000, 1, samples)), HasSubstr("not numbers"));
}

TEST_F(Programme, ASilentFloatFileIsNoTrouble) {
    EXPECT_EQ(refusal(folder.write("zero.wav", kWavFloat, 96000, 2, std::vector<double>(9600, 0.0))), "accepted");
}

TEST_F(Programme, AFileThatChangedIsNoticed) {
    const auto path = folder.write("a.wav", kWav24, 48000, 2, wild_samples(60000, 24));
    const auto info = inspect_sound_file(path);
    ASSERT_TRUE(info);
    auto reader = open_programme(*info, {});
    ASSERT_TRUE(reader);
    std::filesystem::resize_file(path, 90000); // while it is read
    std::vector<std::int32_t> piece(2 * 1000);
    Result<std::size_t> frames = std::size_t{1};
    while (frames && *frames > 0) {
        frames = (*reader)->read(piece);
    }
    ASSERT_FALSE(frames);
    EXPECT_THAT(frames.error().message, HasSubstr("a.wav: ends at frame"));

    const auto reopened = open_programme(*info, {});
    ASSERT_FALSE(reopened);
    EXPECT_THAT(reopened.error().message, HasSubstr("has changed since it was checked"));
}

TEST_F(Programme, OptionsThatMakeNoSenseAreRefused) {
    const auto path = folder.write("a.wav", kWav24, 48000, 2, wild_samples(600, 24));
    EXPECT_THAT(refusal(path, {.converter_bits = 8}), HasSubstr("8 bits"));
    EXPECT_THAT(refusal(path, {.sample_rate_hz = 0.0}), HasSubstr("0 Hz"));
    EXPECT_THAT(refusal(path, {.trim_db = std::nan("")}), HasSubstr("trim"));
}

TEST(ConvertedFrames, AreRoundedAndExactForLongFiles) {
    EXPECT_EQ(converted_frames(44100, 44100, 48000), 48000);
    EXPECT_EQ(converted_frames(1, 96000, 48000), 1); // half rounds up
    EXPECT_EQ(converted_frames(std::int64_t{44100} * 86400 * 365, 44100, 48000), std::int64_t{48000} * 86400 * 365);
}

} // namespace
} // namespace overbias::audio
