// SPDX-License-Identifier: Apache-2.0
#include "bench/locate_bound.hpp"

#include "deck-sim/mechanics/deck_logic.hpp"
#include "deck-sim/mechanics/tape_drive.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace overbias::bench {

namespace {

using deck_sim::Contact;
using deck_sim::DeckLogic;
using deck_sim::TapeDrive;

constexpr double kStep_s = 0.001;
constexpr int kStepsBetweenMarks = 100;
constexpr int kLongest = 600'000; // steps: no reel takes ten minutes

/// Drive and logic of the deck without flutter and roller; a copy goes on from where it was taken.
struct BareDeck {
    TapeDrive drive;
    DeckLogic logic;
    void step() {
        const double before_m_s = drive.speed_m_s();
        drive.step(logic.step(drive, kStep_s, 0.0), kStep_s);
        if (drive.taut()) {
            drive.add_travel(0.5 * (before_m_s + drive.speed_m_s()) * kStep_s);
        }
    }
    void touch(Contact key) { logic.touch(key, drive); }
};

struct Rest {
    double place_m = 0.0;
    int steps = 0; ///< from the stop key
    bool on_tape = true;
};

Rest stopped(BareDeck deck) {
    deck.touch(Contact::Stop);
    Rest rest;
    while (!deck.drive.still() && deck.drive.taut() && rest.steps < kLongest) {
        deck.step();
        ++rest.steps;
    }
    rest.place_m = deck.drive.place_m();
    rest.on_tape = deck.drive.taut();
    return rest;
}

} // namespace

double least_locate_time_s(const deck_sim::Settings& deck, double from_place_m, double to_place_m) {
    if (!(std::min(from_place_m, to_place_m) > 0.0 && std::max(from_place_m, to_place_m) < deck.tape_length_m)) {
        throw std::invalid_argument("locate bound: from " + std::to_string(from_place_m) + " m to " +
                                    std::to_string(to_place_m) + " m does not lie on a tape of " +
                                    std::to_string(deck.tape_length_m) + " m");
    }
    deck_sim::Settings settings = deck;
    settings.start_place_m = from_place_m;
    const double sign = to_place_m > from_place_m ? 1.0 : -1.0;
    BareDeck winding{TapeDrive(settings), DeckLogic(settings)};
    winding.touch(sign > 0.0 ? Contact::FastForward : Contact::Rewind);
    // Marks along the wind without a stop; the best stop lies between the last mark that would stop short and the next.
    std::vector<BareDeck> marks{winding};
    while (sign * (to_place_m - winding.drive.place_m()) > 0.0 && winding.drive.taut()) {
        for (int n = 0; n < kStepsBetweenMarks; ++n) {
            winding.step();
        }
        marks.push_back(winding);
    }
    const auto reaches = [&](const Rest& rest) { return !rest.on_tape || sign * (rest.place_m - to_place_m) >= 0.0; };
    std::size_t low = 0, high = marks.size() - 1;
    while (high - low > 1) {
        const std::size_t middle = (low + high) / 2;
        (reaches(stopped(marks[middle])) ? high : low) = middle;
    }
    BareDeck near = marks[low];
    int steps = static_cast<int>(low) * kStepsBetweenMarks;
    Rest rest = stopped(near);
    while (!reaches(rest) && steps < kLongest) {
        near.step();
        ++steps;
        rest = stopped(near);
    }
    return kStep_s * static_cast<double>(steps + rest.steps);
}

double mandatory_settle_s(const deck_sim::Settings& deck) {
    constexpr double kStill_m_s = 0.010, kLeast_s = 0.150;
    return std::max(kLeast_s, 1.0 / (deck.roller_edges_per_metre * kStill_m_s));
}

} // namespace overbias::bench
