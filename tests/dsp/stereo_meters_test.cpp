// SPDX-License-Identifier: Apache-2.0
// The fused pass against the single meters, which are plain scalar code: same input, same figures, for every
// instruction set that this processor has, at every rate, in blocks of any size, interleaved and planar.
#include "dsp/meters/loudness_meter.hpp"
#include "dsp/meters/rms_meter.hpp"
#include "dsp/meters/stereo_meters.hpp"
#include "dsp/meters/true_peak_meter.hpp"
#include "dsp/meters/vu_meter.hpp"
#include "meter_signals.hpp"

#include <gtest/gtest.h>

#include "dsp/vector_targets.hpp"
#include <hwy/targets.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <string>

namespace overbias::dsp {
namespace {

constexpr double kVuReference = 0.1, kPpmReference = 0.1258925, kCorrelation_s = 0.6;

/// Every single meter, twice over where it has one channel.
struct Twins {
    LoudnessMeter loudness;
    std::vector<TruePeakMeter> true_peak;
    std::vector<PeakMeter> peak;
    std::vector<VuMeter> vu;
    std::vector<PpmMeter> type_i, type_ii;
    CorrelationMeter correlation;
    std::array<std::uint64_t, 2> clips_before{};

    explicit Twins(double rate)
        : loudness(rate), true_peak(2, TruePeakMeter(rate)), peak(2), vu(2, VuMeter(rate, kVuReference)),
          type_i(2, PpmMeter(PpmScale::din, rate, kPpmReference)),
          type_ii(2, PpmMeter(PpmScale::ebu, rate, kPpmReference)), correlation(rate, kCorrelation_s) {
        loudness.process(std::vector<float>(8)); // the windows of the fused pass lie four frames late
    }

    void process(const std::vector<float>& frames) {
        loudness.process(frames);
        std::vector<float> sides[2];
        for (std::size_t i = 0; i < frames.size(); ++i) {
            sides[i % 2].push_back(frames[i]);
        }
        for (std::size_t channel = 0; channel < 2; ++channel) {
            true_peak[channel].process(sides[channel]);
            peak[channel].process(sides[channel]);
            vu[channel].process(sides[channel]);
            type_i[channel].process(sides[channel]);
            type_ii[channel].process(sides[channel]);
        }
        correlation.process(sides[0], sides[1]);
    }
};

void expect_alike(Twins& twins, const StereoReading& fused, double rate, double time_s) {
    // 441 and 882 are no multiples of 32: there a tick of 10 ms begins up to 16 frames early or late
    const double windows_lu = std::fmod(rate / 100.0, 32.0) == 0.0 ? 0.001 : 0.03;
    for (std::size_t channel = 0; channel < 2; ++channel) {
        SCOPED_TRACE("channel " + std::to_string(channel));
        EXPECT_NEAR(fused.sample_peak_dbfs[channel], twins.peak[channel].highest_dbfs(), 1e-5);
        EXPECT_NEAR(fused.true_peak_dbtp[channel], twins.true_peak[channel].highest_dbtp(), 1e-4);
        EXPECT_NEAR(fused.vu_now[channel], twins.vu[channel].reading_vu(), 0.001);
        EXPECT_NEAR(fused.vu[channel], twins.vu[channel].highest_vu(), 0.001);
        EXPECT_NEAR(fused.ppm_type_i_now_db[channel], twins.type_i[channel].reading_db(), 0.002);
        EXPECT_NEAR(fused.ppm_type_i_db[channel], twins.type_i[channel].highest_db(), 0.005);
        EXPECT_NEAR(fused.ppm_type_ii_now_db[channel], twins.type_ii[channel].reading_db(), 0.002);
        EXPECT_NEAR(fused.ppm_type_ii_db[channel], twins.type_ii[channel].highest_db(), 0.005);
        EXPECT_EQ(fused.clips[channel], twins.peak[channel].clips() - twins.clips_before[channel]);
        twins.clips_before[channel] = twins.peak[channel].clips();
    }
    EXPECT_NEAR(fused.momentary_now_lufs, twins.loudness.momentary_lufs(), 10.0 * windows_lu);
    EXPECT_NEAR(fused.momentary_lufs, twins.loudness.highest_momentary_lufs(), windows_lu);
    EXPECT_NEAR(fused.short_term_lufs, twins.loudness.highest_short_term_lufs(), windows_lu);
    EXPECT_NEAR(fused.correlation, twins.correlation.reading(), 1e-5);
    // looked up at other moments: in the first second, while the means fill, that matters
    const double lowest = twins.correlation.lowest();
    if (time_s > 1.0) {
        EXPECT_NEAR(fused.lowest_correlation, lowest, 0.02);
    }
}

/// Blocks whose sizes have nothing to do with anything; every `piece` frames both are read.
void run_both(double rate, const std::vector<float>& frames, bool planar, std::size_t piece) {
    StereoMeters fused({.sample_rate_hz = rate});
    const std::size_t reader = fused.add_reader();
    Twins twins(rate);
    std::mt19937 random(5);
    for (std::size_t from = 0; from + piece <= frames.size() / 2; from += piece) {
        const std::vector<float> now(frames.begin() + static_cast<std::ptrdiff_t>(2 * from),
                                     frames.begin() + static_cast<std::ptrdiff_t>(2 * (from + piece)));
        std::vector<float> left, right;
        for (std::size_t i = 0; i < now.size(); i += 2) {
            left.push_back(now[i]);
            right.push_back(now[i + 1]);
        }
        for (std::size_t at = 0; at < piece;) {
            const std::size_t size = std::min(piece - at, static_cast<std::size_t>(random() % 1500));
            if (planar) {
                fused.process(std::span(left).subspan(at, size), std::span(right).subspan(at, size));
            } else {
                fused.process(std::span(now).subspan(2 * at, 2 * size));
            }
            at += size;
        }
        twins.process(now);
        SCOPED_TRACE("after " + std::to_string(from + piece) + " frames");
        expect_alike(twins, fused.read(reader), rate, static_cast<double>(from) / rate);
        if (::testing::Test::HasFailure()) {
            return; // one account of it is enough
        }
    }
    EXPECT_NEAR(fused.loudness().integrated_lufs().value_or(-200.0), twins.loudness.integrated_lufs().value_or(-200.0),
                0.005);
    const auto range = fused.loudness().range(), other = twins.loudness.range();
    ASSERT_EQ(range.has_value(), other.has_value());
    if (range) {
        EXPECT_NEAR(range->lu, other->lu, 0.05);
    }
}

std::vector<float> noise(double rate, double length_s, double level) {
    std::mt19937 random(9);
    std::normal_distribution<float> normal(0.0F, static_cast<float>(level));
    std::vector<float> samples(2 * static_cast<std::size_t>(rate * length_s));
    std::generate(samples.begin(), samples.end(), [&] { return normal(random); });
    return samples;
}

/// Single samples, short bursts, steps, clipped squares and crests between samples, with quiet noise between.
std::vector<float> transients(double rate, double length_s) {
    std::vector<float> samples = noise(rate, length_s, 1e-4);
    std::mt19937 random(11);
    const std::size_t frames = samples.size() / 2;
    for (std::size_t at = 1000; at + 5000 < frames; at += 1500 + random() % 9000) {
        const std::size_t channel = random() % 2, kind = random() % 4, length = 1 + random() % 400;
        for (std::size_t i = 0; i < (kind == 0 ? 1 : length); ++i) {
            const double wave = kind == 1   ? std::sin(0.5 * static_cast<double>(i))
                                : kind == 2 ? (i / 20 % 2 == 0 ? 1.0 : -1.0)
                                            : std::sin(std::numbers::pi * (0.5 * static_cast<double>(i) + 0.25));
            samples[2 * (at + i) + channel] = static_cast<float>(kind == 0 ? 0.9 : 1.1 * wave);
        }
    }
    return samples;
}

/// Loud, then nothing at all, then what is denormal, then loud again.
std::vector<float> silences(double rate) {
    std::vector<float> samples = noise(rate, 0.5, 0.2);
    samples.resize(samples.size() + 2 * static_cast<std::size_t>(rate), 0.0F);
    samples.resize(samples.size() + 2 * static_cast<std::size_t>(rate), 1e-41F);
    const std::vector<float> more = noise(rate, 0.5, 0.1);
    samples.insert(samples.end(), more.begin(), more.end());
    return samples;
}

/// Each instruction set in turn, as if the processor had no better one.
struct EveryInstructionSet : ::testing::Test {
    static void for_each(const std::function<void()>& check) {
        for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
            hwy::SetSupportedTargetsForTest(target);
            hwy::GetChosenTarget().DeInit();
            SCOPED_TRACE(StereoMeters::instruction_set());
            EXPECT_STREQ(StereoMeters::instruction_set(), hwy::TargetName(target));
            check();
            hwy::SetSupportedTargetsForTest(0);
            hwy::GetChosenTarget().DeInit();
        }
    }
};
using FusedPass = EveryInstructionSet;
constexpr std::size_t kPiece = 32 * 900; ///< whole groups, so that no frame waits when both are read

TEST_F(FusedPass, ReadsMusicAsTheTwinsDo) {
    const std::vector<float> music = signals::music(96000.0, 5.0, 1);
    for_each([&] { run_both(96000.0, music, false, kPiece); });
}

TEST_F(FusedPass, ReadsNoiseAsTheTwinsDo) {
    const std::vector<float> white = noise(48000.0, 4.0, 0.25);
    for_each([&] { run_both(48000.0, white, true, kPiece); });
}

TEST_F(FusedPass, ReadsTransientsAsTheTwinsDo) {
    const std::vector<float> clicks = transients(48000.0, 4.0);
    for_each([&] { run_both(48000.0, clicks, false, kPiece); });
}

TEST_F(FusedPass, ReadsSilenceAsTheTwinsDo) {
    const std::vector<float> gaps = silences(96000.0);
    for_each([&] { run_both(96000.0, gaps, false, kPiece); });
}

TEST(FusedPassRates, AreAllAlike) {
    for (const double rate : {44100.0, 48000.0, 88200.0, 96000.0, 176400.0, 192000.0}) {
        SCOPED_TRACE(rate);
        run_both(rate, signals::music(rate, 6.0, 4), true, kPiece);
        run_both(rate, transients(rate, 3.0), false, kPiece);
    }
}

TEST(StereoMeters, RmsIsThatOfTheLast300Ms) {
    StereoMeters meters({.sample_rate_hz = 48000.0});
    const std::size_t reader = meters.add_reader();
    EXPECT_EQ(meters.read(reader).rms_dbfs[0], -200.0);
    meters.process(signals::Programme(48000.0).tone(1.0, -20.0).tone(0.3, {-6.0, -40.0}).samples);
    const StereoReading reading = meters.read(reader);
    EXPECT_NEAR(reading.rms_dbfs[0], -6.0, 0.01);
    EXPECT_NEAR(reading.rms_dbfs[1], -40.0, 0.01);
}

TEST(StereoMeters, RmsIsThatOfTheRmsMeter) {
    for (const double dbfs : {0.0, -18.0, -60.0}) {
        const std::vector<float> both = signals::Programme(48000.0).tone(2.0, dbfs).samples;
        StereoMeters meters({.sample_rate_hz = 48000.0});
        const std::size_t reader = meters.add_reader();
        meters.process(both);
        RmsMeter alone(RmsScale::full_scale, 48000.0, 0.3);
        for (std::size_t at = 0; at < both.size(); at += 2) {
            alone.process({&both[at], 1});
        }
        const StereoReading reading = meters.read(reader);
        EXPECT_NEAR(reading.rms_dbfs[0], dbfs, 0.01); // AES17: a sine reads its peak
        EXPECT_NEAR(reading.rms_dbfs[0], alone.reading_db(), 0.02);
    }
}

TEST(StereoMeters, EachReaderHearsTheHighestSinceItLastAsked) {
    StereoMeters meters({.sample_rate_hz = 48000.0});
    const std::size_t first = meters.add_reader(), second = meters.add_reader();
    const auto play = [&](double dbfs) { meters.process(signals::Programme(48000.0).tone(0.6, dbfs).samples); };
    play(-6.0);
    EXPECT_NEAR(meters.read(first).sample_peak_dbfs[0], -6.0, 0.01);
    play(-20.0);
    EXPECT_NEAR(meters.read(first).sample_peak_dbfs[0], -20.0, 0.01);
    const StereoReading slow = meters.read(second); // asks for the first time
    EXPECT_NEAR(slow.sample_peak_dbfs[0], -6.0, 0.01);
    EXPECT_NEAR(slow.momentary_lufs, -6.0, 0.1);
    EXPECT_NEAR(slow.momentary_now_lufs, -20.0, 0.1);
    EXPECT_NEAR(meters.read(second).momentary_lufs, -20.0, 0.1);
    const std::size_t late = meters.add_reader(); // hears nothing of what was before it
    EXPECT_EQ(meters.read(late).sample_peak_dbfs[0], -200.0);
    std::vector<float> flat(96, 1.0F);
    flat.resize(960, 0.0F);
    meters.process(flat);
    EXPECT_EQ(meters.read(first).clips[1], 1U);
    EXPECT_EQ(meters.read(first).clips[1], 0U);
    EXPECT_EQ(meters.read(late).clips[1], 1U);
    EXPECT_THROW((void)meters.read(3), std::out_of_range);
    while (meters.add_reader() + 1 < StereoMeters::kMostReaders) {
    }
    EXPECT_THROW((void)meters.add_reader(), std::length_error);
}

TEST(StereoMeters, CountsClipsWhereverTheyFall) {
    const float full = 32767.0F / 32768.0F;
    StereoMeters meters({.sample_rate_hz = 48000.0});
    const std::size_t reader = meters.add_reader();
    const auto clips = [&](std::size_t silence, std::size_t flat) { // in the right channel, frames of the right length
        std::vector<float> samples(2 * silence);
        for (std::size_t i = 0; i < flat; ++i) {
            samples.insert(samples.end(), {0.0F, i % 2 == 0 ? full : -1.0F});
        }
        samples.resize(2 * 320);
        meters.process(samples);
        return meters.read(reader).clips;
    };
    for (std::size_t silence = 0; silence < 40; ++silence) {
        EXPECT_EQ(clips(silence, 2)[1], 0U) << silence; // and a run ends with silence, however long
        EXPECT_EQ(clips(0, 1)[1], 0U) << silence;
        EXPECT_EQ(clips(silence, 3)[1], 1U) << silence;
        EXPECT_EQ(clips(silence, 70)[1], 1U) << silence;
    }
    EXPECT_EQ(clips(0, 70)[0], 0U);
    // full scale is full scale after what was louder, too, when nothing charges a peak holder any more
    meters.process(signals::Programme(48000.0).tone(1.0, 6.0).samples);
    (void)meters.read(reader);
    std::vector<float> flat(2 * 5, full);
    flat.resize(2 * 320);
    meters.process(flat);
    EXPECT_EQ(meters.read(reader).clips[0], 1U);
}

TEST(StereoMeters, OutlivesWhatIsNoNumber) {
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), 1e30F}) {
        StereoMeters meters({.sample_rate_hz = 96000.0});
        const std::size_t reader = meters.add_reader();
        std::vector<float> samples = signals::Programme(96000.0).tone(0.5, -20.0).samples;
        samples[1001] = -bad;
        samples[2002] = bad;
        meters.process(samples);
        meters.process(signals::Programme(96000.0).tone(1.0, -20.0).samples);
        const StereoReading reading = meters.read(reader);
        EXPECT_NEAR(reading.sample_peak_dbfs[0], -20.0, 0.01);
        EXPECT_NEAR(reading.momentary_now_lufs, -20.0, 0.05);
        EXPECT_NEAR(reading.ppm_type_i_now_db[1], -2.0, 0.1);
        EXPECT_NEAR(reading.correlation, 1.0, 1e-3);
        EXPECT_NEAR(reading.vu_now[0], 0.0, 0.05);
    }
}

TEST(StereoMeters, RefusesWhatIsNoRateOrNoReference) {
    EXPECT_THROW(StereoMeters({.sample_rate_hz = 0.0}), std::invalid_argument);
    EXPECT_THROW(StereoMeters({.sample_rate_hz = 48000.0, .vu_reference = 0.0}), std::invalid_argument);
    EXPECT_THROW(StereoMeters({.sample_rate_hz = 48000.0, .ppm_reference = -1.0}), std::invalid_argument);
    EXPECT_THROW(StereoMeters({.sample_rate_hz = 48000.0, .correlation_s = 0.0}), std::invalid_argument);
    EXPECT_THROW(StereoMeters({.sample_rate_hz = 48000.0, .clip = {.run = 0}}), std::invalid_argument);
}

} // namespace
} // namespace overbias::dsp
