// SPDX-License-Identifier: Apache-2.0
// The guided checks of the roller: slip by the chalk mark, edges a metre by a measured length.
#include "says.hpp"
#include "transport/position/slip_test.hpp"
#include "transport/position/tach_calibration.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

namespace overbias::transport {

using test::says;

namespace {

constexpr auto kKnown = PositionKnowledge::Known;
constexpr double kEdges = 630.0;

/// Takes the checked thing from place to place in steps of some millimetres.
template <typename Check>
void wind(Check& check, double from_m, double to_m, PositionKnowledge knowledge = kKnown) {
    const int steps = 1000;
    for (int i = 1; i <= steps; ++i) {
        check.observe(from_m + (to_m - from_m) * i / steps, knowledge);
    }
}

} // namespace

TEST(SlipTest, TheMarkTellsWhatTheRollerLost) {
    SlipTest test({.edges_per_metre = kEdges});
    const auto text = test.begin(20.0, kKnown);
    ASSERT_TRUE(text);
    EXPECT_TRUE(says(*text, "chalk mark")) << *text;
    for (int pass = 0; pass < 3; ++pass) {
        wind(test, 20.0, 120.0);
        wind(test, 120.0, 20.0);
    }
    EXPECT_EQ(test.passes(), 3);
    EXPECT_NEAR(test.travelled_m(), 600.0, 1e-6);
    const auto result = test.finish(20.05, 0.35); // stopped 5 cm late by the counter, the mark 35 cm beyond
    ASSERT_TRUE(result);
    EXPECT_NEAR(result->net_slip, 0.30 / 600.05, 1e-9);
    EXPECT_NEAR(result->uncertainty, std::hypot(0.001, 1.0 / kEdges) / 600.05, 1e-12);
    EXPECT_TRUE(result->passed);
    EXPECT_NEAR(result->carry_on, 0.0005 + result->uncertainty, 1e-6);
    EXPECT_TRUE(says(result->message, "net slip 0.050 % +- 0.000 %")) << result->message;
    EXPECT_FALSE(test.under_way());
}

TEST(SlipTest, AGlazedRollerDoesNotPass) {
    SlipTest test({.edges_per_metre = kEdges});
    ASSERT_TRUE(test.begin(0.0, kKnown));
    wind(test, 0.0, 100.0);
    wind(test, 100.0, 0.0);
    const auto result = test.finish(0.0, -0.80);
    ASSERT_TRUE(result);
    EXPECT_NEAR(result->net_slip, -0.004, 1e-9);
    EXPECT_FALSE(result->passed);
    EXPECT_TRUE(says(result->message, "clean the roller")) << result->message;
}

TEST(SlipTest, RefusesWhatWouldMeanNothing) {
    SlipTest test({.edges_per_metre = kEdges});
    EXPECT_TRUE(says(test.finish(0.0, 0.0).error().message, "not begun"));
    EXPECT_TRUE(says(test.begin(0.0, PositionKnowledge::Doubtful).error().message, "doubtful"));
    ASSERT_TRUE(test.begin(0.0, kKnown));
    wind(test, 0.0, 20.0);
    wind(test, 20.0, 0.0);
    EXPECT_TRUE(says(test.finish(0.0, 0.001).error().message, "40.00 m")) << "too little travel; it goes on";
    wind(test, 0.0, 80.0);
    wind(test, 80.0, 0.0);
    EXPECT_TRUE(says(test.finish(0.0, NAN).error().message, "number"));
    EXPECT_TRUE(says(test.finish(0.0, 0.001, 0.0).error().message, "reading error"));
    EXPECT_TRUE(says(test.finish(0.0, 35.0).error().message, "metres are expected")) << "millimetres given";
    EXPECT_TRUE(test.finish(0.0, 0.035));

    ASSERT_TRUE(test.begin(0.0, kKnown));
    wind(test, 0.0, 200.0);
    EXPECT_TRUE(says(test.finish(200.0, 0.0).error().message, "0 times")) << "never came back";
    wind(test, 200.0, 100.0, PositionKnowledge::Doubtful);
    wind(test, 100.0, 0.0);
    EXPECT_TRUE(says(test.finish(0.0, 0.0).error().message, "lost edges"));
    EXPECT_FALSE(test.under_way());
}

TEST(TachCalibration, EdgesAMetreByAMeasuredLength) {
    TachCalibration calibration(kEdges);
    const auto text = calibration.begin(10.0, kKnown);
    ASSERT_TRUE(text);
    EXPECT_TRUE(says(*text, "mark")) << *text;
    wind(calibration, 10.0, 15.0); // 3150 edges by the counter
    EXPECT_NEAR(calibration.counted_m(), 5.0, 1e-9);
    const auto result = calibration.finish(15.0, 5.04);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_NEAR(result->edges, 3150.0, 1e-6);
    EXPECT_NEAR(result->edges_per_metre, 625.0, 1e-9);
    EXPECT_NEAR(result->edges_per_inch, 15.875, 1e-9);
    EXPECT_NEAR(result->uncertainty, std::hypot(1.0 / 3150.0, 0.001 / 5.04), 1e-12);
    EXPECT_TRUE(says(result->message, "625.00 edges a metre (15.875 an inch) +- 0.04 %")) << result->message;
    EXPECT_FALSE(calibration.under_way());
}

TEST(TachCalibration, SaysWhenItLooksLikePulsesForEdges) {
    TachCalibration calibration(kEdges);
    ASSERT_TRUE(calibration.begin(0.0, kKnown));
    wind(calibration, 0.0, 20.0);
    const auto result = calibration.finish(20.0, 5.0);
    ASSERT_TRUE(result);
    EXPECT_NEAR(result->edges_per_metre, 2520.0, 1e-6);
    EXPECT_TRUE(says(result->message, "4.00 times as many")) << result->message;
}

TEST(TachCalibration, RefusesNonsense) {
    TachCalibration calibration(kEdges);
    EXPECT_TRUE(says(calibration.finish(0.0, 1.0).error().message, "not begun"));
    EXPECT_TRUE(says(calibration.begin(0.0, PositionKnowledge::Doubtful).error().message, "zero it"));

    ASSERT_TRUE(calibration.begin(0.0, kKnown));
    wind(calibration, 0.0, 0.5);
    EXPECT_TRUE(says(calibration.finish(0.5, 0.5).error().message, "too short"));
    EXPECT_TRUE(calibration.under_way()) << "play on";
    EXPECT_TRUE(says(calibration.finish(0.5, -1.0).error().message, "above 0"));
    EXPECT_TRUE(says(calibration.finish(0.5, NAN).error().message, "above 0"));
    EXPECT_TRUE(says(calibration.finish(0.5, 0.5, 0.6).error().message, "reading error"));
    wind(calibration, 0.5, 3.0);
    EXPECT_TRUE(calibration.finish(3.0, 3.0));

    ASSERT_TRUE(calibration.begin(0.0, kKnown));
    wind(calibration, 0.0, -5.0);
    EXPECT_TRUE(says(calibration.finish(-5.0, 5.0).error().message, "ran backwards by 3150 edges"));
    EXPECT_FALSE(calibration.under_way());

    ASSERT_TRUE(calibration.begin(0.0, kKnown));
    EXPECT_TRUE(says(calibration.finish(0.0, 5.0).error().message, "no edges"));
    wind(calibration, 0.0, 3.0);
    wind(calibration, 3.0, 2.8);
    wind(calibration, 2.8, 5.0);
    EXPECT_TRUE(says(calibration.finish(5.0, 5.0).error().message, "moved back"));

    ASSERT_TRUE(calibration.begin(0.0, kKnown));
    wind(calibration, 0.0, 3.0, PositionKnowledge::Doubtful);
    wind(calibration, 3.0, 5.0);
    EXPECT_TRUE(says(calibration.finish(5.0, 5.0).error().message, "lost edges"));

    EXPECT_THROW(TachCalibration(0.0), std::invalid_argument);
}

TEST(TachCalibration, LeastLengthGivesTheAccuracyItPromises) {
    for (const double reading_error_m : {0.0005, 0.001, 0.005}) {
        TachCalibration calibration(kEdges);
        const double length_m = calibration.least_length_m(reading_error_m);
        ASSERT_TRUE(calibration.begin(0.0, kKnown));
        EXPECT_FALSE(calibration.finish(0.98 * length_m, 0.98 * length_m, reading_error_m));
        EXPECT_TRUE(calibration.finish(1.01 * length_m, 1.01 * length_m, reading_error_m));
    }
}

} // namespace overbias::transport
