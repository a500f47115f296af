// SPDX-License-Identifier: Apache-2.0
// The machine: four small state tables as data (motion, record arm, knowledge of position, lifters). handle() is pure:
// it returns the next state and the actions to perform; time enters only as events. docs/states.md is generated from
// these tables. Thread: any (no state of its own).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

namespace overbias::transport {

enum class Motion {
    Unknown, ///< after start-up and after a lost link, until the deck has told; accepts only stop
    Stopped,
    Starting,
    Playing,
    Recording,
    FastForwarding,
    Rewinding,
    Shuttling, ///< at a speed we set; 0 holds the tape still
    Editing,   ///< brakes off, hands on the reels
    Locating,
    Braking,
    TapeOut,
    Faulted,
};
enum class RecordArm { Safe, Armed };
enum class PositionKnowledge { Known, Doubtful };
/// Whether the tape is held off the heads in wind and while it stands.
enum class Lifters { Normal, Defeated };
inline constexpr std::size_t kMotionCount = 13;

/// The answer to a command. Denied and Deferred carry a reason.
enum class CommandStatus { Accepted, Unchanged, Deferred, Denied };

enum class Event {
    // --- commands
    Stop,
    Play,
    Record,
    PunchOut,
    FastForward,
    Rewind,
    LibraryForward, ///< slow, even wind
    LibraryReverse,
    Shuttle, ///< at the speed the shell was told
    Edit,
    Locate,
    ClearFault,
    Arm,
    Disarm,
    DefeatLifters,
    RestoreLifters,
    ThreadOn, ///< low tension for threading
    ThreadOff,
    SelectSpeed,
    SetReady,
    ZeroCounter,
    PresetCounter,   ///< here is the place the shell was told
    CorrectPosition, ///< the tape itself has told where it is
    SelectRepro,     ///< monitor to reproduce head
    SelectSource,    ///< monitor to input or sync
    // --- what the deck tells
    TapeStill, ///< the motion sensor says still
    Settled,   ///< still for the settle time (where the deck senses motion itself: the minimum time since stop is over)
    PlayProven,      ///< play tally and speed, or where there is no tally the tach within 2 % for 500 ms
    PlayTallyLost,   ///< that proof is gone
    RecordTallyLost, ///< the deck left record unasked
    UnaskedRecord,   ///< a record tally nobody asked for
    UnaskedPlay,
    UnaskedForward,
    UnaskedRewind, ///< a hand on the deck's own keys
    MotionLost,    ///< the tape was commanded to move, did, and now gives no tach
    TapeOut,
    TapeIn,
    EdgesLost,  ///< the tach missed edges
    CueTooFast, ///< lifters defeated and the tape above the cue limit
    LinkLost,   ///< the serial link to the deck is down
    LinkBack,   ///< it is up again; the deck has not told yet
    // --- timeouts
    StartTimeout,  ///< commanded to move, and no motion (or no proof of play) in time
    StillTimeout,  ///< stop pressed, and not still in time
    RecordTimeout, ///< record pressed, and no record tally in time
    // --- the locator and the driver
    LocateArrived,
    LocateFailed,
    DeckError,
};
inline constexpr std::size_t kEventCount = static_cast<std::size_t>(Event::DeckError) + 1;

/// A command that waits until the tape is still; Record, once PLAY is pressed, for the proof of play.
enum class DeferredCommand { None, Play, FastForward, Rewind, LibraryForward, LibraryReverse, Shuttle, Record };

/// Everything that is ever done to the deck. The last gate, forbids(), is asked for each.
enum class Press {
    Stop,
    Play,
    Record,
    RecordExit,
    FastForward,
    Rewind,
    LibraryForward,
    LibraryReverse,
    Shuttle,
    Edit,
    EndEdit,
    DefeatLifters,
    RestoreLifters,
    ThreadTensionOn,
    ThreadTensionOff,
    SelectSpeed,
    SetReady,
};

enum class Action {
    RecordOffAndStop, ///< the driver's active stop (Deck::make_safe): record off first, then motion
    // --- a press each
    PressStop,
    PressPlay,
    PressRecord,
    PressRecordExit,
    PressFastForward,
    PressRewind,
    PressLibraryForward,
    PressLibraryReverse,
    PressShuttle,
    BeginEdit,
    EndEdit,
    DefeatLifters,
    RestoreLifters,
    ThreadTensionOn,
    ThreadTensionOff,
    SelectSpeed,
    SetReady,
    // --- inside the house
    BeginLocate,
    CancelLocate,
    DeferPlay,
    DeferFastForward,
    DeferRewind,
    DeferLibraryForward,
    DeferLibraryReverse,
    DeferShuttle,
    DeferRecord,
    ForgetDeferred,
    SetMonitor,
    ZeroCounter,
    PresetCounter,
    CorrectPosition,
    RaiseFault, ///< keep the message in MachineState::fault and tell the fault listener
    ForgetFault,
    TellUnaskedStop, ///< tell the fault listener; the machine itself is not faulted
};

/// What the world looks like when an event comes: measured by the shell, judged by the guards.
struct Guards {
    bool still = false;   ///< the sensor says the tape is still
    bool settled = false; ///< and has been for the settle time (or the deck's own sensing allows play)
    bool play_proven = false;
    bool tape_out = false;
    bool record_tally = false;
    bool may_record = false;        ///< the tally, or record was left so shortly ago that the deck may still be in it
    bool deck_says_stopped = false; ///< stop tally lit, or the commanded motion's tally unlit
    bool has_tach = true;
    bool has_motion_sensor = true; ///< tach or tallies: false on a deck that tells nothing
    bool offered = true;           ///< this deck offers what the event asks for
    bool moves_forward = false, moves_backward = false;
    bool runs_forward = false;        ///< faster than play
    bool library_wind = false;        ///< the wind under way is the slow, even one
    bool above_cue_limit = false;     ///< the tape's speed; not known counts as above
    bool shuttle_above_limit = false; ///< the speed asked for
    bool link_down = false;
    bool counts_over_link = false; ///< the position comes over the link that can be lost
    bool key_in_flight = false;    ///< the driver has not done with the last press
    bool fault_stands = false;     ///< a fault was raised and not cleared
    bool arm_held = false;         ///< a tape is threaded that must not be recorded on (Transport::hold_arm)
    DeferredCommand deferred = DeferredCommand::None;
};

/// Named conditions of the rows.
enum class Guard {
    Always,
    Still,
    StillAndSettled,
    NotStill,
    Armed,
    ArmedAndPlayProven,
    RecordingAndPlayNotProven,
    NotArmed,
    TapeIsOut,
    RecordTallyLit,
    MayRecord,
    DeckSaysStopped,
    NoTach,
    NoMotionSensor,
    NotOffered,
    PositionDoubtful,
    PlayDeferred,
    FastForwardDeferred,
    RewindDeferred,
    LibraryForwardDeferred,
    LibraryReverseDeferred,
    ShuttleDeferred,
    RecordDeferred,
    RecordDeferredSettled,  ///< from stop: still armed, and the tape has settled
    RecordDeferredAndReady, ///< still armed, play proven, tape in
    MotionUnknown,
    NotReady, ///< motion is Unknown, TapeOut or Faulted
    InPlay,   ///< motion is Starting, Playing or Recording
    InPlayAndPlayProven,
    MovesForward,
    MovesBackward,
    RunsForward,
    InLibraryWind,
    NotForLifters, ///< motion is Locating or Braking
    AboveCueLimit,
    ShuttleAboveCueLimit,
    LinkDown,
    CountsOverLink,
    FaultStands,
    KeyInFlight, ///< the last key is still being pressed
    ArmHeld,
};

/// The interlocks by name. A row of the table carries the one it serves.
enum class Interlock {
    None,
    UnknownAcceptsOnlyStop,
    RecordOffFirst,
    WindToPlayOnlyWhenStill,
    ReverseOnlyWhenStill,
    RecordOnlyInPlay,
    RecordOnlyArmed,
    RecordNeedsProofOfPlay,
    TapeOutHalts,
    OneMotionLine,
    MotionNeedsTach,
    UnaskedRecordStops,
    LostPlayTallyStopsRecord,
    MonitorStaysWhileRecording,
    NothingResumesAfterFault,
    LocateNeedsKnownPosition,
    EditOnlyFromStop,
    LiftersOnlySlow,
    SpeedOnlyWhenStill,
    ReadyStaysWhileRecording,
    ThreadOnlyWithoutTape,
    LostLinkIsUnknown,
    HeldArmStaysSafe,
};

struct ActionList {
    static constexpr std::size_t kMax = 8;
    std::array<Action, kMax> items{};
    std::size_t count = 0;
    constexpr ActionList() = default;
    constexpr ActionList(std::initializer_list<Action> list) {
        for (const Action action : list) {
            items.at(count++) = action;
        }
    }
    constexpr void add(const ActionList& more) {
        for (const Action action : more) {
            items.at(count++) = action;
        }
    }
    [[nodiscard]] constexpr const Action* begin() const { return items.data(); }
    [[nodiscard]] constexpr const Action* end() const { return items.data() + count; }
};

/// One row: in any of the states `from` (bit n = state n), on `event`, when `guard` holds. The first row that fits
/// counts.
template <typename State>
struct Row {
    std::uint16_t from = 0;
    Event event{};
    Guard guard = Guard::Always;
    std::optional<State> next; ///< absent: the state stays
    ActionList actions;
    CommandStatus status = CommandStatus::Accepted;
    std::string_view reason;
    Interlock interlock = Interlock::None;
};

template <typename State>
[[nodiscard]] constexpr std::uint16_t state_bit(State state) noexcept {
    return static_cast<std::uint16_t>(1U << static_cast<unsigned>(state));
}

/// The four states together.
struct MachineStates {
    Motion motion = Motion::Unknown;
    RecordArm arm = RecordArm::Safe;
    PositionKnowledge position = PositionKnowledge::Doubtful;
    Lifters lifters = Lifters::Normal;
    [[nodiscard]] bool operator==(const MachineStates&) const = default;
};

struct Transition {
    MachineStates next;
    ActionList actions;
    CommandStatus status = CommandStatus::Unchanged;
    std::string_view reason;
    Interlock interlock = Interlock::None;
};

/// The answer to `event`. Pure.
[[nodiscard]] Transition handle(const MachineStates& states, Event event, const Guards& guards) noexcept;

/// The last gate before the deck is touched: the interlock that forbids this now, or None. Asked before every press,
/// the locator's too, with the states as they were before the event. Pure.
[[nodiscard]] Interlock forbids(Press press, const MachineStates& states, const Guards& guards) noexcept;

[[nodiscard]] std::span<const Row<Motion>> motion_table() noexcept;
[[nodiscard]] std::span<const Row<RecordArm>> arm_table() noexcept;
[[nodiscard]] std::span<const Row<PositionKnowledge>> position_table() noexcept;
[[nodiscard]] std::span<const Row<Lifters>> lifter_table() noexcept;

[[nodiscard]] std::string_view name_of(Motion motion) noexcept;
[[nodiscard]] std::string_view name_of(RecordArm arm) noexcept;
[[nodiscard]] std::string_view name_of(PositionKnowledge knowledge) noexcept;
[[nodiscard]] std::string_view name_of(Lifters lifters) noexcept;
[[nodiscard]] std::string_view name_of(Event event) noexcept;
[[nodiscard]] std::string_view name_of(Action action) noexcept;
[[nodiscard]] std::string_view name_of(Guard guard) noexcept;
[[nodiscard]] std::string_view name_of(Interlock interlock) noexcept;
[[nodiscard]] std::string_view name_of(CommandStatus status) noexcept;

} // namespace overbias::transport
