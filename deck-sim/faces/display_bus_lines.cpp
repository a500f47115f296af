// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/faces/display_bus_lines.hpp"

#include <algorithm>
#include <utility>

namespace overbias::deck_sim {

DisplayBusLines::DisplayBusLines(Timeline& timeline, transport::Lines& others, RemoteDeck& deck,
                                 const DisplayBusFaceSettings& settings)
    : others_(others), face_(timeline, deck, settings, [this](DisplayBusFace::Line line, bool high, DeckTime at) {
          if (const auto listener = listener_) { // a copy: the listener may put another in its place
              listener({transport::LineId{kFirst + static_cast<int>(line)}, active(line, high), at});
          }
      }) {
}

Result<transport::LineId> DisplayBusLines::find_input(std::string_view name) {
    const auto* const found = std::ranges::find(kNames, name);
    if (found == kNames.end()) {
        return others_.find_input(name);
    }
    return transport::LineId{kFirst + static_cast<int>(found - kNames.begin())};
}

bool DisplayBusLines::get(transport::LineId input) const {
    const int line = input.value - kFirst;
    if (line < 0 || line >= static_cast<int>(DisplayBusFace::kLines)) {
        return others_.get(input);
    }
    const auto which = static_cast<DisplayBusFace::Line>(line);
    return active(which, face_.high(which));
}

void DisplayBusLines::on_edge(std::function<void(const transport::LineEdge&)> listener) {
    others_.on_edge(listener);
    listener_ = std::move(listener);
}

} // namespace overbias::deck_sim
