// SPDX-License-Identifier: Apache-2.0
// The parts of reading a deck profile. Of tape/deck_profile*.cpp only.
#pragma once

#include "base/toml/strict_toml.hpp"
#include "tape/deck_profile.hpp"

#include <set>
#include <string>
#include <string_view>

namespace overbias::tape {

/// The value that a template gives for what only the deck's manual tells.
inline constexpr std::string_view kFillIn = "fill in";
inline constexpr int kMostTracks = 24;

/// Reads names of lines: each is used once, and may say which pin of the deck's socket it goes to.
class LineReader {
  public:
    explicit LineReader(DeckProfile& profile) : profile_(profile) {}
    /// `line` and `pin` of a table that is a line ({ line = "stop", pin = 3 }).
    std::string of_table(TomlSection& line, const std::string& place);
    /// A line given by its name alone, or as such a table; empty when the file does not give it.
    std::string optional(TomlSection& table, const char* key, const std::string& place);

  private:
    void note_pin(TomlSection& line, const std::string& name, const std::string& place);
    void once(TomlSection& table, const char* key, const std::string& name);
    DeckProfile& profile_;
    std::set<std::string> used_;
};

/// [keys], [tallies] and the rest of a parallel remote.
void read_parallel_remote(TomlSection root, DeckProfile& profile, LineReader& lines);
/// How a parallel remote switches to a [[speed]].
void read_speed_select(TomlSection& entry, DeckSpeed& speed, LineReader& lines);
/// [counter]; when speeds and times have been read.
void read_counter(TomlSection root, DeckProfile& profile, LineReader& lines);
/// [monitor], [routing], [socket]: whatever the driver.
void read_installation_lines(TomlSection root, DeckProfile& profile, LineReader& lines);
/// [nine_pin] or [studer].
void read_protocol(TomlSection root, DeckProfile& profile);

/// [direct_drive].
void read_direct_drive(TomlSection root, DirectDriveSettings& settings, LineReader& lines);

/// The limits of a [[speed]].
void read_speed_limits(TomlSection& entry, DeckSpeed& speed);
/// [equalisation_lamp]; when lamps and speeds have been read.
void read_equalisation_switch(TomlSection root, DeckProfile& profile);
/// [spec], [reels], bias.
void read_sheet(TomlSection root, DeckProfile& profile);

[[nodiscard]] Figure required_figure(TomlSection& table, const char* key, TomlBounds bounds);

} // namespace overbias::tape
