// SPDX-License-Identifier: Apache-2.0
// What the filtered speed deviation is read by.
//
// QuasiPeakFlutter: the needle of IEC 60386 / DIN 45507. Both ask for a response to pulses, once a second, of the
// peak-to- peak value of a 4 Hz sine that reads 100 %: a pulse of 60 ms reads 90 %, and between pulses of 100 ms the
// reading falls to 40 %. Two followers, for swings up and down, are added and smoothed; each charges by
//   dc/dt = sqrt(p (p - c)) / 56 ms      towards a rectified deviation p above it (so that it gets there in twice that
//   time;
//                                        an exponential charge is either too slow at 60 ms or too high at 100 ms)
//   dc/dt = (p - c) / 0.80 s             towards one below it,
// smoothing 56 ms. Times found by search: 60 ms reads 90.0 %, 100 ms reads 103.0 % and falls to 39.7 %; a steady sine
// from 4 to 100 Hz reads the same within 1.2 %. The reading is half the peak-to-peak value, as in "+-0.1 %".
//
// SwingMemory: the absolute values of the last seconds; two-sigma is the value that 5 % of them exceed (AES6-2008: the
// 95th percentile; 0.99692 of the peak of a sine), root mean square beside it.
//
// Thread: one; no allocation after construction.
#pragma once

#include <cstddef>
#include <vector>

namespace overbias::dsp {

class QuasiPeakFlutter {
  public:
    explicit QuasiPeakFlutter(double rate_hz);
    /// One weighted deviation; the reading in the same unit.
    double rt_process(double deviation) noexcept;
    [[nodiscard]] double reading() const noexcept { return gain_ * reading_; }
    void rt_reset() noexcept { up_ = down_ = reading_ = 0.0; }

  private:
    [[nodiscard]] double follower(double now, double target) const noexcept;
    double charge_, discharge_, smoothing_, gain_ = 1.0;
    double up_ = 0.0, down_ = 0.0, reading_ = 0.0;
};

class SwingMemory {
  public:
    explicit SwingMemory(std::size_t size) : ring_(size, kNothing), sorted_(size) {}
    /// The next value; excluded ones take their place in time but count for nothing.
    void rt_push(float deviation, bool counts) noexcept;
    void rt_reset() noexcept;
    /// Value exceeded by this share of the counted ones, 0 without any. Sorts size() values: not for the audio thread.
    [[nodiscard]] double exceeded_by(double share) noexcept;
    [[nodiscard]] double rms() const noexcept;

  private:
    static constexpr float kNothing = -1.0F;
    std::vector<float> ring_, sorted_;
    std::size_t at_ = 0;
};

} // namespace overbias::dsp
