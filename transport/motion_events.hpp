// SPDX-License-Identifier: Apache-2.0
// Table of motion, second part: what the deck, time, locator and link bring about. Included by machine_tables.cpp only.
#pragma once

#include "transport/machine_rows.hpp"

namespace overbias::transport::rows {

// clang-format off
inline constexpr Row<M> kMotionEvents[] = {
    // --- the tape comes to rest; what was deferred goes on
    same(in(M::Unknown), TapeStill, G::LinkDown),
    go(in(M::Unknown), TapeStill, G::FaultStands, M::Faulted, {}, I::NothingResumesAfterFault),
    go(in(M::Unknown), TapeStill, G::Always, M::Stopped, {}),
    go(in(M::Braking), TapeStill, G::FastForwardDeferred, M::FastForwarding, {A::PressFastForward, A::ForgetDeferred}, I::ReverseOnlyWhenStill),
    go(in(M::Braking), TapeStill, G::RewindDeferred, M::Rewinding, {A::PressRewind, A::ForgetDeferred}, I::ReverseOnlyWhenStill),
    go(in(M::Braking), TapeStill, G::LibraryForwardDeferred, M::FastForwarding, {A::PressLibraryForward, A::ForgetDeferred},
       I::ReverseOnlyWhenStill),
    go(in(M::Braking), TapeStill, G::LibraryReverseDeferred, M::Rewinding, {A::PressLibraryReverse, A::ForgetDeferred},
       I::ReverseOnlyWhenStill),
    go(in(M::Braking), TapeStill, G::ShuttleDeferred, M::Shuttling, {A::PressShuttle, A::ForgetDeferred}, I::RecordOffFirst),
    go(in(M::Braking), TapeStill, G::Always, M::Stopped, {}),
    same(kAnyMotion, TapeStill),
    go(in(M::Stopped, M::Braking), Settled, G::PlayDeferred, M::Starting, {A::PressPlay, A::ForgetDeferred}, I::WindToPlayOnlyWhenStill),
    go(in(M::Stopped, M::Braking), Settled, G::RecordDeferredSettled, M::Starting, {A::PressPlay}, I::RecordNeedsProofOfPlay), // record waits on
    stay(in(M::Stopped, M::Braking), Settled, G::RecordDeferred, {A::ForgetDeferred}, I::RecordOnlyArmed), // the arm was withdrawn meanwhile
    same(kAnyMotion, Settled),
    // --- proof of play, and its loss
    go(in(M::Starting), PlayProven, G::RecordDeferredAndReady, M::Recording, {A::PressRecord, A::ForgetDeferred}, I::RecordNeedsProofOfPlay),
    go(in(M::Starting), PlayProven, G::Always, M::Playing, {A::ForgetDeferred}),
    same(kAnyMotion, PlayProven),
    go(in(M::Recording), PlayTallyLost, G::Always, M::Braking, {A::RecordOffAndStop, A::TellUnaskedStop}, I::LostPlayTallyStopsRecord),
    go(in(M::Playing), PlayTallyLost, G::KeyInFlight, M::Braking, {A::PressStop, A::TellUnaskedStop}), // else it comes after the hand's
    go(in(M::Playing), PlayTallyLost, G::Always, M::Braking, {A::TellUnaskedStop}),
    same(kAnyMotion, PlayTallyLost),
    go(in(M::Recording), RecordTallyLost, G::Always, M::Braking, {A::RecordOffAndStop, A::TellUnaskedStop}, I::RecordOffFirst),
    same(kAnyMotion, RecordTallyLost),
    same(in(M::Recording), UnaskedRecord),
    go(in(M::Locating), UnaskedRecord, G::Always, M::Faulted, {A::RecordOffAndStop, A::CancelLocate, A::RaiseFault}, I::UnaskedRecordStops),
    go(in(M::Editing), UnaskedRecord, G::Always, M::Faulted, {A::RecordOffAndStop, A::EndEdit, A::RaiseFault}, I::UnaskedRecordStops),
    stay(in(M::Faulted), UnaskedRecord, G::Always, {A::RecordOffAndStop}, I::UnaskedRecordStops),
    go(kAnyMotion, UnaskedRecord, G::Always, M::Faulted, {A::RecordOffAndStop, A::ForgetDeferred, A::RaiseFault}, I::UnaskedRecordStops),
    go(in(M::Recording), RecordTimeout, G::Always, M::Faulted, {A::RecordOffAndStop, A::RaiseFault}, I::RecordOffFirst),
    same(kAnyMotion, RecordTimeout),
    // --- a hand on the deck's own keys: we follow, we do not fight
    go(with(in(M::Stopped, M::Braking, M::Shuttling, M::Editing), kWinding), UnaskedPlay, G::Always, M::Playing, {A::ForgetDeferred}),
    go(in(M::Locating), UnaskedPlay, G::Always, M::Playing, {A::CancelLocate}),
    same(kAnyMotion, UnaskedPlay),
    go(in(M::Stopped, M::Braking, M::Starting, M::Playing, M::Rewinding, M::Shuttling, M::Editing), UnaskedForward, G::Always,
       M::FastForwarding, {A::ForgetDeferred}),
    go(in(M::Locating), UnaskedForward, G::Always, M::FastForwarding, {A::CancelLocate}),
    go(in(M::Recording), UnaskedForward, G::Always, M::Braking, {A::RecordOffAndStop, A::TellUnaskedStop}, I::RecordOffFirst),
    same(kAnyMotion, UnaskedForward),
    go(in(M::Stopped, M::Braking, M::Starting, M::Playing, M::FastForwarding, M::Shuttling, M::Editing), UnaskedRewind, G::Always,
       M::Rewinding, {A::ForgetDeferred}),
    go(in(M::Locating), UnaskedRewind, G::Always, M::Rewinding, {A::CancelLocate}),
    go(in(M::Recording), UnaskedRewind, G::Always, M::Braking, {A::RecordOffAndStop, A::TellUnaskedStop}, I::RecordOffFirst),
    same(kAnyMotion, UnaskedRewind),
    // --- motion that should be and is not
    go(in(M::Recording), MotionLost, G::Always, M::Faulted, {A::RecordOffAndStop, A::RaiseFault}, I::MotionNeedsTach),
    go(with(in(M::Playing, M::Shuttling), kWinding), MotionLost, G::DeckSaysStopped, M::Stopped, {A::TellUnaskedStop}),
    go(with(in(M::Playing, M::Shuttling), kWinding), MotionLost, G::Always, M::Faulted, {A::RecordOffAndStop, A::RaiseFault},
       I::MotionNeedsTach),
    go(in(M::Locating), MotionLost, G::DeckSaysStopped, M::Stopped, {A::CancelLocate, A::TellUnaskedStop}),
    go(in(M::Locating), MotionLost, G::Always, M::Faulted, {A::RecordOffAndStop, A::CancelLocate, A::RaiseFault}, I::MotionNeedsTach),
    same(kAnyMotion, MotionLost),
    go(in(M::Starting), StartTimeout, G::NoMotionSensor, M::Playing, {A::ForgetDeferred}),
    go(with(in(M::Starting, M::Shuttling), kWinding), StartTimeout, G::Always, M::Faulted,
       {A::RecordOffAndStop, A::ForgetDeferred, A::RaiseFault}, I::MotionNeedsTach),
    go(in(M::Locating), StartTimeout, G::Always, M::Faulted, {A::RecordOffAndStop, A::CancelLocate, A::RaiseFault}, I::MotionNeedsTach),
    same(kAnyMotion, StartTimeout),
    go(in(M::Braking), StillTimeout, G::Always, M::Faulted, {A::RecordOffAndStop, A::ForgetDeferred, A::RaiseFault}, I::WindToPlayOnlyWhenStill),
    go(in(M::Locating), StillTimeout, G::Always, M::Faulted, {A::RecordOffAndStop, A::CancelLocate, A::RaiseFault}, I::WindToPlayOnlyWhenStill),
    stay(in(M::Stopped), StillTimeout, G::Always, {A::ForgetDeferred}, I::WindToPlayOnlyWhenStill),
    same(kAnyMotion, StillTimeout),
    // --- tape out or broken: record off, halt
    go(in(M::Locating), TapeOut, G::Always, M::TapeOut, {A::RecordOffAndStop, A::CancelLocate, A::TellUnaskedStop}, I::TapeOutHalts),
    go(in(M::Editing), TapeOut, G::Always, M::TapeOut, {A::RecordOffAndStop, A::EndEdit, A::TellUnaskedStop}, I::TapeOutHalts),
    go(with(in(M::Starting, M::Playing, M::Recording, M::Braking, M::Shuttling), kWinding), TapeOut, G::Always, M::TapeOut,
       {A::RecordOffAndStop, A::ForgetDeferred, A::TellUnaskedStop}, I::TapeOutHalts),
    stay(in(M::Unknown), TapeOut, G::FaultStands, {A::RecordOffAndStop, A::ForgetDeferred}, I::TapeOutHalts),
    go(in(M::Unknown, M::Stopped), TapeOut, G::Always, M::TapeOut, {A::RecordOffAndStop, A::ForgetDeferred}, I::TapeOutHalts),
    stay(in(M::TapeOut, M::Faulted), TapeOut, G::Always, {A::RecordOffAndStop}, I::TapeOutHalts),
    go(in(M::TapeOut), TapeIn, G::Always, M::Braking, {A::RecordOffAndStop, A::ThreadTensionOff}, I::TapeOutHalts),
    same(kAnyMotion, TapeIn),
    // --- the link to the deck is lost: nothing is known, nothing goes on
    go(in(M::Locating), LinkLost, G::Always, M::Unknown, {A::RecordOffAndStop, A::CancelLocate, A::TellUnaskedStop}, I::LostLinkIsUnknown),
    stay(in(M::Unknown), LinkLost, G::Always, {A::RecordOffAndStop, A::ForgetDeferred}, I::LostLinkIsUnknown),
    go(kAnyMotion, LinkLost, G::Always, M::Unknown, {A::RecordOffAndStop, A::ForgetDeferred, A::TellUnaskedStop}, I::LostLinkIsUnknown),
    // --- the locator and the driver
    go(in(M::Locating), LocateArrived, G::Always, M::Stopped, {A::CancelLocate}),
    same(kAnyMotion, LocateArrived),
    go(in(M::Locating), LocateFailed, G::Always, M::Faulted, {A::RecordOffAndStop, A::CancelLocate, A::RaiseFault}),
    same(kAnyMotion, LocateFailed),
    stay(in(M::Unknown), DeckError, G::LinkDown, {A::RecordOffAndStop, A::RaiseFault}, I::LostLinkIsUnknown),
    stay(in(M::Faulted), DeckError, G::Always, {A::RecordOffAndStop}, I::RecordOffFirst),
    go(in(M::Locating), DeckError, G::Always, M::Faulted, {A::RecordOffAndStop, A::CancelLocate, A::RaiseFault}, I::RecordOffFirst),
    go(kAnyMotion, DeckError, G::Always, M::Faulted, {A::RecordOffAndStop, A::ForgetDeferred, A::RaiseFault}, I::RecordOffFirst),
    // --- the other tables answer these
    same(kAnyMotion, LinkBack),
    same(kAnyMotion, EdgesLost), same(kAnyMotion, CueTooFast),
};
// clang-format on

} // namespace overbias::transport::rows
