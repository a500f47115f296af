// SPDX-License-Identifier: Apache-2.0
// The configuration's section [alignment]. Private to the configuration.
#pragma once

#include "base/toml/strict_toml.hpp"
#include "controller/config.hpp"

#include <filesystem>
#include <vector>

namespace overbias::controller {

/// `directories`: where profiles lie. Loads every calibration tape, so that a profile that can't be read is told at
/// start-up.
void read_alignment(TomlSection& root, const std::vector<std::filesystem::path>& directories,
                    AlignmentConfig& alignment);

} // namespace overbias::controller
