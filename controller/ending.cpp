// SPDX-License-Identifier: Apache-2.0
#include "controller/ending.hpp"

#include "base/journal.hpp"

#include <chrono>

namespace overbias::controller {

namespace {

/// Deck time: by then the tape stands still after stop.
constexpr DeckDuration kPatience = std::chrono::seconds(15);

} // namespace

Ending::Ending(BackEnds& back_ends, transport::Transport& transport, JobRunner& runner)
    : back_ends_(back_ends), timeline_(back_ends.timeline()), transport_(transport), runner_(runner) {
}

void Ending::begin(const std::string& why) {
    if (begun_) {
        return;
    }
    journal(JournalLevel::Notice, "overbiasd", "ending (" + why + "); stopping the deck");
    transport_.stop();
    runner_.cancel(why);
    begun_ = true;
    until_ = timeline_.now() + kPatience;
}

bool Ending::at_rest() const {
    const transport::MachineState& state = transport_.state();
    return state.current != transport::Motion::Braking && state.speed_m_s == 0.0 && !state.record_tally &&
           timeline_.now() >= back_ends_.deck_busy_until();
}

void Ending::tick() {
    if (!begun_) {
        return;
    }
    const bool still = at_rest();
    if ((still && !runner_.busy()) || timeline_.now() >= until_) {
        if (!still) {
            journal(JournalLevel::Error, "overbiasd",
                    "the deck was told to stop but does not say that it stands still; look at it");
        }
        back_ends_.stop();
    }
}

} // namespace overbias::controller
