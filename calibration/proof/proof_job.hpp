// SPDX-License-Identifier: Apache-2.0
// Proof: what the aligned deck does, measured on own recordings through the tape and stored step by step; nothing is
// turned. Each value is kept as soon as it is there, and a proof that was broken off goes on after the last of them.
// Channel: the track, from 1; of crosstalk the track that listens; 0: between the tracks. dB are re operating level
// unless said otherwise.
//   proof.response.level       dB, 1 kHz at response_level_db against what was sent
//   proof.response.HZ          dB re that 1 kHz, of a series of tones
//   proof.response.sweep.HZ    dB re 1 kHz of the same logarithmic sweep, six an octave from 20 Hz (HZ: 22.4, 1016)
//   proof.timing               us, by how much the right track is late; 10 kHz, the period told by 1 kHz
//   proof.level                dB, 1 kHz at operating level against what was sent
//   proof.h3, proof.thd        %, third harmonic and THD_F (2nd to 10th harmonic, noise taken off) at operating level
//   proof.mol                  dB, level of 3 % third harmonic
//   proof.noise.a, .468, .band dB, biased tape: A-weighted rms, ITU-R 468 quasi-peak, 20 Hz to 20 kHz rms
//   proof.noise.a.mol, .468.mol  dB re the MOL, where that was found
//   proof.crosstalk.HZ         dB, the other track's tone over what is heard of it
//   proof.bias_residual        dB, bias on the line output of a recording deck, where the converters reach up to it
//   proof.erase                dB, tone over what erasing leaves of it, in its third octave
//   proof.print_through.before, .after   dB re the tone burst that printed
// A figure that is only a bound ("better than") says so in the step's remark. What could not be measured is told by an
// event "not_measured" with step and reason. Formulas: the analysers of dsp/analysis. Thread: the timeline's.
#pragma once

#include "calibration/procedure/alignment_context.hpp"
#include "tape/deck_profile.hpp"
#include "tape/figure.hpp"
#include "transport/job.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace overbias::calibration {

/// What the deck's spec sheet promises. A figure marked unsure is shown with the reading and no verdict hangs on it.
struct ProofLimits {
    std::vector<tape::ResponseLimit> response;  ///< either way re 1 kHz
    std::optional<tape::Figure> crosstalk_db;   ///< at 1 kHz, at least
    std::optional<tape::Figure> erase_depth_db; ///< at least
    /// At least; only shown, because a spec sheet's figure holds for a weighting and a level that the profile does not
    /// name.
    std::optional<tape::Figure> signal_to_noise_db;
    std::optional<tape::Figure> third_harmonic_percent; ///< at operating level, at most
    std::optional<tape::Figure> timing_us;              ///< either way
};

/// The sheet's limits at this speed.
[[nodiscard]] ProofLimits proof_limits(const tape::DeckProfile& profile, double speed_ips);

struct ProofSetup {
    ProofLimits limits{};
    /// What is measured, in this order.
    bool tones = true, sweep = true, timing = true, distortion = true, mol = true, noise = true, crosstalk = true,
         bias_residual = true, erase = true;
    /// Records bursts, waits and replays them: print_wait_min longer than the rest.
    bool print_through = false;

    /// Empty: third octaves from 20 Hz to 20 kHz. 1 kHz is always read first. Above 0.45 of the sample rate: left out.
    std::vector<double> tones_hz{};
    double response_level_db = -20.0;
    double sweep_s = 10.0;
    double distortion_hz = 1000.0; ///< of THD, third harmonic and MOL; 315 at low speeds
    std::vector<double> crosstalk_hz{100.0, 1000.0, 10000.0};
    double crosstalk_level_db = 0.0; ///< up to 5 kHz; 10 dB less above, where tape saturates
    double noise_s = 10.0, timing_s = 10.0, distortion_s = 5.0, crosstalk_s = 4.0, erase_s = 6.0; ///< averaging times
    double erase_level_db = 9.0; ///< the converters' headroom permitting, else as much as they have
    double print_level_db = 6.0; ///< likewise
    double print_wait_min = 5.0; ///< standing still on the take-up reel
    /// Of the deck's bias, as its profile says; it is looked for 1 % to both sides. Empty, or above what the converters
    /// hear (0.45 of the lower sample rate): bias_residual is not measured, and that is said.
    std::optional<double> bias_hz{};
    double bias_residual_s = 5.0; ///< averaging time
};

/// Deck time without the rewind at the end, roughly.
[[nodiscard]] double proof_time_s(const ProofSetup& setup);

/// Throws std::invalid_argument, in words: nothing to measure, a level or time that cannot be.
[[nodiscard]] std::unique_ptr<transport::Job> make_proof_job(AlignmentContext context, ProofSetup setup);

} // namespace overbias::calibration
