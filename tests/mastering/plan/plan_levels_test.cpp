// SPDX-License-Identifier: Apache-2.0
// Levels of a plan's files against converter and tape. What is expected follows from how the files were written and
// from closed forms.
#include "dsp/analysis/third_octave_peaks.hpp"
#include "mastering/plan/programme_levels.hpp"
#include "mastering/plan/tape_limits.hpp"
#include "plan_rig.hpp"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numbers>

namespace overbias::mastering {
namespace {

using testing::Burst;
using ::testing::ElementsAre;
using testing::finding;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kinds;
using testing::PlanRig;

class PlanLevels : public ::testing::Test {
  protected:
    PlanCheck of(const std::vector<Burst>& bursts, double duration_s = 4.0) {
        return check_plan(PlanRig::plan({rig_.file("a.wav", duration_s, bursts)}), PlanRig::context());
    }
    /// Bursts are told in dB re operating level, which is -12 dBFS here.
    static double peak(double re_operating_db) { return testing::kOperating_dbfs + re_operating_db; }
    PlanRig rig_;
};

TEST_F(PlanLevels, ASineAtOperatingLevelReads0VuAndItsLoudness) {
    // EBU Tech 3341, case 1: a stereo sine of 1 kHz at -23 dBFS is -23 LUFS.
    const PlanCheck quiet = of({{.peak_dbfs = -23.0, .to_s = 4.0}});
    EXPECT_NEAR(quiet.files.at(0).integrated_lufs.value_or(0.0), -23.0, 0.1);
    const PlanCheck check = of({{.peak_dbfs = -12.0, .to_s = 4.0, .right = false}});
    const PlanFile& file = check.files.at(0);
    // The needle overshoots by 1 to 1.5 % when a tone comes on, 0.11 dB.
    EXPECT_NEAR(file.vu_max[0].value_or(-99.0), 0.1, 0.06);
    EXPECT_NEAR(file.vu_max_dbfs[0].value_or(-99.0), -11.9, 0.06);
    EXPECT_LT(file.vu_max[1].value_or(0.0), -50.0);
    EXPECT_NEAR(file.true_peak_dbtp[0].value_or(0.0), -12.0, 0.1);
    EXPECT_NEAR(file.sample_peak_dbfs[0].value_or(0.0), -12.0, 0.01);
}

TEST_F(PlanLevels, APeakBetweenTheSamplesIsAWarning) {
    // A sine of a quarter of the rate sampled at 45 degrees: samples at -2.01 dBFS, the wave at +1.00.
    const PlanCheck check =
        of({{.frequency_hz = 12000.0, .peak_dbfs = 1.0, .to_s = 4.0, .phase_rad = 0.25 * std::numbers::pi}});
    const PlanFinding said = finding(check.warnings, "true_peak");
    EXPECT_NEAR(said.db.value_or(0.0), 1.0, 0.15);
    EXPECT_NEAR(check.files.at(0).sample_peak_dbfs[0].value_or(0.0), -2.01, 0.01);
    EXPECT_TRUE(check.printable());
    const PlanCheck below =
        of({{.frequency_hz = 12000.0, .peak_dbfs = -0.5, .to_s = 4.0, .phase_rad = 0.25 * std::numbers::pi}});
    EXPECT_THAT(kinds(below.warnings), ::testing::Not(::testing::Contains("true_peak")));
}

TEST_F(PlanLevels, ABurstOverMolIsAWarningWithPassageDbAndBasis) {
    // MOL of the stock: +9 dB re operating level at 1 kHz.
    const PlanCheck check = of({{.peak_dbfs = peak(-20.0), .to_s = 4.0},
                                {.peak_dbfs = peak(11.0), .from_s = 2.0, .to_s = 2.1, .phase_rad = 0.3}});
    EXPECT_TRUE(check.printable());
    EXPECT_THAT(kinds(check.warnings), ElementsAre("mol"));
    const PlanFinding& said = check.warnings.at(0);
    EXPECT_NEAR(said.db.value_or(0.0), 2.0, 0.5);
    EXPECT_GE(said.at_s.value_or(0.0), 2.0);
    EXPECT_LE(said.at_s.value_or(9.0), 2.11);
    EXPECT_NEAR(said.to_s.value_or(0.0), 2.1, 0.02);
    EXPECT_EQ(said.track, 0);
    EXPECT_THAT(said.basis, HasSubstr("MOL at 1 kHz +9.0 dB re 320 nWb/m DIN"));
    EXPECT_THAT(said.basis, HasSubstr("sheet A"));
    EXPECT_THAT(said.words, HasSubstr("1000 Hz third octave"));
    EXPECT_THAT(kinds(of({{.peak_dbfs = peak(8.5), .from_s = 2.0, .to_s = 2.5}}).warnings), IsEmpty());
}

TEST_F(PlanLevels, ABurstOf10MillisecondsOverSolIsAWarning) {
    // SOL: +1.5 dB re operating level at 10 kHz.
    const PlanCheck check = of({{.frequency_hz = 10000.0, .peak_dbfs = peak(4.5), .from_s = 1.0, .to_s = 1.010}});
    EXPECT_THAT(kinds(check.warnings), ElementsAre("sol"));
    EXPECT_NEAR(check.warnings.at(0).db.value_or(0.0), 3.0, 0.4);
    EXPECT_NEAR(check.warnings.at(0).at_s.value_or(0.0), 1.005, 0.006);
    EXPECT_THAT(check.warnings.at(0).basis, HasSubstr("unsure: sheet B"));
    // 1 ms of it is a tenth of the energy.
    EXPECT_THAT(kinds(of({{.frequency_hz = 10000.0, .peak_dbfs = peak(4.5), .from_s = 1.0, .to_s = 1.001}}).warnings),
                IsEmpty());
    EXPECT_THAT(kinds(of({{.frequency_hz = 10000.0, .peak_dbfs = peak(1.0), .from_s = 1.0, .to_s = 2.0}}).warnings),
                IsEmpty());
    // Above the frequency of the figure the tape takes no more.
    EXPECT_THAT(kinds(of({{.frequency_hz = 14000.0, .peak_dbfs = peak(3.5), .from_s = 1.0, .to_s = 2.0}}).warnings),
                ElementsAre("sol"));
    // Below it, and above the MOL's, the MOL is the limit.
    EXPECT_THAT(kinds(of({{.frequency_hz = 4000.0, .peak_dbfs = peak(8.0), .from_s = 1.0, .to_s = 2.0}}).warnings),
                IsEmpty());
}

TEST_F(PlanLevels, PausesShorterThanHalfASecondDoNotPartAPassage) {
    std::vector<Burst> bursts;
    for (const double at_s : {1.0, 1.3, 1.6, 3.0}) {
        bursts.push_back({.peak_dbfs = peak(10.5), .from_s = at_s, .to_s = at_s + 0.05});
    }
    const PlanCheck check = of(bursts);
    EXPECT_THAT(kinds(check.warnings), ElementsAre("mol", "mol"));
    EXPECT_NEAR(check.warnings.at(0).to_s.value_or(0.0), 1.65, 0.03);
}

TEST_F(PlanLevels, OfManyPassagesTheWorstFiveAreToldAndTheirNumber) {
    std::vector<Burst> bursts;
    for (int i = 0; i < 8; ++i) {
        bursts.push_back({.peak_dbfs = peak(9.7 + 0.2 * i), .from_s = 0.5 + i, .to_s = 0.6 + i});
    }
    const PlanCheck check = of(bursts, 9.0);
    EXPECT_THAT(kinds(check.warnings), ElementsAre("mol", "mol", "mol", "mol", "mol"));
    EXPECT_GT(check.warnings.at(0).at_s.value_or(0.0), 3.0) << "the softest three are left out";
    EXPECT_THAT(check.warnings.at(4).words, HasSubstr("8 passages in all"));
}

TEST_F(PlanLevels, WhereTheProfileHasNoFiguresNothingIsHeldAgainstItAndThatIsSaid) {
    PlanCheckContext context = PlanRig::context();
    context.stock->mol.clear();
    context.stock->sol[0].speed_ips = 30.0;
    const PlanCheck check =
        check_plan(PlanRig::plan({rig_.file("a.wav", 1.0, {{.peak_dbfs = -0.5, .to_s = 1.0}})}), context);
    EXPECT_THAT(kinds(check.warnings), IsEmpty());
    EXPECT_THAT(kinds(check.notes), ElementsAre("mol_unknown", "sol_unknown"));
    EXPECT_THAT(check.notes.at(0).words, HasSubstr("at 15 ips"));
}

TEST(TapeLimits, AreThoseOfTheOperatingLevelAndTheEqualisation) {
    ReelPlan plan = PlanRig::plan({});
    const std::vector<double> bands{50.0, 1000.0, 5000.0, 10000.0, 16000.0};
    const auto din = tape_band_limits(PlanRig::stock(), plan.tape, bands);
    ASSERT_EQ(din.size(), bands.size());
    EXPECT_NEAR(din[1]->level_re_operating_db, 9.0, 1e-9);
    EXPECT_NEAR(din[2]->level_re_operating_db, 9.0, 1e-9);
    EXPECT_NEAR(din[3]->level_re_operating_db, 1.5, 1e-9);
    EXPECT_NEAR(din[4]->level_re_operating_db, 1.5, 1e-9);
    EXPECT_TRUE(din[3]->saturation);
    EXPECT_FALSE(din[2]->saturation);

    // 320 nWb/m DIN is 288 ANSI: 20 log10(288 / 250) = 1.23 dB over an operating level of 250 nWb/m ANSI.
    plan.tape.operating_level = {.nwb_per_m = 250.0, .school = tape::CalibrationSchool::Ansi};
    EXPECT_NEAR(tape_band_limits(PlanRig::stock(), plan.tape, bands)[1]->level_re_operating_db,
                9.0 + 20.0 * std::log10(288.0 / 250.0), 0.01);

    // NAB at 15 ips raises the flux at 50 Hz by 1 + 1 / (2 pi 50 Hz 3180 us)^2, 3.0 dB: less fits there.
    plan.tape.equalisation = tape::Equalisation::Nab;
    plan.tape.operating_level = {.nwb_per_m = 320.0, .school = tape::CalibrationSchool::Din};
    const double w = 2.0 * std::numbers::pi * 50.0 * 3180e-6;
    const double treble_at_1khz = 10.0 * std::log10(1.0 + std::pow(2.0 * std::numbers::pi * 1000.0 * 50e-6, 2.0));
    EXPECT_NEAR(tape_band_limits(PlanRig::stock(), plan.tape, bands)[0]->level_re_operating_db,
                9.0 - 10.0 * std::log10(1.0 + 1.0 / (w * w)) - treble_at_1khz, 0.05);
}

TEST(ThirdOctavePeaksTest, SteadySinesReadTheirLevelInTheirBand) {
    for (const double rate_hz : {44100.0, 48000.0, 96000.0, 192000.0}) {
        for (const double hz : {63.0957, 1000.0, 10000.0}) {
            dsp::ThirdOctavePeaks octaves(rate_hz);
            std::vector<float> hop(2 * octaves.hop_frames());
            std::size_t n = 0;
            for (int hops = 0; hops < 400; ++hops) { // a second
                for (std::size_t i = 0; i < octaves.hop_frames(); ++i, ++n) {
                    hop[2 * i] = static_cast<float>(
                        0.25 * std::sin(2.0 * std::numbers::pi * hz * static_cast<double>(n) / rate_hz));
                }
                octaves.process(hop);
            }
            double highest = 0.0;
            double at_hz = 0.0;
            for (std::size_t b = 0; b < octaves.nominal_hz().size(); ++b) {
                if (octaves.powers()[2 * b] > highest) {
                    highest = octaves.powers()[2 * b];
                    at_hz = octaves.nominal_hz()[b];
                }
            }
            // The mean of sin^2 over 10 ms of 63 Hz moves by sinc(2 * 63 Hz * 10 ms) = 18.4 %: -0.89 to +0.74 dB.
            EXPECT_NEAR(10.0 * std::log10(highest / 0.0625), 0.0, hz < 100.0 ? 0.9 : 0.1) << rate_hz << " " << hz;
            EXPECT_NEAR(at_hz, hz, 0.02 * hz);
            EXPECT_LT(octaves.powers()[1], 1e-12) << "nothing on the right";
        }
    }
}

TEST(ThirdOctavePeaksTest, TheFilterIsOfSixthOrderWithItsEdgesAt3Db) {
    const auto filter = dsp::third_octave_filter(1000.0, 48000.0);
    const auto gain_db = [&](double hz) {
        double gain = 1.0;
        for (const auto& section : filter) {
            gain *= dsp::magnitude(section, hz, 48000.0);
        }
        return 20.0 * std::log10(gain);
    };
    const double edge = std::pow(10.0, 0.05);
    EXPECT_NEAR(gain_db(1000.0), 0.0, 1e-6);
    EXPECT_NEAR(gain_db(1000.0 * edge), -3.01, 0.02);
    EXPECT_NEAR(gain_db(1000.0 / edge), -3.01, 0.02);
    // Butterworth: 1 / (1 + x^6), x = (f / f0 - f0 / f) / (edge - 1 / edge); at an octave x = 6.49.
    const double x = 1.5 / (edge - 1.0 / edge);
    EXPECT_NEAR(gain_db(500.0), -10.0 * std::log10(1.0 + std::pow(x, 6.0)), 0.3);
    EXPECT_THROW((void)dsp::third_octave_filter(22000.0, 48000.0), std::invalid_argument);
}

} // namespace
} // namespace overbias::mastering
