// SPDX-License-Identifier: Apache-2.0
// The panel as the installation has it: its door, and the meters that feed it from two taps of the engine.
#pragma once

#include "audio/block_engine.hpp"
#include "controller/config.hpp"
#include "controller/job_runner.hpp"
#include "controller/meter_worker.hpp"
#include "controller/panel_door.hpp"
#include "transport/job.hpp"

#include <memory>
#include <string>

namespace overbias::controller {

class PanelLink {
  public:
    /// Before the engine's first turn. Listens at once: at the configured port, with --simulate at the next free one
    /// when that is taken (and says so in the journal). Throws std::runtime_error.
    PanelLink(const Config& config, audio::BlockEngine& engine, const PanelDoor::Hooks& hooks);

    [[nodiscard]] PanelDoor& door() noexcept { return *door_; }
    /// Every tick. Integrated loudness and its range begin anew with a print ...
    void tick(audio::StreamTimestamp returned, const JobRunner& runner);
    /// ... and with its first track, so that the slate does not count.
    void job_event(const transport::JobEvent& event);
    [[nodiscard]] MeterWorker& meters() noexcept { return *meters_; }

  private:
    std::unique_ptr<PanelDoor> door_;
    std::string print_; ///< the job that prints; empty: none
    bool in_programme_ = false;
    std::unique_ptr<MeterWorker> meters_; ///< last: it publishes to the door
};

/// What is printed when the daemon is ready: the address that pairs a browser, and on a board without a screen how to
/// reach it from another computer.
[[nodiscard]] std::string panel_words(const std::string& pairing_address, const PanelConfig& config,
                                      std::uint16_t port);

} // namespace overbias::controller
