// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/saturation_doubt.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace {
using namespace overbias;
using namespace overbias::mastering;

constexpr double kRate_hz = 48000.0;
constexpr double kHop_s = 12.0 / kRate_hz;

/// Noise of a second that comes back alike but for one stretch in its middle.
class Fallen {
  public:
    Fallen(double length_s, double fall_db) {
        std::mt19937 random(3);
        std::normal_distribution<float> noise(0.0F, 0.1F);
        std::vector<float> samples;
        for (int n = 0; n < 2 * static_cast<int>(kRate_hz); ++n) {
            samples.push_back(noise(random));
        }
        sent_.push(0, samples);
        const int from = static_cast<int>(0.5 * kRate_hz);
        const int to = from + static_cast<int>(length_s * kRate_hz);
        for (int frame = from; frame < to; ++frame) {
            for (int channel = 0; channel < 2; ++channel) {
                samples[static_cast<std::size_t>(2 * frame + channel)] *=
                    static_cast<float>(std::pow(10.0, -fall_db / 20.0));
            }
        }
        came_.push(0, samples);
        hole_.first_hop = from / 12;
        hole_.hops = (to - from) / 12;
        hole_.place = static_cast<double>(hole_.first_hop);
        hole_.fall_db = {fall_db, fall_db, fall_db};
        hole_.depth_db = fall_db;
        hole_.usual = {1.0, 1.0, 1.0};
    }
    [[nodiscard]] bool explained(double taken_db) {
        hole_.taken_db = taken_db;
        return saturation_explains(sent_, came_, hole_, 1.0 / kHop_s);
    }

  private:
    EnergyTrack sent_{dsp::BandEnergyConfig{}, 2.0}, came_{dsp::BandEnergyConfig{}, 2.0}; // 48 kHz, hops of 12
    DoubtfulHole hole_;
};

TEST(SaturationDoubt, a_whole_that_fell_is_a_hole_and_one_that_did_not_is_none) {
    EXPECT_FALSE(Fallen(0.020, 9.0).explained(0.0));
    EXPECT_FALSE(Fallen(0.0075, 15.0).explained(0.0));
    EXPECT_TRUE(Fallen(0.020, 4.0).explained(0.0));
}

TEST(SaturationDoubt, a_clipped_half_wave_loses_what_the_tape_takes_of_its_peak) {
    EXPECT_FALSE(Fallen(0.0075, 8.7).explained(0.0));
    EXPECT_TRUE(Fallen(0.0075, 8.7).explained(2.2));
    EXPECT_FALSE(Fallen(0.0075, 15.0).explained(2.2)) << "far more than that";
    EXPECT_TRUE(Fallen(0.010, 7.5).explained(2.2)) << "of the lowest string";
    EXPECT_FALSE(Fallen(0.020, 8.0).explained(2.2)) << "too long for a half wave";
}

TEST(SaturationDoubt, what_is_taken_of_a_peak) {
    for (const double drive : {0.3, 1.0, 2.0}) {
        const auto strain = static_cast<float>(std::pow(std::cosh(drive), 4.0));
        EXPECT_NEAR(drive_of_strain(strain), drive, 1e-4);
        EXPECT_NEAR(taken_from_peaks_db(strain), 20.0 * std::log10(drive / std::tanh(drive)), 1e-3);
    }
    EXPECT_EQ(drive_of_strain(0.5F), 0.0);
    EXPECT_EQ(taken_from_peaks_db(1.0F), 0.0);
    EXPECT_NEAR(taken_from_peaks_db(316.0F), 6.8, 0.1);
}

} // namespace
