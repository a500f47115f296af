// SPDX-License-Identifier: Apache-2.0
// What the installation is wired to: the deck, its output switch, the card and the time they live in. Built in one
// place (simulated_back_ends.cpp, later one for real hardware); nobody else knows which it is. Thread: the timeline's;
// run(), stop() and Timeline::post() as they say.
#pragma once

#include "audio/ports/pcm.hpp"
#include "base/async/timeline.hpp"
#include "transport/deck.hpp"
#include "transport/deck_adjust.hpp"

#include <string>
#include <vector>

namespace overbias::controller {

struct Config;

class BackEnds {
  public:
    BackEnds() = default;
    BackEnds(const BackEnds&) = delete;
    BackEnds& operator=(const BackEnds&) = delete;
    virtual ~BackEnds() = default;

    [[nodiscard]] virtual Timeline& timeline() = 0;
    [[nodiscard]] virtual transport::Deck& deck() = 0;
    [[nodiscard]] virtual transport::DeckAdjust& adjust() = 0;
    [[nodiscard]] virtual audio::Pcm& pcm() = 0;
    [[nodiscard]] virtual bool simulated() const = 0;
    /// When the deck's contacts have opened again after the last key.
    [[nodiscard]] virtual DeckTime deck_busy_until() const = 0;

    /// Runs deck time on the calling thread until stop().
    virtual void run() = 0;
    /// Any thread.
    virtual void stop() = 0;
    /// How deck time may pass from now on: `hurry` when something runs that ends by itself. Real time ignores it.
    virtual void pace(bool hurry) = 0;
    [[nodiscard]] virtual double time_scale() const = 0;
    /// The first frame of a print's first file leaves the converter at `at`.
    virtual void programme_starts(DeckTime at) = 0;
};

} // namespace overbias::controller
