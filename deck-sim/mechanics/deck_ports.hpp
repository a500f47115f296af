// SPDX-License-Identifier: Apache-2.0
// The deck's remote socket: contacts and tallies as Lines, the roller counter as Tach. Every call first brings the deck
// up to now. Thread: the timeline's.
#pragma once

#include "deck-sim/mechanics/mechanics.hpp"
#include "deck-sim/patch.hpp"
#include "deck-sim/remote_deck.hpp"
#include "transport/io/lines.hpp"
#include "transport/io/tach.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <vector>

namespace overbias::deck_sim {

class DeckLines final : public transport::Lines {
  public:
    struct MonitorRelays {
        bool input = false, sync = false;
    };
    /// `advance` brings the deck up to now; `monitor` is told when a monitor relay changes.
    DeckLines(Mechanics& mechanics, RemoteDeck& remote, std::function<void()> advance,
              std::function<void(MonitorRelays)> monitor);

    [[nodiscard]] Result<transport::LineId> find_output(std::string_view name) override;
    [[nodiscard]] Result<transport::LineId> find_input(std::string_view name) override;
    /// Throws std::invalid_argument for an id that is not an output's.
    void set(transport::LineId output, bool active) override;
    /// Throws std::invalid_argument for an id that is not an input's.
    [[nodiscard]] bool get(transport::LineId input) const override;
    void on_edge(std::function<void(const transport::LineEdge&)> listener) override { listener_ = std::move(listener); }

    [[nodiscard]] Patch patch() const noexcept { return patch_; }
    /// Told when a relay of the patch changes.
    void on_patch(std::function<void(const Patch&)> listener) { patched_ = std::move(listener); }

    /// After every step of the deck: notes which tallies have changed. Allocates only when nobody has fetched edges for
    /// long.
    void note_step(DeckTime end);
    /// Tells the listener of the edges noted since.
    void deliver();

  private:
    void set_mode(int place, bool active);
    void set_route(int place, bool active);

    Mechanics& mechanics_;
    RemoteDeck& remote_;
    std::function<void()> advance_;
    std::function<void(MonitorRelays)> monitor_;
    std::function<void(const transport::LineEdge&)> listener_;
    MonitorRelays relays_;
    Patch patch_;
    std::function<void(const Patch&)> patched_;
    std::array<bool, kTallies> seen_;
    std::vector<transport::LineEdge> pending_, delivering_;
};

class DeckTach final : public transport::Tach {
  public:
    DeckTach(const Mechanics& mechanics, std::function<void()> advance)
        : mechanics_(mechanics), advance_(std::move(advance)) {}
    [[nodiscard]] transport::TachReading read() override;

  private:
    const Mechanics& mechanics_;
    std::function<void()> advance_;
};

} // namespace overbias::deck_sim
