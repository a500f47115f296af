// SPDX-License-Identifier: Apache-2.0
#include "controller/place_keeper.hpp"

#include "base/host_time.hpp"
#include "base/journal.hpp"

#include <cmath>
#include <utility>

namespace overbias::controller {

namespace {
constexpr DeckDuration kWhileMoving = std::chrono::seconds(2);
constexpr double kMoved_m = 0.001;
} // namespace

void PlaceKeeper::look(const transport::MachineState& state, const transport::StoredCuePoints& cues, DeckTime now) {
    if (writing_->load(std::memory_order_acquire)) {
        return; // a slow disk delays the next write and nothing else
    }
    const bool still = state.speed_m_s == 0.0;
    const bool moved = !kept_ || std::abs(state.position_m - kept_->position.position_m) > kMoved_m;
    const bool place_due = still ? moved || !still_kept_ : moved && now >= next_while_moving_;
    const bool was_locating = std::exchange(locating_, state.current == transport::Motion::Locating);
    const bool has_learned = was_locating && !locating_;
    if (!place_due && !has_learned && kept_ && kept_->cues == cues) {
        return;
    }
    next_while_moving_ = now + kWhileMoving;
    still_kept_ = still;
    write({.position = {.position_m = state.position_m,
                        .uncertainty_m = state.position_uncertainty_m,
                        .speed_m_s = state.speed_m_s,
                        .utc_s = host_now().utc_ns / 1'000'000'000},
           .cues = cues,
           .deck = deck_,
           .learned = learned_()});
}

void PlaceKeeper::write(KeptPlace place) {
    kept_ = place;
    writing_->store(true, std::memory_order_release);
    worker_.post([state_dir = state_dir_, place = std::move(place), writing = writing_] {
        if (const auto done = store_place(state_dir, place); !done) {
            journal(JournalLevel::Error, "overbiasd", "the tape's place is not kept: " + done.error().message);
        }
        writing->store(false, std::memory_order_release);
    });
}

} // namespace overbias::controller
