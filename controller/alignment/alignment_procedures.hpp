// SPDX-License-Identifier: Apache-2.0
// The alignment procedures there are: what each does and needs, whether this deck can do it, and the job it is made
// into. A new procedure is a file alignment_setup_*.cpp and a row in the list. Thread: the timeline's.
#pragma once

#include "calibration/procedure/alignment_context.hpp"
#include "controller/config.hpp"
#include "dsp/analysis/flutter_spectrum.hpp"
#include "tape/calibration_tape.hpp"
#include "tape/level_chart.hpp"
#include "tape/tape_stock.hpp"
#include "transport/deck_adjust.hpp"
#include "transport/job.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::calibration {
struct SpeedMeasured;
}

namespace overbias::controller {

struct AlignmentProcedure;

struct AlignmentChoice {
    const AlignmentProcedure* procedure = nullptr;
    tape::TapeStock stock;
    std::vector<tape::CalibrationTape> tapes;    ///< all there are
    std::optional<tape::CalibrationTape> chosen; ///< by the operator
    bool print_through = false;                  ///< a proof waits for it
    std::chrono::year_month_day today;
};

/// What procedures measure of the installation itself.
struct AlignmentMeasured {
    std::function<void(const tape::LevelChart&)> levels;
    std::function<void(double frames)> round_trip;
    std::function<void(const calibration::SpeedMeasured&)> speed;
    std::function<std::vector<dsp::RotatingPart>()> parts; ///< what turns now
};

/// Makes the job. Throws std::invalid_argument, in words for the operator, for what can't be done.
using MakeAlignment = std::unique_ptr<transport::Job> (*)(calibration::AlignmentContext context,
                                                          const AlignmentChoice& choice, const Config& config,
                                                          const AlignmentMeasured& measured);

struct AlignmentProcedure {
    std::string_view name;  ///< "record"
    std::string_view title; ///< "record alignment"
    std::string_view does;  ///< one line
    std::vector<std::string_view> needs;
    std::vector<transport::Adjuster> sets{}; ///< on both tracks, when it is done by converters
    bool guided = false;                     ///< a person can do it
    bool automatic = false;                  ///< it can be done without one, where the deck has what it sets
    bool plays_calibration_tape = false;
    bool records = false;                 ///< on its own tape: the converters' round trip has to be known
    bool waits_for_print_through = false; ///< where it is asked for
    MakeAlignment make = nullptr;
};

/// In the order an engineer does them.
[[nodiscard]] const std::vector<AlignmentProcedure>& alignment_procedures();
/// Null: there is none of that name.
[[nodiscard]] const AlignmentProcedure* find_procedure(std::string_view name);
/// The first adjuster that it sets and the deck does not offer, in words; empty: it can be done by converters.
[[nodiscard]] std::string missing_adjuster(const AlignmentProcedure& procedure,
                                           const transport::DeckAdjustCapabilities& deck);

// Each in a file of its own.
[[nodiscard]] AlignmentProcedure lines_procedure();
[[nodiscard]] AlignmentProcedure reproduce_procedure();
[[nodiscard]] AlignmentProcedure speed_procedure();
[[nodiscard]] AlignmentProcedure record_procedure();
[[nodiscard]] AlignmentProcedure proof_procedure();
[[nodiscard]] AlignmentProcedure quick_procedure();

} // namespace overbias::controller
