// SPDX-License-Identifier: Apache-2.0
// What status, health and metrics say of the installation beside the machine: card, logbook, safety.
#pragma once

#include "audio/block_engine.hpp"
#include "controller/config.hpp"
#include "controller/identity.hpp"
#include "controller/supervisor.hpp"
#include "logbook/logbook.hpp"

#include <boost/json/fwd.hpp>
#include <string>

namespace overbias::controller {

struct StatusParts {
    const Config& config;
    const Identity& identity;
    BackEnds& back_ends;
    const audio::BlockEngine& engine;
    const Supervisor& supervisor;
    const logbook::Logbook& logbook;
};

/// Adds deck, audio, logbook, safety, deck time and version. Thread: the timeline's.
void add_status(boost::json::object& status, const StatusParts& parts, const std::string& session);

/// {"status": "ok" | "degraded", "problem"}: any thread.
[[nodiscard]] std::string health_json(const StatusParts& parts);
/// Prometheus text, version 0.0.4: any thread.
[[nodiscard]] std::string metrics_text(const StatusParts& parts);

} // namespace overbias::controller
