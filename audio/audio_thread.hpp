// SPDX-License-Identifier: Apache-2.0
// AudioThread: turns a block engine whenever the card has something to read or to take. It runs at FIFO priority 70
// where that is permitted, with a stack of its own; it never ends by itself: a lost card leaves it idle, beating.
// Thread: start() and stop() on the owner's.
#pragma once

#include "audio/block_engine.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace overbias::audio {

class AudioThread {
  public:
    /// Waits on the audio thread until the card is ready or a while has passed (AlsaPcm::rt_wait).
    using Wait = std::function<bool(std::chrono::milliseconds most)>;

    AudioThread(BlockEngine& engine, Wait rt_wait);
    ~AudioThread();
    AudioThread(const AudioThread&) = delete;
    AudioThread& operator=(const AudioThread&) = delete;

    void start();
    /// Returns when the thread has ended: the engine may be stopped then.
    void stop() noexcept;
    /// Grows with every turn; the supervisor sees by it that the thread lives. Any thread.
    [[nodiscard]] std::uint64_t turns() const noexcept;
    [[nodiscard]] bool real_time() const noexcept; ///< FIFO was permitted

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::audio
