// SPDX-License-Identifier: Apache-2.0
// A calibration tape from its sound to its name: tones with announcements between them are followed by dsp's TapeTones,
// and what that heard is matched with the tapes there are. What another equalisation does to the levels is MRL's
// printed table 5-4 (homerecording.com thread 263259).
#include "dsp/analysis/tape_tones.hpp"
#include "tape/calibration_tape_match.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numbers>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace overbias::tape {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr double kHeardRate_hz = 48000.0;
constexpr double kTwoPi = 2.0 * std::numbers::pi;

struct TapeSound {
    std::vector<float> samples;
    std::mt19937 random{7}; // NOLINT(cert-msc51-cpp): a test repeats

    /// A tone at `speed` times its frequency, with flutter, and a drop-out of 3 dB and 100 ms in its middle when asked.
    void tone(double hz, double dbfs, double seconds, double speed, bool drop_out) {
        const auto frames = static_cast<std::size_t>(seconds * kHeardRate_hz);
        const double peak = std::pow(10.0, dbfs / 20.0);
        std::normal_distribution<double> hiss(0.0, 1e-4);
        for (std::size_t n = 0; n < frames; ++n) {
            const double t = static_cast<double>(n) / kHeardRate_hz;
            const double flutter = hz * 0.001 / 6.0 * std::sin(kTwoPi * 6.0 * t);
            const bool dull = drop_out && std::abs(t - seconds / 2) < 0.05;
            samples.push_back(static_cast<float>(
                peak * (dull ? 0.7079 : 1.0) * std::sin(kTwoPi * hz * speed * t + flutter) + hiss(random)));
        }
    }
    /// Syllables of a gliding pitch under a formant.
    void voice(double seconds) {
        std::uniform_real_distribution<double> unit(0.0, 1.0);
        const std::size_t end = samples.size() + static_cast<std::size_t>(seconds * kHeardRate_hz);
        while (samples.size() < end) {
            const double length_s = 0.12 + 0.2 * unit(random), formant_hz = 350.0 + 800.0 * unit(random);
            double pitch_hz = 95.0 + 50.0 * unit(random), phase = 0.0;
            const double glide = 1.0 + (unit(random) - 0.5) * 1e-4;
            for (double t = 0.0; t < length_s && samples.size() < end; t += 1.0 / kHeardRate_hz) {
                pitch_hz *= glide;
                phase += kTwoPi * pitch_hz / kHeardRate_hz;
                double sum = 0.0;
                for (int k = 1; k <= 14; ++k) {
                    const double away = (k * pitch_hz - formant_hz) / 200.0;
                    sum += std::sin(k * phase) / (1.0 + away * away);
                }
                samples.push_back(static_cast<float>(0.1 * std::sin(std::numbers::pi * t / length_s) * sum));
            }
        }
    }
};

std::vector<HeardTone> hear(const TapeSound& sound) {
    dsp::TapeTones tones({.rate_hz = kHeardRate_hz});
    tones.process(sound.samples);
    tones.finish();
    std::vector<HeardTone> heard;
    for (const dsp::TapeTone& tone : tones.played()) {
        heard.push_back(
            {.frequency_hz = tone.frequency_hz, .level_db = tone.level_dbfs, .duration_s = tone.end_s - tone.begin_s});
    }
    return heard;
}

CalibrationTape ten_tones(Equalisation equalisation) {
    CalibrationTape tape;
    tape.name = "Ten tones, " + std::string(equalisation_name(equalisation));
    tape.speed_ips = 15;
    tape.equalisation = equalisation;
    tape.order_known = tape.complete = tape.full_track = true;
    for (const double hz : {1000.0, 8000.0, 16000.0, 63.0, 126.0, 250.0, 500.0, 2000.0, 4000.0, 20000.0}) {
        tape.tones.push_back({.frequency_hz = hz, .level_db = 0.0, .duration_s = 2.5, .voice_before = true});
    }
    return tape;
}

TEST(CalibrationTapeHeard, VoiceWrongOrderAMissingToneAndDropOuts) {
    // an IEC1 deck 0.5 % fast plays a NAB tape of which somebody has spliced the tones: 16 kHz first, 126 Hz cut out
    const std::vector<std::pair<double, double>> played{{16000, -2.74}, {1000, 0},     {8000, -2.33},
                                                        {63, 2.31},     {250, 0.35},   {500, 0.18},
                                                        {2000, -0.48},  {4000, -1.43}, {20000, -2.79}};
    TapeSound sound;
    for (const auto& [hz, table_5_4_db] : played) {
        sound.voice(1.2);
        sound.tone(hz, -18.0 + table_5_4_db, 2.5, 1.005, hz == 1000 || hz == 4000);
    }
    const std::vector<HeardTone> heard = hear(sound);
    ASSERT_EQ(heard.size(), played.size());
    const std::vector<CalibrationTape> tapes{ten_tones(Equalisation::Iec1), ten_tones(Equalisation::Nab)};
    const MachineSetting machine{.speed_ips = 15, .equalisation = Equalisation::Iec1};
    const TapeMatch match = match_calibration_tape(heard, tapes, machine);
    ASSERT_EQ(match.fits.size(), 2u);
    const TapeFit& fit = match.fits.front();
    EXPECT_EQ(fit.tape, 1u);
    EXPECT_EQ(match.equally_good, 1u);
    EXPECT_THAT(fit.missing, ElementsAre(4));
    EXPECT_THAT(fit.foreign, IsEmpty());
    EXPECT_THAT(fit.outliers, IsEmpty()) << "the drop-outs are too short to move a tone's mean";
    EXPECT_FALSE(fit.in_order);
    EXPECT_TRUE(fit.equalisation_certain);
    EXPECT_NEAR(fit.speed_error, 0.005, 0.0002);
    EXPECT_NEAR(fit.gain_db, -18.0, 0.15);
    EXPECT_LT(fit.residual_db, 0.1);
    EXPECT_EQ(
        match_text(fit, heard, tapes, machine),
        "Ten tones, NAB. The deck runs 0.50 % fast. It is a NAB tape and the deck is set to IEC1. Not heard: 126 Hz. "
        "Its tones came in another order than the tape has them.");
}

} // namespace
} // namespace overbias::tape
