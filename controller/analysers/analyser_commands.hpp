// SPDX-License-Identifier: Apache-2.0
// The command `analysis`: what comes off tape, measured over its newest seconds, for the command line, the panel and
// whoever else asks, once or twice a second.
#pragma once

#include "base/async/timeline.hpp"
#include "controller/analysers/analyser_json.hpp"
#include "controller/analysers/analyser_worker.hpp"
#include "controller/command_registry.hpp"

#include <functional>
#include <vector>

namespace overbias::controller {

struct AnalyserCommands {
    Timeline& timeline; ///< answers are given on its thread
    AnalyserWorker& worker;
    std::function<std::vector<TurningPart>()> parts; ///< what turns now; on the timeline's thread, as context
    std::function<AnalysisContext()> context;
};

/// All of `commands` must outlive the registry's last call.
void add_analyser_commands(CommandRegistry& registry, const AnalyserCommands& commands);

} // namespace overbias::controller
