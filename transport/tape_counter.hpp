// SPDX-License-Identifier: Apache-2.0
// The tape counter: metres of tape past the roller, from tach edges, or from the steps of a deck's own counter. Pure:
// fed with readings, keeps no clock. It counts metres, so a change of play speed does not move the place.
//   position = place it was last set to + edges since / edges_per_metre;
//   uncertainty = that of the setting + slip x metres travelled since, either way + one edge for every reversal + what
//                 was added by doubts;
//   slip: 0.1 %, the figure Studer states for the A80/R (deploy.doczz.net/doc/5740441); measured by slip_test.hpp;
//   velocity = edges / time between edge time stamps over a short window, so it isn't quantised by the polling.
// A single-phase tach has no direction: the sign is that of the last commanded motion, and a reversal adds the braking
// distance to the uncertainty.
//
// A deck's own counter can be set by anybody at the deck. A step that no tape could have made (no faster than it went
// in the last second, with no more acceleration than kAcceleration_m_s2 for as long as a link may be silent) is taken
// for that: the place stays, lost() grows, and the uncertainty grows by the whole step, since the tape may have run
// that far while nobody counted. Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"
#include "transport/io/tach.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace overbias::transport {

struct TapeCounterConfig {
    double edges_per_metre = 630.0;
    double slip = 0.001;
    double window_s = 0.050;      ///< velocity is averaged over this
    double still_m_s = 0.01;      ///< slower than this is still ...
    double still_least_s = 0.150; ///< ... but never decided in less time than this
    double late_s = 0.010;        ///< an edge may be this late in a reading
    bool deck_counter = false;    ///< the deck's own counter, which somebody may set
    double known_edges = 0.5;     ///< how well a place is known when it has just been set

    /// For a deck's own counter of so many steps a metre, read over a serial link once a video frame (33 to 42 ms) or
    /// so. 25 steps a second at 15 ips are 65.6 a metre. It shows whole steps: what it showed where the place was set
    /// and what it shows now are each up to a step behind the tape, so a place is known to one step.
    [[nodiscard]] static TapeCounterConfig of_deck_counter(double steps_per_metre);
};

class TapeCounter {
  public:
    /// Throws std::invalid_argument when edges_per_metre is not above 0 or slip is not from 0 to below 1.
    explicit TapeCounter(const TapeCounterConfig& config);

    /// Takes a reading made at `now`.
    void update(DeckTime now, const TachReading& reading);
    /// The direction the deck was last told to move: +1 forward, -1 backward. Matters to a single-phase tach only.
    void commanded_direction(int sign);
    /// What the deck itself says of the tape's being still (Tallies::still), from now on; none: it does not say. A
    /// coarse counter needs long to show it; the word shortens that to still_least_s, and false overrules the count.
    void deck_says_still(std::optional<bool> word) noexcept { still_word_ = word; }

    // Where the tape is. Each but offset() makes the losses counted so far forgotten and uncertainty start afresh.
    void zero() { preset(0.0); } ///< here is 0 m
    void preset(double position_m);
    /// The tape itself has told that here is this place, so and so well.
    void correct(double position_m, double uncertainty_m);
    /// Taken over from before a restart; whether it may be believed is the machine's matter.
    void start_at(double position_m, double uncertainty_m) { correct(position_m, uncertainty_m); }
    /// Shifts the scale: every place is called this much more. Knows no more than before.
    void offset(double by_m) noexcept { set_m_ += by_m; }

    [[nodiscard]] double position_m() const noexcept;
    /// Between two edges, by the speed; never further than to the next edge. `now` not before the last update.
    [[nodiscard]] double fine_position_m(DeckTime now) const noexcept;
    /// When position_m() was exact: the time stamp of the last edge; the zero of time before the first.
    [[nodiscard]] DeckTime counted_at() const noexcept {
        return sample_count_ > 0 ? samples_[(sample_next_ + samples_.size() - 1) % samples_.size()].at : DeckTime{};
    }
    [[nodiscard]] double uncertainty_m() const noexcept;
    [[nodiscard]] double velocity_m_s() const noexcept { return velocity_m_s_; } ///< signed
    /// Signed; the speed that the last two intervals between counts prove at least (each one edge less than it
    /// counted; the larger of the two, since the last may have been cut short): newer than velocity_m_s(), which is a
    /// mean over the window.
    [[nodiscard]] double newest_m_s() const noexcept;
    /// The roller has moved at most one edge for the still time. False until the first still time is over.
    [[nodiscard]] bool still() const noexcept { return still_; }
    /// Since when `still()` holds.
    [[nodiscard]] DeckTime still_since() const noexcept { return still_since_; }
    [[nodiscard]] DeckDuration still_time() const noexcept;
    /// Gaps in the tach's sequence numbers, and jumps of a deck's own counter, since the place was last set.
    [[nodiscard]] std::uint64_t lost() const noexcept { return lost_; }
    /// Of these, the jumps: the deck's own counter was set by somebody, or ran on unread.
    [[nodiscard]] std::uint64_t jumps() const noexcept { return jumps_; }
    /// Metres moved either way, and turns from one direction to the other, since the place was last set.
    [[nodiscard]] double travelled_m() const noexcept { return travelled_edges_ / config_.edges_per_metre; }
    [[nodiscard]] std::uint64_t reversals() const noexcept { return reversals_; }

    /// More than any deck gives its tape: 8.3 m/s in 3 s (A80/R) are 2.8.
    static constexpr double kAcceleration_m_s2 = 10.0;

  private:
    struct Sample {
        std::int64_t edges = 0;
        DeckTime at{};
    };
    void take_edges(std::int64_t delta, DeckTime at);
    void note_reversal();
    /// The n-th newest.
    [[nodiscard]] const Sample& back(std::size_t n) const noexcept {
        return samples_[(sample_next_ + 2 * samples_.size() - 1 - n) % samples_.size()];
    }
    [[nodiscard]] bool impossible(std::int64_t delta, double since_s) const noexcept;
    void estimate_velocity(DeckTime now);
    void judge_still(DeckTime now, const TachReading& reading);

    TapeCounterConfig config_;
    DeckDuration still_time_;
    bool started_ = false;
    TachReading last_;
    DeckTime updated_{};
    int sign_ = 1;
    std::int64_t edges_ = 0; ///< signed, since start
    // where the place was set, and what has happened since
    std::int64_t set_edges_ = 0;
    double set_m_ = 0, set_uncertainty_m_;
    double travelled_edges_ = 0; ///< both directions
    double added_uncertainty_m_ = 0;
    std::uint64_t lost_ = 0, jumps_ = 0, reversals_ = 0;
    int heading_ = 0;                  ///< direction of the last motion of more than one edge ...
    std::int64_t furthest_edges_ = 0;  ///< ... and how far it went
    std::array<Sample, 16> samples_{}; ///< readings with new edges, newest last (ring)
    std::size_t sample_count_ = 0, sample_next_ = 0;
    double velocity_m_s_ = 0;
    double top_speed_m_s_ = 0; ///< in the last second or so
    DeckTime top_speed_at_{};
    std::int64_t rest_edges_ = 0; ///< where the roller rests, and since when
    DeckTime rest_since_{};
    std::optional<bool> still_word_;
    bool still_ = false;
    DeckTime still_since_{};
};

} // namespace overbias::transport
