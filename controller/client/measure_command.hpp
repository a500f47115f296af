// SPDX-License-Identifier: Apache-2.0
// `overbias measure FILE`: everything the meters and analysers can say about a sound file. Needs no daemon.
#pragma once

#include "calibration/measure/file_measurement.hpp"

#include <boost/json/object.hpp>
#include <string>

namespace overbias::controller {

/// One object; what does not apply is null. Every group states its standards in "method".
[[nodiscard]] boost::json::object measurement_json(const calibration::FileMeasurement& measured,
                                                   const std::string& file);
/// The same in words, one figure a line, with the standard beside it.
[[nodiscard]] std::string measurement_text(const calibration::FileMeasurement& measured, const std::string& file);

/// Prints the one or the other; progress on a terminal. The exit status. Throws UnusableArgument (print_command.hpp).
[[nodiscard]] int run_measure(const std::string& file, bool json);

} // namespace overbias::controller
