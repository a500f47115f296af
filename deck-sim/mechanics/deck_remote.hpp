// SPDX-License-Identifier: Apache-2.0
// DeckRemote: the mechanics as a remote control reaches them. Every call first brings the deck up to now. Thread: the
// timeline's.
#pragma once

#include "deck-sim/mechanics/mechanics.hpp"
#include "deck-sim/remote_deck.hpp"

#include <functional>
#include <utility>

namespace overbias::deck_sim {

class DeckRemote final : public RemoteDeck {
  public:
    /// `advance` brings the deck up to now; `speed` is told when the speed switch has been thrown.
    DeckRemote(Mechanics& mechanics, std::function<void()> advance, std::function<void(double speed_ips)> speed)
        : mechanics_(mechanics), advance_(std::move(advance)), speed_(std::move(speed)) {}

    void press(Key key) override;
    void shuttle(double speed_m_s) override;
    void library_wind(Wind direction) override;
    void cue_up(double counter_m) override;
    void edit(bool on) override;
    void lifter_defeat(bool on) override;
    void thread_tension(bool on) override;
    bool select_speed(double speed_ips) override;
    void set_ready(int track, bool on) override;
    void preset_counter(double counter_m) override;
    [[nodiscard]] State state() override;

  private:
    Mechanics& mechanics_;
    std::function<void()> advance_;
    std::function<void(double)> speed_;
};

} // namespace overbias::deck_sim
