// SPDX-License-Identifier: Apache-2.0
// How the rows of the machine's tables are written, and the reasons they give. Private to transport/.
#pragma once

#include "transport/machine.hpp"

namespace overbias::transport::rows {

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

inline constexpr From kAnyMotion = (1U << kMotionCount) - 1;
inline constexpr From kAnyArm = in(RecordArm::Safe, RecordArm::Armed);
inline constexpr From kAnyKnowledge = in(PositionKnowledge::Known, PositionKnowledge::Doubtful);
inline constexpr From kAnyLifters = in(Lifters::Normal, Lifters::Defeated);
inline constexpr From kWinding = in(M::FastForwarding, M::Rewinding);
/// The tape is not in wind: a wind may begin at once, either way.
inline constexpr From kSlow = in(M::Stopped, M::Starting, M::Playing);

inline constexpr std::string_view kUnknown =
    "the deck's state is not known yet: only stop is accepted; press stop and wait until the tape is still";
inline constexpr std::string_view kNoTape = "there is no tape in the path: thread the tape";
inline constexpr std::string_view kFaulted = "the transport is faulted: remove the cause and clear the fault first";
inline constexpr std::string_view kRecording = "the deck is recording: punch out or stop first";
inline constexpr std::string_view kWaitStill = "waits until the tape is still and has settled";
inline constexpr std::string_view kWaitRecordLeft = "waits until the deck has surely left record";
inline constexpr std::string_view kStopFirst = "the deck is stopped first; it goes on when the tape is still";
inline constexpr std::string_view kRecordFollows = "the deck is put into play; record follows when play is proven";
inline constexpr std::string_view kRecordWaits =
    "waits until the tape is still and has settled; then play is pressed, and record follows when play is proven";
inline constexpr std::string_view kOnlyInPlay =
    "record is possible only in play or from stop: press stop or play first";
inline constexpr std::string_view kNotArmed =
    "record is not armed: arm it first (stop, wind, locate and faults withdraw the arm)";
inline constexpr std::string_view kNoProof =
    "there is no proof that the deck plays: wait for the play tally and play speed, or press record by hand";
inline constexpr std::string_view kNotReady = "record cannot be armed now: clear the fault or thread the tape first";
inline constexpr std::string_view kArmHeld =
    "record is held off: a tape is threaded that must not be recorded on; change the tape and say so (tape changed)";
inline constexpr std::string_view kNoTachToLocate = "this deck has no tach to locate by: wind by hand";
inline constexpr std::string_view kDoubtful =
    "the position is doubtful: go to a known place of the reel and zero or preset the counter first";
inline constexpr std::string_view kTallyStillLit = "the record tally is still lit: take the deck out of record";
inline constexpr std::string_view kStillMoves = "the tape still moves: stop the deck";
inline constexpr std::string_view kOnlyRepro = "the deck is recording: only repro may be selected now";
inline constexpr std::string_view kNoTachToCount = "this deck has no tach to count by";
inline constexpr std::string_view kNotOffered =
    "this deck does not offer it to a remote (see the deck's capabilities): use the deck's own keys";
inline constexpr std::string_view kHands = "the deck is in edit mode, hands may be on the reels: press stop first";
inline constexpr std::string_view kEditFromStop = "edit mode is entered only from stop: press stop and wait";
inline constexpr std::string_view kLiftersNotNow =
    "the lifters may be defeated only stopped, in shuttle, in edit mode or in slow wind: stop, or wait";
inline constexpr std::string_view kTooFast =
    "the tape runs faster than the cue limit (cue_limit_m_s): slow down before the lifters are defeated";
inline constexpr std::string_view kThreadNoTape =
    "the threading tension is given only while the tape is out: take the tape out first";
inline constexpr std::string_view kSpeedStill = "the speed is switched only while the tape is still: press stop first";
inline constexpr std::string_view kMayRecord =
    "the deck records, or may still be in record: press stop and wait until it has left record";
inline constexpr std::string_view kReadyStays =
    "the deck records, or may still be in record: record ready stays as it is until it has left record";
inline constexpr std::string_view kLinkDown = "the link to the deck is down: see to the link first";

template <typename State>
constexpr Row<State> go(From from, Event event, G guard, State next, ActionList actions, I interlock = I::None) {
    return {from, event, guard, next, actions, CommandStatus::Accepted, "", interlock};
}
constexpr Row<M> stay(From from, Event event, G guard, ActionList actions, I interlock = I::None) {
    return {from, event, guard, std::nullopt, actions, CommandStatus::Accepted, "", interlock};
}
constexpr Row<M> defer_when(G guard, From from, Event event, std::optional<M> next, ActionList actions,
                            std::string_view reason, I interlock = I::None) {
    return {from, event, guard, next, actions, CommandStatus::Deferred, reason, interlock};
}
constexpr Row<M> defer(From from, Event event, std::optional<M> next, ActionList actions, std::string_view reason,
                       I interlock = I::None) {
    return defer_when(G::Always, from, event, next, actions, reason, interlock);
}
template <typename State = M>
constexpr Row<State> deny(From from, Event event, G guard, std::string_view reason, I interlock = I::None) {
    return {from, event, guard, std::nullopt, {}, CommandStatus::Denied, reason, interlock};
}
template <typename State = M>
constexpr Row<State> same(From from, Event event, G guard = G::Always) {
    return {from, event, guard, std::nullopt, {}, CommandStatus::Unchanged, "", I::None};
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
constexpr Row<M> refuse_editing(Event event) {
    return deny(in(M::Editing), event, G::Always, kHands, I::EditOnlyFromStop);
}

} // namespace overbias::transport::rows
