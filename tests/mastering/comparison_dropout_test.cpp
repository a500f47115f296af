// SPDX-License-Identifier: Apache-2.0
// Drop-outs: found where they are, as long and as deep as they are, on their channel.
#include "comparison_programmes.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace comparison_test {
namespace {

struct Hole {
    const char* name;
    double at_s;
    double length_ms;
    double depth_db;
    bool spacing;
};

void PrintTo(const Hole& hole, std::ostream* out) {
    *out << hole.name << ' ' << hole.at_s << " s " << hole.length_ms << " ms " << hole.depth_db << " dB"
         << (hole.spacing ? " spacing" : " flat");
}

class PlacedDropout : public testing::TestWithParam<Hole> {};

TEST_P(PlacedDropout, is_found_where_it_is) {
    const Hole& hole = GetParam();
    const int channel = static_cast<int>(std::lround(100.0 * hole.at_s)) % 2;
    {
        DeckModel deck;
        deck.seed = 3;
        deck.dropouts.push_back({hole.at_s, hole.length_ms, hole.depth_db, channel, hole.spacing});
        const auto printed = print_track(deck, programme(hole.name));
        EXPECT_EQ(printed.result.reason, "dropout") << describe(printed.result);
        ASSERT_EQ(printed.result.tracks.size(), 1U);
        const auto& found = printed.result.tracks[0].dropouts;
        ASSERT_EQ(found.size(), 1U) << describe(printed.result);
        const auto& d = found[0];
        EXPECT_EQ(d.channel, channel);
        EXPECT_TRUE(d.over_limit);
        // A spacing hole has smooth edges: its half-power points lie inside it.
        EXPECT_NEAR(d.programme_time_s, hole.at_s + (hole.spacing ? 0.2 * hole.length_ms * 1e-3 : 0.0),
                    hole.spacing ? 0.006 : 0.003);
        EXPECT_NEAR(d.tape_time_s, d.programme_time_s + 4.5, 1e-6);
        EXPECT_NEAR(d.tape_m, d.tape_time_s * 0.381, 1e-6);
        EXPECT_EQ(d.kind, hole.spacing ? "spacing" : "flat");
        if (!hole.spacing) {
            EXPECT_NEAR(d.length_ms, hole.length_ms, std::max(0.3 * hole.length_ms, 1.0));
            EXPECT_NEAR(d.depth_db, hole.depth_db, 3.0);
        } else {
            EXPECT_GT(d.length_ms, 0.3 * hole.length_ms);
            EXPECT_LT(d.length_ms, 1.1 * hole.length_ms);
            EXPECT_GT(d.depth_db, 0.4 * hole.depth_db);
        }
        if (std::getenv("COMPARISON_FIGURES") != nullptr) {
            std::printf("%-13s %5.2f s %4.0f ms %2.0f dB ch %d -> %+5.2f ms late, %5.1f ms, %5.1f dB %s\n", hole.name,
                        hole.at_s, hole.length_ms, hole.depth_db, channel, 1e3 * (d.programme_time_s - hole.at_s),
                        d.length_ms, d.depth_db, d.kind.c_str());
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Holes, PlacedDropout,
                         testing::Values(Hole{"wide", 7.43, 8, 20, false}, Hole{"wide", 3.1, 20, 10, false},
                                         Hole{"wide", 9.0, 100, 30, false}, Hole{"mono", 6.2, 20, 20, false},
                                         Hole{"pink", 8.0, 8, 12, false}, Hole{"loud_master", 6.03, 20, 20, false},
                                         Hole{"speech", 5.52, 20, 20, false}, Hole{"hi_hat", 5.0, 20, 20, false},
                                         Hole{"wide", 2.43, 20, 20, true}, Hole{"pink", 4.0, 20, 20, true},
                                         Hole{"mono", 6.2, 30, 20, true}, Hole{"loud_master", 5.6, 20, 20, true}));

TEST(Dropout, below_either_limit_is_told_and_fails_nothing) {
    for (const TapeFault& small : {TapeFault{5.5, 20.0, 4.0, 0, false}, TapeFault{5.5, 1.5, 20.0, 0, false}}) {
        DeckModel deck;
        deck.dropouts.push_back(small);
        const auto live_passes = [](overbias::mastering::OffTapeComparison& comparison, std::int64_t) {
            EXPECT_FALSE(comparison.live().failing.has_value());
        };
        const auto printed =
            print_tracks(deck, PrintModel{}, {&programme("wide", 1, 7.0)}, model_config(), live_passes);
        EXPECT_TRUE(printed.result.pass) << describe(printed.result);
        const auto& found = printed.result.tracks[0].dropouts;
        ASSERT_EQ(found.size(), 1U) << describe(printed.result);
        EXPECT_NEAR(found[0].programme_time_s, 5.5, 0.010);
        EXPECT_EQ(found[0].channel, 0);
        EXPECT_FALSE(found[0].over_limit);
    }
}

TEST(Dropout, limits_are_those_of_the_configuration) {
    DeckModel deck;
    deck.dropouts.push_back({5.5, 20.0, 4.5, 0, false});
    auto config = model_config();
    config.limits.dropout_depth_db = 3.5;
    EXPECT_EQ(print_tracks(deck, PrintModel{}, {&programme("wide")}, config).result.reason, "dropout");
}

TEST(Dropout, several_are_told_apart_and_counted_while_it_runs) {
    DeckModel deck;
    deck.dropouts = {{2.0, 20.0, 20.0, 0, false}, {2.2, 20.0, 20.0, 0, false}, {6.0, 30.0, 20.0, 1, false}};
    std::uint64_t seen = 0;
    const auto look = [&](overbias::mastering::OffTapeComparison& comparison, std::int64_t) {
        seen = comparison.live().dropouts;
        EXPECT_EQ(comparison.live().failing.value_or(""), "dropout");
    };
    const auto printed = print_tracks(deck, PrintModel{}, {&programme("wide")}, model_config(), look);
    ASSERT_EQ(printed.result.tracks[0].dropouts.size(), 3U) << describe(printed.result);
    EXPECT_EQ(printed.result.tracks[0].dropouts[2].channel, 1);
    EXPECT_EQ(seen, 3U);
}

TEST(Dropout, share_judged_says_how_much_programme_there_was) {
    const auto pink = print_track(DeckModel{}, programme("pink", 1, 6.0));
    EXPECT_GT(pink.result.tracks[0].judged_share, 0.95);
    const auto bass = print_track(DeckModel{}, programme("low_only", 1, 6.0));
    EXPECT_LT(bass.result.tracks[0].judged_share, 0.02);
}

} // namespace
} // namespace comparison_test
