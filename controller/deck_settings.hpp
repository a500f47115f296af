// SPDX-License-Identifier: Apache-2.0
// Profile and configuration as the drivers of decks with a serial line want them. Pure.
#pragma once

#include "controller/config.hpp"
#include "transport/drivers/direct_drive_config.hpp"
#include "transport/drivers/sony_nine_pin.hpp"
#include "transport/drivers/studer_ascii.hpp"
#include "transport/drivers/studer_memory.hpp"
#include "transport/io/serial_link.hpp"

#include <vector>

namespace overbias::controller {

[[nodiscard]] transport::NinePinConfig nine_pin_config(const Config& config);
[[nodiscard]] transport::StuderAsciiConfig studer_config(const Config& config);
[[nodiscard]] std::vector<transport::StuderMemoryItem> studer_memory_items(const tape::DeckProfile& profile);
[[nodiscard]] transport::DirectDriveConfig direct_drive_config(const Config& config);
/// One for each serial line of the deck: the configured device, and what the protocol says of the line.
[[nodiscard]] std::vector<transport::SerialSettings> serial_settings(const Config& config);

} // namespace overbias::controller
