// SPDX-License-Identifier: Apache-2.0
#include "calibration/reproduce/reproduce_job.hpp"
#include "controller/alignment/alignment_procedures.hpp"

#include <memory>
#include <utility>

namespace overbias::controller {

using transport::Adjuster;

namespace {

std::unique_ptr<transport::Job> make_reproduce(calibration::AlignmentContext context, const AlignmentChoice& choice,
                                               const Config& config, const AlignmentMeasured& /*measured*/) {
    calibration::ReproduceSetup setup;
    setup.tapes = choice.tapes;
    setup.chosen = choice.chosen;
    setup.limits.azimuth_us = config.alignment.timing_us;
    setup.limits.level_db = config.alignment.level_db;
    setup.limits.high_db = config.alignment.high_db;
    setup.limits.low_db = config.alignment.low_db.value_or(setup.limits.low_db);
    setup.limits.source = config.alignment.limits_source;
    setup.today = choice.today;
    return calibration::make_reproduce_job(std::move(context), std::move(setup));
}

} // namespace

AlignmentProcedure reproduce_procedure() {
    return {.name = "reproduce",
            .title = "reproduce alignment",
            .does = "azimuth, level, HF and LF of the reproduce side, from a calibration tape; never records",
            .needs = {"a calibration tape"},
            .sets = {Adjuster::ReproduceLevel, Adjuster::ReproduceHigh, Adjuster::ReproduceLow},
            .guided = true,
            .automatic = true,
            .plays_calibration_tape = true,
            .make = make_reproduce};
}

} // namespace overbias::controller
