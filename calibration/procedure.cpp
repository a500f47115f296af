// SPDX-License-Identifier: Apache-2.0
#include "calibration/procedure.hpp"

#include "base/figure.hpp"

#include <utility>

namespace overbias::calibration {

namespace {

constexpr double kMid_hz = 1000.0, kHigh_hz = 10000.0;
/// High frequencies are recorded this far below operating level, where they do not saturate the tape.
constexpr double kHighLevel_db = -20.0;
constexpr int kMostRounds = 6;

ProcedureStep level_step(const AlignmentLimits& limits) {
    ProcedureStep step;
    step.id = "record.level";
    step.title = "record level";
    step.instruction = "turn each track's record level until 1 kHz comes back as it was sent";
    step.frequency_hz = kMid_hz;
    step.level_db = 0.0;
    step.tolerance = limits.level_db;
    step.averaging_s = 0.5;
    step.limit_source = limits.source;
    return step;
}

ProcedureStep high_step(const AlignmentLimits& limits) {
    ProcedureStep step;
    step.id = "record.high";
    step.title = "record HF";
    step.instruction = "turn each track's record HF until 10 kHz comes back as it was sent";
    step.frequency_hz = kHigh_hz;
    step.level_db = kHighLevel_db;
    step.tolerance = limits.high_db;
    step.averaging_s = 0.5;
    step.limit_source = limits.source;
    return step;
}

ProcedureStep bias_step(const AlignmentLimits& limits, const tape::Overbias& overbias) {
    ProcedureStep step;
    step.id = "record.bias";
    step.title = "bias";
    step.instruction =
        "reduce bias until the level has passed its peak and fallen, then turn up through the peak and on "
        "until it is " +
        figure(overbias.overbias_db, 2) + " dB below it";
    step.frequency_hz = overbias.frequency_hz;
    step.level_db = kHighLevel_db;
    step.reads = Reads::Overbias;
    step.turns = transport::Adjuster::Bias;
    step.target = overbias.overbias_db;
    step.tolerance = limits.overbias_db;
    step.averaging_s = 0.5;
    step.limit_source = overbias.source + (overbias.unsure ? " (unsure)" : "") + "; tolerance: " + limits.source;
    return step;
}

ProcedureStep timing_step(const AlignmentLimits& limits) {
    ProcedureStep step = high_step(limits);
    step.id = "record.azimuth";
    step.title = "record azimuth";
    step.instruction = "listening to the timing of the tracks";
    step.reads = Reads::Timing;
    step.tolerance = limits.timing_us;
    step.averaging_s = 10.0; // the tape's weave moves it by microseconds
    return step;
}

} // namespace

Result<Procedure> record_alignment(const tape::TapeStock& stock, double speed_ips, const AlignmentLimits& limits,
                                   bool with_azimuth) {
    const tape::Overbias* overbias = stock.overbias_at(speed_ips);
    if (overbias == nullptr) {
        return Error{"record alignment: the profile of " + stock.name + " has no overbias for " + figure(speed_ips, 2) +
                     " ips; expected an [[overbias]] with that speed; take it from the data sheet"};
    }
    ProcedureStep bias = bias_step(limits, *overbias);
    ProcedureStep level = level_step(limits);
    level.turns = transport::Adjuster::RecordLevel;
    ProcedureStep high = high_step(limits);
    high.turns = transport::Adjuster::RecordHigh;
    Procedure procedure{.name = "record", .title = "record alignment", .steps = {}, .most_rounds = kMostRounds};
    if (with_azimuth) {
        procedure.steps.push_back(timing_step(limits));
        procedure.steps.back().instruction = "turn the record head's azimuth until the tracks come back together";
        procedure.steps.back().turns_head = true;
    }
    procedure.steps.push_back(std::move(bias));
    procedure.steps.push_back(std::move(level));
    procedure.steps.push_back(std::move(high));
    return procedure;
}

Procedure quick_check(const AlignmentLimits& limits, const tape::Overbias* overbias) {
    ProcedureStep level = level_step(limits);
    level.instruction = "listening to 1 kHz at operating level";
    ProcedureStep high = high_step(limits);
    high.instruction = "listening to 10 kHz";
    ProcedureStep timing = timing_step(limits);
    timing.averaging_s = 4.0;
    Procedure procedure{.name = "quick",
                        .title = "quick check",
                        .steps = {std::move(level), std::move(high), std::move(timing)},
                        .most_rounds = 1};
    if (overbias != nullptr) {
        ProcedureStep bias = bias_step(limits, *overbias);
        bias.instruction = "reading bias at its peak and where it stands";
        bias.only_checks = true;
        procedure.steps.push_back(std::move(bias));
    }
    return procedure;
}

} // namespace overbias::calibration
