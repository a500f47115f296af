// SPDX-License-Identifier: Apache-2.0
// The converters' round trip as it was measured with a cable in place of the deck, kept in <state_dir>/round_trip.toml,
// one entry for each pair of devices and rates: another card, or another rate, is another delay.
#pragma once

#include "base/result.hpp"
#include "controller/config.hpp"

#include <optional>

namespace overbias::controller {

/// What was measured for the devices of `audio`; nothing when there is no such entry. The error names the file.
[[nodiscard]] Result<std::optional<double>> load_round_trip(const std::filesystem::path& state_dir,
                                                            const AudioConfig& audio);
/// Keeps it, in place of an older one.
[[nodiscard]] Result<void> store_round_trip(const std::filesystem::path& state_dir, const AudioConfig& audio,
                                            double frames);

} // namespace overbias::controller
