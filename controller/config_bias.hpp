// SPDX-License-Identifier: Apache-2.0
// What a profile asks of the bias monitor, against what the card can hear. Pure, any thread.
#pragma once

#include "audio/ports/pcm.hpp"
#include "tape/deck_profile.hpp"

#include <string>
#include <vector>

namespace overbias::controller {

/// Why this card can't hear what the profile's [[bias_monitor]] tables ask for, one line each; empty: it can.
[[nodiscard]] std::vector<std::string> bias_obstacles(const tape::DeckProfile& profile, double capture_rate_hz,
                                                      const std::vector<audio::ChannelRole>& capture_roles);

} // namespace overbias::controller
