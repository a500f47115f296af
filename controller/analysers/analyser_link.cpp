// SPDX-License-Identifier: Apache-2.0
#include "controller/analysers/analyser_link.hpp"

#include "base/units.hpp"
#include "controller/analysers/analyser_commands.hpp"
#include "controller/analysers/analyser_parts.hpp"

#include <cmath>
#include <cstddef>

namespace overbias::controller {

namespace {

constexpr double kTapSeconds = 4.0; ///< what comes in while a measurement is made, at many times the clock's speed too
constexpr double kNearPlaySpeed = 0.2;

} // namespace

AnalyserLink::AnalyserLink(const Parts& parts) : parts_(parts) {
    AnalyserWorkerConfig config;
    config.rate_hz = parts.config.audio.capture_sample_rate_hz;
    worker_ = std::make_unique<AnalyserWorker>(
        parts_.engine.add_return_tap(static_cast<std::size_t>(config.rate_hz * kTapSeconds)), config);
}

void AnalyserLink::add_command(CommandRegistry& registry) {
    add_analyser_commands(registry, {.timeline = parts_.timeline,
                                     .worker = *worker_,
                                     .parts = [this] { return turning(); },
                                     .context = [this]() -> AnalysisContext {
                                         return {.operating_level_dbfs =
                                                     parts_.config.audio.levels.capture_dbfs_at_operating_level,
                                                 .card_lost = parts_.supervisor.card_lost(),
                                                 .card_problem = parts_.supervisor.card_problem()};
                                     }});
}

std::vector<TurningPart> AnalyserLink::turning() const {
    const transport::MachineState& state = parts_.transport.state();
    if (state.current != transport::Motion::Playing && state.current != transport::Motion::Recording) {
        return {};
    }
    const double nominal_m_s = metres_per_second(state.play_speed_ips);
    const double by_tach_m_s = std::abs(state.speed_m_s);
    const bool near = std::abs(by_tach_m_s / nominal_m_s - 1.0) < kNearPlaySpeed;
    const DeckMeasurements& measured = parts_.desk.measurements();
    std::optional<TapeOnReels> tape;
    if (measured.geometry()) {
        tape = TapeOnReels{*measured.geometry(), state.position_m};
    }
    return turning_parts(parts_.config.deck.profile, near ? by_tach_m_s : nominal_m_s, tape, measured.reel_report());
}

} // namespace overbias::controller
