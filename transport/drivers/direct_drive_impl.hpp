// SPDX-License-Identifier: Apache-2.0
// The direct drive's inside: what is wanted (Goal), how far the machine has come (Phase), and the control tick. Parts:
// direct_drive.cpp (keys, lines, tallies), direct_drive_sequence.cpp (phases and torques), direct_drive_watch.cpp (what
// must stop it). Thread: the timeline's.
#pragma once

#include "transport/drivers/direct_drive.hpp"
#include "transport/drivers/direct_drive_motors.hpp"
#include "transport/drivers/direct_drive_reel.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace overbias::transport {

class DirectDrive::Impl {
  public:
    Impl(Timeline& timeline, std::vector<SerialLink*> links, Lines& lines, Tach& tach, const DirectDriveConfig& config,
         const std::function<void(const std::string&)>& report);
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    enum class Goal { Stop, Play, Wind, Shuttle, Edit, Thread };
    enum class Phase {
        Braked,     ///< brakes hold, motors off
        Releasing,  ///< the motors pull, the brakes let go
        Servo,      ///< the reels move the tape, or hold it still
        PinchIn,    ///< the pinch roller closes on a capstan that stands
        Capstan,    ///< the capstan moves the tape
        PinchOut,   ///< it stands again, the pinch roller opens
        FirstBrake, ///< the brake of the reel that fed last acts ...
        LastBrake,  ///< ... and then the other
        Free,       ///< brakes off, little tension: edit, thread
        Frozen,     ///< a link is dead: the torques stay as they are until its controller has timed out
        Halted,     ///< control was lost: brakes at once, whatever moves
    };

    Result<void> want(Goal goal, double speed_m_s = 0.0);
    Result<void> press(Key key);
    Result<void> select_speed(double ips);
    Result<void> defeat_lifters(bool on);
    void make_safe() noexcept;
    [[nodiscard]] Tallies tallies() const { return told_; }
    [[nodiscard]] DeckTime busy_until() const noexcept;
    [[nodiscard]] ReelReading reels() const;
    [[nodiscard]] LinkState link() const { return {problem_.empty(), problem_}; }
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> details() const;

    DeckCapabilities capabilities_;
    std::function<void()> listener_;
    Tach& tach_;

  private:
    // --- lines
    struct Output {
        std::optional<LineId> line;
        bool active = false;
    };
    void find_lines();
    void set(Output& output, bool active);
    void record_off() { set(record_, false); }
    void edge(const LineEdge& edge);
    void tell();
    [[nodiscard]] Tallies show() const;

    // --- the tick
    void tick();
    void observe(double dt_s);
    void advance(double dt_s);
    void enter(Phase phase);
    [[nodiscard]] bool lasted(double time_s) const { return timeline_.now() - since_ >= deck_seconds(time_s); }
    [[nodiscard]] double wanted_speed_m_s() const;
    [[nodiscard]] double play_m_s() const;
    void servo(double dt_s);
    void capstan(double dt_s);
    void apply_brakes(double dt_s);
    void pull(double tension_n, double a_m_s2, double dt_s, double supply_share = 1.0);
    void motors_off();
    void run_capstan(double speed_m_s);
    [[nodiscard]] double rims_m_s() const;
    void set_lifters();
    /// Without arms nothing corrects a torque that was worked out from a wrong radius: the tape is moved slowly until
    /// the radii have been seen.
    [[nodiscard]] bool learning() const {
        return !config_.supply_arm && !(supply_.radius_known() && take_up_.radius_known());
    }

    // --- watch
    void watch(DeckDuration since_last_tick);
    void halt(const std::string& why, Phase phase = Phase::Halted);
    void stay_halted();
    [[nodiscard]] std::string contradiction();
    void watch_tape();

    Timeline& timeline_;
    Lines& lines_;
    const DirectDriveConfig config_;
    DirectDriveMotors motors_;
    DirectDriveReel supply_, take_up_;
    Output brake_supply_, brake_take_up_, pinch_, lifters_, capstan_line_, record_;
    std::optional<LineId> record_tally_, tape_out_line_;

    Goal goal_ = Goal::Stop;
    double goal_m_s_ = 0.0;
    Phase phase_ = Phase::Braked;
    DeckTime since_; ///< of the phase
    SpeedRamp ramp_;
    double push_m_s2_ = 0.0; ///< slow correction of the speed servo: friction
    double speed_ips_;
    bool lifters_defeated_ = false;
    DeckTime lifters_since_;
    int last_way_ = 1; ///< the way the tape went last: that way's feeding reel is braked first

    double tape_m_ = 0.0;
    double roller_m_s_ = 0.0;
    DeckTime roller_moved_;
    DeckTime last_tick_, moved_; ///< when anything was last seen to move
    bool still_ = false, tape_out_ = false;
    std::optional<DeckTime> fallen_since_, risen_since_, contradiction_since_;
    bool heard_ = false; ///< every controller has answered once
    std::string problem_ = "the motor controllers have not answered yet";
    DeckTime problem_at_;
    bool acknowledged_ = true; ///< STOP was given after the problem came
    Tallies told_;
    LinkState told_link_;
    PeriodicTimer timer_; ///< last: it is the first to go

    friend class DirectDrive;
};

} // namespace overbias::transport
