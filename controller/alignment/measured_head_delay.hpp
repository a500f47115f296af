// SPDX-License-Identifier: Apache-2.0
// The delay between the heads as `overbias align speed` measured it at the true speed, kept in
// <state_dir>/head_delay.toml, one entry for each head block, speed and equalisation. A print's absolute speed error is
// told by it; it goes before the configuration's deck.calibrated_head_delay_ms.
#pragma once

#include "base/result.hpp"
#include "calibration/speed/head_delay.hpp"
#include "controller/config.hpp"
#include "controller/identity.hpp"

#include <filesystem>
#include <optional>

namespace overbias::controller {

/// For the head block of `identity`, speed and equalisation of `tape`; nothing when there is no such entry. The error
/// names the file.
[[nodiscard]] Result<std::optional<calibration::HeadDelay>>
load_head_delay(const std::filesystem::path& state_dir, const Identity& identity, const TapeConfig& tape);
/// Keeps it, in place of an older one.
[[nodiscard]] Result<void> store_head_delay(const std::filesystem::path& state_dir, const Identity& identity,
                                            const TapeConfig& tape, const calibration::HeadDelay& delay);

} // namespace overbias::controller
