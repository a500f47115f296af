// SPDX-License-Identifier: Apache-2.0
// Configuration of the daemon: read once at start-up from TOML, strictly (docs/configuration.md has every key). Plain
// data.
#pragma once

#include "audio/ports/pcm.hpp"
#include "base/result.hpp"
#include "controller/files/files_config.hpp"
#include "controller/listening/listen_config.hpp"
#include "controller/transferring/transfer_config.hpp"
#include "mastering/off_tape_result.hpp"
#include "tape/deck_profile.hpp"
#include "tape/fluxivity.hpp"
#include "tape/level_chart.hpp"
#include "tape/tape_stock.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace overbias::controller {

struct DeckConfig {
    tape::DeckProfile profile;
    std::string uuid;                      ///< empty: kept in the state directory (identity.hpp)
    std::string head_block_uuid;           ///< empty: kept in the state directory
    double record_to_reproduce_mm = 0.0;   ///< measured on this head block, else the profile's
    double tach_edges_per_metre = 0.0;     ///< measured on this deck, else the profile's; 0: no tach
    double roller_slip_percent = 0.1;      ///< of the travel, measured; else the figure Studer states for the A80/R
    double calibrated_head_delay_ms = 0.0; ///< at play speed, stored when speed was set by calibration tape; 0: unknown
};

struct TapeConfig {
    tape::TapeStock stock;
    std::string batch; ///< as on the box; empty: not known
    double length_m = 0.0;
    double speed_ips = 0.0;
    tape::Equalisation equalisation = tape::Equalisation::Iec1;
    tape::Fluxivity operating_level;
};

/// A control of the card's mixer and where it has to stand.
struct MixerControlConfig {
    std::string name;
    unsigned index = 0;
    std::variant<bool, long, std::string> value; ///< a switch, a step, an item's name
};

struct AudioConfig {
    double sample_rate_hz = 48000.0;
    int converter_bits = 24;
    tape::LevelChart levels;
    /// Of the converters, playback to capture, measured by a loop; empty: the stored measurement (round_trip.hpp).
    std::optional<double> round_trip_frames;
    double cue_mute_dbfs = -20.0; ///< sample peak off tape above which a cue on defeated lifters is muted
    [[nodiscard]] double round_trip_s() const noexcept { return round_trip_frames.value_or(0.0) / sample_rate_hz; }

    // --- the card of a real deck; the simulated one has its own
    std::string playback_device, capture_device; ///< "hw:CARD=Deck,DEV=0"
    double capture_sample_rate_hz = 48000.0;
    std::vector<audio::ChannelRole> playback_roles, capture_roles;
    std::size_t period_frames = 240;
    std::size_t buffer_frames = 4096;
    bool shared_clock = true;
    std::string mixer_card;
    std::vector<MixerControlConfig> mixer;
};

/// A line of the deck's remote socket as the board has it.
struct GpioLineSettings {
    std::string name; ///< the profile's
    std::string line; ///< the kernel's
    bool active_low = false;
    enum class Bias { AsIs, PullUp, PullDown, Disabled } bias = Bias::AsIs;
    enum class Drive { PushPull, OpenDrain, OpenSource } drive = Drive::PushPull;
};

struct GpioTachSettings {
    enum class Kind { Single, Quadrature, PulseDirection } kind = Kind::Quadrature;
    std::string a, b; ///< kernel names
    bool active_low = false;
    bool reversed = false;
};

struct GpioConfig {
    std::string chip;      ///< empty: every chip is searched
    std::string heartbeat; ///< kernel name; empty: none
    std::vector<GpioLineSettings> outputs, inputs;
    std::optional<GpioTachSettings> tach;
};

/// The way to a deck with a serial remote, or with motor controllers.
struct SerialConfig {
    std::string device;                    ///< stable path
    std::vector<std::string> more_devices; ///< of a direct drive with a link for each controller
    int address = 0;                       ///< of a Studer; 0: none is sent
    double host_latency_s = 0.016;         ///< what adapter and host add to an answer
};

struct PanelConfig {
    bool on = true;
    std::string address = "127.0.0.1";
    std::uint16_t port = 8038;
    std::vector<std::string> host_names;
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
    bool stop_on_bias_failure = false;
    // Of a reel plan, where it says nothing.
    int alignment_within_days = 30; ///< a deck aligned longer ago is refused; 0: not asked for
    std::string studio, engineer;
};

/// What alignments are made with.
struct AlignmentConfig {
    std::string operator_name; ///< of guided values, where nobody else is named
    double level_db = 0.1;
    double high_db = 0.5;
    double overbias_db = 0.25;
    double timing_us = 3.0;
    std::optional<double> low_db; ///< empty: as each procedure has it
    std::string limits_source = "usual practice; no standard at hand";
    bool enters_volts = false; ///< what the operator reads on his voltmeter; false: dBu
    bool vu_meters = false;    ///< there are some on the lines
    /// Where profiles lie: of the operator's own calibration tapes, then as tape/profile_path.hpp says.
    std::vector<std::filesystem::path> profile_directories;
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
    GpioConfig gpio;
    SerialConfig serial;
    PanelConfig panel;
    PrintConfig print;
    AlignmentConfig alignment;
    FilesConfig files;
    TransferConfig transfer;
    ListenConfig listening;
    mastering::VerdictLimits limits;
    DaemonConfig daemon;
};

/// Reads a configuration. With `simulate` what the file leaves out has the simulated deck's defaults; without, what
/// only the operator can know (levels, round trip, deck, tape) is required. The error has one line for each mistake:
/// file, line, key, expected, got.
[[nodiscard]] Result<Config> load_config(const std::filesystem::path& file, bool simulate);
/// The same from text; `name` stands for the file in messages.
[[nodiscard]] Result<Config> parse_config(const std::string& text, const std::string& name, bool simulate);

/// --simulate without a file, of this deck profile (empty: "simulated"). The error is a profile that is not installed.
[[nodiscard]] Result<Config> simulated_config(const std::string& deck_profile = {});

/// "127.0.0.1:8038", "[::1]:8038" or "none", as --listen and web.listen take it.
[[nodiscard]] Result<PanelConfig> parse_listen(const std::string& text);

/// Every key there is, as "section.key"; of the lines under gpio.outputs and gpio.inputs "NAME" stands for the
/// profile's.
[[nodiscard]] std::vector<std::string> config_keys();

} // namespace overbias::controller
