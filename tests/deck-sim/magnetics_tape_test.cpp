// SPDX-License-Identifier: Apache-2.0
// What the tape does: noise, replay, erasure, the monitor switch, tape off the heads.
#include "magnetics_rig.hpp"

#include <gtest/gtest.h>

namespace overbias::deck_sim {

using rig::TapeRig;

namespace {

constexpr double kTapeRate = 48000.0;

double tape_tone_db(const TapeRig& deck, std::size_t channel, double hz, double seconds) {
    return rig::db(std::abs(rig::tone(deck.last(channel, seconds), hz, kTapeRate)));
}

/// A-weighted level re a sine of amplitude 1: summed over the lines of a discrete Fourier transform, with the weights
/// of IEC 61672-1 table 3 (interpolated), which the deck doesn't use.
double a_weighted_db(std::span<const float> samples) {
    struct Weight {
        double hz, db;
    };
    constexpr Weight kTable[] = {{10, -70.4},   {20, -50.5},   {50.1, -30.2}, {100, -19.1},  {199.5, -10.9},
                                 {398, -4.8},   {794, -0.8},   {1000, 0.0},   {1585, 1.0},   {2512, 1.3},
                                 {3981, 1.0},   {6310, -0.1},  {10000, -2.5}, {12589, -4.3}, {15849, -6.6},
                                 {19953, -9.3}, {25000, -13.0}};
    constexpr std::size_t kLines = 4096;
    double power = 0.0;
    for (std::size_t i = 1; i < kLines / 2; ++i) {
        const double hz = static_cast<double>(i) * kTapeRate / static_cast<double>(kLines);
        std::size_t k = 0;
        while (kTable[k + 1].hz < hz) {
            ++k;
        }
        const double share = std::log(std::max(hz, 10.0) / kTable[k].hz) / std::log(kTable[k + 1].hz / kTable[k].hz);
        const double weight = std::pow(10.0, (kTable[k].db + share * (kTable[k + 1].db - kTable[k].db)) / 10.0);
        double line = 0.0;
        if (i % 16 == 0) { // every sixteenth line is enough for noise
            for (std::size_t block = 0; (block + 1) * kLines <= samples.size(); ++block) {
                const double amplitude = std::abs(rig::tone(samples.subspan(block * kLines, kLines), hz, kTapeRate));
                line += amplitude * amplitude;
            }
            line /= static_cast<double>(samples.size() / kLines);
            power += 16.0 * weight * line / 1.5; // 1.5 lines: noise bandwidth of the Hann window
        }
    }
    return 10.0 * std::log10(power);
}

} // namespace

TEST(TapeNoise, ReadsItsAWeightedLevel) {
    Settings settings = rig::ideal();
    settings.noise_a_weighted_db = -64.0;
    TapeRig deck(settings);
    ASSERT_TRUE(deck.start());
    deck.recording = true;
    deck.run(1.6);
    // electronics 15 dB lower add 0.14 dB
    EXPECT_NEAR(a_weighted_db(deck.last(0, 1.1)) + 14.0, -63.86, 0.7);
    EXPECT_NEAR(a_weighted_db(deck.last(1, 1.1)) + 14.0, -63.86, 0.7);
}

TEST(TapeNoise, IsThereOnlyWhenTapeMovesOnTheHead) {
    Settings settings = rig::ideal();
    settings.noise_a_weighted_db = -64.0;
    TapeRig deck(settings);
    ASSERT_TRUE(deck.start());
    deck.run(0.5);
    const double moving = rig::db(rig::rms(deck.last(0, 0.2)));
    deck.speed_m_s = 0.0;
    deck.run(0.7);
    const double standing = rig::db(rig::rms(deck.last(0, 0.2)));
    deck.contact = false;
    deck.speed_m_s = 8.0;
    deck.run(0.7);
    const double lifted = rig::db(rig::rms(deck.last(0, 0.2)));
    EXPECT_LT(standing, moving - 10.0); // bulk-erased tape: 3 dB quieter than recorded
    EXPECT_NEAR(lifted, standing, 0.5);
    EXPECT_GT(standing, -120.0); // the electronics go on
}

TEST(TapeReplay, GivesTheSamePrintAgain) {
    TapeRig deck(Settings{}); // the deck as it comes
    deck.programme = rig::sine(1000.0, -14.0);
    const double from_m = deck.place_m;
    ASSERT_TRUE(deck.start());
    deck.recording = true;
    deck.run(2.0);
    const double while_printing = tape_tone_db(deck, 0, 1000.0, 0.4);
    deck.recording = false;
    deck.programme = nullptr;
    deck.place_m = from_m + 0.0351 + 0.2;
    deck.run(1.0);
    EXPECT_NEAR(tape_tone_db(deck, 0, 1000.0, 0.4), while_printing, 0.1);
    deck.place_m = from_m - 2.0; // not recorded
    deck.run(1.0);
    EXPECT_LT(tape_tone_db(deck, 0, 1000.0, 0.4), -70.0);
}

TEST(TapeReplay, StopsWhereTheRecordStopped) {
    TapeRig deck(rig::ideal());
    deck.programme = rig::sine(1000.0, -14.0);
    ASSERT_TRUE(deck.start());
    deck.recording = true;
    deck.run(1.0);
    deck.recording = false;
    deck.run(0.05); // 19 mm further: the reproduce head still reads the record
    EXPECT_NEAR(tape_tone_db(deck, 0, 1000.0, 0.03), -14.0, 0.5);
    deck.run(0.2);
    EXPECT_LT(tape_tone_db(deck, 0, 1000.0, 0.03), -60.0);
}

TEST(TapeErase, RecordingSilenceRemovesAPrintByTheEraseDepth) {
    Settings settings = rig::ideal();
    settings.play_dbfs_at_operating_level = settings.capture_dbfs_at_operating_level = -14.0;
    settings.erase_depth_db = -60.0; // above the noise floor of a short tone measurement
    TapeRig deck(settings);
    deck.programme = rig::sine(1000.0, -14.0);
    const double from_m = deck.place_m;
    ASSERT_TRUE(deck.start());
    deck.recording = true;
    deck.run(2.0);
    deck.programme = nullptr;
    deck.recording = false;
    deck.run(0.2); // what waits in the queue plays out
    deck.place_m = from_m;
    deck.recording = true;
    deck.run(1.5);
    EXPECT_NEAR(tape_tone_db(deck, 0, 1000.0, 1.0), -74.0, 1.5);
    // the tape between the heads was not erased, only overwritten: 33 mm, 87 ms
    deck.recording = false;
    deck.place_m = from_m + 0.0351 + 0.006;
    deck.run(0.060);
    EXPECT_NEAR(tape_tone_db(deck, 0, 1000.0, 0.050), -54.0, 3.0);
}

TEST(TapeMonitor, SwitchSelectsWhatIsHeard) {
    TapeRig deck(rig::ideal());
    deck.programme = rig::sine(1000.0, -14.0);
    ASSERT_TRUE(deck.start());
    deck.path.select_monitor(Monitor::Input);
    deck.run(0.3);
    EXPECT_NEAR(tape_tone_db(deck, 0, 1000.0, 0.1), -14.0, 0.05);
    deck.path.select_monitor(Monitor::Repro);
    deck.run(0.3);
    EXPECT_LT(tape_tone_db(deck, 0, 1000.0, 0.1), -70.0); // nothing recorded yet
    deck.path.select_monitor(Monitor::Sync);
    deck.recording = true;
    deck.run(0.3);
    // a dull leak of the input at once: 14 dB down, 6 dB an octave above 3 kHz
    EXPECT_NEAR(tape_tone_db(deck, 0, 1000.0, 0.1), -28.0, 1.0);
    deck.programme = rig::sine(10000.0, -14.0);
    deck.run(0.3);
    EXPECT_LT(tape_tone_db(deck, 0, 10000.0, 0.1), -36.0);
    // the record head plays what is on the tape, a head distance earlier and duller than the reproduce head
    deck.recording = false;
    const double there_m = deck.place_m - 0.08;
    deck.place_m = there_m;
    deck.run(0.15);
    EXPECT_NEAR(tape_tone_db(deck, 0, 10000.0, 0.1), -16.0, 2.5);
    deck.path.select_monitor(Monitor::Repro);
    deck.place_m = there_m + 0.0351;
    deck.run(0.15);
    const double repro = tape_tone_db(deck, 0, 10000.0, 0.1);
    deck.path.select_monitor(Monitor::Sync);
    deck.place_m = there_m;
    deck.run(0.15);
    EXPECT_GT(repro - tape_tone_db(deck, 0, 10000.0, 0.1), 1.0);
}

TEST(TapeCrosstalk, IsAsStated) {
    Settings settings = rig::ideal();
    settings.crosstalk_db = -50.0;
    TapeRig deck(settings);
    const auto tone = rig::sine(1000.0, -14.0);
    deck.programme = [=](std::int64_t frame, std::size_t channel) { return channel == 0 ? tone(frame, 0) : 0.0; };
    ASSERT_TRUE(deck.start());
    deck.recording = true;
    deck.run(1.5);
    EXPECT_NEAR(tape_tone_db(deck, 1, 1000.0, 1.0) - tape_tone_db(deck, 0, 1000.0, 1.0), -50.0, 0.3);
}

TEST(TapeRecord, GoesOnWithoutACardAndErases) {
    TapeRig deck(rig::ideal());
    deck.programme = rig::sine(1000.0, -14.0);
    const double from_m = deck.place_m;
    ASSERT_TRUE(deck.start());
    deck.recording = true;
    deck.run(1.0);
    deck.recording = false;
    deck.path.pcm().stop();
    deck.attended = false;
    deck.place_m = from_m;
    deck.recording = true;
    deck.run(1.0);
    deck.recording = false;
    deck.attended = true;
    deck.written = 0;
    deck.captured[0].clear();
    deck.captured[1].clear();
    ASSERT_TRUE(deck.start());
    deck.place_m = from_m + 0.0351 + 0.1;
    deck.run(0.5);
    EXPECT_LT(tape_tone_db(deck, 0, 1000.0, 0.3), -80.0);
}

TEST(TapeMemory, ASecondTakesItsPlaceAndNoMore) {
    TapeRig deck(Settings{});
    ASSERT_TRUE(deck.start());
    deck.run(1.0);
    EXPECT_EQ(deck.path.tape_bytes(), 0U); // playing writes nothing
    deck.recording = true;
    deck.run(5.0);
    EXPECT_LT(deck.path.tape_bytes(), 5U * 48000U * 4U + 3U * 65536U * 4U);
}

} // namespace overbias::deck_sim
