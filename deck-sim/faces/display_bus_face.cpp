// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/faces/display_bus_face.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace overbias::deck_sim {

DisplayBusFace::DisplayBusFace(Timeline& timeline, RemoteDeck& deck, const DisplayBusFaceSettings& settings,
                               Drive drive)
    : timeline_(timeline), deck_(deck), settings_(settings), drive_(std::move(drive)),
      timer_(timeline, settings.per_place, [this] { show_place(); }) {
}

/// An up-down counter shows the whole seconds it has counted down to.
int DisplayBusFace::nibble(const RemoteDeck::State& state, int place) const {
    const auto shown = static_cast<long long>(std::floor(state.counter_s));
    const long long all = std::llabs(shown);
    if (place == dead_) {
        return kBlank;
    }
    switch (place) {
    case 0:
        return static_cast<int>(all % 10);
    case 1:
        return static_cast<int>(all / 10 % 6);
    case 2:
        return static_cast<int>(all / 60 % 10);
    case 3:
        return static_cast<int>(all / 600 % 6);
    case 4:
        return static_cast<int>(all / 3600 % 10);
    case 7:
        return shown < 0 ? kMinus : kBlank;
    default:
        return kBlank;
    }
}

/// What the lines did in the place's time that ends now.
void DisplayBusFace::show_place() {
    const RemoteDeck::State state = deck_.state();
    if (stopped_ || !state.powered) {
        return;
    }
    const DeckTime begin = timeline_.now() - settings_.per_place;
    changes_.clear();
    place_ = (place_ + 1) % kPlaces;
    for (int bit = 0; bit < 3; ++bit) {
        changes_.push_back({begin + bit * settings_.skew, static_cast<Line>(kSelect1 + static_cast<std::size_t>(bit)),
                            false, (place_ >> bit & 1) != 0});
    }
    const int shown = nibble(state, place_);
    for (int bit = 0; bit < 4; ++bit) {
        changes_.push_back({begin + settings_.data_behind, static_cast<Line>(kData1 + static_cast<std::size_t>(bit)),
                            false, (shown >> bit & 1) == 0}); // inverted
    }
    for (int pulse = 0; pulse < pulses_; ++pulse) {
        const auto line = static_cast<Line>(random_() % kLines);
        const auto room = static_cast<std::uint64_t>((settings_.per_place - pulse_).count());
        const DeckTime at = begin + DeckDuration(static_cast<DeckDuration::rep>(random_() % room));
        changes_.push_back({at, line, true, true});
        changes_.push_back({at + pulse_, line, true, false});
    }
    std::ranges::stable_sort(changes_, {}, &Change::at);
    for (const Change& change : changes_) {
        (change.pulse ? pulsing_ : base_).at(change.line) = change.high;
        emit(change.at);
    }
}

void DisplayBusFace::emit(DeckTime at) {
    for (std::size_t i = 0; i < kLines; ++i) {
        const bool level = stuck_.at(i).value_or(base_.at(i) != pulsing_.at(i));
        if (std::exchange(out_.at(i), level) != level) {
            drive_(static_cast<Line>(i), level, at);
        }
    }
}

} // namespace overbias::deck_sim
