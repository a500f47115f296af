// SPDX-License-Identifier: Apache-2.0
// Which line of the GPIO chip goes to which contact or lamp of the deck's remote socket.
#pragma once

#include <array>

namespace overbias::deck_sim {

struct Wire {
    const char* chip; ///< the chip's name of the line
    const char* deck; ///< the remote socket's
};
inline constexpr std::array kOutputWires{Wire{"RELAY_STOP", "stop"},
                                         Wire{"RELAY_PLAY", "play"},
                                         Wire{"RELAY_RECORD", "record"},
                                         Wire{"RELAY_FF", "fast_forward"},
                                         Wire{"RELAY_REW", "rewind"},
                                         Wire{"RELAY_MON_INPUT", "monitor_input"},
                                         Wire{"RELAY_MON_SYNC", "monitor_sync"}};
/// Places in kOutputWires.
inline constexpr unsigned kStopKey = 0, kPlayKey = 1, kRecordKey = 2, kFastForwardKey = 3, kRewindKey = 4;
inline constexpr std::array kInputWires{Wire{"TALLY_STOP", "tally_stop"},     Wire{"TALLY_PLAY", "tally_play"},
                                        Wire{"TALLY_RECORD", "tally_record"}, Wire{"TALLY_FF", "tally_fast_forward"},
                                        Wire{"TALLY_REW", "tally_rewind"},    Wire{"TAPE_OUT", "tape_out"}};
/// The rest of what the socket and the patch take; on the chip they are called as they are on the deck, so that a
/// daemon's profile finds them without being told.
inline constexpr std::array kMoreOutputWires{Wire{"library_wind", "library_wind"},
                                             Wire{"edit", "edit"},
                                             Wire{"lifter_defeat", "lifter_defeat"},
                                             Wire{"thread", "thread"},
                                             Wire{"speed_low", "speed_low"},
                                             Wire{"speed_high", "speed_high"},
                                             Wire{"ready_1", "ready_1"},
                                             Wire{"ready_2", "ready_2"},
                                             Wire{"route_source", "route_source"},
                                             Wire{"route_oscillator", "route_oscillator"},
                                             Wire{"route_tape_return", "route_tape_return"},
                                             Wire{"route_mute", "route_mute"},
                                             Wire{"route_mono", "route_mono"}};
inline constexpr const char* kHeartbeatLine = "HEARTBEAT";
inline constexpr const char* kTachALine = "TACH_A";
inline constexpr const char* kTachBLine = "TACH_B";
inline constexpr const char* kChipLabel = "overbias-decksim";

} // namespace overbias::deck_sim
