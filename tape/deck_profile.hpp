// SPDX-License-Identifier: Apache-2.0
// A deck profile: what a kind of deck is, read from profiles/decks/*.toml. Plain data; docs/profiles.md shows every
// key.
#pragma once

#include "base/result.hpp"
#include "tape/equalisation.hpp"
#include "tape/figure.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace overbias::tape {

/// A momentary contact: its line, closed for this long.
struct DeckKey {
    std::string line;
    double pulse_s = 0.1;
};

/// The deck's way out of record while it goes on playing.
enum class RecordExit { PressPlay, PressStop };

/// Lines of the deck's lamps and sensors; an empty name: the deck has none.
struct TallyLines {
    std::string stop, play, record, fast_forward, rewind, tape_out;
    double debounce_s = 0.010; ///< a tally must be steady this long
};

/// What has to be seen before record may be pressed (docs/profiles.md).
enum class ProofOfPlay {
    Tally,  ///< the play tally
    Tach,   ///< the tach within 2 % of speed for 500 ms
    ByHand, ///< neither: the operator presses record, we only verify
};

struct DeckSpeed {
    double speed_ips = 0.0;
    std::vector<Equalisation> equalisations; ///< that the deck is wired for at this speed
};

struct DeckProfile {
    std::string id; ///< the file's name without .toml
    std::string name;
    std::string driver; ///< "parallel-remote"

    // --- keys. Record is PLAY and RECORD together.
    DeckKey stop, play, record, fast_forward, rewind;
    double record_lead_s = 0.020; ///< PLAY closes this long before RECORD; 0: both at once
    double key_gap_s = 0.010;     ///< between one contact's opening and the next one's closing
    RecordExit record_exit = RecordExit::PressPlay;
    /// Relays of the deck's output switch (both off: repro). Empty: the operator turns the switch.
    std::string monitor_input_line, monitor_sync_line;
    TallyLines tallies;

    ProofOfPlay proof_of_play = ProofOfPlay::ByHand;
    bool senses_motion_itself = false; ///< the deck holds play back until the tape is still
    Figure settle_after_still_s;       ///< from a still tape to play, lifters and pinch roller included
    Figure start_timeout_s;            ///< motion commanded and none by then: fault
    Figure still_timeout_s;            ///< stop commanded and not still by then: fault

    std::optional<Figure> tach_edges_per_metre; ///< empty: to be measured (configuration), or no tach
    bool tach_quadrature = false;               ///< two phases: the tach knows the direction

    bool stop_line = false;         ///< made safe by a pulse on the stop line
    bool heartbeat_contact = false; ///< made safe by a relay whose dropped contact presses STOP and opens record-enable

    // --- head block; distances are empty where they have to be measured (configuration)
    std::optional<Figure> record_to_reproduce_mm;
    std::optional<Figure> erase_to_record_mm;
    int tracks = 2;
    std::vector<DeckSpeed> speeds;

    [[nodiscard]] const DeckSpeed* speed(double speed_ips) const noexcept;
    [[nodiscard]] bool supports(double speed_ips, Equalisation equalisation) const noexcept;
};

/// The error has one line for each mistake, with file, line and key.
[[nodiscard]] Result<DeckProfile> load_deck_profile(const std::filesystem::path& path);

} // namespace overbias::tape
