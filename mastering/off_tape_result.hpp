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
    /// A return without the programme for longer than any drop-out: the longest that is looked for is 50 ms, and after
    /// half a second a drop-out's own reference, the median over a second, is lost.
    double missing_s = 0.5;
    /// Median of 10 s, at 15 in/s; in proportion at lower speeds. Alignment leaves 10 degrees at 10 kHz, 3 us, and
    /// weave moves a quarter-inch tape by 3 us each way.
    double azimuth_us = 8.0;
    /// 0.2 to 5 Hz, two standard deviations, unweighted: about three times what machines in order state (weighted), and
    /// where slow wow begins to be heard on held notes.
    double wow_percent = 0.15;
    double noise_rise_db = 6.0; ///< a gap against the side's first: twice the flux, which no tape does within a batch
};

/// Fixed words of a failure, most grave first (comparison/words.hpp). The verdict's reason is the first that applies.
///   not_off_tape, no_signal, channel_missing, missing, channels_swapped, polarity, not_recorded_well,
///   level_difference, level_droop, frequency_response, phase, azimuth, dropout, speed_change, wow, unexpected_signal,
///   noise, not_proven
using ReasonWord = std::string;

struct Dropout {
    double tape_m = 0;           ///< from the slate's onset
    double tape_time_s = 0;      ///< the same at nominal speed
    double programme_time_s = 0; ///< from the first frame of its track
    int channel = 0;             ///< 0 left, 1 right
    double length_ms = 0;
    double depth_db = 0;     ///< deepest, positive
    std::string kind;        ///< "flat", "spacing", or "unknown" where only one band could be judged
    bool over_limit = false; ///< as deep and as long as the limits: fails the print; else it is only told
};

struct Stretch {
    double from_s = 0, to_s = 0; ///< programme time of its track
    std::string reason;
};

struct Finding {
    ReasonWord reason;
    std::string text;                               ///< in words, with figures, expected and got
    int channel = -1;                               ///< -1: both or neither
    std::optional<double> from_s = {}, to_s = {};   ///< programme time of its track, where it has a place; to_s empty:
                                                    ///< to the end, or a moment
    std::optional<double> from_hz = {}, to_hz = {}; ///< the band it was seen in, where it has one
    /// By how much from_s may be off, where it is the place of a change that was fitted: 95 % and more of its
    /// likelihood.
    std::optional<double> place_within_s = {};
};

/// A figure that is null, and why in a fixed word:
///   not_enough_signal, no_slate, too_short, not_in_this_mode, no_calibration
struct Withheld {
    std::string figure; ///< the field's name: "delay_ms", "wow", "azimuth", ...
    std::string reason;
};

/// Figures of each second of a track; second n is n ... n + 1 s of programme time. Empty optional: not enough signal.
struct SecondFigures {
    std::optional<double> delay_ms;
    std::array<std::optional<double>, 2> level_difference_db; ///< 100 Hz to 5 kHz, re operating level
    std::array<std::array<std::optional<float>, 26>, 2> third_octave_difference_db; ///< [channel], level difference of
                                                                                    ///< the track taken out
    std::optional<double> azimuth_us; ///< right behind left, return minus source, median of the frames in this second
    double azimuth_confidence = 0;    ///< 0 ... 1: coherence of both channels times the share of frames it rests on
    float dropouts_judged = 0;        ///< share of the second, mean of both channels
    bool level_judged = false;
    bool response_judged = false; ///< at least three third octaves above 4 kHz, on either channel
};

/// Speed varying at 0.2 to 5 Hz, from the delay.
struct Wow {
    double percent = 0;            ///< two standard deviations, unweighted
    double peak_percent = 0;       ///< largest deviation
    double from_hz = 0, to_hz = 0; ///< where the delay shows it: 5 Hz, or less where the comb leaves nothing
    double seconds = 0;            ///< of the track it rests on
    std::string basis;             ///< "delay trace, comb of the head distance undone", "delay trace"
};

/// Slow movement of the time between channels.
struct Azimuth {
    double mean_us = 0;      ///< median over the track; right behind left, return minus source
    double worst_us = 0;     ///< of the medians of averaging_s
    double worst_from_s = 0; ///< programme time where that begins
    double averaging_s = 0;  ///< of each value
    double frame_s = 0;      ///< of the frames those are medians of
    double spread_us = 0;    ///< standard deviation of the frames: weave, and the estimate's own noise
    double confidence = 0;   ///< 0 ... 1
};

/// What the tape takes or adds at one level: frames of the track by level sent.
struct CompressionPoint {
    double sent_re_operating_db = 0; ///< RMS of a frame, as a sine of that RMS
    double difference_db = 0;        ///< against the level difference of the frames that drive the tape moderately
    int frames = 0;
};

struct TransferFunction {
    std::vector<double> frequency_hz; ///< 1/12 octave; coarser at the bottom where the analysis frame resolves less
    std::array<std::vector<std::optional<double>>, 2> magnitude_db; ///< re operating level; null: not enough signal
    std::array<std::vector<std::optional<double>>, 2> coherence;    ///< 0 ... 1
};

/// What is left of the return when delay, gain and response are taken out: noise, distortion, modulation.
struct Residual {
    std::array<std::optional<double>, 2> db; ///< re the returned programme in the same band
    double from_hz = 0, to_hz = 0;
};

/// Share of the track's time in which each kind could be judged, mean of both channels, 0 ... 1.
struct JudgedShares {
    double dropouts = 0, level = 0, response = 0, azimuth = 0;
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
    /// Bands that only passages have which drive the tape: it takes from them, and they are judged with an allowance.
    std::array<std::vector<bool>, 2> third_octave_hot;
    std::optional<double> speed_error_ppm;
    std::string speed_source;               ///< "head delay against calibrated delay", or why it is null
    std::optional<double> speed_change_ppm; ///< against the start of the print
    std::optional<double> phase_deg;        ///< between channels at 1 kHz equivalent, return minus source
    double judged_share = 0;                ///< of the track's time, for drop-outs, mean of both channels
    std::vector<Dropout> dropouts;
    std::vector<Stretch> not_proven;
    std::vector<Stretch> missing; ///< the programme was sent and is not in the return; reason: "left", "right", "both"
    JudgedShares judged;          ///< judged.dropouts is judged_share
    std::vector<SecondFigures> seconds;
    std::optional<Azimuth> azimuth;
    std::optional<Wow> wow;
    std::array<std::vector<CompressionPoint>, 2> compression;
    TransferFunction transfer;
    Residual residual;
    std::vector<Withheld> withheld; ///< figures that are null or empty, and why
};

struct SlateResult {
    bool found = false;
    std::int64_t onset_return_frame = -1;
    std::optional<double> delay_ms;
    std::array<std::optional<double>, 2> level_dbfs;          ///< as captured
    std::array<std::optional<double>, 2> level_difference_db; ///< re operating level minus what was sent
    std::optional<double> frequency_hz;
    std::array<std::optional<double>, 2> third_harmonic; ///< amplitude re the tone's, 0 ... 1
};

/// A tone of the slate after the first.
struct ToneResult {
    std::string name;
    double start_tape_m = 0, start_tape_s = 0; ///< as of a track
    double duration_s = 0;
    bool found = false;
    std::optional<double> frequency_hz;                         ///< sent, from the reference
    std::array<std::optional<double>, 2> level_dbfs;            ///< as captured, sine peak
    std::array<std::optional<double>, 2> level_re_operating_db; ///< of the return
    std::array<std::optional<double>, 2> level_difference_db;   ///< re operating level minus what was sent
    std::optional<double> phase_deg;  ///< right behind left at this tone, return minus source, -180 ... 180
    std::optional<double> azimuth_us; ///< the same as a time: nearest of those that differ by a period
    double azimuth_spread_us = 0;     ///< standard deviation of the frames
    double averaging_s = 0;           ///< of level, phase and azimuth
};

struct VoiceResult {
    std::string name;
    double start_tape_m = 0, start_tape_s = 0;
    double duration_s = 0;
    std::optional<bool> there; ///< empty: nothing was sent, or it was not seen
};

struct HumLine {
    double frequency_hz = 0;
    std::array<double, 2> dbfs{}; ///< sine peak
};

struct GapResult {
    std::string name;
    double start_tape_m = 0, start_tape_s = 0;
    double duration_s = 0;                             ///< that was measured
    std::array<std::optional<double>, 2> noise_dbfs;   ///< unweighted RMS, the whole band
    std::array<std::optional<double>, 2> noise_a_dbfs; ///< A-weighted RMS (IEC 61672-1), 20 Hz to 20 kHz
    std::array<std::optional<double>, 2> noise_re_operating_db, noise_a_re_operating_db; ///< re a sine at that level
    std::vector<HumLine> hum; ///< mains lines that stand 10 dB over the noise beside them
};

/// What a run of a side leaves to the next one, which goes on after a stop and has no slate of its own.
struct EarlierRun {
    std::array<std::optional<double>, 2> slate_level_dbfs;
    std::array<std::optional<double>, 2> slate_level_difference_db;
    std::array<std::optional<double>, 2> slate_third_harmonic;
    std::optional<double> head_delay_s;
    std::array<std::optional<double>, 2> noise_dbfs;
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
    std::string mode;                                ///< "live" or "replay"
    std::array<double, 2> compared_band_hz{};        ///< that both streams carry and the figures are of
    std::vector<ToneResult> tones;                   ///< one a Tone section
    std::vector<VoiceResult> voices;                 ///< one a Voice section
    std::vector<GapResult> gaps;                     ///< one a Gap section that was seen
    EarlierRun for_next_run;                         ///< of this run's slate, else what it was given
};

/// While it runs.
struct LiveComparison {
    std::int64_t judged_to_frame = 0; ///< playback frames
    std::optional<double> delay_ms;
    std::array<std::optional<double>, 2> level_difference_db;
    std::uint64_t dropouts = 0;
    std::optional<ReasonWord> failing; ///< set as soon as the verdict can only be a failure
    double missing_s = 0;              ///< how long the programme has been missing in the return, now
    std::optional<double> azimuth_us;  ///< median of the last seconds
};

} // namespace overbias::mastering
