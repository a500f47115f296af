// SPDX-License-Identifier: Apache-2.0
// The command audio_dump: what the tape return brings, as a 32-bit WAV file, bit for bit as it was captured, with the
// number of its first frame. For support and tests. It has a tap and a thread of its own: a slow disk stalls only this.
#pragma once

#include "audio/block_engine.hpp"
#include "controller/command_registry.hpp"

#include <atomic>
#include <filesystem>
#include <memory>

namespace overbias {
class Timeline;
}

namespace overbias::controller {

class Worker;

class AudioDump {
  public:
    /// Before the engine's first turn. `folder`: files are written in there and nowhere else.
    AudioDump(audio::BlockEngine& engine, double return_rate_hz, std::filesystem::path folder, Timeline& timeline);
    /// Ends a dump that runs.
    ~AudioDump();
    AudioDump(const AudioDump&) = delete;
    AudioDump& operator=(const AudioDump&) = delete;

    void add_command(CommandRegistry& registry);

  private:
    struct Wanted {
        std::filesystem::path file;
        std::int64_t frames = 0;
    };
    void dump(const boost::json::object& given, const Answer& answer);
    [[nodiscard]] Reply write(const Wanted& wanted);

    audio::FrameTap& tap_;
    double rate_hz_;
    std::filesystem::path folder_;
    Timeline& timeline_;
    std::atomic<bool> busy_{false}, ending_{false};
    std::unique_ptr<Worker> worker_; ///< last: the first to go
};

} // namespace overbias::controller
