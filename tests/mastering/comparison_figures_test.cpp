// SPDX-License-Identifier: Apache-2.0
// Figures beside the verdict: each second, compression, transfer, residual, gaps, and what is withheld.
#include "comparison_programmes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace comparison_test {
namespace {

using namespace overbias::mastering;

bool withheld(const TrackResult& track, const std::string& figure, const std::string& reason) {
    return std::any_of(track.withheld.begin(), track.withheld.end(),
                       [&](const Withheld& w) { return w.figure == figure && w.reason == reason; });
}

TEST(Seconds, each_second_has_its_own_figures) {
    DeckModel deck;
    deck.droop_db = -2.0;
    deck.droop_from_s = 6.0;
    const auto printed = print_track(deck, programme("wide", 1, 12.0));
    const auto& seconds = printed.result.tracks.at(0).seconds;
    ASSERT_EQ(seconds.size(), 12U);
    int levels = 0;
    for (std::size_t s = 0; s < seconds.size(); ++s) {
        EXPECT_NEAR(seconds[s].delay_ms.value_or(0.0), 92.09, 0.1) << s;
        EXPECT_NEAR(seconds[s].azimuth_us.value_or(99.0), 0.6, 4.0) << s; // it weaves
        EXPECT_GT(seconds[s].azimuth_confidence, 0.8) << s;
        EXPECT_GT(seconds[s].dropouts_judged, 0.3F) << s;
        if (seconds[s].level_judged && s != 6) {
            ++levels;
            EXPECT_NEAR(seconds[s].level_difference_db[0].value_or(9.0), s < 6 ? 0.35 : -1.65, 0.35) << s;
        }
    }
    EXPECT_GE(levels, 8);
}

TEST(Seconds, silence_and_fades_have_empty_seconds_with_a_reason) {
    const auto silent = print_track(DeckModel{}, programme("silence")).result.tracks.at(0);
    for (const auto& second : silent.seconds) {
        EXPECT_FALSE(second.delay_ms || second.level_difference_db[0] || second.azimuth_us);
        EXPECT_FALSE(second.level_judged || second.response_judged);
        EXPECT_EQ(second.dropouts_judged, 0.0F);
    }
    for (const char* figure : {"delay_ms", "azimuth", "level_difference_db", "level_re_slate_db", "transfer",
                               "residual", "compression", "dropouts", "third_octave_difference_db"}) {
        EXPECT_TRUE(withheld(silent, figure, "not_enough_signal")) << figure;
    }
    EXPECT_EQ(silent.judged.level + silent.judged.response + silent.judged.azimuth + silent.judged.dropouts, 0.0);
    const auto fades = print_track(DeckModel{}, programme("fades", 1, 20.0)).result.tracks.at(0);
    EXPECT_FALSE(fades.seconds.at(0).response_judged) << "80 dB down";
    EXPECT_TRUE(fades.seconds.at(10).level_judged);
    EXPECT_GT(fades.judged.level, 0.4);
    EXPECT_LT(fades.judged.level, 0.95);
}

TEST(Transfer, response_of_the_deck_with_its_coherence) {
    DeckModel deck;
    deck.bump_db = 2.0; // peaking at 60 Hz, Q 1
    deck.treble_db = -1.0;
    Stereo quiet = programme("pink", 1, 15.0);
    std::ranges::for_each(quiet, [](float& x) { x *= 0.3F; });
    const auto printed = print_track(deck, quiet);
    const auto& transfer = printed.result.tracks.at(0).transfer;
    ASSERT_GT(transfer.frequency_hz.size(), 80U);
    const auto at = [&](double hz) {
        std::size_t best = 0;
        for (std::size_t k = 0; k < transfer.frequency_hz.size(); ++k) {
            best = std::abs(transfer.frequency_hz[k] - hz) < std::abs(transfer.frequency_hz[best] - hz) ? k : best;
        }
        return best;
    };
    EXPECT_NEAR(transfer.magnitude_db[0][at(1000.0)].value_or(9.0), 0.35, 0.15);
    EXPECT_NEAR(transfer.magnitude_db[1][at(1000.0)].value_or(9.0), -0.4, 0.15);
    EXPECT_NEAR(transfer.magnitude_db[0][at(60.0)].value_or(9.0), 2.35, 0.5);
    EXPECT_NEAR(transfer.magnitude_db[0][at(15500.0)].value_or(9.0), -0.65, 0.5);
    EXPECT_GT(transfer.coherence[0][at(1000.0)].value_or(0.0), 0.98);
    EXPECT_LE(transfer.coherence[0][at(1000.0)].value_or(2.0), 1.0);
    EXPECT_TRUE(std::is_sorted(transfer.frequency_hz.begin(), transfer.frequency_hz.end()));
}

TEST(Residual, what_is_left_is_the_tapes_noise) {
    Stereo quiet = programme("pink", 1, 12.0);
    std::ranges::for_each(quiet, [](float& x) { x *= 0.3F; });
    double before_db = 0.0;
    for (const double noise_db : {-62.0, -44.0, -38.0}) {
        DeckModel deck;
        deck.saturation = false;
        deck.scrape_peak = deck.capstan_peak = deck.wow_peak = 0.0;
        deck.noise_db = noise_db;
        const auto& residual = print_track(deck, quiet).result.tracks.at(0).residual;
        ASSERT_TRUE(residual.db[0] && residual.db[1]);
        if (noise_db == -38.0) {
            EXPECT_NEAR(*residual.db[0] - before_db, 6.0, 1.0) << "it follows the noise";
        }
        before_db = *residual.db[0];
        EXPECT_LT(before_db, noise_db < -60.0 ? -40.0 : -25.0);
    }
}

TEST(Compression, loud_passages_lose_what_the_tape_takes) {
    Stereo steps = programme("pink", 1, 16.0);
    for (std::size_t n = 0; n < steps.size(); ++n) {
        steps[n] *= n < steps.size() / 2 ? 0.25F : 1.6F;
    }
    const auto saturated = print_track(DeckModel{}, steps).result.tracks.at(0);
    DeckModel clean;
    clean.saturation = false;
    const auto linear = print_track(clean, steps).result.tracks.at(0);
    for (const auto* track : {&saturated, &linear}) {
        ASSERT_GE(track->compression[0].size(), 2U);
        EXPECT_NEAR(track->compression[0].front().difference_db, 0.0, 0.2);
    }
    // half of the track is moderate: its response is read there
    const auto any_hot = [](const TrackResult& track) {
        const auto& hot = track.third_octave_hot[0];
        return std::count(hot.begin(), hot.end(), true);
    };
    EXPECT_EQ(any_hot(saturated), 0);
    const auto loud = print_track(DeckModel{}, programme("loud_master", 1, 12.0)).result.tracks.at(0);
    EXPECT_GT(any_hot(loud), 20);
    EXPECT_LT(saturated.compression[0].back().difference_db, -0.5);
    EXPECT_NEAR(linear.compression[0].back().difference_db, 0.0, 0.2);
    EXPECT_GT(saturated.compression[0].back().sent_re_operating_db,
              saturated.compression[0].front().sent_re_operating_db + 10.0);
}

TEST(Gaps, noise_and_hum_of_each) {
    DeckModel deck;
    deck.hum_dbfs = -72.0; // 100 Hz
    PrintModel plan;
    plan.gap_s = 3.0;
    const auto result = print_tracks(deck, plan, {&programme("wide", 1, 5.0), &programme("wide", 2, 5.0)}).result;
    ASSERT_GE(result.gaps.size(), 2U);
    const GapResult& gap = result.gaps.back();
    EXPECT_EQ(gap.name, "gap");
    EXPECT_NEAR(gap.start_tape_s, 3.0 + 3.0 + 5.0, 1e-6);
    EXPECT_GT(gap.duration_s, 2.4);
    ASSERT_FALSE(gap.hum.empty());
    const auto line = std::find_if(gap.hum.begin(), gap.hum.end(),
                                   [](const HumLine& l) { return std::abs(l.frequency_hz - 100.0) < 1.0; });
    ASSERT_NE(line, gap.hum.end());
    EXPECT_NEAR(line->dbfs[0], -72.0, 1.0);
    const auto quiet = print_tracks(DeckModel{}, plan, {&programme("wide", 1, 5.0)}).result;
    const GapResult& still = quiet.gaps.back();
    EXPECT_TRUE(still.hum.empty());
    for (std::size_t c = 0; c < 2; ++c) {
        const double gain = c == 0 ? 0.35 : -0.4;
        EXPECT_NEAR(still.noise_re_operating_db[c].value_or(0.0), -60.0 + gain, 1.0);
        EXPECT_NEAR(still.noise_dbfs[c].value_or(0.0), kOperatingDbfs - 3.01 - 60.0 + gain, 1.0);
        EXPECT_LT(still.noise_a_dbfs[c].value_or(0.0), still.noise_dbfs[c].value_or(-200.0));
        EXPECT_GT(still.noise_a_dbfs[c].value_or(-200.0), still.noise_dbfs[c].value_or(0.0) - 6.0);
    }
}

} // namespace
} // namespace comparison_test
