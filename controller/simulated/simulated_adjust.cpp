// SPDX-License-Identifier: Apache-2.0
#include "controller/simulated/simulated_adjust.hpp"

#include <array>
#include <cmath>
#include <string>
#include <utility>

namespace overbias::controller {

using transport::Adjuster;

namespace {

constexpr std::size_t kTracks = 2;
constexpr std::array kOffered{
    Adjuster::ReproduceLevel, Adjuster::ReproduceHigh, Adjuster::ReproduceLow, Adjuster::RecordLevel,
    Adjuster::RecordHigh,     Adjuster::RecordLow,     Adjuster::Bias};

deck_sim::Screw screw_of(Adjuster adjuster) {
    switch (adjuster) {
    case Adjuster::ReproduceLevel:
        return deck_sim::Screw::ReproduceLevel;
    case Adjuster::ReproduceHigh:
        return deck_sim::Screw::ReproduceHigh;
    case Adjuster::ReproduceLow:
        return deck_sim::Screw::ReproduceLow;
    case Adjuster::RecordLevel:
        return deck_sim::Screw::RecordLevel;
    case Adjuster::RecordHigh:
        return deck_sim::Screw::RecordHigh;
    case Adjuster::RecordLow:
        return deck_sim::Screw::RecordLow;
    case Adjuster::Bias:
        break;
    }
    return deck_sim::Screw::Bias;
}

double nearest_step(double position) {
    return std::round(position / deck_sim::ScrewPositions::kStep) * deck_sim::ScrewPositions::kStep;
}

} // namespace

SimulatedAdjust::SimulatedAdjust(deck_sim::SimulatedDeck& deck, std::unique_ptr<transport::DeckAdjust> routing)
    : deck_(deck), routing_(std::move(routing)) {
}

transport::DeckAdjustCapabilities SimulatedAdjust::capabilities() const noexcept {
    transport::DeckAdjustCapabilities capabilities = routing_->capabilities();
    for (const Adjuster adjuster : kOffered) {
        for (std::size_t track = 0; track < kTracks; ++track) {
            capabilities.adjusters.push_back(
                {.adjuster = adjuster, .track = track, .step = deck_sim::ScrewPositions::kStep});
        }
    }
    return capabilities;
}

Result<void> SimulatedAdjust::select_monitor(transport::MonitorSelect select) {
    return routing_->select_monitor(select);
}

Result<void> SimulatedAdjust::set_route(transport::Route route, bool on) {
    return routing_->set_route(route, on);
}

bool SimulatedAdjust::route(transport::Route route) const {
    return routing_->route(route);
}

Result<void> SimulatedAdjust::set_adjuster(Adjuster adjuster, std::size_t track, double position) {
    if (track >= kTracks) {
        return by_hand(adjuster, track);
    }
    if (!(position >= 0.0 && position <= 1.0)) {
        return Error{std::string(transport::adjuster_name(adjuster)) + " of track " + std::to_string(track + 1) +
                     ": expected a position of 0 to 1, came " + std::to_string(position)};
    }
    deck_.set_screw(screw_of(adjuster), track, nearest_step(position));
    return {};
}

Result<double> SimulatedAdjust::adjuster(Adjuster adjuster, std::size_t track) const {
    if (track >= kTracks) {
        return by_hand(adjuster, track);
    }
    return deck_.screw(screw_of(adjuster), track);
}

} // namespace overbias::controller
