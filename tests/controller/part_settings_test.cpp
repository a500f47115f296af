// SPDX-License-Identifier: Apache-2.0
// What the comparison is told of the configured tape: the emphasis that its standard gives low frequencies.
#include "controller/part_settings.hpp"

#include <gtest/gtest.h>
#include <ostream>
#include <string>

namespace overbias::controller {
namespace {

struct Standard {
    const char* name;
    double speed_ips;
    double low_us; ///< IASA TC-04, section 5.4.10; 0: none
    friend std::ostream& operator<<(std::ostream& out, const Standard& standard) {
        return out << standard.name << " at " << standard.speed_ips << " ips";
    }
};

class LowEmphasis : public testing::TestWithParam<Standard> {};

TEST_P(LowEmphasis, IsTheConfiguredStandards) {
    const Standard& standard = GetParam();
    const auto config = parse_config("[tape]\nequalisation = \"" + std::string(standard.name) +
                                         "\"\nspeed_ips = " + std::to_string(standard.speed_ips) + "\n",
                                     "test.toml", true);
    ASSERT_TRUE(config.ok()) << config.error().message;
    EXPECT_NEAR(comparison_config(*config).low_emphasis_s, standard.low_us / 1'000'000.0, 1e-12);
}

INSTANTIATE_TEST_SUITE_P(Standards, LowEmphasis,
                         testing::Values(Standard{"NAB", 15.0, 3180.0}, Standard{"NAB", 7.5, 3180.0},
                                         Standard{"IEC1", 15.0, 0.0}, Standard{"IEC1", 7.5, 0.0},
                                         Standard{"AES", 30.0, 0.0}));

/// A speed that the standard does not define: nothing is known of its lows, so nothing is added.
TEST(PartSettings, LowEmphasisIsNoneWhereTheStandardDoesNotExist) {
    Config config = simulated_config().value();
    config.tape.equalisation = tape::Equalisation::Nab;
    config.tape.speed_ips = 30.0;
    EXPECT_EQ(comparison_config(config).low_emphasis_s, 0.0);
}

} // namespace
} // namespace overbias::controller
