// SPDX-License-Identifier: Apache-2.0
// Drop-outs put at random where the programme stands over the noise and the tape is not driven over 3 % third harmonic:
// every one is found, where it is, and no other. OVERBIAS_SEED: the first seed (1). OVERBIAS_DROPOUT_SEEDS: how many
// (4).
#include "comparison_programmes.hpp"
#include "dropout_places.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace comparison_test {
namespace {

using overbias::mastering::ComparisonResult;
using overbias::mastering::Dropout;

constexpr double kTrack_s = 12.0;
constexpr double kWithin_s = 0.010;

unsigned first_seed() {
    const char* text = std::getenv("OVERBIAS_SEED");
    return text == nullptr ? 1U : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

unsigned seeds() {
    const char* text = std::getenv("OVERBIAS_DROPOUT_SEEDS");
    return text == nullptr ? 4U : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

class DropoutSearch : public testing::TestWithParam<unsigned> {};

TEST_P(DropoutSearch, finds_twenty_of_twenty) {
    const unsigned seed = GetParam();
    std::vector<const Stereo*> tracks;
    for (const std::string& name : programme_names()) {
        tracks.push_back(&programme(name, seed, kTrack_s));
    }
    DeckModel deck;
    deck.seed = seed;
    deck.hf_flutter_db = 0.5;
    const PrintModel plan;
    const std::vector<Hole> holes = random_holes(deck, tracks, 20, seed);
    ASSERT_EQ(holes.size(), 20U);
    for (const Hole& hole : holes) {
        const double at_s = static_cast<double>(hole.track) * (kTrack_s + plan.gap_s) + hole.at_s;
        for (int channel = 0; channel < 2; ++channel) {
            if (hole.on(channel)) {
                deck.dropouts.push_back({at_s, hole.length_ms, hole.depth_db, channel, hole.spacing});
            }
        }
    }
    const auto printed = print_tracks(deck, plan, tracks);
    ASSERT_EQ(printed.result.tracks.size(), tracks.size());
    std::vector<std::vector<bool>> matched;
    for (const auto& track : printed.result.tracks) {
        matched.emplace_back(track.dropouts.size(), false);
    }
    const bool figures = std::getenv("COMPARISON_FIGURES") != nullptr;
    for (const Hole& hole : holes) {
        const auto& found = printed.result.tracks[hole.track].dropouts;
        for (int channel = 0; channel < 2; ++channel) {
            if (!hole.on(channel)) {
                continue;
            }
            const Dropout* nearest = nullptr;
            for (std::size_t i = 0; i < found.size(); ++i) {
                if (found[i].channel == channel && std::abs(found[i].programme_time_s - hole.edge_s()) < kWithin_s) {
                    nearest = &found[i];
                    matched[hole.track][i] = true;
                }
            }
            char text[160];
            std::snprintf(text, sizeof text, "seed %u %-12s %7.4f s ch %d %4.1f ms %4.1f dB %-7s room %4.1f dB", seed,
                          programme_names()[hole.track].c_str(), hole.at_s, channel, hole.length_ms, hole.depth_db,
                          hole.spacing ? "spacing" : "flat", hole.room_db);
            EXPECT_NE(nearest, nullptr) << text;
            if (figures && nearest != nullptr) {
                std::printf("%s -> %+5.1f ms %4.1f ms %4.1f dB %s\n", text,
                            1e3 * (nearest->programme_time_s - hole.edge_s()), nearest->length_ms, nearest->depth_db,
                            nearest->kind.c_str());
            } else if (figures) {
                std::printf("%s -> MISSED\n", text);
            }
        }
    }
    for (std::size_t t = 0; t < matched.size(); ++t) {
        for (std::size_t i = 0; i < matched[t].size(); ++i) {
            const Dropout& d = printed.result.tracks[t].dropouts[i];
            EXPECT_TRUE(matched[t][i]) << "seed " << seed << ", " << programme_names()[t] << ": none was put at "
                                       << d.programme_time_s << " s, channel " << d.channel << ", " << d.length_ms
                                       << " ms, " << d.depth_db << " dB " << d.kind;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, DropoutSearch, testing::Range(first_seed(), first_seed() + seeds()));

} // namespace
} // namespace comparison_test
