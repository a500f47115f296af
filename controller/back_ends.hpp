// SPDX-License-Identifier: Apache-2.0
// What the installation is wired to: the deck, its output switch, the card, the time they live in, and what turns the
// engine. Built in one place each (simulated_back_ends.cpp, hardware_back_ends.cpp); nobody else knows which it is.
// Thread: the timeline's; run(), stop() and Timeline::post() as they say.
#pragma once

#include "audio/block_engine.hpp"
#include "audio/ports/pcm.hpp"
#include "base/async/timeline.hpp"
#include "transport/deck.hpp"
#include "transport/deck_adjust.hpp"
#include "transport/io/heartbeat.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace overbias::controller {

struct Config;
class DeckTrace;
class SimulatedHands;

/// Turns the block engine: a timer of the timeline for the simulated card, a thread of its own for a real one. Thread:
/// one at a time; on a simulated timeline its thread alone.
class EngineDrive {
  public:
    EngineDrive() = default;
    EngineDrive(const EngineDrive&) = delete;
    EngineDrive& operator=(const EngineDrive&) = delete;
    virtual ~EngineDrive() = default;
    /// The engine was started.
    virtual void start() = 0;
    /// No turn runs when it returns: the engine may be stopped then.
    virtual void stop() noexcept = 0;
    /// Grows with every turn. Any thread.
    [[nodiscard]] virtual std::uint64_t turns() const noexcept = 0;
};

/// The sound card as a thing that can go away and come back. Thread: one at a time, while no engine turn runs; on a
/// simulated timeline its thread alone.
class Card {
  public:
    Card() = default;
    Card(const Card&) = delete;
    Card& operator=(const Card&) = delete;
    virtual ~Card() = default;
    [[nodiscard]] virtual Result<void> open() = 0;
    virtual void close() noexcept = 0;
    /// Some card is there under the configured name: open() may be worth a try.
    [[nodiscard]] virtual bool present() const = 0;
    /// Names it in messages.
    [[nodiscard]] virtual std::string name() const = 0;
    /// {"capture", "playback", ...} of the card as JSON text for status, or empty. Any thread.
    [[nodiscard]] virtual std::string report_json() const { return {}; }
};

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
    [[nodiscard]] virtual Card& card() = 0;
    [[nodiscard]] virtual bool simulated() const = 0;

    /// Blocks and latency that suit the card and what turns the engine.
    [[nodiscard]] virtual audio::EngineConfig engine_config() const = 0;
    [[nodiscard]] virtual std::unique_ptr<EngineDrive> drive(audio::BlockEngine& engine) = 0;

    /// When everything that was begun at the deck (contacts, frames) is through.
    [[nodiscard]] DeckTime deck_busy_until() { return deck().busy_until(); }
    /// What goes over the wires to the deck; null: not watched.
    [[nodiscard]] virtual DeckTrace* trace() { return nullptr; }
    /// Hands at the simulated deck; null: a real one, or a simulated machine that has no screws.
    [[nodiscard]] virtual SimulatedHands* hands() { return nullptr; }
    /// The way to the deck is gone (an unplugged expander): what happened and what to do. Empty: all is well.
    [[nodiscard]] virtual std::string deck_lost() const { return {}; }
    /// Toggles the heartbeat line from now on, as long as `may_beat` says so; null: there is no such line.
    [[nodiscard]] virtual std::unique_ptr<transport::Heartbeat> heartbeat(std::function<bool()> may_beat) {
        (void)may_beat;
        return nullptr;
    }

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
