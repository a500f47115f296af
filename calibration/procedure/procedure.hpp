// SPDX-License-Identifier: Apache-2.0
// Alignment procedures as data: what is said, played, read, turned and stored, step by step.
// calibration/record/alignment_job runs any of them. The order is that of the Handbook for Sound Engineers ch. 28: bias
// before level before HF, then all again until nothing changes. Pure data, any thread.
#pragma once

#include "base/result.hpp"
#include "tape/tape_stock.hpp"
#include "transport/deck_adjust.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::calibration {

/// What a step reads on each track.
enum class Reads {
    Level,    ///< off tape against what was sent, dB
    Overbias, ///< how far the output is below the bias peak, on its far side, dB
    /// How much later the right track is, microseconds: the record and reproduce heads' azimuth together. Known to a
    /// whole period of the step's frequency, or of coarse_hz where it is given.
    Timing,
    Noise, ///< of tape that records silence, with bias: A-weighted rms, dB re operating level (IEC 61672-1)
};

struct ProcedureStep {
    std::string id; ///< of what is stored: "record.bias"
    std::string title;
    std::string instruction; ///< for the operator
    double frequency_hz = 1000.0;
    double level_db = 0.0; ///< that is sent, re operating level
    Reads reads = Reads::Level;
    std::optional<transport::Adjuster> turns{}; ///< on each track; empty: it is only read
    /// Not every deck has that adjuster: where it can't be set from here it is only read, and by hand the operator
    /// accepts the reading as it is.
    bool where_there_is_one = false;
    bool only_checks = false; ///< it is turned away and back again, to read
    bool turns_head = false;  ///< guided: the record head's azimuth screw is turned; else it is only read
    bool at_end = false;      ///< once, after the rounds
    double coarse_hz = 0.0;   ///< Timing: this tells the period first; 0: nothing does
    double target = 0.0;
    double tolerance = 0.0;
    bool limited = true;  ///< false: the reading is only shown, and no verdict hangs on it
    double closest = 0.1; ///< what is turned is brought so close where the tolerance is wider
    double averaging_s = 0.5;
    std::string limit_source; ///< of target and tolerance
    std::string remark{};     ///< what has to be told with each reading
    [[nodiscard]] std::string_view unit() const noexcept { return reads == Reads::Timing ? "us" : "dB"; }
};

/// All steps are on a tape that is being recorded, read off tape through the reproduce head.
struct Procedure {
    std::string name; ///< as in the alignment record: "record"
    std::string title;
    std::vector<ProcedureStep> steps;
    int most_rounds = 1; ///< the steps are gone through again until nothing has to be turned, so often at most
    /// Before HF is turned or judged: is what 10 kHz is off by what a wrong EQ switch does (equalisation_switches.hpp)?
    /// Then it ends there.
    bool watches_equalisation = true;
    bool compares = false; ///< the verdict is against the last full alignment (quick_verdict.hpp)
};

/// Tolerances of the steps, with where they come from; a profile or the configuration may have others.
struct AlignmentLimits {
    double level_db = 0.1;
    double high_db = 0.5;
    double overbias_db = 0.25;
    double timing_us = 3.0; ///< +-300 urad at 15 ips on quarter-inch tape is 3.15 us
    std::string source = "usual practice; no standard at hand";
    double low_db = 1.0; ///< wide, because the heads' bumps are in it
    std::string low_source = "AES e-library 3284: within 1 dB from 50 Hz up";
};

/// Bias, level, HF and LF of the record side through the tape itself, and at the end the phase between the tracks. The
/// reproduce side is aligned already. LF is only read where no record LF can be set, and where the equalisation has no
/// LF adjustment (the job knows both). `with_azimuth`: the record head's azimuth first (guided: its screw is turned).
/// An Error when the stock's profile has no overbias for the speed.
[[nodiscard]] Result<Procedure> record_alignment(const tape::TapeStock& stock, double speed_ips,
                                                 const AlignmentLimits& limits = {}, bool with_azimuth = false);
/// Before a session, well within two minutes of deck time: reads level at 1 kHz, 10 kHz, the timing of the tracks and
/// the noise of biased tape, and leaves everything as it is. With `overbias` (automatic only) also the drop past the
/// bias peak, which was found by the last record alignment; without one it is skipped. The verdict is against the last
/// full alignment of the same key, and the limits.
[[nodiscard]] Procedure quick_check(const AlignmentLimits& limits = {}, const tape::Overbias* overbias = nullptr);

} // namespace overbias::calibration
