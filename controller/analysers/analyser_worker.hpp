// SPDX-License-Identifier: Apache-2.0
// AnalyserWorker: the thread between a tap of the tape return and whoever asks what it is that comes off tape. It
// keeps the last ten seconds always, so that the first question has an answer, and measures only when it is asked, at
// most every 0.4 s: everybody who asks meanwhile is told the same. The wow & flutter meter runs on from the first
// question until nobody has asked for half a minute.
//
// A gap in the stream (the tap ran over, the card was lost) empties the memory, and so do samples that stop coming for
// a second of host time: a last value is never told as a live one. It works the same in simulated time.
//
// Threads: the worker's own, normal priority; ask() on any.
#pragma once

#include "audio/block_engine.hpp"
#include "controller/analysers/analyser_figures.hpp"
#include "controller/analysers/analyser_flutter.hpp"
#include "controller/analysers/analyser_memory.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace overbias::controller {

struct AnalyserWorkerConfig {
    double rate_hz = 48000.0;
    double memory_s = 10.0;
    std::chrono::milliseconds drain_interval{20};   ///< between two looks into the tap
    std::chrono::milliseconds answer_interval{400}; ///< between two measurements
    std::chrono::milliseconds stale_after{1000};
    std::chrono::seconds flutter_rests_after{30};
};

struct Analysis {
    double rate_hz = 0.0, memory_s = 0.0, held_s = 0.0;
    bool stale = false;            ///< nothing came for a second
    std::uint64_t lost_frames = 0; ///< that the tap had no room for, since the daemon began
    std::uint64_t gaps = 0;        ///< in the stream, from whatever cause
    StretchFigures figures;
    std::optional<FlutterFigures> flutter;
    std::vector<TurningPart> parts; ///< what the flutter's lines are named by
};

class AnalyserWorker {
  public:
    using Told = std::function<void(std::shared_ptr<const Analysis>)>;

    /// `tape_return` is this worker's alone (BlockEngine::add_return_tap; a second of frames is plenty) and must
    /// outlive it. Throws std::invalid_argument for a rate or memory that is not above 0.
    AnalyserWorker(audio::FrameTap& tape_return, AnalyserWorkerConfig config);
    ~AnalyserWorker();
    AnalyserWorker(const AnalyserWorker&) = delete;
    AnalyserWorker& operator=(const AnalyserWorker&) = delete;

    /// `told` is called once, on the worker's thread, or never when the worker ends before. `parts`: what turns now.
    void ask(std::vector<TurningPart> parts, Told told);

  private:
    void run();
    void drain();
    void answer();
    [[nodiscard]] std::shared_ptr<const Analysis> measure(std::vector<TurningPart> parts);

    AnalyserWorkerConfig config_;
    audio::FrameTap& tap_;
    AnalyserMemory memory_;
    FlutterFollower flutter_;
    std::vector<std::int32_t> frames_;
    std::vector<float> samples_;
    std::uint64_t gaps_ = 0;
    std::chrono::steady_clock::time_point came_at_{}, asked_at_{}, measured_at_{};
    bool came_ = false;

    std::mutex mutex_;
    std::condition_variable changed_;
    bool ending_ = false;
    std::vector<TurningPart> parts_;
    std::vector<Told> asking_;
    std::thread thread_; ///< last: it starts when the rest is there
};

} // namespace overbias::controller
