// SPDX-License-Identifier: Apache-2.0
// The tables themselves. Read a row as: in one of these states, on this event, if this holds: go there, do that, answer
// so. The first row that fits counts; every state x event pair ends in a row that always fits (checked at compile
// time). Rules: RTZ DTC TransportTask.c (record off first, wind to play by the motion sensor, halt on tape out, lifters
// defeated only in stop or slow cue) and STC LocateTask.c; AMS Neve Logic MMC (play tally before record).
#include "transport/motion_commands.hpp"
#include "transport/motion_events.hpp"

#include <algorithm>

namespace overbias::transport {

namespace rows {
namespace {

constexpr auto kMotionRows = [] {
    std::array<Row<M>, std::size(kMotionCommands) + std::size(kMotionEvents)> all{};
    std::copy(std::begin(kMotionCommands), std::end(kMotionCommands), all.begin());
    std::copy(std::begin(kMotionEvents), std::end(kMotionEvents), all.begin() + std::size(kMotionCommands));
    return all;
}();

// clang-format off
constexpr Row<RecordArm> withdraw(Event event) {
    return go(kAnyArm, event, G::Always, RecordArm::Safe, {}, I::RecordOnlyArmed);
}
constexpr Row<RecordArm> hold(Event event) { return same<RecordArm>(kAnyArm, event); }

constexpr Row<RecordArm> kArmRows[] = {
    deny<RecordArm>(kAnyArm, Arm, G::MotionUnknown, kUnknown, I::UnknownAcceptsOnlyStop),
    deny<RecordArm>(kAnyArm, Arm, G::ArmHeld, kArmHeld, I::HeldArmStaysSafe),
    deny<RecordArm>(kAnyArm, Arm, G::NotReady, kNotReady, I::RecordOnlyArmed),
    go(in(RecordArm::Safe), Arm, G::Always, RecordArm::Armed, {}, I::RecordOnlyArmed),
    same<RecordArm>(in(RecordArm::Armed), Arm),
    go(in(RecordArm::Armed), Disarm, G::Always, RecordArm::Safe, {}),
    same<RecordArm>(in(RecordArm::Safe), Disarm),
    go(in(RecordArm::Armed), Record, G::InPlayAndPlayProven, RecordArm::Safe, {}, I::RecordOnlyArmed), // used up
    hold(Record),
    go(in(RecordArm::Armed), PlayProven, G::RecordDeferredAndReady, RecordArm::Safe, {}, I::RecordOnlyArmed), // used up
    hold(PlayProven),
    withdraw(Stop), withdraw(FastForward), withdraw(Rewind), withdraw(LibraryForward), withdraw(LibraryReverse), withdraw(Shuttle),
    withdraw(Edit), withdraw(Locate), withdraw(PlayTallyLost), withdraw(RecordTallyLost), withdraw(UnaskedRecord),
    withdraw(UnaskedForward), withdraw(UnaskedRewind), withdraw(MotionLost), withdraw(TapeOut), withdraw(StartTimeout),
    withdraw(StillTimeout), withdraw(RecordTimeout), withdraw(LocateFailed), withdraw(LinkLost), withdraw(DeckError),
    go(kAnyArm, PunchOut, G::RecordingAndPlayNotProven, RecordArm::Safe, {}, I::RecordOnlyArmed), hold(PunchOut), // it becomes a stop
    hold(Play), hold(ClearFault), hold(DefeatLifters), hold(RestoreLifters), hold(ThreadOn), hold(ThreadOff),
    hold(SelectSpeed), hold(SetReady), hold(ZeroCounter), hold(PresetCounter), hold(CorrectPosition), hold(SelectRepro),
    hold(SelectSource), hold(TapeStill), hold(Settled), hold(UnaskedPlay), hold(TapeIn), hold(EdgesLost), hold(CueTooFast),
    hold(LocateArrived), hold(LinkBack),
};

using K = PositionKnowledge;
constexpr Row<K> keep(Event event) { return same<K>(kAnyKnowledge, event); }
constexpr Row<K> not_unknown(Event event) { return deny<K>(kAnyKnowledge, event, G::MotionUnknown, kUnknown, I::UnknownAcceptsOnlyStop); }
constexpr Row<K> not_tape_out(Event event) { return deny<K>(kAnyKnowledge, event, G::TapeIsOut, kNoTape, I::TapeOutHalts); }
constexpr Row<K> not_blind(Event event) { return deny<K>(kAnyKnowledge, event, G::NoTach, kNoTachToCount, I::LocateNeedsKnownPosition); }

constexpr Row<K> kPositionRows[] = {
    not_unknown(ZeroCounter), not_tape_out(ZeroCounter), not_blind(ZeroCounter),
    go(kAnyKnowledge, ZeroCounter, G::Always, K::Known, {A::ZeroCounter}),
    not_unknown(PresetCounter), not_tape_out(PresetCounter), not_blind(PresetCounter),
    go(kAnyKnowledge, PresetCounter, G::Always, K::Known, {A::PresetCounter}),
    not_unknown(CorrectPosition), not_tape_out(CorrectPosition), not_blind(CorrectPosition),
    go(kAnyKnowledge, CorrectPosition, G::Always, K::Known, {A::CorrectPosition}),
    go(kAnyKnowledge, EdgesLost, G::Always, K::Doubtful, {}, I::LocateNeedsKnownPosition),
    go(kAnyKnowledge, TapeOut, G::Always, K::Doubtful, {}, I::LocateNeedsKnownPosition),
    go(kAnyKnowledge, LinkLost, G::CountsOverLink, K::Doubtful, {}, I::LocateNeedsKnownPosition),
    keep(LinkLost), keep(LinkBack),
    keep(Stop), keep(Play), keep(Record), keep(PunchOut), keep(FastForward), keep(Rewind), keep(LibraryForward), keep(LibraryReverse),
    keep(Shuttle), keep(Edit), keep(Locate), keep(ClearFault), keep(Arm), keep(Disarm), keep(DefeatLifters), keep(RestoreLifters),
    keep(ThreadOn), keep(ThreadOff), keep(SelectSpeed), keep(SetReady), keep(SelectRepro), keep(SelectSource), keep(TapeStill),
    keep(Settled), keep(PlayProven), keep(PlayTallyLost), keep(RecordTallyLost), keep(UnaskedRecord), keep(UnaskedPlay),
    keep(UnaskedForward), keep(UnaskedRewind), keep(MotionLost), keep(TapeIn), keep(CueTooFast), keep(StartTimeout), keep(StillTimeout),
    keep(RecordTimeout), keep(LocateArrived), keep(LocateFailed), keep(DeckError),
};

using L = Lifters;
constexpr Row<L> rest(Event event) { return same<L>(kAnyLifters, event); }
/// The tape is lifted again before it may run fast, and when nobody watches it any more.
constexpr Row<L> restore(Event event) { return go(in(L::Defeated), event, G::Always, L::Normal, {A::RestoreLifters}, I::LiftersOnlySlow); }

/// Out of Unknown: who knows how the last one who drove this deck has left them.
constexpr Row<L> make_sure(Event event) { return go(kAnyLifters, event, G::MotionUnknown, L::Normal, {A::RestoreLifters}, I::LiftersOnlySlow); }

constexpr Row<L> kLifterRows[] = {
    make_sure(Stop), make_sure(TapeStill), make_sure(TapeOut), make_sure(UnaskedRecord), make_sure(LinkBack), rest(LinkBack),
    deny<L>(kAnyLifters, DefeatLifters, G::MotionUnknown, kUnknown, I::UnknownAcceptsOnlyStop),
    deny<L>(kAnyLifters, DefeatLifters, G::TapeIsOut, kNoTape, I::TapeOutHalts),
    deny<L>(kAnyLifters, DefeatLifters, G::NotReady, kFaulted, I::NothingResumesAfterFault),
    deny<L>(kAnyLifters, DefeatLifters, G::NotOffered, kNotOffered),
    same<L>(kAnyLifters, DefeatLifters, G::InPlay), // the tape lies on the heads
    deny<L>(in(L::Normal), DefeatLifters, G::NotForLifters, kLiftersNotNow, I::LiftersOnlySlow),
    deny<L>(in(L::Normal), DefeatLifters, G::AboveCueLimit, kTooFast, I::LiftersOnlySlow),
    go(in(L::Normal), DefeatLifters, G::Always, L::Defeated, {A::DefeatLifters}, I::LiftersOnlySlow),
    rest(DefeatLifters),
    deny<L>(kAnyLifters, RestoreLifters, G::MotionUnknown, kUnknown, I::UnknownAcceptsOnlyStop),
    restore(RestoreLifters), rest(RestoreLifters),
    restore(Play), rest(Play), restore(Record), rest(Record), restore(FastForward), rest(FastForward), restore(Rewind), rest(Rewind),
    restore(LibraryForward), rest(LibraryForward), restore(LibraryReverse), rest(LibraryReverse), restore(Locate), rest(Locate),
    go(in(L::Defeated), Shuttle, G::ShuttleAboveCueLimit, L::Normal, {A::RestoreLifters}, I::LiftersOnlySlow), rest(Shuttle),
    go(in(L::Defeated), TapeStill, G::ShuttleAboveCueLimit, L::Normal, {A::RestoreLifters}, I::LiftersOnlySlow), rest(TapeStill),
    restore(CueTooFast), rest(CueTooFast), restore(UnaskedRecord), rest(UnaskedRecord), restore(UnaskedPlay), rest(UnaskedPlay),
    restore(UnaskedForward), rest(UnaskedForward), restore(UnaskedRewind), rest(UnaskedRewind), restore(TapeOut), rest(TapeOut),
    restore(DeckError), rest(DeckError), restore(LinkLost), rest(LinkLost), restore(MotionLost), rest(MotionLost),
    restore(StartTimeout), rest(StartTimeout), restore(StillTimeout), rest(StillTimeout), restore(LocateFailed), rest(LocateFailed),
    rest(Stop), rest(PunchOut), rest(Edit), rest(ClearFault), rest(Arm), rest(Disarm), rest(ThreadOn), rest(ThreadOff),
    rest(SelectSpeed), rest(SetReady), rest(ZeroCounter), rest(PresetCounter), rest(CorrectPosition), rest(SelectRepro),
    rest(SelectSource), go(in(L::Defeated), Settled, G::PlayDeferred, L::Normal, {A::RestoreLifters}, I::LiftersOnlySlow),
    go(in(L::Defeated), Settled, G::RecordDeferredSettled, L::Normal, {A::RestoreLifters}, I::LiftersOnlySlow), rest(Settled),
    rest(PlayProven), rest(PlayTallyLost), rest(RecordTallyLost), rest(TapeIn), rest(EdgesLost), rest(RecordTimeout), rest(LocateArrived),
};
// clang-format on

template <typename Rows>
constexpr bool every_pair_is_answered(const Rows& rows, unsigned state_count) {
    for (unsigned state = 0; state < state_count; ++state) {
        for (std::size_t event = 0; event < kEventCount; ++event) {
            bool answered = false;
            for (const auto& row : rows) {
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
static_assert(every_pair_is_answered(kLifterRows, 2));

} // namespace
} // namespace rows

std::span<const Row<Motion>> motion_table() noexcept {
    return rows::kMotionRows;
}
std::span<const Row<RecordArm>> arm_table() noexcept {
    return rows::kArmRows;
}
std::span<const Row<PositionKnowledge>> position_table() noexcept {
    return rows::kPositionRows;
}
std::span<const Row<Lifters>> lifter_table() noexcept {
    return rows::kLifterRows;
}

} // namespace overbias::transport
