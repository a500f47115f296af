// SPDX-License-Identifier: Apache-2.0
// TachGpio: the tape roller's pulses counted from the GPIO character device's v2 ioctls (linux/gpio.h), not through
// libgpiod: version 1.6 of it speaks v1, which has 16 places and no sequence numbers, so lost edges go unseen. Here the
// kernel keeps 1024, and a gap in the sequence numbers is counted as lost: the position is doubtful from there on.
//
// A thread of its own (FIFO 65 where permitted) reads the edges, since up to 8000 a second may come; read() takes what
// it has counted. Thread: construction and read() on the timeline's.
#pragma once

#include "base/async/steady_timeline.hpp"
#include "transport/io/tach.hpp"
#include "transport/io/tach_decoder.hpp"

#include <memory>
#include <string>

namespace overbias::transport {

struct TachGpioConfig {
    std::string chip; ///< as GpioLinesConfig::chip
    /// Single: one phase, `a`, both edges; the direction is inferred by whoever reads. Quadrature: `a` leads `b` in
    /// play, four edges a cycle. PulseDirection: `a` pulses (rising edges), `b` active = forward.
    using Kind = TachKind;
    Kind kind = Kind::Quadrature;
    std::string line_a, line_b; ///< kernel names; Single has no `b`
    bool active_low = false;
    bool reversed = false; ///< wired the other way round
    std::string consumer = "overbias tach";
};

class TachGpio final : public Tach {
  public:
    /// Throws std::runtime_error naming the line that could not be had and why.
    TachGpio(const SteadyTimeline& timeline, const TachGpioConfig& config);
    ~TachGpio() override;
    [[nodiscard]] TachReading read() override;
    /// The chip is gone or the kernel refused: what happened, else empty. The count stands still from then on.
    [[nodiscard]] std::string lost() const;
    /// The counting thread runs at FIFO priority.
    [[nodiscard]] bool real_time() const noexcept;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::transport
