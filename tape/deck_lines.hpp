// SPDX-License-Identifier: Apache-2.0
// The wires between a deck and us as its profile names them: contacts, lamps, held lines, the relays of the patch.
// Plain data. An empty line name: the deck (or the installation) does not have it.
#pragma once

#include "tape/figure.hpp"

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

/// How a deck with a library wind key wants it pressed.
enum class LibraryWindPress {
    Held,    ///< closed for as long as the slow wind lasts, FAST FORWARD or REWIND pressed beside it
    WithKey, ///< closed together with FAST FORWARD or REWIND and opened with it
};

/// Lines of the deck's lamps and sensors.
struct TallyLines {
    std::string stop, play, record, fast_forward, rewind, tape_out;
    std::string still;         ///< lit while the tape does not move (a motion sensor's output)
    double debounce_s = 0.010; ///< a tally must be steady this long
};

/// A lamp that is only shown (CUE, SEARCH ...): its name for the operator and its line.
struct LampLine {
    std::string name, line;
};

/// What a deck offers to a remote beyond its five keys.
struct ExtraLines {
    std::string library_wind;
    LibraryWindPress library_wind_press = LibraryWindPress::WithKey;
    DeckKey edit;                   ///< edit (dump) mode; STOP ends it
    bool edit_held = false;         ///< closed for as long as edit mode lasts
    std::string lifter_defeat;      ///< held: the tape lies on the heads
    std::string thread;             ///< held: low tension for threading
    std::vector<std::string> ready; ///< held: record ready; by track, from track 1
    std::vector<LampLine> lamps;
};

/// Relays of the installation's patch, all off at rest (docs/profiles.md).
struct RoutingLines {
    std::string source, oscillator, tape_return, mute, mono;
};

/// How well the pins of a profile are known.
enum class PinConfidence {
    Manual,    ///< the deck's manual, or two sources that agree
    OneSource, ///< one source, not the maker's
};

/// A pin of the deck's socket that no line of ours needs (ground, supply, clock ...).
struct SocketPin {
    std::string pin, carries;
};

/// The deck's remote socket, for the person with the soldering iron.
struct RemoteSocket {
    std::string connector;
    std::string pins_from; ///< source of the pin numbers
    PinConfidence confidence = PinConfidence::OneSource;
    std::optional<Figure> contact_max_v, contact_max_ma;   ///< what a contact of ours has to stand
    std::optional<Figure> lamp_dark_max_v, lamp_lit_min_v; ///< levels of the lamp outputs
    std::vector<SocketPin> other_pins;
};

} // namespace overbias::tape
