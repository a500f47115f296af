// SPDX-License-Identifier: Apache-2.0
#include "controller/deck_offers.hpp"

#include "base/units.hpp"
#include "controller/mode_commands.hpp"

#include <boost/json.hpp>
#include <cmath>

namespace overbias::controller {

namespace json = boost::json;

namespace {

json::string route_word(transport::Route route) {
    const std::string_view name = word(route);
    return json::string(name.data(), name.size());
}

double thousandths_ips(double speed_m_s) {
    return std::round(speed_m_s / kMetresPerInch * 1000.0) / 1000.0;
}

} // namespace

json::object offers_json(const transport::DeckCapabilities& deck, const transport::DeckAdjustCapabilities& patch) {
    json::array routes;
    for (const transport::Route route : patch.routes) {
        routes.push_back(route_word(route));
    }
    json::value shuttle = nullptr;
    if (deck.shuttle) {
        shuttle = {{"slowest_ips", thousandths_ips(deck.slowest_shuttle_m_s)},
                   {"fastest_ips", thousandths_ips(deck.fastest_shuttle_m_s)}};
    }
    return {{"library_wind", deck.library_wind},
            {"shuttle", std::move(shuttle)},
            {"edit", deck.edit},
            {"lifter_defeat", deck.lifter_defeat},
            {"thread", deck.thread_tension},
            {"speeds_ips", json::value_from(deck.speeds_ips)},
            {"ready_tracks", deck.ready_tracks},
            {"routes", std::move(routes)}};
}

json::object routes_json(const CueMuteRelay& patch) {
    json::array on;
    for (const transport::Route route : patch.capabilities().routes) {
        if (patch.route(route)) {
            on.push_back(route_word(route));
        }
    }
    return {{"on", std::move(on)}, {"muted_by_cue", patch.muted_by_cue()}};
}

} // namespace overbias::controller
