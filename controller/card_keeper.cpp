// SPDX-License-Identifier: Apache-2.0
#include "controller/card_keeper.hpp"

#include "base/journal.hpp"

#include <algorithm>
#include <utility>

namespace overbias::controller {

namespace {
constexpr DeckDuration kFirstTry = std::chrono::milliseconds(250);
constexpr DeckDuration kSlowestTry = std::chrono::seconds(3);
} // namespace

CardKeeper::CardKeeper(Timeline& timeline, audio::BlockEngine& engine, EngineDrive& drive, Card& card, Hooks hooks)
    : timeline_(timeline), engine_(engine), drive_(drive), card_(card), hooks_(std::move(hooks)) {
}

Result<void> CardKeeper::open() {
    if (auto opened = card_.open(); !opened) {
        return opened;
    }
    auto started = engine_.start();
    if (!started) {
        card_.close();
    }
    return started;
}

Result<void> CardKeeper::start() {
    auto opened = open();
    if (opened) {
        drive_.start();
    }
    return opened;
}

void CardKeeper::stop() noexcept {
    drive_.stop();
    engine_.stop();
    card_.close();
}

void CardKeeper::tick() {
    if (state_ == State::Running && engine_.counters().lost.load(std::memory_order_relaxed)) {
        state_ = State::Lost;
        released_ = false;
        back_off_ = kFirstTry;
        next_try_ = timeline_.now();
        problem_ = "the sound card (" + card_.name() +
                   ") is gone: record off and stop; check its cable and power. It is opened again when it is back, "
                   "and nothing resumes by itself";
        hooks_.lost(problem_);
        hooks_.changed();
    }
    if (state_ == State::Lost && timeline_.now() >= next_try_ && hooks_.engine_is_free()) {
        try_again();
    }
}

void CardKeeper::try_again() {
    state_ = State::Trying;
    hooks_.elsewhere([this, alive = std::weak_ptr<bool>(alive_)] {
        if (alive.expired()) { // posted to a timeline that has outlived us
            return;
        }
        auto result = attempt();
        timeline_.post([this, alive, result = std::move(result)] {
            if (!alive.expired()) {
                attempted(result);
            }
        });
    });
}

/// Elsewhere: no turn of the engine runs, and no job holds it.
Result<void> CardKeeper::attempt() {
    if (!released_) {
        drive_.stop();
        engine_.stop();
        card_.close();
        released_ = true;
    }
    if (!card_.present()) {
        return Error{"the sound card (" + card_.name() + ") is gone; check its cable and power"};
    }
    return open();
}

void CardKeeper::attempted(const Result<void>& result) {
    if (result) {
        drive_.start();
        state_ = State::Running;
        problem_.clear();
        journal(JournalLevel::Notice, "overbiasd", "the sound card (" + card_.name() + ") is back");
        hooks_.changed();
        return;
    }
    state_ = State::Lost;
    next_try_ = timeline_.now() + back_off_;
    back_off_ = std::min(back_off_ * 2, kSlowestTry);
    if (problem_ != result.error().message) {
        problem_ = result.error().message;
        journal(JournalLevel::Warning, "overbiasd", problem_);
        hooks_.changed();
    }
}

} // namespace overbias::controller
