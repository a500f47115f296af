// SPDX-License-Identifier: Apache-2.0
// Configuration of the daemon: read once at start-up from TOML, strictly (docs/configuration.md has every key). Plain
// data.
#pragma once

#include "base/result.hpp"
#include "mastering/off_tape_result.hpp"
#include "tape/deck_profile.hpp"
#include "tape/fluxivity.hpp"
#include "tape/level_chart.hpp"
#include "tape/tape_stock.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace overbias::controller {

struct DeckConfig {
    tape::DeckProfile profile;
    std::string uuid;                      ///< empty: kept in the state directory (identity.hpp)
    std::string head_block_uuid;           ///< empty: kept in the state directory
    double record_to_reproduce_mm = 0.0;   ///< measured on this head block, else the profile's
    double tach_edges_per_metre = 0.0;     ///< measured on this deck, else the profile's; 0: no tach
    double calibrated_head_delay_ms = 0.0; ///< at play speed, stored when speed was set by calibration tape; 0: unknown
};

struct TapeConfig {
    tape::TapeStock stock;
    double length_m = 0.0;
    double speed_ips = 0.0;
    tape::Equalisation equalisation = tape::Equalisation::Iec1;
    tape::Fluxivity operating_level;
};

struct AudioConfig {
    double sample_rate_hz = 48000.0;
    int converter_bits = 24;
    tape::LevelChart levels;
    double round_trip_frames = 0.0; ///< of the converters, playback to capture, measured by a loop
    [[nodiscard]] double round_trip_s() const noexcept { return round_trip_frames / sample_rate_hz; }
};

/// Defaults of a print.
struct PrintConfig {
    std::optional<double> start_m; ///< counter position of the slate's onset; empty: where the tape stands
    double slate_hz = 1000.0;
    double slate_s = 10.0;
    double slate_level_re_operating_db = 0.0;
    double lead_in_s = 1.0;
    double gap_s = 3.0;
    double post_roll_s = 2.0;
    double spare_m = 5.0; ///< kept free at the end of the tape
};

struct DaemonConfig {
    std::filesystem::path state_dir; ///< logbook, reports, identity
    std::filesystem::path socket;    ///< UNIX socket of the command line
    std::filesystem::path profiles;  ///< directory of profiles; empty: found as tape/profile_path.hpp says
};

struct Config {
    bool simulate = false;
    std::filesystem::path file; ///< empty: none was read
    DeckConfig deck;
    TapeConfig tape;
    AudioConfig audio;
    PrintConfig print;
    mastering::VerdictLimits limits;
    DaemonConfig daemon;
};

/// Reads a configuration. With `simulate` what the file leaves out has the simulated deck's defaults; without, what
/// only the operator can know (levels, round trip, deck, tape) is required. The error has one line for each mistake:
/// file, line, key, expected, got.
[[nodiscard]] Result<Config> load_config(const std::filesystem::path& file, bool simulate);
/// The same from text; `name` stands for the file in messages.
[[nodiscard]] Result<Config> parse_config(const std::string& text, const std::string& name, bool simulate);

/// --simulate without a file. The error is a profile that is not installed.
[[nodiscard]] Result<Config> simulated_config();

/// Every key there is, as "section.key".
[[nodiscard]] std::vector<std::string> config_keys();

} // namespace overbias::controller
