// SPDX-License-Identifier: Apache-2.0
// RateServo: hands frames of one crystal to a queue that another one empties, as many as it takes: the frames are read
// at 1 + e of their rate (dsp/listening/sinc_reader.hpp), e from how full the queue is, smoothed over two seconds,
// against how full it shall be. e = (fill - wanted) / rate / 10 s, at most 1000 ppm: two crystals 100 ppm apart leave
// the queue a millisecond off.
// Thread: one; allocates in the constructor only.
#pragma once

#include "dsp/listening/sinc_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace overbias::dsp {

class RateServo {
  public:
    RateServo(double rate_hz, std::size_t most_frames);

    /// Interleaved; `fill_frames`: in the queue now, before what comes out of this. Returns how many frames it wrote to
    /// `out`, which has room for those and three more.
    std::size_t process(std::span<const float> interleaved, double fill_frames, double wanted_frames,
                        std::span<float> out) noexcept;
    /// What comes next does not follow what was.
    void restart() noexcept;
    [[nodiscard]] double ppm() const noexcept { return 1e6 * e_; }

  private:
    double rate_hz_;
    SincReader frames_;
    std::int64_t pushed_ = 0, read_ = 0;
    double fraction_ = 0.0;
    double smooth_ = 0.0, e_ = 0.0;
    bool begun_ = false;
};

} // namespace overbias::dsp
