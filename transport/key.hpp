// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace overbias::transport {

/// Keys of a deck. RecordExit is the deck's way out of record while it goes on playing (punch-out).
enum class Key { Stop, Play, Record, RecordExit, FastForward, Rewind };

} // namespace overbias::transport
