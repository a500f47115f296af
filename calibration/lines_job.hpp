// SPDX-License-Identifier: Apache-2.0
// Converters and lines, the first procedure of all: what the converters' full scale is in volts on the lines. The deck
// is not moved. Steps:
//   lines.play_dbu     of each channel: 1 kHz at operating level is sent, the operator enters what a voltmeter reads on
//                      the line into the deck
//   lines.capture_dbu  of each channel: with a cable in place of the deck what was entered comes back; or, where the
//                      cable is skipped, the operator feeds a known voltage and enters it. Read live.
//   lines.channel_difference  right less left, of the capture side
//   lines.round_trip   frames; with the cable (calibration/echo_run.hpp)
//   lines.thd_n (%), lines.noise_a (dBFS), lines.linearity.20 ... .60 (dB)  of each channel; with the cable
//   lines.vu           dBu at 0 VU, where there are VU meters
// The readings of the first three are levels of full scale in dBu, so that they compare whatever level was sent. An
// entry that can't be is asked for again, with the reason. Thread: the timeline's.
#pragma once

#include "calibration/alignment_context.hpp"
#include "transport/job.hpp"

#include <functional>
#include <memory>

namespace overbias::calibration {

struct LinesSetup {
    enum class Unit { Dbu, Volts } unit = Unit::Dbu; ///< that the operator enters
    bool vu_meters = false;                          ///< there are some: ask for their line level
    bool linearity = false;                          ///< with the cable: -20, -40 and -60 dB as well
    /// Once, when all is known, before the job ends; not when it is broken off. What was skipped stands in it as in the
    /// installation's chart.
    std::function<void(const tape::LevelChart&)> measured{};
    /// As of the command loop: with the cable, in frames of the playback.
    std::function<void(double round_trip_frames)> round_trip_measured{};
};

/// Throws std::invalid_argument, in words, without an operator_port: nothing here can be done without a person.
[[nodiscard]] std::unique_ptr<transport::Job> make_lines_job(AlignmentContext context, LinesSetup setup);

} // namespace overbias::calibration
