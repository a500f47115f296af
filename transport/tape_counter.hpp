// SPDX-License-Identifier: Apache-2.0
// The tape counter: metres of tape past the roller, from tach edges. Pure: fed with readings, keeps no clock.
//   position = edges / edges_per_metre, from the zero;
//   uncertainty = half an edge + slip x metres travelled since the zero (either direction) + what was added by doubts;
//   slip: 0.1 %, the figure Studer states for the A80/R (deploy.doczz.net/doc/5740441);
//   velocity = edges / time between edge time stamps over a short window, so it isn't quantised by the polling.
// A single-phase tach has no direction: the sign is that of the last commanded motion, and a reversal adds the braking
// distance to the uncertainty. Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"
#include "transport/io/tach.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace overbias::transport {

struct TapeCounterConfig {
    double edges_per_metre = 630.0;
    double slip = 0.001;
    double window_s = 0.050;      ///< velocity is averaged over this
    double still_m_s = 0.01;      ///< slower than this is still ...
    double still_least_s = 0.150; ///< ... but never decided in less time than this
};

class TapeCounter {
  public:
    explicit TapeCounter(const TapeCounterConfig& config);

    /// Takes a reading made at `now`.
    void update(DeckTime now, const TachReading& reading);
    /// The direction the deck was last told to move: +1 forward, -1 backward. Matters to a single-phase tach only.
    void commanded_direction(int sign);
    /// Here is 0 m; uncertainty starts afresh.
    void zero();

    [[nodiscard]] double position_m() const noexcept;
    [[nodiscard]] double uncertainty_m() const noexcept;
    [[nodiscard]] double velocity_m_s() const noexcept { return velocity_m_s_; } ///< signed
    /// The roller has moved at most one edge for the still time. False until the first still time is over.
    [[nodiscard]] bool still() const noexcept { return still_; }
    /// Since when `still()` holds.
    [[nodiscard]] DeckTime still_since() const noexcept { return still_since_; }
    [[nodiscard]] DeckDuration still_time() const noexcept { return still_time_; }
    /// Gaps in the tach's sequence numbers since the zero.
    [[nodiscard]] std::uint64_t lost() const noexcept { return lost_; }

  private:
    struct Sample {
        std::int64_t edges = 0;
        DeckTime at{};
    };
    void take_edges(std::int64_t delta, DeckTime at);
    void estimate_velocity(DeckTime now);

    TapeCounterConfig config_;
    DeckDuration still_time_;
    bool started_ = false;
    TachReading last_;
    int sign_ = 1;
    std::int64_t edges_ = 0; ///< signed, since start
    std::int64_t zero_edges_ = 0;
    double travelled_edges_ = 0; ///< both directions, since the zero
    double added_uncertainty_m_ = 0;
    std::uint64_t lost_ = 0;
    std::array<Sample, 16> samples_{}; ///< readings with new edges, newest last (ring)
    std::size_t sample_count_ = 0, sample_next_ = 0;
    double velocity_m_s_ = 0;
    std::int64_t rest_edges_ = 0; ///< where the roller rests, and since when
    DeckTime rest_since_{};
    bool still_ = false;
    DeckTime still_since_{};
};

} // namespace overbias::transport
