// SPDX-License-Identifier: Apache-2.0
// The names of states, events, actions, guards and interlocks, as status, log and docs/states.md show them.
#include "transport/machine.hpp"

namespace overbias::transport {

// Each in the order of its enumeration; the lengths are checked here, the order by tests/transport.
namespace {
constexpr std::string_view kMotionNames[] = {"Unknown",        "Stopped",   "Starting",  "Playing", "Recording",
                                             "FastForwarding", "Rewinding", "Shuttling", "Editing", "Locating",
                                             "Braking",        "TapeOut",   "Faulted"};
static_assert(std::size(kMotionNames) == kMotionCount);
constexpr std::string_view kStatusNames[] = {"Accepted", "Unchanged", "Deferred", "Denied"};
static_assert(std::size(kStatusNames) == static_cast<std::size_t>(CommandStatus::Denied) + 1);
constexpr std::string_view kEventNames[] = {
    "Stop",
    "Play",
    "Record",
    "PunchOut",
    "FastForward",
    "Rewind",
    "LibraryForward",
    "LibraryReverse",
    "Shuttle",
    "Edit",
    "Locate",
    "ClearFault",
    "Arm",
    "Disarm",
    "DefeatLifters",
    "RestoreLifters",
    "ThreadOn",
    "ThreadOff",
    "SelectSpeed",
    "SetReady",
    "ZeroCounter",
    "PresetCounter",
    "CorrectPosition",
    "SelectRepro",
    "SelectSource",
    "TapeStill",
    "Settled",
    "PlayProven",
    "PlayTallyLost",
    "RecordTallyLost",
    "UnaskedRecord",
    "UnaskedPlay",
    "UnaskedForward",
    "UnaskedRewind",
    "MotionLost",
    "TapeOut",
    "TapeIn",
    "EdgesLost",
    "CueTooFast",
    "LinkLost",
    "LinkBack",
    "StartTimeout",
    "StillTimeout",
    "RecordTimeout",
    "LocateArrived",
    "LocateFailed",
    "DeckError",
};
static_assert(std::size(kEventNames) == kEventCount);
constexpr std::string_view kActionNames[] = {
    "RecordOffAndStop",    "PressStop",        "PressPlay",       "PressRecord",
    "PressRecordExit",     "PressFastForward", "PressRewind",     "PressLibraryForward",
    "PressLibraryReverse", "PressShuttle",     "BeginEdit",       "EndEdit",
    "DefeatLifters",       "RestoreLifters",   "ThreadTensionOn", "ThreadTensionOff",
    "SelectSpeed",         "SetReady",         "BeginLocate",     "CancelLocate",
    "DeferPlay",           "DeferFastForward", "DeferRewind",     "DeferLibraryForward",
    "DeferLibraryReverse", "DeferShuttle",     "DeferRecord",     "ForgetDeferred",
    "SetMonitor",          "ZeroCounter",      "PresetCounter",   "CorrectPosition",
    "RaiseFault",          "ForgetFault",      "TellUnaskedStop",
};
static_assert(std::size(kActionNames) == static_cast<std::size_t>(Action::TellUnaskedStop) + 1);
constexpr std::string_view kGuardNames[] = {
    "always",
    "still",
    "still and settled",
    "not still",
    "armed",
    "armed and play proven",
    "recording, play not proven",
    "not armed",
    "tape is out",
    "record tally lit",
    "may be in record",
    "deck says stopped",
    "no tach",
    "no motion sensor",
    "not offered by this deck",
    "position doubtful",
    "play deferred, settled",
    "fast forward deferred",
    "rewind deferred",
    "library wind forward deferred",
    "library wind reverse deferred",
    "shuttle deferred",
    "record deferred",
    "record deferred, armed, settled",
    "record deferred, armed, play proven",
    "motion unknown",
    "unknown, tape out or faulted",
    "starting, playing or recording",
    "in play, play proven",
    "tape moves forward",
    "tape moves backward",
    "tape runs forward faster than play",
    "in library wind",
    "locating or braking",
    "above the cue limit",
    "shuttle speed above the cue limit",
    "link down",
    "position comes over the link",
    "a fault stands",
    "a key is in flight",
    "arm is held",
};
static_assert(std::size(kGuardNames) == static_cast<std::size_t>(Guard::ArmHeld) + 1);
constexpr std::string_view kInterlockNames[] = {
    "",
    "unknown-accepts-only-stop",
    "record-off-first",
    "wind-to-play-only-when-still",
    "reverse-only-when-still",
    "record-only-in-play",
    "record-only-armed",
    "record-needs-proof-of-play",
    "tape-out-halts",
    "one-motion-line",
    "motion-needs-tach",
    "unasked-record-stops",
    "lost-play-tally-stops-record",
    "monitor-stays-while-recording",
    "nothing-resumes-after-fault",
    "locate-needs-known-position",
    "edit-only-from-stop",
    "lifters-defeated-only-slow",
    "speed-only-when-still",
    "ready-stays-while-recording",
    "thread-only-without-tape",
    "lost-link-is-unknown",
    "held-arm-stays-safe",
};
static_assert(std::size(kInterlockNames) == static_cast<std::size_t>(Interlock::HeldArmStaysSafe) + 1);
} // namespace

std::string_view name_of(Motion motion) noexcept {
    return kMotionNames[static_cast<std::size_t>(motion)];
}
std::string_view name_of(RecordArm arm) noexcept {
    return arm == RecordArm::Armed ? "Armed" : "Safe";
}
std::string_view name_of(PositionKnowledge knowledge) noexcept {
    return knowledge == PositionKnowledge::Known ? "Known" : "Doubtful";
}
std::string_view name_of(Lifters lifters) noexcept {
    return lifters == Lifters::Defeated ? "Defeated" : "Normal";
}
std::string_view name_of(CommandStatus status) noexcept {
    return kStatusNames[static_cast<std::size_t>(status)];
}
std::string_view name_of(Event event) noexcept {
    return kEventNames[static_cast<std::size_t>(event)];
}
std::string_view name_of(Action action) noexcept {
    return kActionNames[static_cast<std::size_t>(action)];
}
std::string_view name_of(Guard guard) noexcept {
    return kGuardNames[static_cast<std::size_t>(guard)];
}
std::string_view name_of(Interlock interlock) noexcept {
    return kInterlockNames[static_cast<std::size_t>(interlock)];
}

} // namespace overbias::transport
