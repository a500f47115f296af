// SPDX-License-Identifier: Apache-2.0
// The wires between a deck and us as its profile names them: contacts, lamps, held lines, the relays of the patch.
// Plain data. An empty line name: the deck (or the installation) does not have it.
#pragma once

#include "tape/figure.hpp"

#include <array>
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

/// The display bus of the deck's own counter: multiplexed digits, four data lines and three select lines.
struct DisplayBusSettings {
    enum class Unit { Seconds, Feet, Metres } unit = Unit::Seconds; ///< that the digits' worths are given in
    std::array<std::string, 4> data;                                ///< lines of the bits worth 1, 2, 4, 8
    std::array<std::string, 3> select;                              ///< likewise 1, 2, 4
    struct Digit {
        int select = 0;
        double worth = 0.0;
    };
    std::vector<Digit> digits; ///< the most significant first
    struct Sign {
        int select = 0;
        int minus = 0, plus = 0; ///< nibbles
    };
    std::optional<Sign> sign;
    double wraps_at = 0.0; ///< below zero it counts down from this; 0: it shows a sign
    std::string source;    ///< where all this is from
    std::optional<Figure> fastest_wind_m_s, still_below_m_s;

    [[nodiscard]] std::vector<std::string> lines() const {
        std::vector<std::string> names(data.begin(), data.end());
        names.insert(names.end(), select.begin(), select.end());
        return names;
    }
    /// One unit of the last digit, on tape that runs at this speed.
    [[nodiscard]] double resolution_m(double speed_m_s) const noexcept {
        const double worth = digits.empty() ? 0.0 : digits.back().worth;
        return unit == Unit::Seconds ? worth * speed_m_s : unit == Unit::Feet ? worth * 0.3048 : worth;
    }
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
