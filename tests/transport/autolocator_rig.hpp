// SPDX-License-Identifier: Apache-2.0
// An Autolocator on the whole chain: transport, driver, lines, tach and a deck that latches.
#pragma once

#include "fake_deck.hpp"
#include "transport/drivers/parallel_remote.hpp"
#include "transport/position/autolocator.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace overbias::transport::test {

class NoAdjust : public DeckAdjust {
  public:
    [[nodiscard]] DeckAdjustCapabilities capabilities() const noexcept override { return {}; }
    Result<void> select_monitor(MonitorSelect) override { return Error{"by hand"}; }
};

struct AutolocatorRig {
    explicit AutolocatorRig(const AutolocatorConfig& config = {}, double start_m = 0.0) {
        remote.emplace(timeline, deck.lines, &deck, ParallelRemoteConfig{});
        transport.emplace(timeline, *remote, adjust, TransportConfig{});
        transport->on_fault([this](const std::string& message) {
            told.push_back(message);
            if (autolocator) {
                autolocator->cancel(message);
            }
        });
        run(1.5);
        EXPECT_FALSE(transport->zero_counter().denied());
        autolocator.emplace(timeline, *transport, config);
        if (start_m != 0.0) {
            EXPECT_FALSE(autolocator->locate(start_m).denied());
            EXPECT_TRUE(ended(60.0)) << said();
        }
        deck.lines.on_output = [this](const std::string& line, bool active) {
            if (active) {
                pressed += line + " ";
            }
        };
    }
    void run(double for_s) { timeline.run_for(deck_seconds(for_s)); }
    bool until(const std::function<bool()>& done, double within_s) {
        return timeline.run_until(done, timeline.now() + deck_seconds(within_s));
    }
    bool reaches(Stage stage, double within_s) {
        return until([&] { return autolocator->state().stage == stage; }, within_s);
    }
    bool ended(double within_s) { return reaches(Stage::Idle, within_s); }
    [[nodiscard]] const std::string& said() const { return autolocator->state().said; }
    [[nodiscard]] Motion motion() { return transport->state().current; }
    /// Runs until the program has ended, and notes where by the deck's truth record went on and off.
    bool watch_record(double within_s) {
        on_at_m.reset();
        off_at_m.reset();
        bool was = deck.recording;
        return until(
            [&] {
                if (deck.recording != was) {
                    (deck.recording ? on_at_m : off_at_m) = deck.position_m;
                    was = deck.recording;
                }
                return !autolocator->active();
            },
            within_s);
    }
    /// A hand on the deck's own keys.
    void hand(LatchingDeck::Mode mode) { deck.mode = mode; }

    std::vector<std::string> told; ///< by the transport
    std::string pressed;           ///< lines closed since the start
    std::optional<double> on_at_m, off_at_m;
    SimulatedTimeline timeline;
    LatchingDeck deck{timeline};
    std::optional<ParallelRemote> remote;
    NoAdjust adjust;
    std::optional<Transport> transport;
    std::optional<Autolocator> autolocator;
};

} // namespace overbias::transport::test
