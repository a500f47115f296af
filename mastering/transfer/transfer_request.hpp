// SPDX-License-Identifier: Apache-2.0
// What a transfer from tape to file is asked for, and what it is made on. Plain data.
#pragma once

#include "audio/broadcast_wave.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace overbias::mastering {

/// How a transfer finds gaps (gap_finder.hpp says what the level is).
struct GapRule {
    double least_s = 2.0;            ///< a shorter silence is part of the programme
    double over_noise_db = 10.0;     ///< below this over the noise it is silence ...
    double below_loudest_db = 50.0;  ///< ... or this far below the loudest half second ...
    double at_least_below_db = 25.0; ///< ... but never less than this below it
};

struct TransferRequest {
    std::filesystem::path file; ///< absolute; must not be there
    audio::BroadcastWaveFormat::Samples samples = audio::BroadcastWaveFormat::Samples::Int24;

    // Places by the counter. Without `from_m` it begins where the tape stands, with the play key.
    std::optional<double> from_m, to_m;
    std::optional<double> length_s;        ///< of tape after from_m
    std::optional<double> until_silence_s; ///< ends when programme was heard and then so much silence
    double pre_roll_s = 2.0;               ///< in the file before from_m
    double post_roll_s = 2.0;              ///< in the file after to_m or the length
    bool library_wind = false;             ///< to the tape's end, when all is in the file
    GapRule gaps;

    std::string title, tape, project, note, operator_name; ///< for the file's metadata; empty: left out

    /// Neither place, length nor silence: STOP or the end of the tape is its proper end.
    [[nodiscard]] bool open_ended() const noexcept { return !to_m && !length_s && !until_silence_s; }
};

/// What the tape is played on; goes into file and report. Empty: not known, left out.
struct TransferIdentity {
    std::string session_uuid, deck_uuid, head_block_uuid, reel_uuid;
    std::string deck_name, equalisation, stock, batch;
    std::string alignment; ///< "record alignment of 2026-11-20T..., 0c5f..."; empty: none on record
    std::string converter; ///< the card's name
    double tape_speed_ips = 0.0;
    double operating_level_nwb_per_m = 0.0;
    double capture_dbfs_at_operating_level = 0.0;
    std::string program_version; ///< for the coding history
};

} // namespace overbias::mastering
