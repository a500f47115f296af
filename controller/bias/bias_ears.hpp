// SPDX-License-Identifier: Apache-2.0
// BiasEars: the bias monitor's own ring of capture channels, and what its listener reads from them. On a real card it
// has a thread of its own; on simulated deck time the timeline drains it, as it turns the engine there, so that nothing
// depends on how fast the host is. A gap in the stream (the ring ran over, the card came back) is handed on as one:
// nothing half heard is taken for a reading.
//
// Threads: drain() on one, and never the audio thread; with start() on a thread of its own, and take() on another.
#pragma once

#include "audio/block_engine.hpp"
#include "calibration/bias/bias_listener.hpp"
#include "tape/bias_source.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace overbias::controller {

struct BiasHeard {
    bool gap = false;                 ///< samples were lost before `frame`; `reading` is none
    calibration::BiasReading reading; ///< its until_frame counts what was taken, not the stream
    std::int64_t frame = 0;           ///< of the capture stream, when the reading was whole
};

class BiasEars {
  public:
    /// The capture channels that are listened to, by their numbers from 0; empty: none is.
    [[nodiscard]] static std::vector<std::size_t> channels(const std::vector<tape::BiasSource>& sources);

    /// `tap`: of these channels, in this order, and this reader's alone. Throws std::invalid_argument for a source that
    /// can't be heard at this rate, with the reason and what to do.
    BiasEars(audio::FrameTap& tap, const std::vector<tape::BiasSource>& sources, double rate_hz);
    ~BiasEars();
    BiasEars(const BiasEars&) = delete;
    BiasEars& operator=(const BiasEars&) = delete;

    /// From now on its own thread drains the ring.
    void start(std::chrono::milliseconds interval = std::chrono::milliseconds(50));
    /// Takes what has come into the ring.
    void drain();
    /// What was heard since the last call, in order.
    [[nodiscard]] std::vector<BiasHeard> take();
    [[nodiscard]] std::uint64_t lost_frames() const noexcept { return tap_.dropped_frames(); }

  private:
    void run(std::chrono::milliseconds interval);

    audio::FrameTap& tap_;
    calibration::BiasListener listener_;
    std::vector<std::int32_t> frames_;
    std::vector<float> samples_;
    std::vector<calibration::BiasReading> readings_;
    std::int64_t next_frame_ = -1; ///< that follows without a gap; -1: none was taken yet
    std::uint64_t taken_ = 0;      ///< frames

    std::mutex mutex_;
    std::condition_variable changed_;
    bool ending_ = false;
    std::vector<BiasHeard> heard_;
    std::thread thread_; ///< last: it starts when the rest is there
};

} // namespace overbias::controller
