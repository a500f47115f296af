// SPDX-License-Identifier: Apache-2.0
// The tables themselves. Read a row as: in one of these states, on this event, if this holds: go there, do that, answer
// so. The first row that fits counts; every state x event pair ends in a row that always fits (checked at compile
// time). Rules: RTZ DTC TransportTask.c (record off first, wind to play by the motion sensor, halt on tape out) and STC
// LocateTask.c; AMS Neve Logic MMC (play tally before record).
#include "transport/machine.hpp"

namespace overbias::transport {

namespace {

using enum Event;
using A = Action;
using G = Guard;
using I = Interlock;
using M = Motion;
using From = std::uint16_t; // a set of states, one bit each

template <typename... States>
constexpr From in(States... states) {
    return static_cast<From>((state_bit(states) | ...));
}
constexpr From with(From set, From more) {
    return static_cast<From>(set | more);
}

constexpr From kAnyMotion = (1U << kMotionCount) - 1;
constexpr From kAnyArm = in(RecordArm::Safe, RecordArm::Armed);
constexpr From kAnyKnowledge = in(PositionKnowledge::Known, PositionKnowledge::Doubtful);
constexpr From kWinding = in(M::FastForwarding, M::Rewinding);

constexpr std::string_view kUnknown =
    "the deck's state is not known yet: only stop is accepted; press stop and wait until the tape is still";
constexpr std::string_view kNoTape = "there is no tape in the path: thread the tape";
constexpr std::string_view kFaulted = "the transport is faulted: remove the cause and clear the fault first";
constexpr std::string_view kRecording = "the deck is recording: punch out or stop first";
constexpr std::string_view kWaitStill = "waits until the tape is still and has settled";
constexpr std::string_view kStopFirst = "the deck is stopped first; it goes on when the tape is still";
constexpr std::string_view kOnlyInPlay = "record is possible only in play: press play and wait for it";
constexpr std::string_view kNotArmed =
    "record is not armed: arm it first (stop, wind, locate and faults withdraw the arm)";
constexpr std::string_view kNoProof =
    "there is no proof that the deck plays: wait for the play tally and play speed, or press record by hand";
constexpr std::string_view kNotReady = "record cannot be armed now: clear the fault or thread the tape first";
constexpr std::string_view kNoTachToLocate = "this deck has no tach to locate by: wind by hand";
constexpr std::string_view kDoubtful = "the position is doubtful: go to the reel's zero and zero the counter first";
constexpr std::string_view kTallyStillLit = "the record tally is still lit: take the deck out of record";
constexpr std::string_view kStillMoves = "the tape still moves: stop the deck";
constexpr std::string_view kOnlyRepro = "the deck is recording: only repro may be selected now";
constexpr std::string_view kNoTachToCount = "this deck has no tach to count by";

template <typename State>
constexpr Row<State> go(From from, Event event, G guard, State next, ActionList actions, I interlock = I::None) {
    return {from, event, guard, next, actions, CommandStatus::Accepted, "", interlock};
}
constexpr Row<M> stay(From from, Event event, G guard, ActionList actions, I interlock = I::None) {
    return {from, event, guard, std::nullopt, actions, CommandStatus::Accepted, "", interlock};
}
constexpr Row<M> defer(From from, Event event, std::optional<M> next, ActionList actions, std::string_view reason,
                       I interlock = I::None) {
    return {from, event, G::Always, next, actions, CommandStatus::Deferred, reason, interlock};
}
template <typename State = M>
constexpr Row<State> deny(From from, Event event, G guard, std::string_view reason, I interlock) {
    return {from, event, guard, std::nullopt, {}, CommandStatus::Denied, reason, interlock};
}
template <typename State = M>
constexpr Row<State> same(From from, Event event) {
    return {from, event, G::Always, std::nullopt, {}, CommandStatus::Unchanged, "", I::None};
}
constexpr Row<M> refuse_unknown(Event event) {
    return deny(in(M::Unknown), event, G::Always, kUnknown, I::UnknownAcceptsOnlyStop);
}
constexpr Row<M> refuse_tape_out(Event event) {
    return deny(in(M::TapeOut), event, G::Always, kNoTape, I::TapeOutHalts);
}
constexpr Row<M> refuse_faulted(Event event) {
    return deny(in(M::Faulted), event, G::Always, kFaulted, I::NothingResumesAfterFault);
}

// clang-format off
constexpr Row<M> kMotionRows[] = {
    // --- stop: never denied, record off before anything else
    go(in(M::Locating), Stop, G::Always, M::Braking, {A::RecordOffAndStop, A::CancelLocate, A::ForgetDeferred}, I::RecordOffFirst),
    go(with(in(M::Unknown, M::Starting, M::Playing, M::Recording), kWinding), Stop, G::Always, M::Braking,
       {A::RecordOffAndStop, A::ForgetDeferred}, I::RecordOffFirst),
    stay(in(M::Braking, M::TapeOut, M::Faulted), Stop, G::Always, {A::RecordOffAndStop, A::ForgetDeferred}, I::RecordOffFirst),
    {in(M::Stopped), Stop, G::Always, std::nullopt, {A::RecordOffAndStop, A::ForgetDeferred}, CommandStatus::Unchanged, "", I::RecordOffFirst},
    // --- play
    go(in(M::Stopped), Play, G::StillAndSettled, M::Starting, {A::PressPlay, A::ForgetDeferred}, I::WindToPlayOnlyWhenStill),
    defer(in(M::Stopped, M::Braking), Play, {}, {A::DeferPlay}, kWaitStill, I::WindToPlayOnlyWhenStill),
    same(in(M::Starting, M::Playing), Play),
    deny(in(M::Recording), Play, G::Always, kRecording, I::RecordOffFirst),
    defer(kWinding, Play, M::Braking, {A::PressStop, A::DeferPlay}, kStopFirst, I::WindToPlayOnlyWhenStill),
    defer(in(M::Locating), Play, M::Braking, {A::CancelLocate, A::PressStop, A::DeferPlay}, kStopFirst, I::WindToPlayOnlyWhenStill),
    refuse_unknown(Play), refuse_tape_out(Play), refuse_faulted(Play),
    // --- record
    go(in(M::Playing), Record, G::ArmedAndPlayProven, M::Recording, {A::PressRecord}, I::RecordNeedsProofOfPlay),
    deny(in(M::Playing), Record, G::NotArmed, kNotArmed, I::RecordOnlyArmed),
    deny(in(M::Playing), Record, G::Always, kNoProof, I::RecordNeedsProofOfPlay),
    same(in(M::Recording), Record),
    deny(with(in(M::Stopped, M::Starting, M::Locating, M::Braking), kWinding), Record, G::Always, kOnlyInPlay, I::RecordOnlyInPlay),
    refuse_unknown(Record), refuse_tape_out(Record), refuse_faulted(Record),
    go(in(M::Recording), PunchOut, G::Always, M::Playing, {A::PressRecordExit}),
    refuse_unknown(PunchOut),
    same(kAnyMotion, PunchOut),
    // --- wind
    go(in(M::Stopped, M::Starting, M::Playing), FastForward, G::Always, M::FastForwarding, {A::PressFastForward, A::ForgetDeferred}),
    same(in(M::FastForwarding), FastForward),
    defer(in(M::Rewinding), FastForward, M::Braking, {A::PressStop, A::DeferFastForward}, kStopFirst, I::ReverseOnlyWhenStill),
    defer(in(M::Recording), FastForward, M::Braking, {A::RecordOffAndStop, A::DeferFastForward}, kStopFirst, I::RecordOffFirst),
    defer(in(M::Locating), FastForward, M::Braking, {A::CancelLocate, A::PressStop, A::DeferFastForward}, kStopFirst),
    defer(in(M::Braking), FastForward, {}, {A::DeferFastForward}, kStopFirst),
    refuse_unknown(FastForward), refuse_tape_out(FastForward), refuse_faulted(FastForward),
    go(in(M::Stopped, M::Starting, M::Playing), Rewind, G::Always, M::Rewinding, {A::PressRewind, A::ForgetDeferred}),
    same(in(M::Rewinding), Rewind),
    defer(in(M::FastForwarding), Rewind, M::Braking, {A::PressStop, A::DeferRewind}, kStopFirst, I::ReverseOnlyWhenStill),
    defer(in(M::Recording), Rewind, M::Braking, {A::RecordOffAndStop, A::DeferRewind}, kStopFirst, I::RecordOffFirst),
    defer(in(M::Locating), Rewind, M::Braking, {A::CancelLocate, A::PressStop, A::DeferRewind}, kStopFirst),
    defer(in(M::Braking), Rewind, {}, {A::DeferRewind}, kStopFirst),
    refuse_unknown(Rewind), refuse_tape_out(Rewind), refuse_faulted(Rewind),
    // --- locate: a new one replaces the old
    refuse_unknown(Locate), refuse_tape_out(Locate), refuse_faulted(Locate),
    deny(kAnyMotion, Locate, G::NoTach, kNoTachToLocate, I::MotionNeedsTach),
    deny(kAnyMotion, Locate, G::PositionDoubtful, kDoubtful, I::LocateNeedsKnownPosition),
    go(in(M::Recording), Locate, G::Always, M::Locating, {A::RecordOffAndStop, A::ForgetDeferred, A::BeginLocate}, I::RecordOffFirst),
    go(with(in(M::Starting, M::Playing, M::Locating), kWinding), Locate, G::Always, M::Locating,
       {A::PressStop, A::ForgetDeferred, A::BeginLocate}),
    go(in(M::Stopped, M::Braking), Locate, G::Always, M::Locating, {A::ForgetDeferred, A::BeginLocate}),
    // --- after a fault
    go(in(M::Faulted), ClearFault, G::TapeIsOut, M::TapeOut, {A::ForgetFault}, I::TapeOutHalts),
    deny(in(M::Faulted), ClearFault, G::RecordTallyLit, kTallyStillLit, I::UnaskedRecordStops),
    deny(in(M::Faulted), ClearFault, G::NotStill, kStillMoves, I::NothingResumesAfterFault),
    go(in(M::Faulted), ClearFault, G::Always, M::Stopped, {A::ForgetFault}),
    refuse_unknown(ClearFault),
    same(kAnyMotion, ClearFault),
    // --- monitor
    deny(in(M::Recording), SelectSource, G::Always, kOnlyRepro, I::MonitorStaysWhileRecording),
    refuse_unknown(SelectSource), refuse_unknown(SelectRepro),
    stay(kAnyMotion, SelectSource, G::Always, {A::SetMonitor}),
    stay(kAnyMotion, SelectRepro, G::Always, {A::SetMonitor}),
    // --- the other two tables answer these
    same(kAnyMotion, Arm), same(kAnyMotion, Disarm), same(kAnyMotion, ZeroCounter), same(kAnyMotion, EdgesLost),
    // --- the tape comes to rest; what was deferred goes on
    go(in(M::Unknown), TapeStill, G::Always, M::Stopped, {}),
    go(in(M::Braking), TapeStill, G::FastForwardDeferred, M::FastForwarding, {A::PressFastForward, A::ForgetDeferred}, I::ReverseOnlyWhenStill),
    go(in(M::Braking), TapeStill, G::RewindDeferred, M::Rewinding, {A::PressRewind, A::ForgetDeferred}, I::ReverseOnlyWhenStill),
    go(in(M::Braking), TapeStill, G::Always, M::Stopped, {}),
    same(kAnyMotion, TapeStill),
    go(in(M::Stopped, M::Braking), Settled, G::PlayDeferred, M::Starting, {A::PressPlay, A::ForgetDeferred}, I::WindToPlayOnlyWhenStill),
    same(kAnyMotion, Settled),
    // --- proof of play, and its loss
    go(in(M::Starting), PlayProven, G::Always, M::Playing, {}),
    same(kAnyMotion, PlayProven),
    go(in(M::Recording), PlayTallyLost, G::Always, M::Braking, {A::RecordOffAndStop, A::TellUnaskedStop}, I::LostPlayTallyStopsRecord),
    go(in(M::Playing), PlayTallyLost, G::Always, M::Braking, {A::TellUnaskedStop}),
    same(kAnyMotion, PlayTallyLost),
    go(in(M::Recording), RecordTallyLost, G::Always, M::Braking, {A::RecordOffAndStop, A::TellUnaskedStop}, I::RecordOffFirst),
    same(kAnyMotion, RecordTallyLost),
    same(in(M::Recording), UnaskedRecord),
    go(in(M::Locating), UnaskedRecord, G::Always, M::Faulted, {A::RecordOffAndStop, A::CancelLocate, A::RaiseFault}, I::UnaskedRecordStops),
    stay(in(M::Faulted), UnaskedRecord, G::Always, {A::RecordOffAndStop}, I::UnaskedRecordStops),
    go(kAnyMotion, UnaskedRecord, G::Always, M::Faulted, {A::RecordOffAndStop, A::ForgetDeferred, A::RaiseFault}, I::UnaskedRecordStops),
    go(in(M::Recording), RecordTimeout, G::Always, M::Faulted, {A::RecordOffAndStop, A::RaiseFault}, I::RecordOffFirst),
    same(kAnyMotion, RecordTimeout),
    // --- a hand on the deck's own keys: we follow, we do not fight
    go(with(in(M::Stopped, M::Braking), kWinding), UnaskedPlay, G::Always, M::Playing, {A::ForgetDeferred}),
    go(in(M::Locating), UnaskedPlay, G::Always, M::Playing, {A::CancelLocate}),
    same(kAnyMotion, UnaskedPlay),
    go(in(M::Stopped, M::Braking, M::Starting, M::Playing, M::Rewinding), UnaskedForward, G::Always, M::FastForwarding, {A::ForgetDeferred}),
    go(in(M::Locating), UnaskedForward, G::Always, M::FastForwarding, {A::CancelLocate}),
    go(in(M::Recording), UnaskedForward, G::Always, M::Braking, {A::RecordOffAndStop, A::TellUnaskedStop}, I::RecordOffFirst),
    same(kAnyMotion, UnaskedForward),
    go(in(M::Stopped, M::Braking, M::Starting, M::Playing, M::FastForwarding), UnaskedRewind, G::Always, M::Rewinding, {A::ForgetDeferred}),
    go(in(M::Locating), UnaskedRewind, G::Always, M::Rewinding, {A::CancelLocate}),
    go(in(M::Recording), UnaskedRewind, G::Always, M::Braking, {A::RecordOffAndStop, A::TellUnaskedStop}, I::RecordOffFirst),
    same(kAnyMotion, UnaskedRewind),
    // --- motion that should be and is not
    go(in(M::Recording), MotionLost, G::Always, M::Faulted, {A::RecordOffAndStop, A::RaiseFault}, I::MotionNeedsTach),
    go(with(in(M::Playing), kWinding), MotionLost, G::DeckSaysStopped, M::Stopped, {A::TellUnaskedStop}),
    go(with(in(M::Playing), kWinding), MotionLost, G::Always, M::Faulted, {A::RecordOffAndStop, A::RaiseFault}, I::MotionNeedsTach),
    go(in(M::Locating), MotionLost, G::DeckSaysStopped, M::Stopped, {A::CancelLocate, A::TellUnaskedStop}),
    go(in(M::Locating), MotionLost, G::Always, M::Faulted, {A::RecordOffAndStop, A::CancelLocate, A::RaiseFault}, I::MotionNeedsTach),
    same(kAnyMotion, MotionLost),
    go(in(M::Starting), StartTimeout, G::NoMotionSensor, M::Playing, {}),
    go(with(in(M::Starting), kWinding), StartTimeout, G::Always, M::Faulted, {A::RecordOffAndStop, A::RaiseFault}, I::MotionNeedsTach),
    go(in(M::Locating), StartTimeout, G::Always, M::Faulted, {A::RecordOffAndStop, A::CancelLocate, A::RaiseFault}, I::MotionNeedsTach),
    same(kAnyMotion, StartTimeout),
    go(in(M::Braking), StillTimeout, G::Always, M::Faulted, {A::RecordOffAndStop, A::ForgetDeferred, A::RaiseFault}, I::WindToPlayOnlyWhenStill),
    go(in(M::Locating), StillTimeout, G::Always, M::Faulted, {A::RecordOffAndStop, A::CancelLocate, A::RaiseFault}, I::WindToPlayOnlyWhenStill),
    stay(in(M::Stopped), StillTimeout, G::Always, {A::ForgetDeferred}, I::WindToPlayOnlyWhenStill),
    same(kAnyMotion, StillTimeout),
    // --- tape out or broken: record off, halt
    go(in(M::Locating), TapeOut, G::Always, M::TapeOut, {A::RecordOffAndStop, A::CancelLocate, A::TellUnaskedStop}, I::TapeOutHalts),
    go(with(in(M::Starting, M::Playing, M::Recording, M::Braking), kWinding), TapeOut, G::Always, M::TapeOut,
       {A::RecordOffAndStop, A::ForgetDeferred, A::TellUnaskedStop}, I::TapeOutHalts),
    go(in(M::Unknown, M::Stopped), TapeOut, G::Always, M::TapeOut, {A::RecordOffAndStop, A::ForgetDeferred}, I::TapeOutHalts),
    stay(in(M::TapeOut, M::Faulted), TapeOut, G::Always, {A::RecordOffAndStop}, I::TapeOutHalts),
    go(in(M::TapeOut), TapeIn, G::Always, M::Braking, {A::RecordOffAndStop}, I::TapeOutHalts),
    same(kAnyMotion, TapeIn),
    // --- the locator and the driver
    go(in(M::Locating), LocateArrived, G::Always, M::Stopped, {A::CancelLocate}),
    same(kAnyMotion, LocateArrived),
    go(in(M::Locating), LocateFailed, G::Always, M::Faulted, {A::RecordOffAndStop, A::CancelLocate, A::RaiseFault}),
    same(kAnyMotion, LocateFailed),
    stay(in(M::Faulted), DeckError, G::Always, {A::RecordOffAndStop}, I::RecordOffFirst),
    go(in(M::Locating), DeckError, G::Always, M::Faulted, {A::RecordOffAndStop, A::CancelLocate, A::RaiseFault}, I::RecordOffFirst),
    go(kAnyMotion, DeckError, G::Always, M::Faulted, {A::RecordOffAndStop, A::ForgetDeferred, A::RaiseFault}, I::RecordOffFirst),
};

constexpr Row<RecordArm> withdraw(Event event) {
    return go(kAnyArm, event, G::Always, RecordArm::Safe, {}, I::RecordOnlyArmed);
}

constexpr Row<RecordArm> kArmRows[] = {
    deny<RecordArm>(kAnyArm, Arm, G::MotionUnknown, kUnknown, I::UnknownAcceptsOnlyStop),
    deny<RecordArm>(kAnyArm, Arm, G::NotReady, kNotReady, I::RecordOnlyArmed),
    go(in(RecordArm::Safe), Arm, G::Always, RecordArm::Armed, {}, I::RecordOnlyArmed),
    same<RecordArm>(in(RecordArm::Armed), Arm),
    go(in(RecordArm::Armed), Disarm, G::Always, RecordArm::Safe, {}),
    same<RecordArm>(in(RecordArm::Safe), Disarm),
    go(in(RecordArm::Armed), Record, G::InPlayAndPlayProven, RecordArm::Safe, {}, I::RecordOnlyArmed), // used up
    same<RecordArm>(kAnyArm, Record),
    withdraw(Stop), withdraw(FastForward), withdraw(Rewind), withdraw(Locate), withdraw(PlayTallyLost), withdraw(RecordTallyLost),
    withdraw(UnaskedRecord), withdraw(UnaskedForward), withdraw(UnaskedRewind), withdraw(MotionLost), withdraw(TapeOut),
    withdraw(StartTimeout), withdraw(StillTimeout), withdraw(RecordTimeout), withdraw(LocateFailed), withdraw(DeckError),
    same<RecordArm>(kAnyArm, Play), same<RecordArm>(kAnyArm, PunchOut), same<RecordArm>(kAnyArm, ClearFault),
    same<RecordArm>(kAnyArm, ZeroCounter), same<RecordArm>(kAnyArm, SelectRepro), same<RecordArm>(kAnyArm, SelectSource),
    same<RecordArm>(kAnyArm, TapeStill), same<RecordArm>(kAnyArm, Settled), same<RecordArm>(kAnyArm, PlayProven),
    same<RecordArm>(kAnyArm, UnaskedPlay), same<RecordArm>(kAnyArm, TapeIn), same<RecordArm>(kAnyArm, EdgesLost),
    same<RecordArm>(kAnyArm, LocateArrived),
};

using K = PositionKnowledge;
constexpr Row<K> keep(Event event) { return same<K>(kAnyKnowledge, event); }

constexpr Row<K> kPositionRows[] = {
    deny<K>(kAnyKnowledge, ZeroCounter, G::MotionUnknown, kUnknown, I::UnknownAcceptsOnlyStop),
    deny<K>(kAnyKnowledge, ZeroCounter, G::TapeIsOut, kNoTape, I::TapeOutHalts),
    deny<K>(kAnyKnowledge, ZeroCounter, G::NoTach, kNoTachToCount, I::LocateNeedsKnownPosition),
    go(kAnyKnowledge, ZeroCounter, G::Always, K::Known, {A::ZeroCounter}),
    go(kAnyKnowledge, EdgesLost, G::Always, K::Doubtful, {}, I::LocateNeedsKnownPosition),
    go(kAnyKnowledge, TapeOut, G::Always, K::Doubtful, {}, I::LocateNeedsKnownPosition),
    keep(Stop), keep(Play), keep(Record), keep(PunchOut), keep(FastForward), keep(Rewind), keep(Locate), keep(ClearFault), keep(Arm),
    keep(Disarm), keep(SelectRepro), keep(SelectSource), keep(TapeStill), keep(Settled), keep(PlayProven), keep(PlayTallyLost),
    keep(RecordTallyLost), keep(UnaskedRecord), keep(UnaskedPlay), keep(UnaskedForward), keep(UnaskedRewind), keep(MotionLost),
    keep(TapeIn), keep(StartTimeout), keep(StillTimeout), keep(RecordTimeout), keep(LocateArrived), keep(LocateFailed), keep(DeckError),
};
// clang-format on

template <typename State, std::size_t N>
constexpr bool every_pair_is_answered(const Row<State> (&rows)[N], unsigned state_count) {
    for (unsigned state = 0; state < state_count; ++state) {
        for (std::size_t event = 0; event < kEventCount; ++event) {
            bool answered = false;
            for (const Row<State>& row : rows) {
                answered = answered || (row.event == static_cast<Event>(event) && row.guard == Guard::Always &&
                                        (row.from >> state & 1U) != 0);
            }
            if (!answered) {
                return false;
            }
        }
    }
    return true;
}
static_assert(every_pair_is_answered(kMotionRows, kMotionCount));
static_assert(every_pair_is_answered(kArmRows, 2));
static_assert(every_pair_is_answered(kPositionRows, 2));

} // namespace

std::span<const Row<Motion>> motion_table() noexcept {
    return kMotionRows;
}
std::span<const Row<RecordArm>> arm_table() noexcept {
    return kArmRows;
}
std::span<const Row<PositionKnowledge>> position_table() noexcept {
    return kPositionRows;
}

} // namespace overbias::transport
