// SPDX-License-Identifier: Apache-2.0
#include "transport/drivers/relay_adjust.hpp"

#include "transport/drivers/manual_adjust.hpp"

#include <stdexcept>

namespace overbias::transport {

namespace {

constexpr std::array kRouteWords{"source", "oscillator", "tape return", "mute", "mono"};

std::size_t index_of(Route route) noexcept {
    return static_cast<std::size_t>(route);
}

} // namespace

RelayLines RelayAdjust::output_switch() {
    RelayLines relays;
    relays.monitor_input = "monitor_input";
    relays.monitor_sync = "monitor_sync";
    return relays;
}

RelayAdjust::RelayAdjust(Lines& lines, const RelayLines& relays) : lines_(lines) {
    if (relays.monitor_input.empty() != relays.monitor_sync.empty()) {
        throw std::invalid_argument("monitor relays: expected input and sync, or neither: a switch that is wired by "
                                    "half cannot be set");
    }
    std::string missing;
    const auto find = [&](const std::string& name, Relay& relay) {
        if (name.empty()) {
            return;
        }
        if (const Result<LineId> found = lines.find_output(name)) {
            relay.line = *found;
        } else {
            missing += "\n  output \"" + name + "\": " + found.error().message;
        }
    };
    find(relays.monitor_input, input_);
    find(relays.monitor_sync, sync_);
    const std::array names{&relays.source, &relays.oscillator, &relays.tape_return, &relays.mute, &relays.mono};
    for (std::size_t route = 0; route < kRoutes; ++route) {
        find(*names.at(route), routes_.at(route));
    }
    if (!missing.empty()) {
        throw std::invalid_argument(
            "relays: these lines are configured but not there; correct the names, or configure the deck without these "
            "relays:" +
            missing);
    }
}

RelayAdjust::~RelayAdjust() {
    for (Relay& relay : routes_) {
        set(relay, false);
    }
}

DeckAdjustCapabilities RelayAdjust::capabilities() const noexcept {
    DeckAdjustCapabilities capabilities{.monitor_select = input_.line.has_value(), .routes = {}};
    for (std::size_t route = 0; route < kRoutes; ++route) {
        if (routes_.at(route).line) {
            capabilities.routes.push_back(static_cast<Route>(route));
        }
    }
    return capabilities;
}

void RelayAdjust::set(Relay& relay, bool on) {
    if (relay.line && relay.on != on) {
        relay.on = on;
        lines_.set(*relay.line, on);
    }
}

Result<void> RelayAdjust::select_monitor(MonitorSelect select) {
    if (!input_.line) {
        return ManualAdjust().select_monitor(select);
    }
    if (select != MonitorSelect::Input) {
        set(input_, false);
    }
    if (select != MonitorSelect::Sync) {
        set(sync_, false);
    }
    set(input_, select == MonitorSelect::Input);
    set(sync_, select == MonitorSelect::Sync);
    return {};
}

Result<void> RelayAdjust::set_route(Route route, bool on) {
    Relay& relay = routes_.at(index_of(route));
    if (!relay.line) {
        return Error{std::string("no relay for the route \"") + kRouteWords.at(index_of(route)) +
                     "\": the profile's [routing] names none; patch it by hand"};
    }
    if (on && (route == Route::Source || route == Route::Oscillator)) {
        // two outputs on one input would feed each other
        set(routes_.at(index_of(route == Route::Source ? Route::Oscillator : Route::Source)), false);
    }
    set(relay, on);
    return {};
}

bool RelayAdjust::route(Route route) const {
    return routes_.at(index_of(route)).on;
}

} // namespace overbias::transport
