// SPDX-License-Identifier: Apache-2.0
// The locator: brings the tape to a place by the counter. It steers by time to cue, (distance left - run-on) / speed
// (RTZ STC LocateTask.c steers alike), and learns from every stop how far the tape runs on (stop_model.hpp). A deck
// with keys alone is wound towards the target and stopped so that it comes to rest there; what is left is jogged: the
// same again, shorter, either way. Where the shortest jog of the deck is longer than what is left, the last piece is
// played. A deck whose wind speed can be set is taken down along v^2 = v1^2 + 2 a (left - run-on(v1)) to the speed v1
// from which its brakes are likely to hit; a, what its reel servo can slow down, is learned too (servo_model.hpp). It
// comes to rest before the direction changes and never winds where the brakes might not stop it before the end of the
// tape. Nothing of a deck is known beforehand: a first locate stops early and goes on in more moves. Pure: a step is
// given the tape and answers a key. Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"
#include "transport/servo_model.hpp"
#include "transport/stop_model.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace overbias::transport {

struct LocatorConfig {
    double play_speed_m_s = 0.381;
    double first_deceleration_m_s2 = 1.0; ///< until learned; A80/R: from 8.3 m/s in 3 s = 2.8, so this stops short
    double arrived_m = 0.030;             ///< near enough; 0.10 s of tape at 15 ips are 0.038 m
    double arrived_late_m = 0.038;        ///< and after `patience` moves
    double play_reach_s = 2.0;            ///< forward distances up to this much play time are played, where jogs fail
    double lead_m = 0.15;                 ///< then a target behind is passed by this much, so that it can be played to
    int patience = 6;                     ///< jogs have failed after so many moves
    int most_moves = 16;                  ///< then the locate has failed
    double tape_length_m = 762.0;         ///< never beyond this ...
    double before_zero_m = 0.2;           ///< ... and never further before the zero than this
    /// What the deck's wind speed can be set to (DeckCapabilities); 0: keys alone.
    double slowest_shuttle_m_s = 0.0, fastest_shuttle_m_s = 0.0;
};

/// The tape as the locator sees it.
struct LocatorView {
    DeckTime now{};
    double position_m = 0.0; ///< as last counted ...
    DeckTime counted_at{};   ///< ... and when that was; the zero of time: now
    double velocity_m_s = 0.0;
    bool still = false;
    bool settled = false; ///< still long enough for play
};

enum class LocatorStep { Wait, PressStop, PressPlay, PressFastForward, PressRewind, Shuttle, Arrived, Failed };

/// What it knows of a deck: to be kept over a restart. Plain numbers; what makes no sense is ignored.
struct LocatorMemory {
    std::vector<StopSample> stops;          ///< oldest first
    std::array<double, 2> shortest_jog_m{}; ///< forward, rewind; 0: not known
    double shuttle_deceleration_m_s2 = 0.0; ///< 0: not known, nor is the delay
    double shuttle_delay_s = 0.0;
    [[nodiscard]] bool operator==(const LocatorMemory&) const = default;
};

class Locator {
  public:
    explicit Locator(const LocatorConfig& config);

    /// Replaces whatever was going on; the deck is still, or has been told to stop.
    void begin(double target_m);
    void cancel() noexcept;
    [[nodiscard]] bool active() const noexcept { return phase_ != Phase::Idle; }
    [[nodiscard]] double target_m() const noexcept { return target_m_; }
    /// What to do now. After Arrived or Failed it is idle. A key answered is taken as pressed.
    LocatorStep step(const LocatorView& view);
    /// With Shuttle: the speed to set, signed; within the deck's limits.
    [[nodiscard]] double shuttle_speed_m_s() const noexcept { return shuttle_m_s_; }
    /// When it would be asked again, if that is earlier than the next control tick: a stop key in the middle of it.
    [[nodiscard]] std::optional<DeckTime> look_again_at() const noexcept { return look_again_at_; }
    /// Why it failed.
    [[nodiscard]] const std::string& failure() const noexcept { return failure_; }
    [[nodiscard]] int moves() const noexcept { return moves_; }           ///< begun in this locate
    [[nodiscard]] int overshoots() const noexcept { return overshoots_; } ///< of these came to rest past the target

    [[nodiscard]] LocatorMemory memory() const;
    /// Learns what another locator of this deck had learned.
    void remember(const LocatorMemory& memory);
    /// What it now believes of the brakes.
    [[nodiscard]] RunOn run_on(StopKind kind, double speed_m_s, double place_m) const {
        return stops_.run_on(kind, speed_m_s, place_m);
    }

    static constexpr double kTick_s = 0.005; ///< of the control thread

  private:
    enum class Phase { Idle, Resting, Driving, Braking };
    struct Sample {
        DeckTime at{};
        double position_m = 0.0;
    };
    LocatorStep decide(const LocatorView& view);
    LocatorStep start(const LocatorView& view, StopKind move, double aim_m);
    LocatorStep drive(const LocatorView& view);
    LocatorStep brake(double here_m, double speed_m_s);
    LocatorStep follow_profile(const LocatorView& view, const TapeMotion& motion, double left_m);
    LocatorStep fail(std::string why);
    void take_sample(const LocatorView& view);
    [[nodiscard]] const Sample& back(std::size_t n) const noexcept; ///< 0: the newest
    /// The tape in the direction of the move, now, by the last samples.
    [[nodiscard]] TapeMotion motion(const LocatorView& view) const;
    /// Seconds from the last count until now.
    [[nodiscard]] double since_count_s(const LocatorView& view) const noexcept;
    void learn_stop(const LocatorView& view);
    [[nodiscard]] double plan(const TapeMotion& now, double place_m) const;
    [[nodiscard]] bool shuttles() const noexcept { return config_.fastest_shuttle_m_s > 0.0; }
    [[nodiscard]] double sign() const noexcept { return move_ == StopKind::Rewind ? -1.0 : 1.0; }

    LocatorConfig config_;
    StopModel stops_;
    std::array<double, 2> shortest_jog_m_{};
    ServoModel servo_;
    double key_misses_ = 0.0; ///< share of the short moves by key that missed
    double correction_s_;     ///< what a miss costs
    Phase phase_ = Phase::Idle;
    double target_m_ = 0.0;
    double aim_m_ = 0.0; ///< where this move shall come to rest
    StopKind move_ = StopKind::Forward;
    int moves_ = 0, overshoots_ = 0;
    bool passes_ = false; ///< this move is meant to pass the target, which is then played to
    double from_m_ = 0.0; ///< where this move began
    DeckTime started_{};
    bool correction_ = false; ///< a short move after the first
    bool moving_ = false;
    std::array<Sample, 32> samples_{}; ///< newest at (next_ - 1)
    std::size_t count_ = 0, next_ = 0;
    double brake_from_m_ = 0.0, brake_speed_m_s_ = 0.0;
    bool shortest_possible_ = false; ///< this move was stopped as soon as it was seen to move
    // shuttle
    double shuttle_m_s_ = 0.0;
    std::optional<double> enter_m_s_; ///< the stop key is to be pressed at this speed; planned near the target
    std::optional<DeckTime> look_again_at_;
    std::string failure_;
};

} // namespace overbias::transport
