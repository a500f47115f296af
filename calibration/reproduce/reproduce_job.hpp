// SPDX-License-Identifier: Apache-2.0
// Reproduce alignment from a calibration tape whose tones are recognised as they come. Steps:
//   reproduce.azimuth         us, by how much the right track is late, at the tone nearest 10 kHz; channel 0. Its
//                             period is told by 1 kHz (reproduce.azimuth.coarse, no limit)
//   reproduce.level           dB, 1 kHz against what the tape has there
//   reproduce.high            dB, the tone nearest 10 kHz likewise
//   reproduce.low             dB, the tone nearest 50 Hz likewise. Without a limit, and nobody is asked to turn, where
//                             fringing makes the tape no reference or the standard has no such adjustment
//   reproduce.response.HZ     dB likewise, of every other tone that was heard while the tape was listened to at the end
//   reproduce.level.position  of travel, where a converter was left; likewise .high.position, .low.position
// What the tape has: its tone's level, its fluxivity against the operating level's (tape/fluxivity.hpp), and what its
// equalisation reads on a deck set to another (mismatch_db), at the frequency as heard.
//
// The operator threads the tape; before it is asked for, arm is held (Transport::hold_arm), the tracks are set safe and
// no record tally is lit. The hold ends when the operator has said that the tape is off, and by nothing else that is
// done here. Record is never commanded. The tape is played again from a tone's beginning as often as a step needs it,
// by the counter, which is set to 0 where the tape was threaded; without a counter the operator is asked to rewind.
// OperatorSays::Back is the step before; while a tone is waited for, the tape's beginning.
//
// A tape of five tones and more, and any when the operator has not said which one it is, is listened to once before
// anything is turned: tape, equalisation and speed are named. With fewer tones it goes live with the first one. All of
// it in words: docs/alignment.md. Views have the step's id, or reproduce.tape (thread it), .rewind and .tape_off, which
// are to be confirmed. Thread: the timeline's.
#pragma once

#include "calibration/procedure/alignment_context.hpp"
#include "tape/calibration_tape.hpp"
#include "transport/job.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace overbias::calibration {

struct ReproduceLimits {
    double azimuth_us = 3.0; ///< +-300 urad at 15 ips on quarter-inch tape is 3.15 us
    double level_db = 0.1;
    double high_db = 0.5;
    double low_db = 1.0;
    std::string source = "usual practice; no standard at hand";
};

struct ReproduceSetup {
    /// All there are, so that a wrong one can be named.
    std::vector<tape::CalibrationTape> tapes;
    /// As the operator says; empty: by its sound, and it is listened to once before anything is turned.
    std::optional<tape::CalibrationTape> chosen{};
    ReproduceLimits limits{};
    /// For the warning of an old tape; empty: none.
    std::optional<std::chrono::year_month_day> today{};
};

/// Throws std::invalid_argument, in words for the operator: nobody to thread the tape (operator_port), no tapes, a
/// chosen tape of another speed, without level or without 1 kHz, an installation whose operating level is not known as
/// a fluxivity (installation.chart.operating_level), adjusters that are missing when it is not guided.
[[nodiscard]] std::unique_ptr<transport::Job> make_reproduce_job(AlignmentContext context, ReproduceSetup setup);

} // namespace overbias::calibration
