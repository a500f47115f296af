// SPDX-License-Identifier: Apache-2.0
// What `overbias measure` says of test tones together: crosstalk, intermodulation, response, MOL. Channels count
// from 1.
#pragma once

#include "calibration/measure/test_tone_figures.hpp"

#include <boost/json/array.hpp>
#include <string>
#include <vector>

namespace overbias::controller {

[[nodiscard]] boost::json::array crosstalk_json(const calibration::TestToneFigures& figures);
[[nodiscard]] boost::json::array intermodulation_json(const calibration::TestToneFigures& figures);
[[nodiscard]] boost::json::array response_json(const calibration::TestToneFigures& figures);
[[nodiscard]] boost::json::array mol_json(const calibration::TestToneFigures& figures);

/// One line of a group of figures: its name, the figure with its unit, how it was taken.
struct FigureLine {
    std::string name, value, how;
};
struct FigureGroup {
    std::string title;
    std::vector<FigureLine> lines;
};
/// Only groups that hold something.
[[nodiscard]] std::vector<FigureGroup> test_tone_groups(const calibration::TestToneFigures& figures);

} // namespace overbias::controller
