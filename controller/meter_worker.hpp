// SPDX-License-Identifier: Apache-2.0
// MeterWorker: the thread between two taps of the engine and whoever looks at the meters. Every 1/30 s of host time it
// takes what came in, passes it through dsp's StereoMeters, one for each tap, and publishes one frame with the highest
// since the last. When nothing came in it publishes nothing, so that a panel sees that its meters are stale. It works
// the same in simulated time: the engine's turn fills the taps.
//
// Threads: the worker's own; anchor() on one other (the timeline's); restart_loudness() and read() on any.
#pragma once

#include "audio/block_engine.hpp"
#include "base/latest_value.hpp"
#include "controller/meter_readers.hpp"
#include "web-ui/server/meter_frame.hpp"
#include "web-ui/server/picture_frame.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace overbias::controller {

struct MeterWorkerConfig {
    double played_rate_hz = 48000;
    double return_rate_hz = 48000;
    /// Peak amplitude (full scale 1) of the sine at operating level, that is 0 VU: on the way to the deck and back.
    double played_reference = 0.1;
    double return_reference = 0.1;
    std::chrono::nanoseconds interval = std::chrono::nanoseconds(33'333'333);
};

/// Who looks at pictures, and where they go; both called on the worker's thread.
struct MeterPictures {
    std::function<bool(web_ui::PictureSource)> wanted;
    std::function<void(const web_ui::PictureFrame&)> publish;
};

class MeterWorker {
  public:
    /// Both taps are this worker's alone (BlockEngine::add_played_tap, add_return_tap; a quarter of a second of frames
    /// is plenty) and must outlive it. `publish` is called on the worker's thread. Throws std::invalid_argument for a
    /// rate, reference or interval that is not above 0.
    MeterWorker(audio::FrameTap& played, audio::FrameTap& tape_return, MeterWorkerConfig config,
                std::function<void(const web_ui::MeterFrame&)> publish, MeterPictures pictures = {});
    ~MeterWorker();
    MeterWorker(const MeterWorker&) = delete;
    MeterWorker& operator=(const MeterWorker&) = delete;

    /// Which frame of the tape return was at the converter when, for MeterFrame::capture_time_ns; once every turn is
    /// enough. Until the first one frames are counted from deck time 0.
    void anchor(audio::StreamTimestamp timestamp) noexcept { anchor_.rt_publish(timestamp); }

    /// I and LRA begin anew with the samples taken next.
    void restart_loudness() noexcept { restart_.store(true); }
    /// The highest since this reader last asked (meter_readers.hpp).
    [[nodiscard]] std::optional<MeterReaders::Reading> read(const std::string& reader) { return readers_.read(reader); }
    [[nodiscard]] const MeterWorkerConfig& config() const noexcept { return config_; }

  private:
    class Side;
    void run();
    void measure();
    void look_for_viewers();
    void draw(std::uint64_t capture_time_ns);

    MeterWorkerConfig config_;
    std::function<void(const web_ui::MeterFrame&)> publish_;
    MeterPictures pictures_;
    std::chrono::steady_clock::time_point pictures_at_{};
    std::unique_ptr<Side> played_, return_;
    MeterReaders readers_;
    std::atomic<bool> restart_ = false;
    LatestValue<audio::StreamTimestamp> anchor_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool ending_ = false;
    std::thread thread_; ///< last: it starts when the rest is there
};

} // namespace overbias::controller
