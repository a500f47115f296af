// SPDX-License-Identifier: Apache-2.0
// What the papers of a print need of its report (docs/report.md), read once, for the certificate, the box label and the
// cue sheet alike: nothing is typed twice. Both versions of a report are read; what a report does not have is empty and
// stays a blank on paper. Pure functions, any thread.
//
// Tape seconds and metres count from the slate's planned first frame of their side, as in the report.
#pragma once

#include "base/result.hpp"

#include <array>
#include <boost/json/fwd.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace overbias::mastering {

using Channels = std::array<std::optional<double>, 2>; ///< left, right

struct PaperFinding {
    std::string reason, text;
    std::optional<double> from_s = {}; ///< programme time, where it has a place
};

struct PaperStretch {
    double from_s = 0.0, to_s = 0.0; ///< of the programme
    std::string reason;
};

/// A figure that is not there, and the fixed word why.
struct PaperWithheld {
    std::string figure, reason;
};

struct PaperAzimuth {
    std::optional<double> mean_us, worst_us, averaging_s, confidence;
};

/// Share of a track's time in which each kind could be judged.
struct PaperJudged {
    std::optional<double> dropouts, level, response, azimuth;
};

/// What the tape takes or adds at one level.
struct PaperCompression {
    double sent_re_operating_db = 0.0, difference_db = 0.0;
};

struct PaperDropout {
    std::optional<double> tape_s, programme_s;
    std::string channel, kind;
    double length_ms = 0.0, depth_db = 0.0;
    bool over_limit = true;
};

struct PaperTone {
    double frequency_hz = 0.0;
    std::optional<double> duration_s, level_re_operating_db, start_tape_s;
    Channels level_difference_db; ///< as read off tape
    bool azimuth = false;         ///< meant for setting it
    bool voice = false;           ///< a spoken slate: no frequency
};

struct PaperTrack {
    std::size_t side = 0; ///< index into sides
    std::string file, title, artist, isrc, version, sha256;
    std::optional<double> sample_rate_hz, trim_db, duration_s;
    bool converted = false;
    std::string verdict;
    std::vector<PaperFinding> findings;
    std::optional<double> start_tape_m, start_tape_s, start_counter_m, end_counter_m;
    std::optional<double> delay_ms, speed_error_ppm, speed_change_ppm, phase_deg, wow_percent;
    std::string speed_source;
    PaperAzimuth azimuth;
    PaperJudged judged;
    Channels level_difference_db, level_re_slate_db, residual_db;
    std::vector<double> third_octave_hz;
    std::array<std::vector<std::optional<double>>, 2> third_octave_db;
    std::array<std::vector<bool>, 2> third_octave_hot; ///< empty in an older report
    std::vector<double> transfer_hz;
    std::array<std::vector<std::optional<double>>, 2> transfer_db;
    double step_s = 1.0; ///< between the entries of the three below, the first at the middle of the first step
    std::array<std::vector<std::optional<double>>, 2> level_over_time_db;
    std::vector<std::optional<double>> delay_over_time_ms, dropouts_judged; ///< the second as a share, 0 to 1
    std::array<std::vector<PaperCompression>, 2> compression;
    std::vector<PaperDropout> dropouts;
    std::vector<PaperStretch> not_proven, missing;
    std::vector<PaperWithheld> withheld;
    std::size_t xruns = 0;

    /// Its title, or the file's name without folder and ending.
    [[nodiscard]] std::string name() const;
    /// Only passages that drive the tape have this band: it takes from them, which is no response.
    [[nodiscard]] bool only_loud(std::size_t channel, std::size_t band) const;
    /// Where a moment of it lies on the tape.
    [[nodiscard]] std::optional<double> tape_s(double programme_s) const;
};

/// A stretch of time in which a side was recorded without interruption.
struct PaperRun {
    std::size_t first_track = 1; ///< of the side, from 1
    std::string begun_utc, ended;
    std::optional<bool> off_tape;
    std::string off_tape_text;
};

struct PaperSide {
    std::string name;
    std::size_t reel = 0;         ///< from 0: sides that share a tape have the same
    std::vector<PaperTone> tones; ///< in order, the reference tone first
    std::optional<bool> off_tape;
    std::string off_tape_text;
    Channels noise_dbfs;
    std::optional<double> start_counter_m, end_counter_m, length_s;
    std::vector<PaperRun> runs; ///< of a report that tells them
};

/// Values by their names as they stand in the report, for what is only shown.
struct PaperValue {
    std::string name, text;
};

struct PrintFacts {
    std::string session, made_utc, verdict, reason;
    std::vector<PaperFinding> findings;
    std::vector<PaperValue> limits;
    std::optional<double> level_limit_db, third_octave_limit_db;
    // of the reel
    std::string title, artist, catalogue_number, client, studio, engineer, date, notes, version;
    std::string noise_reduction, stock, batch, equalisation, deck, deck_uuid, head_block_uuid, machine_serial,
        reel_uuid;
    std::string track_format, tape_width, azimuth_note, head_leader, tail_leader;
    std::string tape_length;
    std::optional<double> speed_ips, operating_level_nwb_per_m;
    std::optional<bool> tails_out;
    std::size_t reels = 1;
    std::vector<PaperSide> sides;   ///< at least one
    std::vector<PaperTrack> tracks; ///< that were printed
    std::size_t planned_tracks = 0; ///< 0: the report has no plan
    bool complete = true;
    std::vector<PaperValue> alignment; ///< empty: the report names none
    std::vector<PaperValue> overrides; ///< name of who has overridden, and why
    std::optional<double> sample_rate_hz;
};

/// Something the verdict does not cover, and why.
struct NotJudged {
    std::optional<std::size_t> track; ///< index; empty: the print as a whole
    std::string figure;               ///< the field's name
    std::string reason;               ///< fixed word, docs/certificate.md
    std::optional<double> share;      ///< that was judged; empty: none of it
    std::string text;                 ///< in words
};
[[nodiscard]] std::vector<NotJudged> not_judged(const PrintFacts& facts);

/// The report as JSON. An Error names what makes it no report of a print.
[[nodiscard]] Result<PrintFacts> read_print_facts(const boost::json::value& report);

/// Level in dB re 185 and re 320 nWb/m: 20 log10 of the ratio of fluxivities.
struct LevelRe {
    double re_185_db = 0.0, re_320_db = 0.0;
};
[[nodiscard]] LevelRe level_re(double nwb_per_m);

/// Tape time as "m:ss.s", from an hour on "h:mm:ss.s".
[[nodiscard]] std::string tape_time(double seconds, int decimals = 1);
/// "38.1 cm/s, 15 ips".
[[nodiscard]] std::string speed_words(double ips);
/// "320 nWb/m (+4.76 dB re 185, +0.00 dB re 320 nWb/m)".
[[nodiscard]] std::string operating_level_words(double nwb_per_m);
/// Without zeros at its end.
[[nodiscard]] std::string plain_number(double value, int decimals);

} // namespace overbias::mastering
