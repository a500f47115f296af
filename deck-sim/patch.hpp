// SPDX-License-Identifier: Apache-2.0
// The installation's patch about the simulated deck: relays between console, converters, monitors and the deck.
#pragma once

namespace overbias::deck_sim {

struct Patch {
    bool source = false;     ///< the outside source feeds the deck instead of our playback; nothing is plugged in there
    bool oscillator = false; ///< the test oscillator feeds the deck; it goes before the source
    bool tape_return = false, mute = false, mono = false; ///< of the room's monitors
    [[nodiscard]] bool operator==(const Patch&) const = default;
};

} // namespace overbias::deck_sim
