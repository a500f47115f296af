// SPDX-License-Identifier: Apache-2.0
#include "transport/transport_setup.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace overbias::transport {

SupervisionConfig supervision_config(const TransportConfig& config) {
    SupervisionConfig out;
    out.play_speed_m_s = metres_per_second(config.play_speed_ips);
    out.proof_by_tally = config.proof_by_tally;
    out.settle_after_still_s = config.settle_after_still_s;
    out.start_timeout_s = config.start_timeout_s;
    out.still_timeout_s = config.still_timeout_s;
    out.cue_limit_m_s = config.cue_limit_m_s;
    return out;
}

LocatorConfig locator_config(const TransportConfig& config, const DeckCapabilities& deck) {
    LocatorConfig out;
    out.play_speed_m_s = metres_per_second(config.play_speed_ips);
    out.tape_length_m = config.tape_length_m;
    if (deck.counter_edges_per_metre) { // a counter that shows no more than whole steps brings us no nearer than half
                                        // of one
        const double nearest_m = 0.501 / *deck.counter_edges_per_metre;
        out.arrived_m = std::max(out.arrived_m, nearest_m);
        out.arrived_late_m = std::max(out.arrived_late_m, nearest_m);
    }
    if (deck.shuttle) {
        out.slowest_shuttle_m_s = deck.slowest_shuttle_m_s;
        out.fastest_shuttle_m_s = deck.fastest_shuttle_m_s;
    }
    return out;
}

TapeCounterConfig counter_config(const TransportConfig& config, const DeckCapabilities& deck) {
    if (deck.counter_edges_per_metre) {
        TapeCounterConfig out = TapeCounterConfig::of_deck_counter(*deck.counter_edges_per_metre);
        out.slip = config.slip;
        out.still_m_s = deck.counter_still_m_s.value_or(out.still_m_s);
        return out;
    }
    TapeCounterConfig out;
    out.edges_per_metre = config.edges_per_metre;
    out.slip = config.slip;
    return out;
}

TransportConfig checked_config(const TransportConfig& config, const DeckCapabilities& deck) {
    const auto positive = [](const char* key, double value) {
        if (!(value > 0.0)) {
            throw std::invalid_argument(std::string("transport: ") + key + " must be above 0, got " +
                                        std::to_string(value));
        }
    };
    positive("play_speed_ips", config.play_speed_ips);
    positive("edges_per_metre", config.edges_per_metre);
    positive("start_timeout_s", config.start_timeout_s);
    positive("still_timeout_s", config.still_timeout_s);
    positive("tape_length_m", config.tape_length_m);
    positive("cue_limit_m_s", config.cue_limit_m_s);
    if (config.last_position_m && !std::isfinite(*config.last_position_m)) {
        throw std::invalid_argument("transport: last_position_m must be a place on the tape in metres");
    }
    if (!(config.last_uncertainty_m >= 0.0)) {
        throw std::invalid_argument("transport: last_uncertainty_m must be 0 or more, got " +
                                    std::to_string(config.last_uncertainty_m));
    }
    if (deck.ready_tracks > 32) {
        throw std::invalid_argument("transport: deck \"" + deck.kind + "\" tells of " +
                                    std::to_string(deck.ready_tracks) + " tracks of record ready; at most 32 fit");
    }
    if (!deck.tach && !deck.tallies && !deck.senses_motion_itself) {
        throw std::invalid_argument(
            "transport: deck \"" + deck.kind +
            "\" has neither tach nor tallies and does not sense motion itself: nothing tells when the tape is "
            "still; wire a tach or tallies");
    }
    if (config.proof_by_tally && !deck.tallies && deck.tach) {
        throw std::invalid_argument(
            "transport: proof of play is configured by tally, but deck \"" + deck.kind +
            "\" has no tallies: set tally = none in the deck profile, so that the tach proves play");
    }
    return config;
}

} // namespace overbias::transport
