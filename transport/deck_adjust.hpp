// SPDX-License-Identifier: Apache-2.0
// What may be set on a deck besides its transport: routing now, bias, level and EQ per track where a deck offers them.
// Thread: the timeline's.
#pragma once

#include "base/result.hpp"

#include <string>
#include <vector>

namespace overbias::transport {

/// The deck's output switch: what its line output carries.
enum class MonitorSelect { Input, Sync, Repro };

/// Relays of the installation's patch, each on or off by itself. All off is the state a lost daemon leaves: programme
/// to the deck, nothing muted.
enum class Route {
    Source,     ///< the outside source (console, DAW) feeds the deck instead of our playback
    Oscillator, ///< the test oscillator feeds the deck
    TapeReturn, ///< the room's monitors hear the tape return instead of the source
    Mute,       ///< the room's monitors are silent
    Mono,       ///< the room's monitors are mono
};

struct DeckAdjustCapabilities {
    bool monitor_select = false; ///< false: the operator turns the switch, we can only ask
    std::vector<Route> routes{}; ///< that have a relay
};

class DeckAdjust {
  public:
    virtual ~DeckAdjust() = default;
    [[nodiscard]] virtual DeckAdjustCapabilities capabilities() const noexcept = 0;
    /// Sets the output switch; the error says what the operator must do by hand.
    virtual Result<void> select_monitor(MonitorSelect select) = 0;
    /// Closes (on) or opens a relay of the patch; the error says that there is none.
    virtual Result<void> set_route(Route, bool) {
        return Error{"no relay for this route: the profile's [routing] names none; patch it by hand"};
    }
    [[nodiscard]] virtual bool route(Route) const { return false; }
};

} // namespace overbias::transport
