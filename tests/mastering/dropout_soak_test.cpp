// SPDX-License-Identifier: Apache-2.0
// Clean tape, by the hour: what the drop-out search calls a drop-out there is a false alarm, what the verdict calls a
// fault a false failure, and there is none of either.
// OVERBIAS_SOAK_HOURS: of programme (0.5; scripts/soak: 10). OVERBIAS_SEED: programmes and decks (1).
#include "clean_hours.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdio>
#include <vector>

namespace comparison_test {
namespace {

TEST(DropoutSoak, bound_is_that_of_poisson) {
    EXPECT_NEAR(bound_of_95_percent(0), 2.9957, 1e-3); // -ln 0.05
    EXPECT_NEAR(bound_of_95_percent(1), 4.7439, 1e-3); // half of chi-squared's 95 % with four degrees of freedom
    EXPECT_NEAR(bound_of_95_percent(5), 10.5130, 1e-3);
}

/// Healthy decks are not alike.
DeckModel some_deck(CleanHours& hours) {
    DeckModel deck;
    deck.seed = 1 + static_cast<unsigned>(hours.random() % 1000000);
    deck.hf_flutter_db = 0.5;
    deck.weave_s = hours.uniform(1e-6, 6e-6);
    deck.azimuth_s = hours.uniform(-3e-6, 3e-6);
    deck.wow_peak *= hours.uniform(0.5, 2.0);
    deck.capstan_peak *= hours.uniform(0.5, 2.0);
    deck.scrape_peak *= hours.uniform(0.5, 2.0);
    deck.noise_db = hours.uniform(-64.0, -56.0);
    deck.treble_db = hours.uniform(-0.8, 0.8);
    deck.bump_db = hours.uniform(0.0, 0.9);
    deck.gain_db[0] = hours.uniform(-0.5, 0.5);
    deck.gain_db[1] = hours.uniform(-0.5, 0.5);
    deck.play_ppm = hours.uniform(-30.0, 30.0);
    deck.capture_ppm = hours.uniform(-30.0, 30.0);
    return deck;
}

TEST(DropoutSoak, clean_tape_has_no_dropout_and_passes) {
    CleanHours hours;
    double judged_s = 0.0;
    int alarms = 0;
    int failures = 0;
    while (hours.next()) {
        std::vector<const Stereo*> tracks;
        for (const Stereo& stereo : hours.programmes) {
            tracks.push_back(&stereo);
        }
        const DeckModel deck = some_deck(hours);
        if (!hours.wanted()) {
            continue;
        }
        const auto printed = print_tracks(deck, PrintModel{}, tracks);
        ASSERT_EQ(printed.result.tracks.size(), tracks.size());
        ASSERT_TRUE(printed.result.off_tape) << describe(printed.result);
        EXPECT_TRUE(printed.result.findings.empty()) << describe(printed.result);
        for (std::size_t t = 0; t < tracks.size(); ++t) {
            const auto& track = printed.result.tracks[t];
            judged_s += track.judged_share * CleanHours::kTrack_s;
            for (const auto& finding : track.findings) {
                ++failures;
                ADD_FAILURE() << "false failure in " << hours.name(t) << ": " << finding.reason << ": " << finding.text;
            }
            for (const auto& d : track.dropouts) {
                ++alarms;
                ADD_FAILURE() << "false alarm in " << hours.name(t) << ": " << d.programme_time_s << " s, channel "
                              << d.channel << ", " << d.length_ms << " ms, " << d.depth_db << " dB " << d.kind
                              << (d.over_limit ? ", over the limit" : "");
            }
        }
        hours.tell(alarms + failures);
    }
    std::printf("%s\n%s; a band above 3 kHz was judged in %.2f hours\n",
                hours.summary(failures, "false failures").c_str(), hours.summary(alarms, "false drop-outs").c_str(),
                judged_s / 3600.0);
    EXPECT_EQ(alarms, 0);
    EXPECT_EQ(failures, 0);
    EXPECT_GT(judged_s, 0.3 * 3600.0 * hours.done_h()) << "nothing was looked at";
}

} // namespace
} // namespace comparison_test
