// SPDX-License-Identifier: Apache-2.0
// What `overbias align lines` measured of converters and lines, kept in <state_dir>/line_levels.toml, one entry for
// each pair of devices and rates: another card has another full scale. It is used where the configuration says nothing.
#pragma once

#include "base/result.hpp"
#include "controller/config.hpp"
#include "tape/level_chart.hpp"

#include <filesystem>

namespace overbias::controller {

/// Puts the measured line levels into `levels` where it has none, as far as there are any for the devices of `audio`.
/// The error names the file.
[[nodiscard]] Result<void> load_line_levels(const std::filesystem::path& state_dir, const AudioConfig& audio,
                                            tape::LevelChart& levels);
/// Keeps those that are known, in place of older ones.
[[nodiscard]] Result<void> store_line_levels(const std::filesystem::path& state_dir, const AudioConfig& audio,
                                             const tape::LevelChart& levels);

} // namespace overbias::controller
