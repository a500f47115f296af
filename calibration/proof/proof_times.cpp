// SPDX-License-Identifier: Apache-2.0
#include "calibration/proof/proof_times.hpp"

#include "base/units.hpp"
#include "calibration/proof/proof_job_impl.hpp"
#include "dsp/analysis/print_through.hpp"

namespace overbias::calibration {

namespace {

/// A pack between an empty hub and the largest reel that a deck takes.
constexpr double kSmallestPack_m = 0.045, kLargestPack_m = 0.180;
constexpr double kBurstOfTurn = 0.4, kApartOfTurn = 2.2;

constexpr double kUsual_ips = 15.0, kUsual_hz = 48000.0;
constexpr double kHighestHeard_hz = 86400.0; ///< by a converter of 192 kHz
constexpr double kIntoRecord_s = 4.0;        ///< start, arm, record, and the proof that it comes off tape
constexpr double kNewTone_s = 0.2;           ///< until it comes off tape
constexpr double kBack_s = 25.0;             ///< winding back and starting again
constexpr double kMol_s = 8.0 * 1.7;         ///< readings
constexpr double kSweepMore_s = 1.5, kTimingFirst_s = 2.0, kResidualMore_s = 1.0;

} // namespace

PrintTimes print_times(double speed_ips) {
    PrintTimes times;
    const double speed_m_per_s = metres_per_second(speed_ips);
    times.least_turn_s = dsp::turn_time(kSmallestPack_m, speed_m_per_s);
    times.most_turn_s = dsp::turn_time(kLargestPack_m, speed_m_per_s);
    times.burst_s = kBurstOfTurn * times.least_turn_s;
    times.apart_s = kApartOfTurn * times.most_turn_s;
    return times;
}

double proof_time_s(const ProofSetup& setup) {
    double all_s = kIntoRecord_s;
    const auto add = [&all_s](bool wanted, double seconds) { all_s += wanted ? seconds : 0.0; };
    double tones_s = kNewTone_s + proof_tone_s(1000.0);
    for (const double hz : proof_tones_hz(setup, kUsual_hz)) {
        tones_s += kNewTone_s + proof_tone_s(hz);
    }
    add(setup.tones, tones_s);
    add(setup.sweep, setup.sweep_s + kSweepMore_s);
    add(setup.timing, setup.timing_s + kTimingFirst_s + 2.0 * kNewTone_s);
    add(setup.distortion, setup.distortion_s + kNewTone_s);
    add(setup.mol, kMol_s);
    add(setup.noise, setup.noise_s + kNewTone_s);
    add(setup.crosstalk, 2.0 * static_cast<double>(setup.crosstalk_hz.size()) * (setup.crosstalk_s + kNewTone_s));
    add(setup.bias_residual && setup.bias_hz && *setup.bias_hz <= kHighestHeard_hz,
        setup.bias_residual_s + kResidualMore_s);
    add(setup.erase, 2.0 * setup.erase_s + kBack_s);
    add(setup.print_through,
        2.0 * print_times(kUsual_ips).apart_s * (PrintTimes::kBursts + 2.0) + kBack_s + 60.0 * setup.print_wait_min);
    return all_s;
}

} // namespace overbias::calibration
