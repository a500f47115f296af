// SPDX-License-Identifier: Apache-2.0
// What the command `analysis` answers (docs/api.md): every figure with its unit, standard, weighting, detector and
// averaging time; what does not apply is null. Pure.
#pragma once

#include "controller/analysers/analyser_worker.hpp"

#include <boost/json/object.hpp>
#include <string>

namespace overbias::controller {

struct AnalysisContext {
    double operating_level_dbfs = -14.0; ///< peak of the sine at operating level in the tape return
    bool card_lost = false;
    std::string card_problem;
};

[[nodiscard]] boost::json::object analysis_json(const Analysis& analysis, const AnalysisContext& context);

} // namespace overbias::controller
