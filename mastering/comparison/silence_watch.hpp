// SPDX-License-Identifier: Apache-2.0
// What comes back while nothing is sent: tape noise is expected, anything well above it was not erased or gets in from
// elsewhere.
#pragma once

#include "mastering/comparison/frame_analyser.hpp"

#include <array>
#include <cstdint>

namespace overbias::mastering {

class SilenceWatch {
  public:
    struct Worst {
        double over_noise_db = 0.0;
        std::size_t band = 0;
        std::int64_t frame = 0;
    };
    void begin() { *this = SilenceWatch{}; }
    void add(std::int64_t frame, const FrameFigures& figures, const std::array<BandPowers, 2>& noise,
             std::array<double, 2> gain) noexcept;
    [[nodiscard]] const Worst& worst(int channel) const noexcept { return worst_[static_cast<std::size_t>(channel)]; }

  private:
    int silent_frames_ = 0;
    std::array<BandPowers, 2> smoothed_{};
    std::array<Worst, 2> worst_{};
};

} // namespace overbias::mastering
