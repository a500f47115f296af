// SPDX-License-Identifier: Apache-2.0
// The command loop: with a cable in place of the deck it plays a known signal and finds how many frames later it comes
// back, which is the converters' round trip. The deck is not moved.
#pragma once

#include "audio/block_engine.hpp"
#include "controller/command_registry.hpp"
#include "controller/job_runner.hpp"

#include <functional>
#include <string>

namespace overbias::controller {

struct LoopDesk {
    Timeline& timeline;
    JobRunner& runner;
    audio::BlockEngine& engine;
    audio::FrameTap& played;
    audio::FrameTap& tape_return;
    double return_rate_hz; ///< nominal, of the tape return
    /// Timeline's thread: why it cannot begin now, or empty.
    std::function<std::string()> obstacle;
    /// Just before it begins.
    std::function<void(const std::string& job_id)> starting;
    /// It was found, in frames of the playback.
    std::function<void(double round_trip_frames)> measured;
};

/// The registry keeps a copy of `desk`; what it refers to must outlive it.
void add_loop_command(CommandRegistry& registry, const LoopDesk& desk);

} // namespace overbias::controller
