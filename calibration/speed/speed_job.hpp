// SPDX-License-Identifier: Apache-2.0
// Speed, wow and flutter, from a flutter tape or a calibration tape's tone; then, on blank tape, the delay between the
// heads at the speed just measured (calibration/speed/head_delay.hpp). Steps:
//   speed.error                  ppm; mean of averaging_s against the tone's frequency, by the computer's clock (the
//                                card's crystal is measured against it while the tape plays: speed.card_clock, ppm)
//   speed.error_uncertainty      ppm, standard deviation: of the mean (calibration/procedure/steady_mean.hpp), and of
//   the tape
//                                where it is known. What the computer's own clock is off is not in it.
//   speed.wow_flutter            %, AES6-2008 weighted, two-sigma; .quasi_peak, .unweighted, .wow, .flutter, .drift
//   speed.line.NAME[.HARMONIC]   %, peak, of the part that turns; speed.line.12.1_hz where it has no name
//   speed.head_delay             s, at the tape's nominal speed; speed.head_delay_uncertainty (us)
//   speed.record_to_reproduce    mm, from it
// The head delay is that of noise from 300 Hz to 12 kHz, mean of both tracks. Equalisers that differ in record and
// reproduce move it: a phase of 10 degrees at 10 kHz is 2.8 us, 30 ppm of 92 ms. That stays as it is until an equaliser
// is turned, and so cancels where a later delay is compared with the stored one; in speed.record_to_reproduce it does
// not. The uncertainty is that of the comparison.
//
// The operator trims the speed first where the deck has a trim and context.guided is set. Both tapes are threaded by
// hand: the calibration tape is asked for only with record off, every track safe and the arm held, and so it stays
// (Transport::hold_arm) until the operator says that this tape is off, also when the job is broken off. Before anything
// is recorded the other tape is played: one that still carries the calibration tape's tones is not recorded on. One
// that was broken off goes on after the calibration tape when that was measured. Thread: the timeline's.
#pragma once

#include "calibration/procedure/alignment_context.hpp"
#include "calibration/speed/head_delay.hpp"
#include "dsp/analysis/flutter_spectrum.hpp"
#include "tape/calibration_tape.hpp"
#include "tape/figure.hpp"
#include "transport/job.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace overbias::calibration {

struct SpeedMeasured {
    SpeedError speed;
    /// Empty where only the speed was measured.
    std::optional<HeadDelay> head_delay; ///< at the true speed
    double record_to_reproduce_m = 0.0;  ///< from it; 0 without it
    double speed_ips = 0.0;
};

struct SpeedSetup {
    tape::CalibrationTape tape;
    /// Which of its tones; empty: 3150 or 3000 Hz, else 1 kHz, else the nearest to 3150 Hz that flutter can be read
    /// from (1 to 13 kHz).
    std::optional<double> tone_hz{};
    std::optional<tape::Figure> tape_tolerance_ppm{}; ///< of the tape's own speed, as its maker says
    std::optional<tape::Figure> speed_limit_ppm{};    ///< of the deck's data sheet; unsure or none: only read
    std::optional<tape::Figure> wow_flutter_percent{};
    bool speed_trim = true;     ///< the deck has one that the operator can turn
    double trim_to_ppm = 100.0; ///< within which it is set; closer where the limit is
    double averaging_s = 30.0;  ///< 5 (AES6-2008) or more
    /// What turns at the moment; asked while the tape plays. Lines of the spectrum get its names.
    std::function<std::vector<dsp::RotatingPart>()> parts{};
    bool head_delay = true;             ///< false: only the calibration tape
    double head_delay_level_db = -10.0; ///< of the noise, rms re operating level
    int head_delay_s = 30;              ///< so long it is recorded, 6 or more
    /// For the warning of an old tape; empty: none.
    std::optional<std::chrono::year_month_day> today{};
    /// Once, at the end; not when it is broken off.
    std::function<void(const SpeedMeasured&)> measured{};
};

/// Throws std::invalid_argument, in words: a tape of another speed than the deck's or without a tone that is of use,
/// an averaging time below 5 s, noise for less than 6 s, nobody to thread the tapes.
[[nodiscard]] std::unique_ptr<transport::Job> make_speed_job(AlignmentContext context, SpeedSetup setup);

} // namespace overbias::calibration
