// SPDX-License-Identifier: Apache-2.0
// What a transport has learned and was told of its deck: braking distances over a restart, and the roller's slip.
#include "base/async/simulated_timeline.hpp"
#include "deck-sim/simulated_deck.hpp"
#include "transport/drivers/parallel_remote.hpp"
#include "transport/locator.hpp"
#include "transport/transport.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <optional>

namespace overbias::transport {

namespace {

class NoOutputSwitch : public DeckAdjust {
  public:
    [[nodiscard]] DeckAdjustCapabilities capabilities() const noexcept override { return {}; }
    Result<void> select_monitor(MonitorSelect) override { return Error{"by hand"}; }
};

/// A deck that stays, and machines that come and go.
struct LastingDeck {
    explicit LastingDeck(double slip = 0.001) {
        config.slip = slip;
        begin();
    }
    void begin() {
        transport.emplace(timeline, remote, adjust, config);
        timeline.run_for(deck_seconds(2.0));
        EXPECT_FALSE(transport->zero_counter().denied());
    }
    /// Seconds until it has arrived.
    double locate(double to_m) {
        const DeckTime from = timeline.now();
        EXPECT_FALSE(transport->locate(to_m).denied());
        EXPECT_TRUE(timeline.run_until([&] { return transport->state().current == Motion::Stopped; },
                                       from + deck_seconds(300.0)))
            << transport->state().fault;
        return seconds(timeline.now() - from);
    }
    TransportConfig config;
    SimulatedTimeline timeline;
    deck_sim::SimulatedDeck deck{timeline, {}, {}};
    ParallelRemote remote{timeline, deck.lines(), &deck.tach(), {}};
    NoOutputSwitch adjust;
    std::optional<Transport> transport;
};

/// What some locates teach, back at the zero.
LocatorMemory taught(LastingDeck& rig) {
    for (const double to_m : {200.0, 20.0, 350.0, 150.0, 400.0, 60.0, 250.0, 0.0}) {
        rig.locate(to_m);
    }
    return rig.transport->locator_memory();
}

} // namespace

TEST(LocatorMemory, AfterARestartTheFirstLocateUsesTheLearnedBrakingDistance) {
    LastingDeck rig;
    const LocatorMemory learned = taught(rig);
    EXPECT_GE(learned.stops.size(), 8U);
    const auto stops = [&rig] { return rig.transport->locator_memory().stops.size(); };

    rig.begin();
    EXPECT_EQ(stops(), 0U) << "a new machine knows nothing by itself";
    const double ignorant_s = rig.locate(300.0);
    const std::size_t ignorant_stops = stops();
    rig.locate(0.0);

    rig.begin();
    rig.transport->remember_locates(learned);
    EXPECT_EQ(stops(), learned.stops.size());
    const double knowing_s = rig.locate(300.0);
    const std::size_t knowing_stops = stops() - learned.stops.size();
    EXPECT_LT(knowing_stops, ignorant_stops) << "it stopped short and went on";
    EXPECT_LT(knowing_s, ignorant_s - 1.0);
    std::printf("first locate over 300 m: %.2f s in %zu moves, %.2f s in %zu knowing the brakes\n", ignorant_s,
                ignorant_stops, knowing_s, knowing_stops);
}

TEST(RollerSlip, TheUncertaintyGrowsWithTheSlipThatWasMeasured) {
    for (const double slip : {0.0, 0.01}) {
        LastingDeck rig(slip);
        rig.locate(100.0);
        EXPECT_NEAR(rig.transport->state().position_uncertainty_m, slip * 100.0, 0.05 + 0.1 * slip * 100.0) << slip;
    }
    LastingDeck rig;
    rig.config.slip = 1.0;
    rig.transport.reset();
    EXPECT_THROW(rig.transport.emplace(rig.timeline, rig.remote, rig.adjust, rig.config), std::invalid_argument);
}

} // namespace overbias::transport
