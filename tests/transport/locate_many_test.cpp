// SPDX-License-Identifier: Apache-2.0
// Many locates on the simulated deck's mechanics, watched by the deck's own truth: every kind of deck, decks never met
// before, reels full to empty. OVERBIAS_LOCATES: how many altogether (1360; scripts/soak: 13600). OVERBIAS_SEED:
// repeats a run.
#include "bench/locate_rig.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace overbias::bench {

namespace {

constexpr double kTenthOfASecond_m = 0.10 * 0.381; // of tape at 15 ips

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

std::string name_of(const testing::TestParamInfo<std::size_t>& info) {
    std::string name(locate_profiles()[info.param].name);
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

} // namespace

class LocateMany : public testing::TestWithParam<std::size_t> {};

TEST_P(LocateMany, EndWithinATenthOfASecondAndBreakNothing) {
    const LocateProfile& profile = locate_profiles()[GetParam()];
    const auto count =
        static_cast<int>(number_from("OVERBIAS_LOCATES", 1360) / static_cast<std::uint64_t>(locate_profiles().size()));
    const std::uint64_t seed = number_from("OVERBIAS_SEED", 20);
    int done = 0, within = 0;
    double worst_m = 0.0, worst_true_m = 0.0;
    locate_at_random(profile, seed, count, 100, [&](const Locate& one) {
        ++done;
        EXPECT_EQ(one.wrong, "") << "locate " << done << " from " << one.from_m << " m to " << one.to_m << " m";
        within += std::abs(one.error_m) <= kTenthOfASecond_m ? 1 : 0;
        worst_m = std::max(worst_m, std::abs(one.error_m));
        worst_true_m = std::max(worst_true_m, std::abs(one.true_error_m));
    });
    std::printf(
        "%s, seed %llu: %d of %d locates within %.4f m by the counter, worst %.4f m; on the tape, slip included, "
        "worst %.3f m\n",
        std::string(profile.name).c_str(), static_cast<unsigned long long>(seed), within, done, kTenthOfASecond_m,
        worst_m, worst_true_m);
    ASSERT_EQ(locate_profiles().size(), 4U) << "every profile is located on";
    EXPECT_EQ(done, count);
    EXPECT_GE(within, 0.999 * done);
}

INSTANTIATE_TEST_SUITE_P(Decks, LocateMany, testing::Range<std::size_t>(0, 4), name_of);

} // namespace overbias::bench
