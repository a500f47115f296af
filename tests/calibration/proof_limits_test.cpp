// SPDX-License-Identifier: Apache-2.0
// What of a deck's sheet a proof is held against.
#include "calibration/proof/proof_job.hpp"

#include <gtest/gtest.h>

namespace overbias::calibration {

TEST(ProofLimitsOfADeck, AreThoseOfItsSheetAtThatSpeed) {
    tape::DeckProfile profile;
    profile.spec = {{"crosstalk_db", {.value = 45.0, .source = "page 1"}},
                    {"erase_depth_db", {.value = 75.0, .source = "page 2", .unsure = true}},
                    {"signal_to_noise_db", {.value = 60.0, .source = "page 3"}}};
    profile.spec.emplace_back("third_harmonic_percent", tape::Figure{.value = 1.0, .source = "page 6"});
    tape::DeckSpeed fast, slow;
    fast.timing_us = tape::Figure{.value = 4.0, .source = "page 7"};
    fast.speed_ips = 15.0;
    fast.response = {{60.0, 15000.0, {.value = 1.0, .source = "page 4"}}};
    fast.signal_to_noise_db = tape::Figure{.value = 62.0, .source = "page 5"};
    slow.speed_ips = 7.5;
    profile.speeds = {fast, slow};
    const ProofLimits at_15 = proof_limits(profile, 15.0);
    ASSERT_EQ(at_15.response.size(), 1U);
    EXPECT_EQ(at_15.response[0].to_hz, 15000.0);
    EXPECT_EQ(at_15.crosstalk_db->value, 45.0);
    EXPECT_TRUE(at_15.erase_depth_db->unsure);
    EXPECT_EQ(at_15.signal_to_noise_db->value, 62.0);
    EXPECT_EQ(at_15.third_harmonic_percent->value, 1.0);
    EXPECT_EQ(at_15.timing_us->value, 4.0);
    const ProofLimits at_7 = proof_limits(profile, 7.5);
    EXPECT_TRUE(at_7.response.empty());
    EXPECT_EQ(at_7.signal_to_noise_db->value, 60.0);
    EXPECT_FALSE(at_7.timing_us);
}

} // namespace overbias::calibration
