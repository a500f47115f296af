// SPDX-License-Identifier: Apache-2.0
// Faults: what can be made to go wrong with the simulated deck, each at a stated time or place. Text form `KIND` or
// `KIND:key=value,key=value`, for example `spacing:programme_s=12.5,length_ms=20,depth_db=20,channel=left`.
// Every failure of parsing is an Error that names the kind or key, the nearest one there is, and what was expected.
// Thread: any.
#pragma once

#include "base/result.hpp"
#include "deck-sim/equalisation.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace overbias::deck_sim {

enum class FaultKind {
    Dropout,      ///< magnetics: flat drop-out of the tape, edges at once; at, length_ms, depth_db, channels
    Spacing,      ///< magnetics: tape lifted off the head, smooth edges; depth_db is the loss at 10 kHz; at, length_ms,
                  ///< channels
    TapeBreak,    ///< mechanics: the tape parts; at
    StuckTally,   ///< lines: an input shows `value` from `at` on; line, value
    DeadTach,     ///< tach: no edges from `at` on
    Xrun,         ///< card: length_ms of frames are lost; at (time), direction
    MonitorInput, ///< the deck's output stays on INPUT from `at` on whatever the relays say
    MonitorSync,  ///< the deck's output stays on SYNC (record head) from `at` on whatever the relays say
    NoRecordBias, ///< magnetics: record without bias (erase works)
    OldProgrammePlaying, ///< magnetics: the deck does not record nor erase; what was on the tape before plays
    SwappedChannels,     ///< left and right change places on the way to the record head
    Polarity,            ///< the channel is recorded upside down; channels
    MissingChannel,      ///< the channel is not recorded (it is erased); channels
    Droop,               ///< the recorded level falls by droop_db from `at` on; channels, above_hz
    StuckMotor,          ///< mechanics: the motor of `reel` gives no torque from `at` on
    ReversedDirection,   ///< tach: its two phases are swapped from `at` on
    SlippingRoller,      ///< tach: the tape roller misses `slip` of the travel from `at` on
    PowerLoss,           ///< the mains fail; at
    PowerReturn,         ///< they come back: the deck stands in stop; at
    PrintThrough,        ///< magnetics: each layer of the pack leaves level_db of itself on the next inside and outside
    Crosstalk,           ///< magnetics: each channel reads level_db of the other
    StuckBias,           ///< magnetics: the record current stays at level_db over the peak's, whatever is set; channels
    BiasDrift,           ///< magnetics: it changes by level_db within over_s from `at` on; channels
    BiasLoss,            ///< magnetics: it fails at `at`; channels
    ReproduceEq,         ///< the reproduce side's EQ switch stands at `standard`
    HeadBlock,           ///< another head block: butterfly heads, distance_mm from record to reproduce gap
    ReproducePolarity,   ///< the channel is reproduced upside down; channels
    SwappedReturn,       ///< left and right change places on the way from the reproduce head
    LostRecord,          ///< the record amplifier is dead for length_ms from `at` on (erase and bias go on); channels
    Azimuth,             ///< the reproduce head tilts at `at`: right behind left by azimuth_us
    SpeedChange,         ///< mechanics: the capstan runs faster by speed_share from `at` on
    Wow,                 ///< mechanics: the speed swings by speed_share, `hz` times a second, from `at` on
    Hiss,                ///< magnetics: what is recorded from `at` on is noisier by level_db; channels
    Hum,                 ///< a sine at `hz` in the line output from `at` on, level_db re operating level; channels
};

/// Where or when a fault happens.
struct FaultPlace {
    enum class Scale {
        Programme, ///< seconds after the programme's first frame left the converter (SimulatedDeck::programme_starts)
        Time,      ///< seconds of deck time
        Tape,      ///< metres from the tape's beginning: the defect itself is at that place of the tape
    };
    Scale scale = Scale::Time;
    double value = 0.0; ///< seconds, or metres; never negative

    /// Deck time in seconds; nothing for a place on the tape, and for programme time as long as the programme has not
    /// begun. A drop-out given in programme_s or time_s is the stretch of tape that is at the RECORD head from that
    /// moment on.
    [[nodiscard]] std::optional<double> time_s(std::optional<double> programme_start_s) const noexcept;
    [[nodiscard]] bool operator==(const FaultPlace&) const = default;
};

enum class FaultChannels { Left, Right, Both };

struct Fault {
    FaultKind kind = FaultKind::Dropout;
    FaultPlace at;          ///< kinds without a place: time 0, that is always
    double length_ms = 0.0; ///< Dropout, Spacing (between the half-depth points), Xrun, LostRecord
    double depth_db = 0.0;  ///< Dropout, Spacing: loss, positive
    FaultChannels channels = FaultChannels::Both;
    std::string line;   ///< StuckTally: name of an input of SimulatedDeck::lines()
    bool value = false; ///< StuckTally
    enum class Direction { Capture, Playback } direction = Direction::Capture; ///< Xrun
    double droop_db = 0.0;                                                     ///< Droop: loss, positive
    std::optional<double> above_hz; ///< Droop: only above that frequency; without it at all frequencies
    enum class Reel { Supply, TakeUp } reel = Reel::TakeUp; ///< StuckMotor
    double slip = 0.0;                                      ///< SlippingRoller: share of the travel
    double level_db = 0.0;                     ///< PrintThrough, Crosstalk, Hum: negative; StuckBias, BiasDrift, Hiss
    double frequency_share = 0.0;              ///< BiasDrift: change of the bias frequency
    double over_s = 0.0;                       ///< BiasDrift
    double distance_mm = 0.0;                  ///< HeadBlock
    double azimuth_us = 0.0;                   ///< Azimuth, at nominal speed
    double speed_share = 0.0;                  ///< SpeedChange; Wow: peak
    double hz = 0.0;                           ///< Wow, Hum
    Equalisation standard = Equalisation::Nab; ///< ReproduceEq

    /// True when the fault touches the channel (0 left, 1 right).
    [[nodiscard]] bool touches(std::size_t channel) const noexcept {
        return channels == FaultChannels::Both || (channels == FaultChannels::Left) == (channel == 0);
    }
    [[nodiscard]] bool operator==(const Fault&) const = default;
};

/// "spacing", "tape_break" ...
[[nodiscard]] std::string_view fault_name(FaultKind kind) noexcept;
/// Reads `KIND:key=value,...`.
[[nodiscard]] Result<Fault> parse_fault(std::string_view text);
/// All kinds with their keys, units and defaults, for --help. Ends with a newline.
[[nodiscard]] std::string fault_help();

} // namespace overbias::deck_sim
