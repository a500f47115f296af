// SPDX-License-Identifier: Apache-2.0
// A Transport on a ScriptedDeck: the test sets speed and tallies by hand and reads which keys were pressed.
#pragma once

#include "fake_deck.hpp"
#include "transport/drivers/manual_adjust.hpp"
#include "transport/transport.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>

namespace overbias::transport::test {

constexpr double kPlayMetresPerSecond = 0.381; // 15 ips

class NotingAdjust : public DeckAdjust {
  public:
    [[nodiscard]] DeckAdjustCapabilities capabilities() const noexcept override { return {.monitor_select = true}; }
    Result<void> select_monitor(MonitorSelect select) override {
        log += "ISR"[static_cast<int>(select)];
        return {};
    }
    std::string log;
};

struct ScriptedRig {
    using Prepare = std::function<void(ScriptedDeck&, TransportConfig&)>;
    explicit ScriptedRig(const Prepare& prepare = {}) {
        if (prepare) {
            prepare(deck, config);
        }
        make();
        run(1.2);
    }
    void make() {
        transport.emplace(timeline, deck, adjust, config);
        transport->on_fault([this](const std::string& message) {
            keys_when_told = deck.keys();
            faults.push_back(message);
        });
    }
    void run(double for_s) { timeline.run_for(deck_seconds(for_s)); }
    /// A change of tallies, told at once.
    template <typename Change>
    void tell(Change change) {
        change(deck.tally);
        deck.tell();
    }
    void clear() { deck.log.clear(); }
    Motion motion() { return transport->state().current; }

    /// Pressed, tally lit, at speed.
    void into_play() {
        EXPECT_EQ(transport->play().status, CommandStatus::Accepted);
        tell([](Tallies& t) { t.stop = false, t.play = true; });
        speed_m_s = kPlayMetresPerSecond;
        run(0.2);
        EXPECT_EQ(motion(), Motion::Playing);
    }
    void into_record() {
        into_play();
        EXPECT_EQ(transport->arm().status, CommandStatus::Accepted);
        EXPECT_EQ(transport->record().status, CommandStatus::Accepted);
        tell([](Tallies& t) { t.record = true; });
        EXPECT_EQ(motion(), Motion::Recording);
        clear();
    }
    void into_wind(bool forward) {
        EXPECT_EQ((forward ? transport->fast_forward() : transport->rewind()).status, CommandStatus::Accepted);
        tell([&](Tallies& t) { t.stop = false, t.play = false, (forward ? t.fast_forward : t.rewind) = true; });
        speed_m_s = forward ? 5.0 : -5.0;
        run(0.2);
        clear();
    }
    /// Stands still, with the stop lamp.
    void rest() {
        speed_m_s = 0.0;
        tell([](Tallies& t) { t.stop = true, t.play = t.record = t.fast_forward = t.rewind = false; });
    }

    SimulatedTimeline timeline;
    ScriptedDeck deck;
    NotingAdjust adjust;
    TransportConfig config;
    std::optional<Transport> transport;
    std::vector<std::string> faults;
    std::string keys_when_told; ///< what had been pressed when the fault listener was called
    double speed_m_s = 0.0;
    bool tach_works = true;

  private:
    double place_m_ = 0.0;
    PeriodicTimer mover_{timeline, std::chrono::milliseconds(1), [this] {
                             place_m_ += speed_m_s * 0.001;
                             const auto edges =
                                 static_cast<std::int64_t>(std::floor(place_m_ * config.edges_per_metre));
                             if (tach_works && edges != deck.reading.edges) {
                                 // the instant the edge was really crossed, within this millisecond
                                 const double past_m =
                                     speed_m_s > 0 ? place_m_ - static_cast<double>(edges) / config.edges_per_metre
                                                   : static_cast<double>(edges + 1) / config.edges_per_metre - place_m_;
                                 deck.reading.edges = edges;
                                 deck.reading.last_edge = timeline.now() - deck_seconds(past_m / std::abs(speed_m_s));
                             }
                         }};
};

} // namespace overbias::transport::test
