// SPDX-License-Identifier: Apache-2.0
// Tones and programme with a delay between the channels that the formula of the signal itself sets, to the nanosecond.
#include "dsp/analysis/azimuth.hpp"
#include "flutter_signals.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace {
using namespace overbias::dsp;
using namespace overbias::dsp::test;

constexpr double kAzimuthRate = 48000.0;
/// 600 urad peak to peak of weave on quarter-inch tape at 15 in/s: t = d tan(theta) / v = 4 mm * 300 urad / 0.381 m/s.
constexpr double kWeave_s = 0.004 * 300e-6 / 0.381;

double weave(double t) {
    return kWeave_s * (0.6 * std::sin(kTwoPi * 0.33 * t + 0.4) + 0.3 * std::sin(kTwoPi * 0.9 * t) +
                       0.1 * std::sin(kTwoPi * 2.1 * t));
}

struct Stereo {
    std::vector<float> first, second;
};

/// The second channel later by delay_s, and by the weave; noise snr_db below each tone.
Stereo tone(double hz, double delay_s, double snr_db, bool weaving, double duration_s, unsigned seed = 1) {
    Stereo out;
    std::mt19937 random(seed);
    std::normal_distribution<double> noise(0.0, 0.3 / std::numbers::sqrt2 * std::pow(10.0, -snr_db / 20.0));
    for (int n = 0; n < static_cast<int>(duration_s * kAzimuthRate); ++n) {
        const double t = n / kAzimuthRate;
        const double late = t - delay_s - (weaving ? weave(t) : 0.0);
        out.first.push_back(static_cast<float>(0.3 * std::sin(kTwoPi * hz * t) + noise(random)));
        out.second.push_back(static_cast<float>(0.3 * std::sin(kTwoPi * hz * late) + noise(random)));
    }
    return out;
}

TonePhase measured(double hz, double delay_s, double snr_db = 50.0, bool weaving = false, double duration_s = 1.0) {
    const auto signal = tone(hz, delay_s, snr_db, weaving, duration_s, static_cast<unsigned>(hz));
    return tone_phase(signal.first, signal.second, kAzimuthRate);
}

TEST(Azimuth, a_tenth_of_a_microsecond_from_10_khz_at_50_db) {
    for (const double delay_us : {-7.0, 0.0, 3.15, 12.0}) {
        const TonePhase phase = measured(10000.0, delay_us * 1e-6);
        const auto got = azimuth_from_tones(std::span(&phase, 1), 20e-6);
        EXPECT_EQ(got.verdict, ToneAzimuth::Verdict::Resolved);
        EXPECT_NEAR(got.delay_us, delay_us, 0.1);
        EXPECT_LT(got.error_us, 0.1);
        EXPECT_NEAR(got.averaging_s, 1.0, 0.03);
    }
}

TEST(Azimuth, several_tones_are_unwrapped_from_the_lowest_up) {
    for (const double delay_us : {41.0, -110.0, 3.0}) { // 41 us: 148 degrees at 10 kHz, 236 at 16 kHz
        std::vector<TonePhase> phases;
        for (const double hz : {16000.0, 1000.0, 10000.0, 8000.0}) {
            phases.push_back(measured(hz, delay_us * 1e-6));
        }
        const auto got = azimuth_from_tones(phases);
        EXPECT_EQ(got.verdict, ToneAzimuth::Verdict::Resolved);
        EXPECT_EQ(got.used, 4U);
        EXPECT_FALSE(got.reversed);
        EXPECT_NEAR(got.delay_us, delay_us, 0.05);
        EXPECT_LT(got.worst_residual_deg, 1.0);
    }
}

TEST(Azimuth, says_when_the_lowest_tone_is_too_high_to_be_sure) {
    const TonePhase phase = measured(10000.0, 41e-6);
    EXPECT_EQ(azimuth_from_tones(std::span(&phase, 1), 200e-6).verdict, ToneAzimuth::Verdict::LowestTooHigh);
    EXPECT_EQ(azimuth_from_tones({}).verdict, ToneAzimuth::Verdict::NoTones);
}

TEST(Azimuth, says_when_the_step_to_the_next_tone_is_too_wide_for_the_first_ones_error) {
    const std::vector<TonePhase> phases{{100.0, -0.03, 0.02, 0.1, 1.0}, {16000.0, 1.0, 0.001, 0.01, 1.0}};
    const auto got = azimuth_from_tones(phases); // 0.02 rad at 100 Hz are 3.2 rad at 16 kHz
    EXPECT_EQ(got.verdict, ToneAzimuth::Verdict::StepTooWide);
    EXPECT_EQ(got.used, 1U);
}

TEST(Azimuth, phases_on_no_line_through_zero_are_no_azimuth) {
    const std::vector<TonePhase> phases{
        {1000.0, -0.1, 0.001, 0.0, 1.0}, {2000.0, 1.5, 0.001, 0.0, 1.0}, {3000.0, -1.6, 0.001, 0.0, 1.0}};
    EXPECT_EQ(azimuth_from_tones(phases).verdict, ToneAzimuth::Verdict::NotALine);
}

TEST(Azimuth, a_reversed_channel_is_told_from_half_a_period) {
    std::vector<TonePhase> phases;
    for (const double hz : {1000.0, 4000.0, 10000.0}) {
        auto signal = tone(hz, 5e-6, 50.0, false, 1.0);
        for (float& x : signal.second) {
            x = -x;
        }
        phases.push_back(tone_phase(signal.first, signal.second, kAzimuthRate));
    }
    const auto got = azimuth_from_tones(phases);
    EXPECT_EQ(got.verdict, ToneAzimuth::Verdict::Resolved);
    EXPECT_TRUE(got.reversed);
    EXPECT_NEAR(got.delay_us, 5.0, 0.05);
}

TEST(Azimuth, weave_widens_the_spread_and_the_error_it_states) {
    const auto still = measured(10000.0, 3e-6, 50.0, false, 10.0);
    const auto weaving = measured(10000.0, 3e-6, 50.0, true, 10.0);
    EXPECT_LT(still.spread_rad, 0.01);
    // of the three sines of the weave, in radians of 10 kHz
    const double rms = kWeave_s * std::sqrt((0.36 + 0.09 + 0.01) / 2.0) * kTwoPi * 10000.0;
    EXPECT_NEAR(weaving.spread_rad, rms, 0.1 * rms);
    EXPECT_NEAR(weaving.phase_rad, -kTwoPi * 10000.0 * 3e-6, kTwoPi * 10000.0 * 0.5e-6);
    EXPECT_GT(weaving.error_rad, 10.0 * still.error_rad);
}

TEST(Azimuth, noise_and_two_different_tones_have_no_phase) {
    const auto one = tone(1000.0, 0.0, 80.0, false, 1.0);
    const auto other = tone(1100.0, 0.0, 80.0, false, 1.0);
    EXPECT_EQ(tone_phase(one.first, other.first, kAzimuthRate).frequency_hz, 0.0);
    const auto noise = tone(1000.0, 0.0, -30.0, false, 1.0);
    EXPECT_EQ(tone_phase(noise.first, noise.second, kAzimuthRate).frequency_hz, 0.0);
}

TEST(Azimuth, angle_and_time_by_the_distance_of_the_tracks) {
    EXPECT_NEAR(delay_of_azimuth(300e-6, 0.004, 0.381) * 1e6, 3.15, 0.005);
    EXPECT_NEAR(azimuth_of_delay(3.15e-6, 0.004, 0.381) * 1e6, 300.0, 0.1);
}

/// Chords of plucked notes, a new one each quarter of a second, each note at its place between the channels and earlier
/// in one of them by up to 400 us, as microphones apart hear it.
class Music {
  public:
    explicit Music(bool spaced) {
        std::mt19937 random(23);
        std::uniform_real_distribution<double> unit(0.0, 1.0);
        for (auto& chord : chords_) {
            for (Note& note : chord) {
                note.hz = 110.0 * std::pow(2.0, std::floor(unit(random) * 40.0) / 12.0);
                note.left = 0.2 + 0.8 * unit(random);
                note.right = 1.2 - note.left;
                note.apart_s = spaced ? 800e-6 * (unit(random) - 0.5) : 0.0;
                note.phase = kTwoPi * unit(random);
            }
        }
    }
    [[nodiscard]] double at(double t, bool right) const {
        double sum = 0.0;
        const double chord = std::floor(t / kChord_s);
        for (const Note& note : chords_[static_cast<std::size_t>(std::fmod(chord + 1e6, kChords))]) {
            const double own = t - chord * kChord_s;
            const double heard = right ? t - note.apart_s : t;
            const double swell = std::min(1.0, own / 0.003) * std::min(1.0, (kChord_s - own) / 0.003);
            for (int k = 1; k <= 9; k += k < 3 ? 1 : 2) {
                const double hz = note.hz * k * 1.7;
                sum += swell * std::exp(-own * 3.0) * (right ? note.right : note.left) / std::sqrt(k) *
                       std::sin(kTwoPi * hz * heard + note.phase * k);
            }
        }
        return 0.05 * sum;
    }

  private:
    struct Note {
        double hz, left, right, apart_s, phase;
    };
    static constexpr double kChord_s = 0.25;
    static constexpr int kChords = 37;
    std::array<std::array<Note, 4>, kChords> chords_{};
};

struct Tape {
    Stereo reference, capture;
};

/// The music and what a repro head gives of it: late by `late_s`, wow, noise, the second channel later by `delay_s`.
Tape played(const Music& music, double delay_s, bool weaving, double late_s, double duration_s, double noise_level) {
    Tape tape;
    std::mt19937 random(77);
    std::normal_distribution<double> noise(0.0, noise_level);
    for (int n = 0; n < static_cast<int>(duration_s * kAzimuthRate); ++n) {
        const double t = n / kAzimuthRate;
        const double head = t - late_s - 0.0005 / (kTwoPi * 0.53) * std::sin(kTwoPi * 0.53 * t);
        tape.reference.first.push_back(static_cast<float>(music.at(t, false)));
        tape.reference.second.push_back(static_cast<float>(music.at(t, true)));
        tape.capture.first.push_back(static_cast<float>(music.at(head, false) + noise(random)));
        tape.capture.second.push_back(
            static_cast<float>(1.03 * music.at(head - delay_s - (weaving ? weave(t) : 0.0), true) + noise(random)));
    }
    return tape;
}

TEST(ProgrammeAzimuth, half_a_microsecond_from_ten_seconds_of_music_beside_its_reference_with_weave) {
    const Music music(true); // what the microphones did must not matter
    ProgrammeAzimuth azimuth({.rate_hz = kAzimuthRate});
    for (const double delay_us : {-9.5}) {
        const auto tape = played(music, delay_us * 1e-6, true, 0.11873, 10.0, 0.0005);
        const auto got = azimuth.against_reference(tape.reference.first, tape.reference.second, tape.capture.first,
                                                   tape.capture.second, 0.1187 * kAzimuthRate, 500.0);
        ASSERT_TRUE(got.found);
        EXPECT_NEAR(got.delay_us, delay_us, 0.5);
        EXPECT_FALSE(got.reversed);
        EXPECT_GT(got.averaging_s, 7.0);
        EXPECT_LE(got.averaging_s, 10.0);
        const double rms_us = kWeave_s * 1e6 * std::sqrt((0.36 + 0.09 + 0.01) / 2.0);
        EXPECT_NEAR(got.spread_us, rms_us, 0.3 * rms_us);
    }
}

TEST(ProgrammeAzimuth, finds_the_lag_of_the_capture_and_a_reversed_channel) {
    const Music music(false);
    ProgrammeAzimuth azimuth({.rate_hz = kAzimuthRate});
    auto tape = played(music, 4e-6, false, 0.0123, 2.0, 0.0005);
    for (float& x : tape.capture.second) {
        x = -x;
    }
    const auto got = azimuth.against_reference(tape.reference.first, tape.reference.second, tape.capture.first,
                                               tape.capture.second, 0.0, 1000.0);
    ASSERT_TRUE(got.found);
    EXPECT_TRUE(got.reversed);
    EXPECT_NEAR(got.delay_us, 4.0, 0.2);
}

TEST(ProgrammeAzimuth, another_programme_is_no_reference) {
    ProgrammeAzimuth azimuth({.rate_hz = kAzimuthRate});
    std::mt19937 random(4);
    std::normal_distribution<float> noise(0.0F, 0.1F);
    std::array<std::vector<float>, 4> signals;
    for (auto& signal : signals) {
        for (int n = 0; n < 96000; ++n) {
            signal.push_back(noise(random));
        }
    }
    EXPECT_FALSE(azimuth.against_reference(signals[0], signals[1], signals[2], signals[3], 0.0, 100.0).found);
}

TEST(ProgrammeAzimuth, programme_alone_gives_an_estimate_with_a_confidence) {
    ProgrammeAzimuth azimuth({.rate_hz = kAzimuthRate});
    const auto close = played(Music(false), 6e-6, false, 0.0, 3.0, 0.0005);
    const auto sure = azimuth.alone(close.capture.first, close.capture.second);
    ASSERT_TRUE(sure.found);
    EXPECT_NEAR(sure.delay_us, 6.0, 1.0);
    EXPECT_GT(sure.confidence, 0.4); // notes at different places: not every chord agrees to 0.8
    const auto apart = played(Music(true), 6e-6, false, 0.0, 3.0, 0.0005);
    const auto unsure = azimuth.alone(apart.capture.first, apart.capture.second);
    EXPECT_LT(unsure.confidence, 0.5 * sure.confidence);
    std::mt19937 random(6);
    std::normal_distribution<float> noise(0.0F, 0.1F);
    std::array<std::vector<float>, 2> strangers;
    for (auto& channel : strangers) {
        for (int n = 0; n < 96000; ++n) {
            channel.push_back(noise(random));
        }
    }
    EXPECT_FALSE(azimuth.alone(strangers[0], strangers[1]).found); // no frame in which they agree
}

} // namespace
