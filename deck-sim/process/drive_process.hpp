// SPDX-License-Identifier: Apache-2.0
// DriveProcess: the machine with three motors as a process: its solenoid board and tape roller on a GPIO chip, its
// motor controllers behind a serial link, its sound card in shared memory, and a control socket. It has no logic: what
// the lines and the controllers were told last holds, until a controller's timeout or the heartbeat relay ends it.
// Thread: the timeline's.
#pragma once

#include "base/async/steady_timeline.hpp"
#include "deck-sim/process/deck_process.hpp"

#include <memory>

namespace overbias::deck_sim {

class DriveProcess {
  public:
    /// Opens every socket and writes every file. Of the configuration what belongs to a deck's logic is not used.
    /// Throws with the reason.
    DriveProcess(SteadyTimeline& timeline, DeckProcessConfig config);
    ~DriveProcess();
    DriveProcess(const DriveProcess&) = delete;
    DriveProcess& operator=(const DriveProcess&) = delete;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::deck_sim
