// SPDX-License-Identifier: Apache-2.0
// The transport's configuration, checked, and what each of its parts takes from it. Private to transport/.
#pragma once

#include "transport/locator.hpp"
#include "transport/supervision.hpp"
#include "transport/tape_counter.hpp"
#include "transport/transport.hpp"

namespace overbias::transport {

/// `config`, when this deck can be driven by it; else throws std::invalid_argument that names the key.
[[nodiscard]] TransportConfig checked_config(const TransportConfig& config, const DeckCapabilities& deck);
[[nodiscard]] SupervisionConfig supervision_config(const TransportConfig& config);
[[nodiscard]] LocatorConfig locator_config(const TransportConfig& config, const DeckCapabilities& deck);
[[nodiscard]] TapeCounterConfig counter_config(const TransportConfig& config, const DeckCapabilities& deck);

} // namespace overbias::transport
