// SPDX-License-Identifier: Apache-2.0
// Where profiles are found. A name like "simulated" is looked for as <directory>/decks/simulated.toml, in the first of:
// the directory given by configuration; the environment's OVERBIAS_PROFILES; ../share/overbias/profiles beside the
// program; the source tree the program was built from. A name with a slash or ending in .toml is a file.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace overbias::tape {

enum class ProfileKind { Deck, Tape, CalibrationTape };

/// "decks", "tapes", "calibration-tapes".
[[nodiscard]] const char* profile_folder(ProfileKind kind) noexcept;
/// Directories that are looked through, in order; a directory given by configuration is the only one. At start-up,
/// before threads.
[[nodiscard]] std::vector<std::filesystem::path> profile_directories(const std::filesystem::path& configured);
/// The file of a profile; the error lists the profiles there are and where they were looked for.
[[nodiscard]] Result<std::filesystem::path> find_profile(ProfileKind kind, const std::string& name,
                                                         const std::vector<std::filesystem::path>& directories);

} // namespace overbias::tape
