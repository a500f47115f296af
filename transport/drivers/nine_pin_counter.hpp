// SPDX-License-Identifier: Apache-2.0
// The counter of a 9-pin deck as a tach: frames, asked for once a frame, as a running count. Pure: keeps no clock.
// Thread: the timeline's.
#pragma once

#include "transport/io/tach.hpp"

#include <cstdint>

namespace overbias::transport {

class NinePinCounter {
  public:
    /// `fastest_m_s`: faster than the tape ever moves.
    NinePinCounter(int frames_per_s, double frames_per_metre, double fastest_m_s);

    /// The deck told this time of day, in frames; before zero it counts down from 24 hours.
    void take(std::int64_t day_frames, DeckTime at);
    /// For a while nobody has listened: what became of the counter meanwhile is not known.
    void gap() noexcept;
    /// `last_edge` is when the answer came that showed a new frame.
    [[nodiscard]] const TachReading& reading() const noexcept { return reading_; }
    /// What the deck told last; 0 before.
    [[nodiscard]] std::int64_t day_frames() const noexcept { return last_; }
    [[nodiscard]] bool started() const noexcept { return started_; }

  private:
    std::int64_t day_;        ///< frames of 24 hours
    double fastest_frames_s_; ///< frames a second
    bool started_ = false;
    bool after_gap_ = false;
    std::int64_t last_ = 0;
    DeckTime at_{};
    TachReading reading_;
};

} // namespace overbias::transport
