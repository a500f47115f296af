// SPDX-License-Identifier: Apache-2.0
// Converters and lines, the first procedure of all: what the converters' full scale is in volts on the lines. The deck
// is not moved. Steps:
//   lines.play_dbu     of each channel: 1 kHz at operating level is sent on it alone, the operator enters what a
//                      voltmeter reads on the line into the deck, and confirms what follows from both
//   lines.vu           dBu at 0 VU, where there are VU meters: the operator enters what they show of that tone
//   lines.round_trip   frames of the playback; with a cable in place of the deck (calibration/procedure/echo_run.hpp)
//   lines.capture_dbu  of each channel: what was entered comes back through the cable; where the cable is skipped (or
//                      play_dbu is), the operator feeds a known voltage and enters it. Read live.
//   lines.channel_difference  dB, right less left, of the capture side
//   lines.thd_n (%), lines.noise_a (dBFS), lines.linearity.20 ... .60 (dB)  of each channel; with the cable: THD+N at
//                      operating level, A-weighted noise, and -20 ... -60 dBFS against operating level
// The readings of play_dbu and capture_dbu are levels of full scale in dBu, so that they compare whatever level was
// sent. An entry that can't be is asked for again, with the reason (calibration/lines/lines_entry.hpp); so is the
// cable, when lines are swapped, dead, inverted or open. Thread: the timeline's.
#pragma once

#include "calibration/lines/lines_entry.hpp"
#include "calibration/procedure/alignment_context.hpp"
#include "tape/level_chart.hpp"
#include "transport/job.hpp"

#include <functional>
#include <memory>

namespace overbias::calibration {

struct LinesSetup {
    using Unit = LineUnit;
    Unit unit = Unit::Dbu;  ///< that the operator enters
    bool vu_meters = false; ///< there are some: ask for their line level
    bool linearity = false; ///< with the cable: -20, -40 and -60 dBFS as well
    /// Once, when all is known, before the job ends; not when it is broken off. What was skipped stands in it as in the
    /// installation's chart.
    std::function<void(const tape::LevelChart&)> measured{};
    /// As of the command loop: with the cable, in frames of the playback.
    std::function<void(double round_trip_frames)> round_trip_measured{};
};

/// Throws std::invalid_argument, in words, without an operator_port: nothing here can be done without a person.
[[nodiscard]] std::unique_ptr<transport::Job> make_lines_job(AlignmentContext context, LinesSetup setup);

} // namespace overbias::calibration
