// SPDX-License-Identifier: Apache-2.0
// What may be set on a deck besides its transport: routing, and bias, level and equalisation per track where a deck
// offers them. Thread: the timeline's.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
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

/// What is set on one track's electronics.
enum class Adjuster {
    ReproduceLevel,
    ReproduceHigh, ///< high-frequency equaliser
    ReproduceLow,
    RecordLevel,
    RecordHigh,
    RecordLow,
    Bias, ///< record current
};

/// "reproduce level", "bias" ...
[[nodiscard]] constexpr std::string_view adjuster_name(Adjuster adjuster) noexcept {
    switch (adjuster) {
    case Adjuster::ReproduceLevel:
        return "reproduce level";
    case Adjuster::ReproduceHigh:
        return "reproduce HF";
    case Adjuster::ReproduceLow:
        return "reproduce LF";
    case Adjuster::RecordLevel:
        return "record level";
    case Adjuster::RecordHigh:
        return "record HF";
    case Adjuster::RecordLow:
        return "record LF";
    case Adjuster::Bias:
        break;
    }
    return "bias";
}

/// An adjuster that can be set from here. Positions go from 0 to 1 in steps of `step`; a higher one always gives more
/// level, treble, bass or bias, but what one step gives is the deck's affair, differs from track to track and is found
/// by measuring.
struct AdjusterOffer {
    Adjuster adjuster = Adjuster::ReproduceLevel;
    std::size_t track = 0; ///< from 0
    double step = 0.0;     ///< of the converter behind it: 1/4095 for 12 bits
};

struct DeckAdjustCapabilities {
    bool monitor_select = false; ///< false: the operator turns the switch, we can only ask
    std::vector<Route> routes{}; ///< that have a relay
    std::vector<AdjusterOffer> adjusters{};
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

    /// Sets an adjuster to the step nearest to `position` (0 to 1). The error says what must be turned by hand, or that
    /// the position is none.
    virtual Result<void> set_adjuster(Adjuster adjuster, std::size_t track, double /*position*/) {
        return by_hand(adjuster, track);
    }
    /// Where it stands.
    [[nodiscard]] virtual Result<double> adjuster(Adjuster adjuster, std::size_t track) const {
        return by_hand(adjuster, track);
    }

  protected:
    [[nodiscard]] static Error by_hand(Adjuster adjuster, std::size_t track) {
        const std::string name(adjuster_name(adjuster));
        return Error{name + " of track " + std::to_string(track + 1) +
                     " can't be set from here: the deck offers no converter for it; turn its screw by hand"};
    }
};

} // namespace overbias::transport
