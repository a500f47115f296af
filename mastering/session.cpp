// SPDX-License-Identifier: Apache-2.0
#include "mastering/session.hpp"

#include <algorithm>

namespace overbias::mastering {

bool SessionSide::passed() const noexcept {
    return verdict == "pass";
}

bool PrintSession::complete() const noexcept {
    return std::ranges::all_of(sides, [](const SessionSide& side) { return side.complete(); });
}

bool PrintSession::recorded() const noexcept {
    return std::ranges::any_of(sides, [](const SessionSide& side) {
        return std::ranges::any_of(side.runs, [](const SessionRun& run) { return run.from_m.has_value(); });
    });
}

std::size_t PrintSession::tracks_done() const noexcept {
    std::size_t done = 0;
    for (const SessionSide& side : sides) {
        done += static_cast<std::size_t>(std::ranges::count_if(side.tracks, &SessionTrack::done));
    }
    return done;
}

std::optional<Boundary> next_boundary(const PrintSession& session) {
    for (std::size_t s = 0; s < session.sides.size(); ++s) {
        const SessionSide& side = session.sides[s];
        if (side.complete()) {
            continue;
        }
        const auto open = std::ranges::find_if(side.tracks, [](const SessionTrack& track) { return !track.done; });
        if (open == side.tracks.end()) { // all is on the tape, only its post-roll was cut short: print the last again
            return Boundary{s, side.tracks.empty() ? 0 : side.tracks.size() - 1};
        }
        return Boundary{s, static_cast<std::size_t>(open - side.tracks.begin())};
    }
    return std::nullopt;
}

std::string boundary_words(const PrintSession& session, const Boundary& boundary) {
    const SessionSide& side = session.sides.at(boundary.side);
    if (boundary.track == 0) {
        return "side " + side.name + " from its beginning";
    }
    return "side " + side.name + " before track " + std::to_string(boundary.track + 1) + " (" +
           side.tracks.at(boundary.track).name + ")";
}

} // namespace overbias::mastering
