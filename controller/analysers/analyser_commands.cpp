// SPDX-License-Identifier: Apache-2.0
#include "controller/analysers/analyser_commands.hpp"

#include <boost/json.hpp>
#include <memory>
#include <utility>

namespace overbias::controller {

void add_analyser_commands(CommandRegistry& registry, const AnalyserCommands& commands) {
    registry.add(
        {.name = "analysis",
         .help =
             "what comes off tape: tone, wow and flutter, azimuth, noise, of the newest ten seconds; each figure with "
             "its standard, weighting, detector and averaging time, null where it does not apply",
         .role = Role::Observe,
         .handler = [commands](const boost::json::object&, const Caller&, const Answer& answer) {
             commands.worker.ask(commands.parts(), [commands, answer](std::shared_ptr<const Analysis> analysis) {
                 commands.timeline.post([commands, answer, analysis = std::move(analysis)] {
                     answer(Reply::with(analysis_json(*analysis, commands.context())));
                 });
             });
         }});
}

} // namespace overbias::controller
