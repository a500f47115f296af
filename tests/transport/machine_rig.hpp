// SPDX-License-Identifier: Apache-2.0
// What the tests of the pure machine share: all states, all waiting commands, fair weather.
#pragma once

#include "transport/machine.hpp"

namespace overbias::transport::test {

/// The tape still and settled, play proven; the deck offers everything, nothing waits, the link is up.
inline Guards all_well() {
    Guards guards;
    guards.still = guards.settled = guards.play_proven = true;
    return guards;
}

inline MachineStates states_of(Motion motion) {
    return {motion, RecordArm::Armed, PositionKnowledge::Known, Lifters::Normal};
}

inline bool has(const ActionList& actions, Action wanted) {
    for (const Action action : actions) {
        if (action == wanted) {
            return true;
        }
    }
    return false;
}

inline constexpr Motion kAllMotions[] = {
    Motion::Unknown,        Motion::Stopped,   Motion::Starting,  Motion::Playing, Motion::Recording,
    Motion::FastForwarding, Motion::Rewinding, Motion::Shuttling, Motion::Editing, Motion::Locating,
    Motion::Braking,        Motion::TapeOut,   Motion::Faulted};

inline constexpr DeferredCommand kAllDeferrals[] = {DeferredCommand::None,           DeferredCommand::Play,
                                                    DeferredCommand::FastForward,    DeferredCommand::Rewind,
                                                    DeferredCommand::LibraryForward, DeferredCommand::LibraryReverse,
                                                    DeferredCommand::Shuttle,        DeferredCommand::Record};

} // namespace overbias::transport::test
