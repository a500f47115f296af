// SPDX-License-Identifier: Apache-2.0
// Clean programmes on a deck that is not ideal: no finding, no drop-out, figures near the truth.
#include "comparison_programmes.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace comparison_test {
namespace {

/// One of each programme; scripts/soak sets OVERBIAS_SOAK for twenty times as many.
unsigned seeds() {
    return std::getenv("OVERBIAS_SOAK") != nullptr ? 20U : 1U;
}

class CleanPrint : public testing::TestWithParam<std::tuple<std::string, unsigned>> {};

TEST_P(CleanPrint, passes_without_a_finding) {
    const auto& [name, seed] = GetParam();
    DeckModel deck;
    deck.seed = seed;
    const auto printed = print_track(deck, programme(name, seed, 6.0));
    const auto& result = printed.result;
    EXPECT_TRUE(result.pass) << describe(result);
    EXPECT_EQ(result.reason, "") << name;
    EXPECT_TRUE(result.off_tape);
    ASSERT_EQ(result.tracks.size(), 1U);
    const auto& track = result.tracks[0];
    EXPECT_TRUE(track.dropouts.empty());
    if (std::getenv("COMPARISON_FIGURES") != nullptr) {
        double worst_band = 0.0;
        for (const auto& channel : track.third_octave_difference_db) {
            for (std::size_t b = 0; b + 1 < channel.size(); ++b) {
                worst_band = channel[b] && std::abs(*channel[b]) > std::abs(worst_band) ? *channel[b] : worst_band;
            }
        }
        std::printf("%-13s %u delay %8.4f slate %8.4f level %+6.3f %+6.3f re slate %+6.3f %+6.3f band %+5.2f change "
                    "%+6.0f phase %+5.2f "
                    "share %.2f cpu %.0f ns\n",
                    name.c_str(), seed, track.delay_ms.value_or(NAN), result.slate.delay_ms.value_or(NAN),
                    track.level_difference_db[0].value_or(NAN), track.level_difference_db[1].value_or(NAN),
                    track.level_re_slate_db[0].value_or(NAN), track.level_re_slate_db[1].value_or(NAN), worst_band,
                    track.speed_change_ppm.value_or(NAN), track.phase_deg.value_or(NAN), track.judged_share,
                    printed.cpu_ns_per_frame);
    }
}

INSTANTIATE_TEST_SUITE_P(Programmes, CleanPrint,
                         testing::Combine(testing::ValuesIn(programme_names()), testing::Range(1U, 1U + seeds())),
                         [](const auto& which) {
                             return std::get<0>(which.param) + "_" + std::to_string(std::get<1>(which.param));
                         });

} // namespace
} // namespace comparison_test
