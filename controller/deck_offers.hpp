// SPDX-License-Identifier: Apache-2.0
// What a deck and its patch can do beyond the keys, and how the patch stands, as status tells it: a panel shows a key
// only for what is offered.
#pragma once

#include "controller/cue_mute_relay.hpp"
#include "transport/deck.hpp"

#include <boost/json/fwd.hpp>

namespace overbias::controller {

/// {"library_wind", "shuttle": null | {"slowest_ips", "fastest_ips"}, "edit", "lifter_defeat", "thread", "speeds_ips":
/// [], "ready_tracks": 0 ..., "routes": ["mute", ...]}
[[nodiscard]] boost::json::object offers_json(const transport::DeckCapabilities& deck,
                                              const transport::DeckAdjustCapabilities& patch);

/// {"on": ["mute", ...], "muted_by_cue"}: of the routes that have a relay.
[[nodiscard]] boost::json::object routes_json(const CueMuteRelay& patch);

} // namespace overbias::controller
