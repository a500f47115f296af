// SPDX-License-Identifier: Apache-2.0
// What the off-tape comparison says: shapes and units only.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace overbias::mastering {

/// Limits of the verdict; configuration with these defaults, repeated in every report.
struct VerdictLimits {
    double delay_tolerance = 0.03;           ///< of the head delay: beyond it the signal is not off tape
    double level_difference_db = 1.0;        ///< absolute, re operating level
    double level_re_slate_db = 0.3;          ///< programme against slate as read off tape: droop
    double third_octave_difference_db = 1.5; ///< 50 Hz ... 15 kHz, after the level difference is taken out
    double dropout_depth_db = 6.0;           ///< at the band it was seen in
    double dropout_length_ms = 3.0;
    double speed_change_ppm = 2000.0; ///< change during the print
    double phase_deg_at_1khz = 30.0;  ///< between channels, programme against source
    double not_proven_s = 0.02;       ///< longest stretch that may be missing for lost frames or xruns
};

/// Fixed words of a failure, most grave first. The verdict's reason is the first that applies.
///   not_off_tape, no_signal, channel_missing, channels_swapped, polarity, not_recorded_well, level_difference,
///   level_droop, frequency_response, phase, dropout, speed_change, unexpected_signal, not_proven
using ReasonWord = std::string;

struct Dropout {
    double tape_m = 0;           ///< from the slate's onset
    double tape_time_s = 0;      ///< the same at nominal speed
    double programme_time_s = 0; ///< from the first frame of its track
    int channel = 0;             ///< 0 left, 1 right
    double length_ms = 0;
    double depth_db = 0; ///< deepest, positive
    std::string kind;    ///< "flat" or "spacing"
    bool over_limit = false; ///< as deep and as long as the limits: fails the print; else it is only told
};

struct Stretch {
    double from_s = 0, to_s = 0; ///< programme time of its track
    std::string reason;
};

struct Finding {
    ReasonWord reason;
    std::string text; ///< in words, with figures, expected and got
    int channel = -1; ///< -1: both or neither
};

struct TrackResult {
    std::string name;
    bool pass = false;
    std::vector<Finding> findings;
    double start_tape_m = 0, start_tape_s = 0;
    std::optional<double> delay_ms; ///< head delay, converters taken out, median
    std::array<std::optional<double>, 2>
        level_difference_db; ///< return re operating level minus sent re operating level
    std::array<std::optional<double>, 2> level_re_slate_db;
    std::vector<double> third_octave_hz; ///< nominal band centres
    std::array<std::vector<std::optional<double>>, 2>
        third_octave_difference_db; ///< null: not enough signal in that band
    std::optional<double> speed_error_ppm;
    std::string speed_source;               ///< "head delay against calibrated delay", or why it is null
    std::optional<double> speed_change_ppm; ///< against the start of the print
    std::optional<double> phase_deg;        ///< between channels at 1 kHz equivalent, return minus source
    double judged_share = 0;                ///< of the track's time, for drop-outs, mean of both channels
    std::vector<Dropout> dropouts;
    std::vector<Stretch> not_proven;
};

struct SlateResult {
    bool found = false;
    std::int64_t onset_return_frame = -1;
    std::optional<double> delay_ms;
    std::array<std::optional<double>, 2> level_dbfs;          ///< as captured
    std::array<std::optional<double>, 2> level_difference_db; ///< re operating level minus what was sent
    std::optional<double> frequency_hz;
};

struct ComparisonResult {
    bool pass = false;
    ReasonWord reason;             ///< empty on pass
    std::vector<Finding> findings; ///< of the print as a whole
    bool off_tape = false;
    std::string off_tape_text; ///< delay expected and found, absence before, tape noise
    SlateResult slate;
    std::array<std::optional<double>, 2> noise_dbfs; ///< off tape in the gap, unweighted RMS
    std::optional<double> clock_difference_ppm;      ///< between the two streams' crystals; never called tape speed
    std::vector<TrackResult> tracks;                 ///< one a Track section
};

/// While it runs.
struct LiveComparison {
    std::int64_t judged_to_frame = 0; ///< playback frames
    std::optional<double> delay_ms;
    std::array<std::optional<double>, 2> level_difference_db;
    std::uint64_t dropouts = 0;
    std::optional<ReasonWord> failing; ///< set as soon as the verdict can only be a failure
};

} // namespace overbias::mastering
