// SPDX-License-Identifier: Apache-2.0
// Transport: the machine (states and interlocks, machine.hpp) joined to a Deck, its tape counter and its locator. This
// is what commands and jobs talk to. It never ignores a command: every one is answered. Thread: the timeline's.
#pragma once

#include "base/async/notifier.hpp"
#include "base/units.hpp"
#include "transport/deck.hpp"
#include "transport/deck_adjust.hpp"
#include "transport/machine.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace overbias::transport {

struct LocatorMemory;

struct CommandResult {
    CommandStatus status = CommandStatus::Accepted;
    std::string reason; ///< for Denied and Deferred: what stands in the way and what to do
    [[nodiscard]] bool denied() const noexcept { return status == CommandStatus::Denied; }
};

/// A snapshot of the machine: what was asked, what is, where the tape is.
struct MachineState {
    Motion requested = Motion::Stopped;
    Motion current = Motion::Stopped;
    RecordArm arm = RecordArm::Safe;
    PositionKnowledge position_knowledge = PositionKnowledge::Doubtful;
    /// The deck has no tallies: `current` is inferred from what was asked and from tach and time. Every surface says
    /// so.
    bool inferred = false;
    bool record_tally = false;
    bool tape_out = false;
    Lifters lifters = Lifters::Normal;
    bool library_wind = false;         ///< the wind under way is the slow, even one
    bool threading = false;            ///< low tension for threading is on
    std::uint32_t ready_tracks = 0;    ///< bit n: track n + 1 is record ready; as set by us
    double play_speed_ips = 0.0;       ///< the speed the deck is switched to
    std::optional<double> locate_to_m; ///< while Locating
    std::string link_problem;          ///< empty, or what is wrong with the serial link
    double position_m = 0.0;           ///< by the counter, from its zero; at the roller
    double position_uncertainty_m = 0.0;
    double speed_m_s = 0.0;     ///< signed, from the tach
    std::string fault;          ///< empty, or what happened and what to do
    std::string arm_held;       ///< empty, or why record can't be armed until release_arm_hold()
    std::uint64_t revision = 0; ///< grows with every change but position and speed
    [[nodiscard]] bool operator==(const MachineState&) const = default;
};

struct TransportConfig {
    double play_speed_ips = 15.0;
    double edges_per_metre = 16.0 / kMetresPerInch; ///< of the tach (deck profile)
    double slip = 0.001;        ///< of the tape roller, share of the travel; measured by position/slip_test.hpp
    bool proof_by_tally = true; ///< profile: the play tally proves play; false: tach within 2 % for 500 ms does
    double settle_after_still_s = 0.8;
    double start_timeout_s = 3.0;  ///< play or wind commanded, and no motion by then = fault
    double still_timeout_s = 60.0; ///< the tape must be still by then after stop
    double tape_length_m = 762.0;  ///< for the locator's limits
    double cue_limit_m_s = 1.2;    ///< lifters may be defeated in motion only below this (slow cue)
    int record_tracks = 2;
    /// Where the counter stood when the daemon ended, and how well that was known: taken over as Doubtful.
    std::optional<double> last_position_m{};
    double last_uncertainty_m = 0.0;
};

class Transport {
  public:
    /// Throws std::invalid_argument, naming the key, when the configuration cannot be driven safely: a deck that
    /// neither tells motion (tach or tallies) nor senses it itself, proof by a tally the deck does not have, or a speed
    /// or tach constant that is not positive. The machine is Unknown until the deck has told: at once where its stop
    /// tally is lit, else when the tape has been still.
    Transport(Timeline& timeline, Deck& deck, DeckAdjust& adjust, TransportConfig config);
    /// Makes the deck safe. The driver must outlive it, by its pulse width on a timeline that runs
    /// (Deck::busy_until).
    ~Transport();

    // Commands. Each takes effect (or is refused) before it returns; motion itself follows and is seen in state().
    CommandResult stop(); ///< record off, then stop; never denied
    CommandResult play();
    CommandResult arm(); ///< allows record() once; withdrawn by stop, wind, locate, fault
    CommandResult disarm();
    /// From now on arm() and set_ready(track, true) are denied with these words (not empty), until release_arm_hold():
    /// a tape is on the deck, or will be, that must not be recorded on. An arm is withdrawn. Nothing else ends it, no
    /// stop, fault or job; who wants it to outlast this object keeps MachineState::arm_held and sets it again. Denied
    /// while the deck records or may do so, or without words.
    CommandResult hold_arm(std::string why);
    CommandResult release_arm_hold(); ///< the tape has been changed; Unchanged when nothing was held
    /// Only armed. In play with proof of play at once; from stop the deck is put into play first and record follows its
    /// proof of play (Deferred).
    CommandResult record();
    CommandResult punch_out(); ///< leaves record, goes on playing
    CommandResult fast_forward();
    CommandResult rewind();
    /// Slow, even wind, where the deck offers it; from a fast wind it changes over.
    CommandResult library_wind(Direction direction);
    /// Moves the tape at this speed (signed m/s, 0 = held still) until stop or another key; needs a deck that can.
    /// What is slower than the deck can is held still, or run at its slowest when it is more than half of that.
    CommandResult shuttle(double speed_m_s);
    CommandResult edit();                   ///< edit (dump) mode from stop; stop ends it
    CommandResult defeat_lifters(bool on);  ///< cue: only stopped, in shuttle, or in wind below the cue speed limit
    CommandResult thread(bool on);          ///< low tension for threading, only while the tape is out
    CommandResult select_speed(double ips); ///< only while the tape is still; the counter keeps its place
    CommandResult set_ready(int track, bool ready);  ///< not while recording; track 1 ... capabilities().ready_tracks
    CommandResult locate(double position_m);         ///< by the counter; ends Stopped
    CommandResult clear_fault();                     ///< after the cause is gone; the machine is then Stopped
    CommandResult zero_counter();                    ///< here is 0 m; position is then Known
    CommandResult preset_counter(double position_m); ///< here is that place; position is then Known
    /// The tape itself has told where it is (slate or programme heard off tape): the counter is shifted so that here is
    /// `position_m`, with this uncertainty; position is then Known.
    CommandResult correct_position(double position_m, double uncertainty_m);
    CommandResult select_monitor(MonitorSelect select);
    /// Something else than the deck has failed (the sound card is gone): record off and stop before it returns, then
    /// as with every fault. The machine stays in fault until clear_fault().
    void raise_fault(const std::string& what);

    [[nodiscard]] const MachineState& state();
    /// Notified after every change of state (not of mere position).
    [[nodiscard]] Notifier& changed();
    [[nodiscard]] const TransportConfig& config() const;
    [[nodiscard]] const DeckCapabilities& deck() const noexcept;
    /// What its locates have taught it of this deck (locator.hpp), to be kept over a restart.
    [[nodiscard]] LocatorMemory locator_memory() const;
    /// Takes over what was kept of the same deck; before the first locate.
    void remember_locates(const LocatorMemory& memory);
    /// Called synchronously on every fault and on every unasked-for stop, after the deck was made safe and before any
    /// job hears of it. Listeners may give commands; they may not destroy this object (post that).
    void on_fault(std::function<void(const std::string&)> listener);
    /// Called with each state change, for the log. One listener.
    void on_transition(std::function<void(const MachineState&)> listener);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::transport
