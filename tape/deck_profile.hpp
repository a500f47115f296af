// SPDX-License-Identifier: Apache-2.0
// A deck profile: what a kind of deck is, read from profiles/decks/*.toml. Plain data; docs/profiles.md shows every
// key.
#pragma once

#include "base/result.hpp"
#include "tape/bias_source.hpp"
#include "tape/deck_lines.hpp"
#include "tape/deck_protocols.hpp"
#include "tape/equalisation.hpp"
#include "tape/figure.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace overbias::tape {

/// How a deck is spoken to.
enum class DeckDriver { ParallelRemote, SonyNinePin, StuderAscii, DirectDrive };

/// What has to be seen before record may be pressed (docs/profiles.md).
enum class ProofOfPlay {
    Tally,  ///< the play tally
    Tach,   ///< the tach within 2 % of speed for 500 ms
    ByHand, ///< neither: the operator presses record, we only verify
};

/// Response off tape as a spec sheet promises it: within so many dB between two frequencies.
struct ResponseLimit {
    double from_hz = 0.0, to_hz = 0.0;
    Figure within_db;
};

/// The deck's equalisation switch as one of its lamps shows it.
struct EqualisationLamp {
    std::string lamp; ///< a name out of [[lamp]]
    Equalisation lit = Equalisation::Nab, dark = Equalisation::Iec1;
};

struct DeckSpeed {
    double speed_ips = 0.0;
    std::vector<Equalisation> equalisations; ///< that the deck is wired for at this speed
    /// How it is switched to: lines that are closed at this speed, every other line of a speed open; a momentary key; a
    /// Studer mnemonic. None: by hand on the deck.
    std::optional<std::vector<std::string>> select_lines;
    std::optional<DeckKey> select_key;
    std::string select_command; ///< the Studer mnemonic that switches to it; empty: by hand on the deck
    // --- the spec sheet's limits at this speed
    std::optional<Figure> wow_flutter_percent;
    std::optional<Figure> signal_to_noise_db;
    std::optional<Figure> timing_us; ///< between the tracks, off tape, either way
    std::vector<ResponseLimit> response;
    /// The tightest limit at a frequency; empty where the sheet promises nothing, or nothing that is sure.
    [[nodiscard]] std::optional<double> response_within_db(double frequency_hz) const noexcept;
};

/// A head block the deck can be fitted with; distances are empty where they have to be measured (configuration).
struct HeadBlock {
    std::string name; ///< empty: the one the deck comes with
    std::optional<Figure> record_to_reproduce_mm;
    std::optional<Figure> erase_to_record_mm;
    int tracks = 2;
};

/// Something round that the tape drives or is driven by, and turns with it: capstan, tape roller.
struct RotatingPartFigure {
    std::string name;
    Figure circumference_mm;
};

/// Which of the two tape sensors must drop before the deck says that its tape is out.
enum class TapeOutWhen { NotSaid, Any, Both };

struct DeckProfile {
    std::string id; ///< the file's name without .toml
    std::string name;
    std::string driver; ///< "parallel-remote", "sony-9-pin", "studer-ascii", "direct-drive"
    DeckDriver kind = DeckDriver::ParallelRemote;

    // --- parallel-remote: keys. Record is PLAY and RECORD together.
    DeckKey stop, play, record, fast_forward, rewind;
    double record_lead_s = 0.020; ///< PLAY closes this long before RECORD; 0: both at once
    double key_gap_s = 0.010;     ///< between one contact's opening and the next one's closing
    RecordExit record_exit = RecordExit::PressPlay;
    TallyLines tallies;
    ExtraLines extras;
    std::optional<DisplayBusSettings> display_bus; ///< its counter, where that is read and not a tach

    // --- the other drivers, each read only for its own kind
    NinePinSettings nine_pin;
    StuderSettings studer;
    DirectDriveSettings direct_drive;

    // --- wires of the installation, whatever the driver
    /// Relays of the deck's output switch (both off: repro). Empty: the operator turns the switch.
    std::string monitor_input_line, monitor_sync_line;
    RoutingLines routing;
    RemoteSocket socket;
    /// The deck's pin of a line, where the profile says it.
    std::map<std::string, std::string> pins;
    /// Keys of a template that have still to be filled in from the deck's manual ("keys.stop.pin"); the profile may not
    /// be run with while there are any.
    std::vector<std::string> to_fill_in;

    ProofOfPlay proof_of_play = ProofOfPlay::ByHand;
    bool senses_motion_itself = false;   ///< the deck holds play back until the tape is still
    Figure settle_after_still_s;         ///< from a still tape to play, lifters and pinch roller included
    Figure start_timeout_s;              ///< motion commanded and none by then: fault
    Figure still_timeout_s;              ///< stop commanded and not still by then: fault
    std::optional<Figure> cue_limit_m_s; ///< lifters may be defeated in motion only below this
    TapeOutWhen tape_out_when = TapeOutWhen::NotSaid;
    std::string tape_out_source; ///< where that is from

    std::optional<Figure> tach_edges_per_metre; ///< empty: to be measured (configuration), or no tach
    bool tach_quadrature = false;               ///< two phases: the tach knows the direction

    // --- how it is made safe (docs/profiles.md)
    bool stop_line = false;         ///< made safe by a pulse on the stop line
    bool heartbeat_contact = false; ///< made safe by a relay whose dropped contact presses STOP and opens record-enable
    bool nine_pin_stop = false;     ///< by STOP over 9-pin
    bool studer_stop = false;       ///< by STP over the ASCII link
    bool motor_brake = false;       ///< by the motor controllers' own timeout, which brakes both reels
    /// Something ends a recording when the daemon has died.
    [[nodiscard]] bool stops_without_daemon() const noexcept {
        return stop_line || heartbeat_contact || nine_pin_stop || studer_stop || motor_brake;
    }
    /// The words of made_safe.means.
    [[nodiscard]] std::vector<std::string> made_safe_means() const;

    // --- head block: what [head_block] says, or the variant that the configuration chose
    std::optional<Figure> record_to_reproduce_mm;
    std::optional<Figure> erase_to_record_mm;
    int tracks = 2;
    std::vector<HeadBlock> head_block_variants;
    /// Takes the variant of that name; the error lists the names there are.
    [[nodiscard]] Result<void> choose_head_block(const std::string& variant);

    std::vector<DeckSpeed> speeds;
    std::optional<Figure> bias_frequency_khz;
    std::vector<BiasSource> bias_sources;              ///< where it can be watched ([[bias_monitor]])
    std::optional<EqualisationLamp> equalisation_lamp; ///< empty: the operator is asked
    /// At this speed the deck has a choice of equalisations that no lamp shows: the operator is asked how the switch
    /// stands.
    [[nodiscard]] bool asks_equalisation(double speed_ips) const noexcept;
    std::optional<Figure> longest_tape_m;                   ///< of the largest reel it takes
    std::optional<Figure> hub_radius_mm, largest_radius_mm; ///< of its reels
    std::vector<RotatingPartFigure> rotating_parts;         ///< what a line of the flutter's spectrum is named by
    /// The spec sheet's limits by key ("speed_error_percent", ...; docs/profiles.md).
    std::vector<std::pair<std::string, Figure>> spec;

    [[nodiscard]] const DeckSpeed* speed(double speed_ips) const noexcept;
    [[nodiscard]] bool supports(double speed_ips, Equalisation equalisation) const noexcept;
    /// The deck itself tells where its tape is (9-pin timer, Studer timer, display bus): no tape roller of ours is
    /// needed.
    [[nodiscard]] bool counts_itself() const noexcept {
        return display_bus.has_value() ||
               (kind == DeckDriver::SonyNinePin && nine_pin.counter != NinePinSettings::Counter::None) ||
               (kind == DeckDriver::StuderAscii && !studer.timer_query.empty());
    }
    /// Names of the lines we drive and read, each once.
    [[nodiscard]] std::vector<std::string> output_lines() const;
    [[nodiscard]] std::vector<std::string> input_lines() const;
};

/// The error has one line for each mistake, with file, line and key.
[[nodiscard]] Result<DeckProfile> load_deck_profile(const std::filesystem::path& path);

} // namespace overbias::tape
