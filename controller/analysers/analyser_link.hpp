// SPDX-License-Identifier: Apache-2.0
// The analysers as the installation has them: their tap, and what the machine knows that names what they find. Thread:
// the timeline's.
#pragma once

#include "controller/analysers/analyser_worker.hpp"
#include "controller/command_registry.hpp"
#include "controller/config.hpp"
#include "controller/supervisor.hpp"
#include "controller/transport_desk.hpp"

#include <memory>
#include <vector>

namespace overbias::controller {

class AnalyserLink {
  public:
    struct Parts {
        const Config& config;
        Timeline& timeline;
        audio::BlockEngine& engine;
        transport::Transport& transport;
        const TransportDesk& desk;
        const Supervisor& supervisor;
    };
    /// Before the engine's first turn.
    explicit AnalyserLink(const Parts& parts);
    /// This must outlive the registry's last call.
    void add_command(CommandRegistry& registry);
    /// What turns now; empty unless the tape plays.
    [[nodiscard]] std::vector<TurningPart> turning() const;

  private:
    Parts parts_;
    std::unique_ptr<AnalyserWorker> worker_;
};

} // namespace overbias::controller
