// SPDX-License-Identifier: Apache-2.0
// A calibration tape made of known pieces: announcements, tones, silence, a sweep; played a little fast, with flutter
// and hiss.
#include "dsp/analysis/tape_tones.hpp"
#include "flutter_signals.hpp"

#include <gtest/gtest.h>

#include <random>

namespace {
using namespace overbias::dsp;
using overbias::dsp::test::kTwoPi;

constexpr double kToneRate = 48000.0;

class CalibrationTape {
  public:
    struct Truth {
        double begin_s, end_s, hz, dbfs;
    };

    void silence(double seconds) { samples_.resize(samples_.size() + frames(seconds)); }

    void tone(double hz, double dbfs, double seconds) {
        const double begin_s = now();
        for (std::size_t n = 0; n < frames(seconds); ++n) {
            const double t = static_cast<double>(n) / kToneRate;
            const double flutter = hz * 0.001 / 5.0 * std::sin(kTwoPi * 5.0 * t);
            samples_.push_back(
                static_cast<float>(std::pow(10.0, dbfs / 20.0) * std::sin(kTwoPi * hz * 1.01 * t + flutter)));
        }
        truth_.push_back({begin_s, now(), hz * 1.01, dbfs});
    }

    /// Syllables of 150 to 350 ms, each with its own gliding pitch, harmonics with a formant, and breath.
    void voice(double seconds) {
        std::normal_distribution<double> breath(0.0, 0.004);
        std::uniform_real_distribution<double> unit(0.0, 1.0);
        const std::size_t end = samples_.size() + frames(seconds);
        while (samples_.size() < end) {
            const double length = 0.15 + 0.2 * unit(random_), pitch = 100.0 + 60.0 * unit(random_);
            const double glide = 0.5 * (unit(random_) - 0.5), formant = 300.0 + 900.0 * unit(random_);
            double phase = 0.0;
            for (double t = 0.0; t < length && samples_.size() < end; t += 1.0 / kToneRate) {
                phase += kTwoPi * pitch * (1.0 + glide * t / length) / kToneRate;
                const double swell = std::sin(std::numbers::pi * t / length);
                double sum = 0.0;
                for (int k = 1; k <= 12; ++k) {
                    const double away = (k * pitch - formant) / 250.0;
                    sum += std::exp(-away * away) * std::sin(k * phase);
                }
                samples_.push_back(static_cast<float>(0.15 * swell * sum + breath(random_)));
            }
        }
    }

    void sweep(double seconds) {
        double phase = 0.0;
        for (std::size_t n = 0; n < frames(seconds); ++n) {
            phase += kTwoPi * 50.0 * std::pow(300.0, static_cast<double>(n) / kToneRate / seconds) / kToneRate;
            samples_.push_back(static_cast<float>(0.1 * std::sin(phase)));
        }
    }

    void drop_out(double at_s, double seconds) {
        for (std::size_t n = 0; n < frames(seconds); ++n) {
            samples_[frames(at_s) + n] *= 0.02F;
        }
    }

    [[nodiscard]] std::vector<float> with_hiss() {
        std::normal_distribution<float> hiss(0.0F, 0.0003F);
        auto out = samples_;
        for (float& x : out) {
            x += hiss(random_);
        }
        return out;
    }
    [[nodiscard]] double now() const { return static_cast<double>(samples_.size()) / kToneRate; }
    [[nodiscard]] const std::vector<Truth>& truth() const { return truth_; }

  private:
    [[nodiscard]] static std::size_t frames(double seconds) { return static_cast<std::size_t>(seconds * kToneRate); }
    std::mt19937 random_{12};
    std::vector<float> samples_;
    std::vector<Truth> truth_;
};

TEST(TapeTones, follows_a_calibration_tape) {
    CalibrationTape tape;
    tape.silence(0.7);
    tape.voice(4.0);
    tape.silence(0.3);
    tape.tone(1000.0, -20.0, 5.0);
    tape.voice(3.0);
    tape.tone(10000.0, -30.0, 3.0);
    tape.tone(16000.0, -30.0, 2.0); // straight after
    tape.silence(0.5);
    tape.tone(100.0, -20.0, 2.0);
    tape.tone(40.0, -21.0, 2.0);
    tape.silence(0.3);
    tape.sweep(6.0);
    tape.silence(0.4);
    tape.tone(1000.0, -20.0, 3.0);
    tape.voice(2.0);
    TapeTones tones({.rate_hz = kToneRate, .sequence_hz = {1000.0, 10000.0, 16000.0, 100.0, 40.0, 1000.0}});
    const auto samples = tape.with_hiss();
    for (std::size_t at = 0; at < samples.size(); at += 700) {
        tones.process(std::span<const float>(samples).subspan(at, std::min<std::size_t>(700, samples.size() - at)));
    }
    tones.finish();
    const auto played = tones.played();
    ASSERT_EQ(played.size(), tape.truth().size());
    for (std::size_t n = 0; n < played.size(); ++n) {
        const auto& truth = tape.truth()[n];
        EXPECT_EQ(played[n].step, n);
        EXPECT_NEAR(played[n].begin_s, truth.begin_s, std::max(0.01, 2.0 / truth.hz)) << n;
        EXPECT_NEAR(played[n].end_s, truth.end_s, std::max(0.01, 2.0 / truth.hz)) << n;
        EXPECT_NEAR(played[n].frequency_hz / truth.hz, 1.0, 2e-4) << n;
        EXPECT_NEAR(played[n].level_dbfs, truth.dbfs, 0.1) << n;
    }
}

TEST(TapeTones, says_what_it_hears_while_it_plays) {
    CalibrationTape tape;
    tape.silence(1.0);
    tape.voice(2.0);
    tape.tone(1000.0, -20.0, 2.0);
    const auto samples = tape.with_hiss();
    TapeTones tones({.rate_hz = kToneRate, .sequence_hz = {1000.0}});
    const auto feed = [&](double from_s, double to_s) {
        const auto from = static_cast<std::size_t>(from_s * kToneRate), to = static_cast<std::size_t>(to_s * kToneRate);
        tones.process(std::span<const float>(samples).subspan(from, to - from));
    };
    feed(0.0, 0.9);
    EXPECT_EQ(tones.heard(), TapeTones::Heard::Silence);
    int voiced = 0;
    for (int n = 0; n < 20; ++n) { // the last of these beyond the first 85 ms of silence
        feed(0.9 + 0.1 * n, 1.0 + 0.1 * n);
        EXPECT_NE(tones.heard(), TapeTones::Heard::Tone);
        voiced += tones.heard() == TapeTones::Heard::Other ? 1 : 0;
    }
    EXPECT_GE(voiced, 17);
    EXPECT_EQ(tones.playing(), nullptr);
    feed(2.9, 4.0);
    ASSERT_NE(tones.playing(), nullptr);
    EXPECT_EQ(tones.heard(), TapeTones::Heard::Tone);
    EXPECT_EQ(tones.playing()->step, 0U);
    EXPECT_NEAR(tones.playing()->begin_s, 3.0, 0.01);
    EXPECT_TRUE(tones.played().empty());
}

TEST(TapeTones, a_short_drop_out_does_not_part_a_tone_and_a_long_one_does) {
    CalibrationTape tape;
    tape.tone(3150.0, -20.0, 6.0);
    tape.drop_out(2.0, 0.05);
    tape.drop_out(4.0, 0.6);
    TapeTones tones({.rate_hz = kToneRate, .sequence_hz = {3150.0}});
    tones.process(tape.with_hiss());
    tones.finish();
    const auto played = tones.played();
    ASSERT_EQ(played.size(), 2U);
    EXPECT_NEAR(played[0].begin_s, 0.0, 0.01);
    EXPECT_NEAR(played[0].end_s, 4.0, 0.01);
    EXPECT_NEAR(played[1].begin_s, 4.6, 0.01);
    EXPECT_NEAR(played[1].end_s, 6.0, 0.05);
    EXPECT_NEAR(played[0].level_dbfs, -20.0, 0.1);
}

TEST(TapeTones, a_tone_that_somebody_turns_at_is_one_tone_where_levels_do_not_end_it) {
    CalibrationTape tape;
    tape.tone(1000.0, -20.0, 3.0);
    tape.tone(1000.0, -14.0, 3.0); // the screw went up by 6 dB
    tape.tone(1000.0, -23.0, 3.0);
    tape.silence(0.5);
    tape.tone(1000.0, -20.0, 2.0);
    tape.tone(1100.0, -20.0, 2.0); // another frequency is another tone
    const auto samples = tape.with_hiss();
    TapeTones strict({.rate_hz = kToneRate});
    strict.process(samples);
    strict.finish();
    EXPECT_EQ(strict.played().size(), 5U);
    TapeTones tones({.rate_hz = kToneRate, .level_ends = false});
    tones.process(samples);
    tones.finish();
    const auto played = tones.played();
    ASSERT_EQ(played.size(), 3U);
    EXPECT_NEAR(played[0].begin_s, 0.0, 0.01);
    EXPECT_NEAR(played[0].end_s, 9.0, 0.02);
    EXPECT_NEAR(played[1].begin_s, 9.5, 0.02);
    EXPECT_NEAR(played[1].end_s, 11.5, 0.05);
    EXPECT_NEAR(played[2].frequency_hz, 1111.0, 0.3);
}

TEST(TapeTones, a_tone_that_is_none_of_the_sequence_has_no_step) {
    CalibrationTape tape;
    tape.tone(700.0, -20.0, 2.0);
    TapeTones tones({.rate_hz = kToneRate, .sequence_hz = {1000.0, 10000.0}});
    tones.process(tape.with_hiss());
    tones.finish();
    ASSERT_EQ(tones.played().size(), 1U);
    EXPECT_EQ(tones.played()[0].step, TapeTone::kNoStep);
    EXPECT_THROW(TapeTones({.rate_hz = 100.0}), std::invalid_argument);
}

} // namespace
