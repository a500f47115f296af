// SPDX-License-Identifier: Apache-2.0
#include "calibration/lines/lines_job.hpp"
#include "controller/alignment/alignment_procedures.hpp"

#include <memory>
#include <utility>

namespace overbias::controller {

namespace {

std::unique_ptr<transport::Job> make_lines(calibration::AlignmentContext context, const AlignmentChoice& /*choice*/,
                                           const Config& config, const AlignmentMeasured& measured) {
    using Unit = calibration::LinesSetup::Unit;
    calibration::LinesSetup setup;
    setup.unit = config.alignment.enters_volts ? Unit::Volts : Unit::Dbu;
    setup.vu_meters = config.alignment.vu_meters;
    setup.linearity = true;
    setup.measured = measured.levels;
    setup.round_trip_measured = measured.round_trip;
    return calibration::make_lines_job(std::move(context), std::move(setup));
}

} // namespace

AlignmentProcedure lines_procedure() {
    return {.name = "lines",
            .title = "converters and lines",
            .does = "what the converters' full scale is on the lines, and their round trip; moves no tape",
            .needs = {"a voltmeter", "a cable in place of the deck"},
            .guided = true,
            .make = make_lines};
}

} // namespace overbias::controller
