// SPDX-License-Identifier: Apache-2.0
// Where the delay of the frames changes, the stretch around is looked at once more in windows of 11 ms, each 5 ms: the
// place of a change of speed or azimuth is read off that. Nothing is done where nothing changes, and no more than so
// many stretches a minute where everything does (wow); the ones with the largest changes are kept.
#pragma once

#include "dsp/analysis/delay_estimator.hpp"
#include "dsp/analysis/fft_of_four.hpp"
#include "mastering/comparison/change_point.hpp"
#include "mastering/comparison/delay_track.hpp"
#include "mastering/comparison/frame_ring.hpp"

#include <array>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace overbias::mastering {

class DelayCloseUp {
  public:
    DelayCloseUp(double rate_hz, std::size_t frame_size);

    static constexpr std::size_t kSteps = 240; ///< of a stretch, 1.2 s
    struct Stretch {
        std::int64_t first_frame = 0;                       ///< of the reference: middle of the first window
        double strength = 0.0;                              ///< of the change, in units of what makes it worth a look
        std::array<std::array<float, kSteps>, 2> delay_s{}; ///< against the clocks; NaN: not found
    };
    /// What a window weighs and how far it goes on.
    [[nodiscard]] double step_s() const noexcept { return static_cast<double>(step_) / rate_hz_; }
    [[nodiscard]] double window_s() const noexcept { return static_cast<double>(size_) / rate_hz_; }

    void begin();
    struct Rings {
        const FrameRing& sent;
        const FrameRing& came;
    };
    /// After a frame's delay is tracked.
    void add(std::int64_t frame, const DelayTrack& delay, const ClockMap& clocks, const Rings& rings);
    [[nodiscard]] const std::vector<Stretch>& stretches() const noexcept { return stretches_; }

  private:
    struct Seen {
        std::int64_t frame = 0; ///< its middle
        std::array<double, 2> lag{};
        std::array<bool, 2> sure{};
    };
    static constexpr std::size_t kSeen = 24;
    [[nodiscard]] const Seen& seen(std::size_t back) const noexcept { return seen_[(count_ - 1 - back) % kSeen]; }
    [[nodiscard]] double strength_now() const noexcept;
    void look(std::int64_t end_frame, double strength, const ClockMap& clocks, const Rings& rings);
    [[nodiscard]] std::array<double, 2> lag_at(std::int64_t frame) const noexcept;

    double rate_hz_;
    std::int64_t frame_size_;
    std::size_t size_, step_;
    dsp::FftOfFour fft_;
    dsp::DelayEstimator estimator_;
    std::vector<float> window_, sent_, came_;
    std::array<std::vector<std::complex<float>>, 4> bins_;
    std::array<Seen, kSeen> seen_{};
    std::size_t count_ = 0;
    int wait_ = 0, rest_ = 0; ///< frames until a stretch is looked at, and until the next may be
    double strongest_ = 0.0;
    double allowed_ = 0.0; ///< stretches that may be looked at by now
    std::vector<Stretch> stretches_;
};

} // namespace overbias::mastering
