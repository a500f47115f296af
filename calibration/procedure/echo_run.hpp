// SPDX-License-Identifier: Apache-2.0
// EchoRun: plays the loop's noise (audio/loop_delay.hpp) through the engine's queue, once or several times without a
// pause, and finds of each second how much later it came back: through a cable, that is the converters' round trip;
// through a deck that records, the heads' delay more.
//
// It does not wait: turn() is called every 10 ms or so by whoever owns the deck, with what was captured handed to
// take(). The queue is stopped however it ends. Thread: one, that of the engine's owner; allocates.
#pragma once

#include "audio/block_engine.hpp"
#include "audio/loop_delay.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace overbias::calibration {

struct EchoPlan {
    double level_dbfs = -20.0;              ///< rms re a full-scale sine
    int seconds = 1;                        ///< so often the second of noise is played
    double latest_s = audio::kLoopLatest_s; ///< it is looked for no later than this after it was sent
};

class EchoRun {
  public:
    EchoRun(audio::BlockEngine& engine, const EchoPlan& plan);
    EchoRun(const EchoRun&) = delete;
    EchoRun& operator=(const EchoRun&) = delete;
    ~EchoRun();

    /// Frames of the tape return at the playback's nominal rate (audio/tape_return.hpp), as they come.
    void take(std::int64_t first_frame, std::span<const std::int32_t> interleaved);
    /// `captured`: the return's newest timestamp.
    void turn(const audio::StreamTimestamp& captured);
    /// Finds one second's delay: some ten milliseconds of work that owns what it needs, for any thread.
    using Work = std::function<Result<audio::LoopMeasurement>()>;
    /// Of the next second, once it has come back whole; the error, here or of the work, says why it can't be measured
    /// (frames were lost, clocks). What is wrong with its wiring stands in LoopMeasurement::problem.
    [[nodiscard]] std::optional<Result<Work>> next_work();
    /// The same, worked off at once.
    [[nodiscard]] std::optional<Result<audio::LoopMeasurement>> next();
    /// Every second was handed out.
    [[nodiscard]] bool done() const noexcept { return measured_ == plan_.seconds; }
    /// Deck time at which its first frame left the converter; empty until it is on its way.
    [[nodiscard]] std::optional<DeckTime> began() const noexcept { return began_; }

    /// Frames of the return a second of deck time, over the run until now: a delay is delay_frames of these.
    [[nodiscard]] double returned_rate_hz() const noexcept;

    /// From the card's start. Until then StreamClock leans on the nominal rate more than on its readings, and is off by
    /// some microseconds: a quarter of a frame at 96 kHz.
    static constexpr double kClocksSettle_s = 5.0;

  private:
    [[nodiscard]] std::uint64_t xruns() const noexcept;

    audio::BlockEngine& engine_;
    EchoPlan plan_;
    double rate_hz_; ///< of the playback; everything is counted in its frames
    std::shared_ptr<const std::vector<std::int32_t>> signal_;
    std::vector<std::int32_t> came_back_;
    std::int64_t came_back_from_ = -1;
    std::size_t queued_ = 0; ///< frames
    bool playing_ = false, lost_ = false;
    std::optional<DeckTime> began_;
    audio::StreamTimestamp played_, captured_; ///< newest
    audio::ClockPoints played_points_, captured_points_;
    int measured_ = 0;
    std::uint64_t xruns_; ///< the engine had counted when it began
};

} // namespace overbias::calibration
