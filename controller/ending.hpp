// SPDX-License-Identifier: Apache-2.0
// Ending: the daemon's way out. The deck is stopped and the job cancelled; the daemon ends when the tape stands still
// and the job has let go, or when patience is at its end. Thread: control.
#pragma once

#include "base/async/timeline.hpp"
#include "controller/back_ends.hpp"
#include "controller/job_runner.hpp"
#include "transport/transport.hpp"

#include <string>

namespace overbias::controller {

class Ending {
  public:
    Ending(BackEnds& back_ends, transport::Transport& transport, JobRunner& runner);

    /// Stops the deck and cancels the job; once begun, a second call does nothing.
    void begin(const std::string& why);
    [[nodiscard]] bool begun() const noexcept { return begun_; }
    /// Of every control tick: ends the back ends' run when it is time.
    void tick();
    /// The tape stands still, as far as can be told, the deck is out of record and no contact is closed.
    [[nodiscard]] bool at_rest() const;

  private:
    BackEnds& back_ends_;
    Timeline& timeline_;
    transport::Transport& transport_;
    JobRunner& runner_;
    bool begun_ = false;
    DeckTime until_{};
};

} // namespace overbias::controller
