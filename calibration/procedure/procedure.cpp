// SPDX-License-Identifier: Apache-2.0
#include "calibration/procedure/procedure.hpp"

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

/// Below operating level, because NAB's boost drives tape harder there.
constexpr double kLow_hz = 50.0, kLowLevel_db = -10.0;

ProcedureStep low_step(const AlignmentLimits& limits) {
    ProcedureStep step;
    step.id = "record.low";
    step.title = "record LF";
    step.instruction = "turn each track's record LF, where the deck has one, until 50 Hz comes back as it was sent";
    step.frequency_hz = kLow_hz;
    step.level_db = kLowLevel_db;
    step.turns = transport::Adjuster::RecordLow;
    step.where_there_is_one = true;
    step.tolerance = limits.low_db;
    step.closest = 0.25;
    step.averaging_s = 1.0;
    step.limit_source = limits.low_source;
    step.remark = "the heads' bumps are in it; limit: " + limits.low_source;
    return step;
}

ProcedureStep timing_step(const AlignmentLimits& limits) {
    ProcedureStep step = high_step(limits);
    step.id = "record.azimuth";
    step.title = "record azimuth";
    step.instruction = "listening to the timing of the tracks";
    step.reads = Reads::Timing;
    step.tolerance = limits.timing_us;
    step.closest = 2.0;
    step.coarse_hz = kMid_hz;
    step.averaging_s = 10.0; // the tape's weave moves it by microseconds
    return step;
}

/// What azimuth, bias and equalisers together have come to.
ProcedureStep phase_step(const AlignmentLimits& limits) {
    ProcedureStep step = timing_step(limits);
    step.id = "record.phase";
    step.title = "phase between the tracks";
    step.instruction = "listening to the timing of the tracks after all that was set";
    step.at_end = true;
    step.limited = false;
    step.remark = "azimuth, bias and equalisers together";
    return step;
}

ProcedureStep noise_step() {
    ProcedureStep step;
    step.id = "proof.noise.a";
    step.title = "noise of biased tape, A-weighted";
    step.instruction = "recording silence and listening to it";
    step.reads = Reads::Noise;
    step.limited = false;
    step.averaging_s = 5.0;
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
    procedure.steps.push_back(low_step(limits));
    procedure.steps.push_back(phase_step(limits));
    return procedure;
}

Procedure quick_check(const AlignmentLimits& limits, const tape::Overbias* overbias) {
    ProcedureStep level = level_step(limits);
    level.instruction = "listening to 1 kHz at operating level";
    ProcedureStep high = high_step(limits);
    high.instruction = "listening to 10 kHz";
    ProcedureStep timing = timing_step(limits);
    Procedure procedure{.name = "quick",
                        .title = "quick check",
                        .steps = {std::move(level), std::move(high), std::move(timing)},
                        .most_rounds = 1,
                        .watches_equalisation = true,
                        .compares = true};
    if (overbias != nullptr) {
        ProcedureStep bias = bias_step(limits, *overbias);
        bias.instruction = "reading bias at its peak and where it stands";
        bias.only_checks = true;
        procedure.steps.push_back(std::move(bias));
    }
    procedure.steps.push_back(noise_step());
    return procedure;
}

} // namespace overbias::calibration
