// SPDX-License-Identifier: Apache-2.0
// What an action presses, what it lets wait, and what an event leaves wanted. Private to transport/.
#pragma once

#include "transport/machine.hpp"

#include <optional>

namespace overbias::transport {

[[nodiscard]] std::optional<Press> press_of(Action action) noexcept;
[[nodiscard]] std::optional<DeferredCommand> deferral_of(Action action) noexcept;
/// The key a hand has pressed on the deck itself.
[[nodiscard]] std::optional<Press> adopted_press(Event event) noexcept;
/// The way a press sets the tape in motion: +1 forward, -1 backward; none when it sets nothing in motion.
[[nodiscard]] std::optional<int> direction_of(Press press, double shuttle_m_s) noexcept;
/// What is wanted from now on, when `event` changes that: commands and adopted motions say it, what ends motion unasked
/// wants it stopped. `deferred`: as it was before.
[[nodiscard]] std::optional<Motion> requested_after(Event event, const Transition& transition,
                                                    const MachineStates& before, DeferredCommand deferred) noexcept;

} // namespace overbias::transport
