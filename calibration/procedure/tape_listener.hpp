// SPDX-License-Identifier: Apache-2.0
// TapeListener: what comes back from the deck, and the steady tone in any stretch of its last seconds, by deck time.
// The work is done as the frames come, a window at a time, so that a long average costs no more at its end than a short
// one. Thread: the one that reads the tap.
#pragma once

#include "audio/block_engine.hpp"
#include "audio/tape_return.hpp"
#include "base/async/timeline.hpp"

#include <array>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace overbias::calibration {

/// A tone in both channels. Its level is the mean power of short windows (10 ms, or 10 periods), so that flutter, which
/// spreads a tone over neighbouring frequencies, takes nothing from it.
struct StereoTone {
    std::array<double, 2> level_dbfs{}; ///< of a sine, by its peak
    double phase_deg = 0.0;             ///< of the right less the left, -180 to 180; late is negative
};

class TapeListener {
  public:
    /// Drops what waits in the tap from before.
    TapeListener(audio::BlockEngine& engine, audio::FrameTap& tap, double return_rate_hz);

    /// Listens at this frequency from what comes next on.
    void listen(double frequency_hz);
    /// Takes what has come; often enough that the tap does not run over.
    void drain();
    /// Everything captured up to then is here.
    [[nodiscard]] bool heard_until(DeckTime until);
    /// Empty when the stretch was not wholly listened to: not yet, too long ago, or frames were lost in it.
    [[nodiscard]] std::optional<StereoTone> tone(DeckTime from, DeckTime to);
    /// The frames themselves as they come, at the playback's nominal rate, left and right side by side; empty: nobody.
    void on_frames(std::function<void(std::int64_t first_frame, std::span<const std::int32_t>)> taker) {
        taker_ = std::move(taker);
    }
    /// Of the newest of them.
    [[nodiscard]] audio::StreamTimestamp timestamp() { return return_.timestamp(); }
    /// One window from there on; also of what came before listen(), within kFramesKept_s.
    [[nodiscard]] std::optional<StereoTone> moment(DeckTime from);

    static constexpr double kKept_s = 12.0;      ///< so long a stretch can be
    static constexpr double kFramesKept_s = 1.5; ///< and so long ago a moment

  private:
    struct Window {
        std::int64_t first_frame = 0;
        std::array<std::complex<double>, 2> amplitude;
    };
    [[nodiscard]] double frame_at(DeckTime when);
    [[nodiscard]] std::int64_t end_frame() const noexcept {
        return first_frame_ + static_cast<std::int64_t>(channels_[0].size());
    }
    [[nodiscard]] Window window_at(std::int64_t first_frame) const;
    void take_windows();

    audio::BlockEngine& engine_;
    audio::TapeReturn return_;
    double rate_hz_;
    double frequency_hz_ = 1000.0;
    std::int64_t window_frames_ = 0;
    std::array<std::vector<float>, 2> channels_;
    std::int64_t first_frame_ = 0; ///< of the frames that are kept
    std::deque<Window> windows_;   ///< half over each other, without a gap
    std::int64_t next_window_ = 0;
    std::vector<std::int32_t> samples_;
    std::function<void(std::int64_t, std::span<const std::int32_t>)> taker_;
};

} // namespace overbias::calibration
