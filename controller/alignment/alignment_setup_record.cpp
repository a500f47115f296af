// SPDX-License-Identifier: Apache-2.0
// The record alignment, and the quick check, which reads what it sets.
#include "calibration/procedure/procedure.hpp"
#include "calibration/record/alignment_job.hpp"
#include "controller/alignment/alignment_procedures.hpp"
#include "controller/part_settings.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <utility>

namespace overbias::controller {

using calibration::AlignmentContext;
using transport::Adjuster;

namespace {

constexpr std::size_t kTracks = 2;

std::unique_ptr<transport::Job> make_record(AlignmentContext context, const AlignmentChoice& choice,
                                            const Config& config, const AlignmentMeasured& /*measured*/) {
    auto procedure = calibration::record_alignment(choice.stock, config.tape.speed_ips,
                                                   alignment_limits(config.alignment), context.guided);
    if (!procedure) {
        throw std::invalid_argument(procedure.error().message);
    }
    return calibration::make_alignment_job(std::move(context), std::move(procedure).value());
}

/// Bias can be read where it can be turned away and back.
std::unique_ptr<transport::Job> make_quick(AlignmentContext context, const AlignmentChoice& choice,
                                           const Config& config, const AlignmentMeasured& /*measured*/) {
    const auto offered = context.adjust.capabilities().adjusters;
    const auto turns_bias = std::count_if(offered.begin(), offered.end(), [](const transport::AdjusterOffer& each) {
        return each.adjuster == Adjuster::Bias && each.track < kTracks;
    });
    const tape::Overbias* overbias = static_cast<std::size_t>(turns_bias) >= kTracks && !context.guided
                                         ? choice.stock.overbias_at(config.tape.speed_ips)
                                         : nullptr;
    auto procedure = calibration::quick_check(alignment_limits(config.alignment), overbias);
    return calibration::make_alignment_job(std::move(context), std::move(procedure));
}

} // namespace

AlignmentProcedure record_procedure() {
    return {.name = "record",
            .title = "record alignment",
            .does = "bias, record level and HF of both tracks through the tape, until nothing changes",
            .needs = {"a tape to record on", "a reproduce side that is aligned"},
            .sets = {Adjuster::Bias, Adjuster::RecordLevel, Adjuster::RecordHigh},
            .guided = true,
            .automatic = true,
            .records = true,
            .make = make_record};
}

AlignmentProcedure quick_procedure() {
    return {.name = "quick",
            .title = "quick check",
            .does = "reads level, 10 kHz, the tracks' timing and bias before a session; sets nothing",
            .needs = {"a tape to record on"},
            .guided = true,
            .automatic = true,
            .records = true,
            .make = make_quick};
}

} // namespace overbias::controller
