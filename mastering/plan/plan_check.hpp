// SPDX-License-Identifier: Apache-2.0
// What stands against a plan, and what has to be said of it, before anything moves: lengths against the tape, files,
// levels against converters and tape, the deck's alignment. docs/printing-a-reel.md says what is checked and why.
//
// Levels: every file is read once as it will be played (converted to the card's rate, trimmed). dBFS is that of a sine
// (full scale 0); levels "re operating level" are dBFS less the dBFS sent for operating level.
// Thread: any one (a worker's): it reads files. `progress` is called and `cancelled` asked by all of its helpers, one
// at a time.
#pragma once

#include "base/result.hpp"
#include "mastering/plan/plan_finding.hpp"
#include "mastering/plan/reel_plan.hpp"
#include "mastering/print_plan.hpp"
#include "tape/alignment_record.hpp"
#include "tape/tape_stock.hpp"

#include <array>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace overbias::mastering {

/// What the deck is set up for; without a deck (a file checked by itself) there is none, and that is said.
struct PlanDeck {
    std::string name;
    std::vector<double> speeds_ips; ///< of its profile
    double speed_ips = 0.0;         ///< it is switched to, and lined up for
    tape::Equalisation equalisation = tape::Equalisation::Iec1;
    tape::Fluxivity operating_level{};
    std::optional<double> erase_to_record_m; ///< of the head block; empty: not known, then nothing is resumable
    double place_uncertainty_s = 0.02;       ///< of a boundary found by ear: two looks agree this well
    /// The last alignments of this deck and head block for speed, equalisation, stock and batch of the plan, newest
    /// first. The time they ended is compared with `now_utc`.
    std::vector<tape::AlignmentRecord> alignments;
    std::string now_utc; ///< "2024-05-03T10:15:00.000Z"
};

struct PlanCheckContext {
    PrintInstallation installation;       ///< sample rate, converter, level; its tape is not used
    std::optional<tape::TapeStock> stock; ///< the plan's; empty: there is no such profile, and why
    std::string stock_error;
    std::optional<PlanDeck> deck;
    /// What a file of the plan is called on disk; empty: files are paths.
    std::function<Result<std::filesystem::path>(const std::string& file)> resolve = {};
    std::function<void(double done, const std::string& what)> progress = {};
    std::function<bool()> cancelled = {};
    unsigned threads = 1; ///< files are read by so many at once; 0: as many as the processor has
};

struct PlanFile {
    std::string file;           ///< as in the plan
    std::filesystem::path path; ///< on disk
    std::string side;
    int track = -1; ///< of the side as it was given, before any split; -1: the voice slate
    audio::SoundFileInfo info;
    bool converted = false; ///< sample rate changed
    double trim_db = 0.0;
    // As it is played, after conversion and trim. Empty: the file could not be read.
    std::array<std::optional<double>, 2> true_peak_dbtp{}, sample_peak_dbfs{};
    std::optional<double> integrated_lufs, loudness_range_lu;
    std::array<std::optional<double>, 2> vu_max{};      ///< re operating level: VU of a meter that shows 0 there
    std::array<std::optional<double>, 2> vu_max_dbfs{}; ///< the same as dBFS of a sine
};

struct PlanTrackPlace {
    int track = 0;
    double start_s = 0.0, end_s = 0.0; ///< from the first frame of the side's stream
    double start_m = 0.0, end_m = 0.0; ///< counter, from the start of the tape
    double gap_s = 0.0;                ///< before it
    bool resumable = false;            ///< a print can go on before it
};

struct PlanSideCheck {
    std::string name;
    int reel = 1;
    std::size_t side = 0;                  ///< of the plan that was checked
    double start_m = 0.0;                  ///< counter place of the first tone
    double duration_s = 0.0;               ///< from record on to record off
    double end_m = 0.0;                    ///< counter place of record off
    double usable_s = 0.0, usable_m = 0.0; ///< that the tape offers from where recording begins
    double left_s = 0.0, left_m = 0.0;     ///< of that, when the side has been printed; below 0: does not fit
    std::optional<PrintPlan> laid_out;     ///< empty: files are missing
    std::vector<PlanTrackPlace> tracks;
    [[nodiscard]] bool fits() const noexcept { return left_m > -0.001; } ///< to the millimetre: frames are rounded
};

struct PlanCheck {
    ReelPlan plan; ///< as it would be printed: sides split where that was asked for
    std::vector<PlanSideCheck> sides;
    std::vector<PlanFile> files;
    std::vector<PlanFinding> refusals, warnings, notes;
    std::optional<tape::AlignmentRecord> alignment; ///< that the print relies on
    std::optional<int> alignment_days;              ///< its age
    bool alignment_overridden = false;
    double sample_rate_hz = 0.0; ///< of the card
    double check_s = 0.0;        ///< wall clock that the check took
    [[nodiscard]] bool printable() const noexcept { return refusals.empty(); }
};

/// Never fails: what stands against the plan is in `refusals`.
[[nodiscard]] PlanCheck check_plan(const ReelPlan& plan, const PlanCheckContext& context);

/// Least gap at which a print can go on: erase-to-record distance / speed + uncertainty of the place + 0.3 s. The erase
/// head must reach silence before record comes on, and the programme before must not be touched.
[[nodiscard]] double least_resumable_gap_s(double erase_to_record_m, double place_uncertainty_s, double speed_ips);

} // namespace overbias::mastering
