// SPDX-License-Identifier: Apache-2.0
#include "controller/simulated/simulated_deck_hands.hpp"

#include "deck-sim/process/screw_names.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace overbias::controller {

namespace {

constexpr double kBeginning_m = 1.0; ///< of tape that is on the take-up reel when it is threaded

} // namespace

SimulatedDeckHands::SimulatedDeckHands(deck_sim::SimulatedDeck& deck, deck_sim::TapeContent usual)
    : deck_(deck), usual_(std::move(usual)) {
}

Result<void> SimulatedDeckHands::mount(const std::string& tape) {
    Result<void> mounted;
    if (tape == "blank") {
        mounted = deck_.mount_blank();
    } else if (const auto content = deck_sim::parse_tape(tape, usual_); content) {
        mounted = deck_.mount(*content);
    } else {
        mounted = content.error();
    }
    return mounted ? deck_.thread_at(kBeginning_m) : mounted;
}

Result<double> SimulatedDeckHands::screw(const std::string& name, std::size_t track, std::optional<double> position) {
    try {
        const deck_sim::Screw which = deck_sim::screw_named(name);
        if (position) {
            deck_.set_screw(which, track, *position);
        }
        return deck_.screw(which, track);
    } catch (const std::invalid_argument& unknown) {
        return Error{unknown.what()};
    }
}

} // namespace overbias::controller
