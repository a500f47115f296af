// SPDX-License-Identifier: Apache-2.0
// Watches, every tick of the control thread, what stands beside the deck: the sound card, the audio thread, the way to
// the deck. When one of them fails the deck is made safe first, then everybody hears of it. It also says what stands in
// the way of recording, and whether the heartbeat may go on. Thread: the timeline's.
#pragma once

#include "controller/card_keeper.hpp"
#include "controller/job_runner.hpp"
#include "controller/worker.hpp"
#include "tape/deck_profile.hpp"
#include "transport/transport.hpp"

#include <functional>
#include <memory>
#include <string>

namespace overbias::controller {

class Supervisor {
  public:
    struct Parts {
        Timeline& timeline;
        transport::Transport& transport;
        BackEnds& back_ends;
        audio::BlockEngine& engine;
        const JobRunner& runner;
        const tape::DeckProfile& profile;
    };

    /// `card_changed`: the card was lost, came back, or something else keeps it away.
    Supervisor(const Parts& parts, std::function<void()> card_changed);
    /// Stops the engine.
    ~Supervisor();
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;

    /// Opens the card and starts the engine. The error says what to do.
    [[nodiscard]] Result<void> start();
    /// Every 10 ms.
    void tick();

    /// Why nothing may be recorded now, or empty.
    [[nodiscard]] std::string record_obstacle() const;
    /// Why the fault may not be cleared yet, or empty.
    [[nodiscard]] std::string clear_obstacle() const;

    [[nodiscard]] bool card_lost() const noexcept { return card_.lost(); }
    [[nodiscard]] const std::string& card_problem() const noexcept { return card_.problem(); }
    /// Turns of the engine so far. Any thread.
    [[nodiscard]] std::uint64_t turns() const noexcept { return drive_->turns(); }

    [[nodiscard]] bool has_heartbeat() const noexcept { return heartbeat_ != nullptr; }
    [[nodiscard]] bool beating() const noexcept { return heartbeat_ != nullptr && heartbeat_->beating(); }

    /// A deck that no hardware stops when the daemon dies: the operator has to know, once a session.
    [[nodiscard]] bool needs_acknowledgement() const noexcept;
    [[nodiscard]] bool acknowledged() const noexcept { return acknowledged_; }
    void acknowledge() noexcept { acknowledged_ = true; }

  private:
    [[nodiscard]] bool holds_record() const;
    [[nodiscard]] bool may_beat() const;
    void card_work(std::function<void()> work);
    void watch_audio_thread();
    void watch_deck();

    Parts parts_;
    std::unique_ptr<EngineDrive> drive_;
    std::unique_ptr<Worker> worker_; ///< opens and closes a real card
    CardKeeper card_;
    std::uint64_t turns_seen_ = 0;
    DeckTime turned_at_{};
    DeckTime ticked_at_{};
    bool audio_stalled_ = false;
    std::string deck_lost_;
    bool acknowledged_ = false;
    bool started_ = false;
    std::unique_ptr<transport::Heartbeat> heartbeat_; ///< last: it asks the rest
};

} // namespace overbias::controller
