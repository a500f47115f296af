// SPDX-License-Identifier: Apache-2.0
// The shell around the pure machine: performs its actions on the deck, feeds it events, publishes snapshots. Private to
// transport/.
#pragma once

#include "transport/locator.hpp"
#include "transport/supervision.hpp"
#include "transport/tape_counter.hpp"
#include "transport/transport.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::transport {

class Transport::Impl {
  public:
    Impl(Timeline& timeline, Deck& deck, DeckAdjust& adjust, const TransportConfig& config);
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    CommandResult command(Event event, std::string detail = {}); ///< transport_impl.cpp

    // --- transport_commands.cpp: commands that carry something
    CommandResult hold_arm(std::string why);
    CommandResult release_arm_hold();
    CommandResult locate(double position_m);
    CommandResult shuttle(double speed_m_s);
    CommandResult select_speed(double ips);
    CommandResult set_ready(int track, bool ready);
    CommandResult preset_counter(double position_m);
    CommandResult correct_position(double position_m, double uncertainty_m);
    CommandResult select_monitor(MonitorSelect select);

    const MachineState& snapshot(); ///< transport_watch.cpp

    Timeline& timeline_;
    TransportConfig config_;
    Deck& deck_;
    Notifier changed_;
    std::function<void(const std::string&)> fault_listener_;
    std::function<void(const MachineState&)> transition_listener_;
    Locator locator_;

  private:
    // --- transport_impl.cpp: events through the machine, actions on the deck
    /// One event through the machine: gates, states, actions. Listeners are not called here.
    CommandResult handle_event(Event event, std::string detail);
    void perform(Action action);
    void perform_inside(Action action);
    void press(Press press);
    Result<void> touch(Press press);
    void speed_selected();
    [[nodiscard]] Guards guards(Event event) const;
    [[nodiscard]] bool offered(Event event) const;

    // --- transport_watch.cpp: what the deck tells, the locator, the snapshot
    void look();     ///< reads link, tach and tallies
    void work_off(); ///< asks the supervision and the locator until there is nothing more to do
    void run_locator();
    void press_for_locator(Press press);
    void tick();
    void deck_changed();
    void settle_up(); ///< publishes the snapshot and calls the listeners
    void publish();
    [[nodiscard]] std::string describe(Event event) const;

    DeckAdjust& adjust_;
    TapeCounter counter_;
    Supervision supervision_;
    Timeline::TimerId locator_timer_ = 0; ///< it would be asked again before the next tick
    MachineStates states_;
    DeferredCommand deferred_ = DeferredCommand::None;
    Motion requested_ = Motion::Stopped;
    std::string fault_;
    std::string arm_held_; ///< empty, or why
    /// What a command asks for, until it is accepted.
    struct Asked {
        double locate_m = 0.0;
        double shuttle_m_s = 0.0;
        double speed_ips = 0.0;
        double position_m = 0.0, uncertainty_m = 0.0;
        int track = 0;
        bool ready = false;
        MonitorSelect monitor = MonitorSelect::Repro;
    } asked_;
    double locate_target_m_ = 0.0;
    double shuttle_m_s_ = 0.0;  ///< in force, or waiting until the tape is still
    bool library_wind_ = false; ///< the wind under way
    bool threading_ = false;
    bool link_lost_in_record_ = false; ///< until it is known what the deck does
    std::uint32_t ready_tracks_ = 0;
    std::optional<std::string> monitor_error_;
    LinkState link_;
    std::uint64_t lost_edges_seen_ = 0;
    bool busy_ = false; ///< inside handle_event: a deck that reports at once is looked at afterwards
    bool look_again_ = false;
    std::string event_detail_;
    Event event_ = Event::Stop; ///< the one being performed
    std::vector<std::string> press_errors_;
    std::vector<std::string> tell_; ///< messages for the fault listener, until the machine has done everything
    MachineState state_;
    bool changed_since_published_ = false;
    PeriodicTimer tick_timer_; ///< last: nothing ticks before the rest is there
};

} // namespace overbias::transport
