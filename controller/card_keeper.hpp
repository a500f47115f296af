// SPDX-License-Identifier: Apache-2.0
// Keeps the sound card: sees that it is gone, and has it back when it returns, with back-off. Nothing that ran before
// resumes. Opening and closing may take as long as a driver likes, so they are done elsewhere: for a real card never on
// the control thread, which has a heartbeat to give. Thread: the timeline's.
#pragma once

#include "audio/block_engine.hpp"
#include "controller/back_ends.hpp"

#include <functional>
#include <memory>
#include <string>

namespace overbias::controller {

class CardKeeper {
  public:
    struct Hooks {
        /// Runs `work` where drive, engine and card may be stopped, opened and waited for, later, one after the other:
        /// on another thread, or on the timeline where it turns the engine.
        std::function<void(std::function<void()> work)> elsewhere;
        /// At once when the loss is seen: makes the deck safe. `what` is for the operator.
        std::function<void(const std::string& what)> lost;
        /// Lost, returned, or another obstacle came up on the way: lost() and problem() tell.
        std::function<void()> changed;
        /// Nothing holds the engine any more: the job that ran is over.
        std::function<bool()> engine_is_free;
    };

    CardKeeper(Timeline& timeline, audio::BlockEngine& engine, EngineDrive& drive, Card& card, Hooks hooks);
    /// Waits for nothing: whatever runs elsewhere must have ended before.
    ~CardKeeper() = default;
    CardKeeper(const CardKeeper&) = delete;
    CardKeeper& operator=(const CardKeeper&) = delete;

    /// At start-up: opens the card, starts engine and drive. The error says what to do.
    [[nodiscard]] Result<void> start();
    /// At the end: stops drive and engine and closes the card.
    void stop() noexcept;
    /// Every tick of the control thread.
    void tick();

    [[nodiscard]] bool lost() const noexcept { return state_ != State::Running; }
    /// Why it is not there yet; empty when it is.
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

  private:
    enum class State { Running, Lost, Trying };
    Result<void> open();
    void try_again();
    Result<void> attempt();
    void attempted(const Result<void>& result);

    Timeline& timeline_;
    audio::BlockEngine& engine_;
    EngineDrive& drive_;
    Card& card_;
    Hooks hooks_;
    State state_ = State::Running;
    bool released_ = false; ///< the lost card was closed; changed only by an attempt
    std::string problem_;
    DeckDuration back_off_{};
    DeckTime next_try_{};
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace overbias::controller
