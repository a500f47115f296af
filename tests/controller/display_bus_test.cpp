// SPDX-License-Identifier: Apache-2.0
// A deck whose own counter is read off its display bus, from profile to place: the wiring's driver and machine against
// the simulated deck and its bus, in simulated deck time. The display counts seconds; at 15 ips one is 0.381 m.
#include "base/async/simulated_timeline.hpp"
#include "controller/deck_driver.hpp"
#include "controller/device_settings.hpp"
#include "controller/make_safe.hpp"
#include "controller/part_settings.hpp"
#include "controller/simulated/simulated_back_ends.hpp"
#include "deck-sim/faces/display_bus_lines.hpp"
#include "deck-sim/simulated_deck.hpp"
#include "transport/transport.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::controller {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using transport::Motion;
using transport::PositionKnowledge;

constexpr double kUnit_m = 0.381;

class BusRig {
  public:
    BusRig() : config_(load()) {
        deck_sim::Settings settings;
        settings.start_place_m = 200.0;
        settings.play_speed_ips = 15.0;
        deck_.emplace(timeline_, settings, std::vector<deck_sim::Fault>{});
        lines_.emplace(timeline_, deck_->lines(), deck_->remote());
        watched_ = trace_.watch(*lines_);
        driver_ = make_deck(config_, {.timeline = timeline_, .lines = *watched_, .trace = &trace_});
        adjust_ = make_adjust(config_.deck.profile, *watched_);
        trace_.set_restless(config_.deck.profile.display_bus->lines());
        transport_.emplace(timeline_, *driver_, *adjust_, transport_config(config_));
    }
    /// Still, and the place zeroed.
    void begin() {
        timeline_.run_for(milliseconds(6000)); // the display must have stood for a while
        ASSERT_TRUE(until(Motion::Stopped, milliseconds(10000))) << fault();
        zero();
    }
    void zero() {
        ASSERT_FALSE(transport_->zero_counter().denied());
        zero_m_ = place();
        ASSERT_EQ(knowledge(), PositionKnowledge::Known);
    }
    bool until(Motion motion, milliseconds most) {
        return timeline_.run_until([&] { return transport_->state().current == motion; }, timeline_.now() + most);
    }
    bool until(const std::function<bool()>& done, milliseconds most) {
        return timeline_.run_until(done, timeline_.now() + most);
    }
    /// The largest difference of count and tape, looked at every 10 ms.
    double worst_while(milliseconds time) {
        double worst_m = 0.0;
        for (milliseconds gone{}; gone < time; gone += milliseconds(10)) {
            timeline_.run_for(milliseconds(10));
            worst_m = std::max(worst_m, std::abs(error_m()));
        }
        return worst_m;
    }
    double place() { return deck_->truth().place_at_record_head_m; }
    double error_m() { return transport_->state().position_m - (place() - zero_m_); }
    PositionKnowledge knowledge() { return transport_->state().position_knowledge; }
    std::string fault() { return transport_->state().fault; }
    std::string detail() {
        for (const auto& [name, value] : driver_->details()) {
            if (name == "counter display") {
                return value;
            }
        }
        return "none";
    }
    transport::Transport& transport() { return *transport_; }
    transport::Deck& driver() { return *driver_; }
    deck_sim::DisplayBusFace& face() { return lines_->face(); }
    deck_sim::SimulatedDeck& deck() { return *deck_; }
    SimulatedTimeline& timeline() { return timeline_; }
    DeckTrace& trace() { return trace_; }

  private:
    static Config load() {
        auto config = parse_config("[deck]\nprofile = \"simulated-display-bus\"\n", "test.toml", true);
        EXPECT_TRUE(config.ok()) << config.error().message;
        return std::move(config).value();
    }
    Config config_;
    SimulatedTimeline timeline_;
    DeckTrace trace_{timeline_};
    std::optional<deck_sim::SimulatedDeck> deck_;
    std::optional<deck_sim::DisplayBusLines> lines_;
    std::unique_ptr<transport::Lines> watched_;
    std::unique_ptr<transport::Deck> driver_;
    std::unique_ptr<transport::DeckAdjust> adjust_;
    std::optional<transport::Transport> transport_;
    double zero_m_ = 0.0;
};

/// One displayed unit, and what passes while two scans agree.
double bound_m(double fastest_m_s) {
    return kUnit_m + 0.024 * fastest_m_s + 0.002;
}

TEST(DisplayBusProfile, IsFollowedWithinOneUnitUntilTheScanStops) {
    BusRig rig;
    rig.begin();
    EXPECT_GE(rig.transport().state().position_uncertainty_m, kUnit_m) << "no better than what is displayed";
    ASSERT_FALSE(rig.transport().play().denied());
    ASSERT_TRUE(rig.until(Motion::Playing, milliseconds(6000))) << rig.fault();
    EXPECT_LT(rig.worst_while(milliseconds(10000)), bound_m(0.381));
    ASSERT_FALSE(rig.transport().stop().denied());
    ASSERT_TRUE(rig.until(Motion::Stopped, milliseconds(8000))) << rig.fault();
    ASSERT_FALSE(rig.transport().rewind().denied());
    EXPECT_LT(rig.worst_while(milliseconds(8000)), bound_m(10.0));
    EXPECT_LT(rig.transport().state().position_m, 0.0);
    EXPECT_EQ(rig.knowledge(), PositionKnowledge::Known);
    rig.face().stop_scan(true);
    EXPECT_TRUE(rig.until([&] { return rig.knowledge() == PositionKnowledge::Doubtful; }, milliseconds(350)));
    EXPECT_THAT(rig.detail(), HasSubstr("not read"));
}

/// The level and the number of changes of a line as `overbias deck lines` lists it.
const boost::json::object* listed(const boost::json::object& snapshot, std::string_view name) {
    for (const boost::json::value& line : snapshot.at("lines").as_array()) {
        if (line.at("name").as_string() == name) {
            return &line.as_object();
        }
    }
    return nullptr;
}

TEST(DisplayBusProfile, ItsLinesAreListedAndNotToldOneByOne) {
    std::vector<std::string> told; // outlives the rig, which presses STOP when it goes
    BusRig rig;
    rig.trace().follow([&told](const boost::json::object& event) { told.emplace_back(event.at("name").as_string()); });
    rig.begin();
    ASSERT_FALSE(rig.transport().play().denied());
    ASSERT_TRUE(rig.until(Motion::Playing, milliseconds(6000))) << rig.fault();
    const auto snapshot = rig.trace().snapshot();
    for (const std::string_view name : deck_sim::DisplayBusLines::kNames) {
        const auto* const line = listed(snapshot, name);
        ASSERT_NE(line, nullptr) << name;
        EXPECT_GT(line->at("changes").to_number<int>(), 100) << name;
    }
    EXPECT_THAT(told, testing::Contains("tally_play"));
    EXPECT_THAT(told, testing::Not(testing::Contains(testing::StartsWith("display_"))));
}

TEST(DisplayBusProfile, RunsInTheSimulatedWiring) {
    auto config = parse_config("[deck]\nprofile = \"simulated-display-bus\"\n", "test.toml", true);
    ASSERT_TRUE(config.ok()) << config.error().message;
    const auto back_ends = make_simulated_back_ends(*config, {.time_scale = 0.0, .faults = {}});
    auto& timeline = dynamic_cast<SimulatedTimeline&>(back_ends->timeline());
    transport::Transport machine(timeline, back_ends->deck(), back_ends->adjust(), transport_config(*config));
    timeline.run_for(milliseconds(6000));
    ASSERT_FALSE(machine.zero_counter().denied());
    ASSERT_FALSE(machine.play().denied());
    timeline.run_for(milliseconds(13500)); // of these a second and a half to settle and to start
    EXPECT_NEAR(machine.state().position_m, 12.0 * 0.381, 1.5 * kUnit_m);
    EXPECT_EQ(machine.state().position_knowledge, PositionKnowledge::Known);
    EXPECT_NE(listed(back_ends->trace()->snapshot(), "display_select_4"), nullptr);
}

class BareBusDeck final : public BareDeck {
  public:
    explicit BareBusDeck(transport::Deck& deck) : deck_(deck) {}
    transport::Deck& deck() override { return deck_; }
    Result<void> open_watch() override { return {}; }

  private:
    transport::Deck& deck_;
};

MakeSafeResult make_it_safe(BusRig& rig, milliseconds patience) {
    BareBusDeck bare(rig.driver());
    MakeSafeResult result;
    bool done = false;
    const auto act = [&]() -> Task<void> { result = co_await stop_and_watch(rig.timeline(), bare, patience); };
    const Spawned spawned(act(), [&](std::exception_ptr) { done = true; });
    EXPECT_TRUE(rig.until([&] { return done; }, patience + milliseconds(1000)));
    return result;
}

TEST(DisplayBusProfile, IsSeenSafeOnlyWhenTheDisplayHasStoodLongEnough) {
    BusRig rig;
    rig.begin();
    ASSERT_FALSE(rig.transport().fast_forward().denied());
    rig.timeline().run_for(milliseconds(8000));
    ASSERT_GT(rig.deck().truth().speed_m_s, 5.0);
    const DeckTime begin = rig.timeline().now();
    const MakeSafeResult result = make_it_safe(rig, milliseconds(30000));
    EXPECT_TRUE(result.seen_safe) << result.told;
    EXPECT_EQ(rig.deck().truth().speed_m_s, 0.0);
    EXPECT_GT(seconds(rig.timeline().now() - begin), 3.8);
    EXPECT_THAT(result.told, HasSubstr("no tach for 3.8 s"));
}

TEST(DisplayBusProfile, ABusThatNobodyReadsIsNotSeenSafe) {
    BusRig rig;
    rig.begin();
    ASSERT_FALSE(rig.transport().fast_forward().denied());
    rig.timeline().run_for(milliseconds(5000));
    rig.face().stop_scan(true);
    const MakeSafeResult result = make_it_safe(rig, milliseconds(10000));
    EXPECT_FALSE(result.seen_safe) << result.told;
}

} // namespace
} // namespace overbias::controller
