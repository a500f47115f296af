// SPDX-License-Identifier: Apache-2.0
// ArmHoldKeeper: the transport's arm hold outlives the daemon. While a tape is on the deck that must not be recorded
// on, <state_dir>/arm_hold has the words that say so ("free": nothing is held), and a daemon that starts holds arm with
// them before it serves anybody. The words are there before a procedure asks for such a tape, and gone from the disk
// before anybody is told that arm is free again; a daemon that dies in between asks once too often, never too seldom.
// Thread: the timeline's; the writing is the worker's.
#pragma once

#include "base/async/timeline.hpp"
#include "base/result.hpp"
#include "controller/worker.hpp"
#include "transport/transport.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace overbias::controller {

class ArmHoldKeeper {
  public:
    /// Reads what was left. A file that can't be read holds arm too.
    ArmHoldKeeper(std::filesystem::path state_dir, Timeline& timeline, transport::Transport& transport, Worker& worker);
    ArmHoldKeeper(const ArmHoldKeeper&) = delete;
    ArmHoldKeeper& operator=(const ArmHoldKeeper&) = delete;

    /// Every control tick: sets what was left as soon as the machine takes it.
    void tick();
    /// With every change of state: what the transport holds is kept.
    void look(const transport::MachineState& state);
    /// A tape of that kind may be threaded from now on. `kept` is called when that is on the disk, or with the reason
    /// why it is not.
    void may_come(const std::string& why, std::function<void(Result<void>)> kept);
    /// No procedure runs any more: what is kept is what the transport holds.
    void settle();
    /// The tape was changed: releases arm. `done` is called when that is on the disk, with whether anything was held.
    void release(std::function<void(Result<bool>)> done);
    /// Why arm is held, or is about to be; empty: it is not.
    [[nodiscard]] std::string words() const;

  private:
    void keep(std::string words, std::function<void(Result<void>)> kept);

    std::filesystem::path file_;
    Timeline& timeline_;
    transport::Transport& transport_;
    Worker& worker_;
    std::string left_;      ///< from before the start, not yet set
    std::string kept_;      ///< what was given to the worker last
    bool expected_ = false; ///< a procedure runs that may hold arm
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace overbias::controller
