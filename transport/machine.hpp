// SPDX-License-Identifier: Apache-2.0
// The machine: three small state tables as data (motion, record arm, knowledge of position). handle() is pure: it returns the next
// state and the actions to perform; time enters only as events. docs/states.md is generated from these tables.
#pragma once

namespace overbias::transport {

enum class Motion {
    Unknown, ///< after start-up, until the deck has told; accepts only stop
    Stopped, Starting, Playing, Recording, FastForwarding, Rewinding, Locating, Braking, TapeOut, Faulted,
};
enum class RecordArm { Safe, Armed };
enum class PositionKnowledge { Known, Doubtful };

} // namespace overbias::transport
