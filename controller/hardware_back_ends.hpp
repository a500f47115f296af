// SPDX-License-Identifier: Apache-2.0
// The wiring of a real deck: ALSA, GPIO and the steady clock. Beside simulated_back_ends.cpp the only file that knows
// concrete back ends.
#pragma once

#include "controller/back_ends.hpp"
#include "controller/config.hpp"
#include "controller/make_safe.hpp"

#include <memory>

namespace overbias::controller {

/// Requests the deck's lines (the card is opened later, through Card). Throws std::runtime_error or
/// std::invalid_argument naming what could not be had and what to do.
[[nodiscard]] std::unique_ptr<BackEnds> make_hardware_back_ends(const Config& config);

/// The deck's lines and driver alone, the heartbeat line left as it is. Throws as above.
[[nodiscard]] std::unique_ptr<BareDeck> open_bare_deck(const Config& config, SteadyTimeline& timeline);

} // namespace overbias::controller
