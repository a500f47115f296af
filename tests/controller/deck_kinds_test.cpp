// SPDX-License-Identifier: Apache-2.0
// The four kinds of deck, each by its shipped profile: the wiring's own driver against the simulated deck's face, in
// simulated deck time.
#include "base/async/simulated_timeline.hpp"
#include "controller/deck_driver.hpp"
#include "controller/deck_settings.hpp"
#include "controller/device_settings.hpp"
#include "controller/make_safe.hpp"
#include "controller/part_settings.hpp"
#include "controller/simulated/simulated_back_ends.hpp"
#include "controller/simulated/simulated_remote.hpp"
#include "deck-sim/direct-drive/drive_machine.hpp"
#include "deck-sim/simulated_machine.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::controller {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using transport::Motion;

Config config_of(const std::string& profile, const std::string& more = "") {
    auto config = parse_config("[deck]\nprofile = \"" + profile + "\"\n" + more, "test.toml", true);
    EXPECT_TRUE(config.ok()) << config.error().message;
    return config ? std::move(config).value() : Config{};
}

/// A deck of one kind and the driver of its profile; the driver can go, as a daemon does, while the deck goes on.
class KindRig {
  public:
    explicit KindRig(const std::string& profile, const std::string& more = "") : config_(config_of(profile, more)) {
        deck_sim::Settings settings;
        settings.start_place_m = 200.0;
        settings.speeds_ips = {15.0, 30.0};
        if (config_.deck.profile.kind == tape::DeckDriver::DirectDrive) {
            machine_ = std::make_unique<deck_sim::SimulatedMachine>(timeline_, settings, deck_sim::DriveSettings{},
                                                                    std::vector<deck_sim::Fault>{});
            beat();
        } else {
            deck_ = std::make_unique<deck_sim::SimulatedDeck>(timeline_, settings, std::vector<deck_sim::Fault>{});
            socket_ = make_simulated_socket(timeline_, *deck_, config_);
        }
        lines_ = trace_.watch(machine_ ? machine_->lines() : deck_->lines());
        driver_ = make_driver(DeckUse::Run);
    }
    /// A heartbeat goes on beside the driver's lines, as the daemon's does.
    void beat() {
        const auto line = machine_->lines().find_output("heartbeat");
        ASSERT_TRUE(line.ok());
        heartbeat_ = std::make_unique<PeriodicTimer>(timeline_, milliseconds(20), [this, id = *line] {
            high_ = !high_;
            machine_->lines().set(id, high_);
        });
    }
    std::unique_ptr<transport::Deck> make_driver(DeckUse use) {
        DeckPorts ports{.timeline = timeline_, .lines = *lines_, .trace = &trace_};
        if (machine_) {
            ports.tach = &machine_->tach();
            ports.links = {&machine_->line().link()};
        } else {
            ports.tach = config_.deck.profile.kind == tape::DeckDriver::SonyNinePin ? nullptr : &deck_->tach();
            if (socket_) {
                ports.links = {&socket_->line().link()};
            }
        }
        return make_deck(config_, ports, use);
    }
    void run_machine() {
        transport_.emplace(timeline_, *driver_, adjust_of(), transport_config(config_));
        ASSERT_TRUE(until([&] { return motion() == Motion::Stopped; }, milliseconds(6000))) << fault();
    }
    /// Everything of ours is gone from one moment to the next; nothing was told to the deck.
    void kill_daemon() {
        heartbeat_.reset();
        transport_.reset();
        driver_.reset();
    }
    bool until(const std::function<bool()>& done, milliseconds most) {
        return timeline_.run_until(done, timeline_.now() + most);
    }
    void run(milliseconds time) { timeline_.run_for(time); }
    Motion motion() { return transport_->state().current; }
    std::string fault() { return transport_->state().fault; }
    bool recording() { return machine_ ? machine_->machine().recording() : deck_->truth().recording; }
    double speed() { return machine_ ? machine_->machine().web().speed_m_s() : deck_->truth().speed_m_s; }
    deck_sim::SerialPair& line() { return machine_ ? machine_->line() : socket_->line(); }
    SimulatedTimeline& timeline() { return timeline_; }
    transport::Transport& transport() { return *transport_; }
    transport::Deck& driver() { return *driver_; }
    const Config& config() const { return config_; }
    DeckTrace& trace() { return trace_; }

    void record() {
        ASSERT_FALSE(transport_->arm().denied());
        ASSERT_FALSE(transport_->record().denied());
        ASSERT_TRUE(until([&] { return motion() == Motion::Recording; }, milliseconds(5000))) << fault();
        ASSERT_TRUE(recording());
    }

  private:
    transport::DeckAdjust& adjust_of() {
        adjust_ = make_adjust(config_.deck.profile, *lines_);
        return *adjust_;
    }
    Config config_;
    SimulatedTimeline timeline_;
    DeckTrace trace_{timeline_};
    std::unique_ptr<deck_sim::SimulatedDeck> deck_;
    std::unique_ptr<SimulatedSocket> socket_;
    std::unique_ptr<deck_sim::SimulatedMachine> machine_;
    std::unique_ptr<PeriodicTimer> heartbeat_;
    bool high_ = false;
    std::unique_ptr<transport::Lines> lines_;
    std::unique_ptr<transport::Deck> driver_;
    std::unique_ptr<transport::DeckAdjust> adjust_;
    std::optional<transport::Transport> transport_;
};

class DeckKinds : public testing::TestWithParam<const char*> {};

class LinkedDecks : public testing::TestWithParam<const char*> {};

std::string test_name(const testing::TestParamInfo<const char*>& info) {
    std::string word = info.param;
    std::ranges::replace(word, '-', '_');
    return word;
}

INSTANTIATE_TEST_SUITE_P(Profiles, DeckKinds,
                         testing::Values("simulated", "simulated-ready", "simulated-nine-pin", "simulated-studer",
                                         "simulated-direct-drive"),
                         test_name);
INSTANTIATE_TEST_SUITE_P(Profiles, LinkedDecks,
                         testing::Values("simulated-nine-pin", "simulated-studer", "simulated-direct-drive"),
                         test_name);

TEST_P(DeckKinds, PlaysWindsRecordsAndStops) {
    KindRig rig(GetParam());
    rig.run_machine();
    const double begin_m = rig.transport().state().position_m;
    ASSERT_FALSE(rig.transport().play().denied());
    ASSERT_TRUE(rig.until([&] { return rig.motion() == Motion::Playing; }, milliseconds(5000))) << rig.fault();
    rig.run(milliseconds(2000));
    EXPECT_NEAR(rig.speed(), 0.381, 0.005);
    EXPECT_GT(rig.transport().state().position_m, begin_m + 0.5) << "the deck's counter, or the roller's, is read";
    rig.record();
    ASSERT_FALSE(rig.transport().punch_out().denied());
    ASSERT_TRUE(rig.until([&] { return rig.motion() == Motion::Playing && !rig.recording(); }, milliseconds(2000)));
    ASSERT_FALSE(rig.transport().stop().denied());
    ASSERT_TRUE(rig.until([&] { return rig.motion() == Motion::Stopped; }, milliseconds(5000))) << rig.fault();
    EXPECT_NEAR(rig.speed(), 0.0, 0.005);
    ASSERT_FALSE(rig.transport().fast_forward().denied());
    ASSERT_TRUE(rig.until([&] { return rig.speed() > 3.0; }, milliseconds(8000))) << rig.fault();
    ASSERT_FALSE(rig.transport().stop().denied());
    ASSERT_TRUE(rig.until([&] { return rig.motion() == Motion::Stopped; }, milliseconds(10000))) << rig.fault();
    EXPECT_EQ(rig.fault(), "");
}

class Bare final : public BareDeck {
  public:
    explicit Bare(std::unique_ptr<transport::Deck> deck) : deck_(std::move(deck)) {}
    transport::Deck& deck() override { return *deck_; }
    Result<void> open_watch() override { return {}; }

  private:
    std::unique_ptr<transport::Deck> deck_;
};

MakeSafeResult make_it_safe(KindRig& rig, const std::function<void()>& meanwhile) {
    Bare bare(rig.make_driver(DeckUse::StopOnly));
    MakeSafeResult result;
    bool done = false;
    const auto act = [&]() -> Task<void> {
        result = co_await stop_and_watch(rig.timeline(), bare, milliseconds(60000));
    };
    const Spawned spawned(act(), [&](std::exception_ptr) { done = true; });
    meanwhile();
    EXPECT_TRUE(rig.until([&] { return done; }, milliseconds(70000)));
    return result;
}

TEST_P(DeckKinds, IsMadeSafeAfterTheDaemonsDeath) {
    KindRig rig(GetParam());
    rig.run_machine();
    ASSERT_FALSE(rig.transport().play().denied());
    ASSERT_TRUE(rig.until([&] { return rig.motion() == Motion::Playing; }, milliseconds(5000))) << rig.fault();
    rig.record();

    rig.kill_daemon();
    rig.run(milliseconds(30));
    const MakeSafeResult result = make_it_safe(rig, [&rig] {
        const DeckTime begin = rig.timeline().now();
        EXPECT_TRUE(rig.until([&] { return !rig.recording(); }, milliseconds(1000)));
        EXPECT_LT(seconds(rig.timeline().now() - begin), 0.3) << "record off within a moment";
    });
    EXPECT_TRUE(result.seen_safe) << result.told;
    EXPECT_THAT(result.told, HasSubstr("out of record"));
    EXPECT_NEAR(rig.speed(), 0.0, 0.005);
}

TEST(DeckSettings, AStudersTimesAreTheProfiles) {
    Config config = config_of("simulated-studer");
    const transport::StuderAsciiConfig usual = studer_config(config);
    config.deck.profile.studer.poll_s = tape::Figure{.value = 0.2, .source = "s"};
    config.deck.profile.studer.answer_s = tape::Figure{.value = 0.15, .source = "s"};
    const transport::StuderAsciiConfig slow = studer_config(config);
    EXPECT_DOUBLE_EQ(slow.poll_s, 0.2);
    EXPECT_DOUBLE_EQ(slow.answer_s, 0.15);
    EXPECT_DOUBLE_EQ(usual.answer_s, transport::StuderAsciiConfig{}.answer_s);
}

TEST(SpeedAtTheStart, IsTheTapesAndMakeSafeLeavesItAlone) {
    KindRig rig("simulated", "[tape]\nspeed_ips = 30\nequalisation = \"AES\"\n"); // the deck's switch stands at 15
    rig.run_machine();
    ASSERT_FALSE(rig.transport().play().denied());
    ASSERT_TRUE(rig.until([&] { return rig.motion() == Motion::Playing; }, milliseconds(5000))) << rig.fault();
    EXPECT_NEAR(rig.speed(), 0.762, 0.01);
    const auto switched = [&rig] {
        const boost::json::object seen = rig.trace().snapshot();
        for (const boost::json::value& line : seen.at("lines").as_array()) {
            if (line.at("name").as_string() == "speed_high") {
                return line.at("changes").to_number<std::uint64_t>();
            }
        }
        return std::uint64_t{0};
    };
    EXPECT_EQ(switched(), 2u);
    rig.kill_daemon();
    EXPECT_TRUE(make_it_safe(rig, [] {}).seen_safe);
    EXPECT_EQ(switched(), 2u) << "a tape that runs keeps its speed";
}

TEST_P(LinkedDecks, MakeSafeGivesUpOnALineThatIsDeadAndSaysWhatToDo) {
    KindRig rig(GetParam());
    rig.kill_daemon();
    rig.line().unplug();
    const DeckTime begin = rig.timeline().now();
    const MakeSafeResult result = make_it_safe(rig, [] {});
    EXPECT_FALSE(result.seen_safe);
    EXPECT_THAT(result.told, HasSubstr("STOP could not be given: "));
    EXPECT_THAT(result.told, HasSubstr("stop the deck by hand"));
    EXPECT_LT(seconds(rig.timeline().now() - begin), 20.0);
}

TEST_P(LinkedDecks, ALostLineIsNoFaultOfTheDaemonButOnlyStopIsTaken) {
    KindRig rig(GetParam());
    rig.run_machine();
    EXPECT_EQ(rig.transport().state().link_problem, "");
    rig.line().unplug();
    ASSERT_TRUE(rig.until([&] { return rig.motion() == Motion::Unknown || !rig.fault().empty(); }, milliseconds(300)));
    EXPECT_NE(rig.transport().state().link_problem, "");
    EXPECT_TRUE(rig.transport().play().denied());
    EXPECT_FALSE(rig.transport().stop().denied());
    rig.line().plug_in();
    ASSERT_TRUE(rig.until([&] { return rig.transport().state().link_problem.empty(); }, milliseconds(8000)));
}

TEST_P(DeckKinds, TheSimulatedBackEndsWireIt) {
    const auto ends = make_simulated_back_ends(config_of(GetParam()), {.time_scale = 0.0, .faults = {}});
    ends->pace(true);
    auto& timeline = dynamic_cast<SimulatedTimeline&>(ends->timeline());
    bool may_beat = true;
    const auto heartbeat = ends->heartbeat([&] { return may_beat; });
    transport::Transport transport(timeline, ends->deck(), ends->adjust(), transport_config(config_of(GetParam())));
    const auto until = [&](const std::function<bool()>& done, milliseconds most) {
        return timeline.run_until(done, timeline.now() + most);
    };
    ASSERT_TRUE(until([&] { return transport.state().current == Motion::Stopped; }, milliseconds(6000)));
    ASSERT_FALSE(transport.play().denied());
    ASSERT_TRUE(until([&] { return transport.state().current == Motion::Playing; }, milliseconds(5000)))
        << transport.state().fault;
    transport.stop();
    EXPECT_GT(ends->deck_busy_until(), timeline.now());
    ASSERT_TRUE(until([&] { return transport.state().current == Motion::Stopped; }, milliseconds(5000)));
    // what went over the wires can be seen
    ASSERT_NE(ends->trace(), nullptr);
    const boost::json::object seen = ends->trace()->snapshot();
    const bool contacts = config_of(GetParam()).deck.profile.kind == tape::DeckDriver::ParallelRemote;
    EXPECT_EQ(seen.at("frames").as_array().empty(), contacts);
    std::uint64_t changes = 0;
    for (const boost::json::value& line : seen.at("lines").as_array()) {
        changes += line.at("changes").to_number<std::uint64_t>();
    }
    EXPECT_EQ(changes > 0, contacts || GetParam() == std::string("simulated-direct-drive"));
}

TEST(DeckSettings, EveryFigureOfADirectDriveHasItsPlaceInTheDriver) {
    Config config = config_of("simulated-direct-drive");
    for (const std::string& key : tape::direct_drive_figure_keys()) {
        config.deck.profile.direct_drive.figures = {{key, {.value = 0.123, .source = "test", .unsure = false}}};
        EXPECT_NO_THROW((void)direct_drive_config(config)) << key;
    }
}

TEST(DeckSettings, TheProtocolsSayHowTheLineIsSet) {
    Config config = config_of("simulated-nine-pin");
    config.serial.device = "/dev/a";
    const auto nine = serial_settings(config);
    ASSERT_EQ(nine.size(), 1u);
    EXPECT_EQ(nine[0].baud, 38400);
    EXPECT_EQ(nine[0].parity, transport::SerialParity::Odd);
    EXPECT_FALSE(nine[0].xon_xoff);
    const auto studer = serial_settings(config_of("simulated-studer"));
    EXPECT_EQ(studer.at(0).baud, 9600);
    EXPECT_TRUE(studer.at(0).xon_xoff);
    Config drive = config_of("simulated-direct-drive");
    drive.serial.device = "/dev/a";
    drive.serial.more_devices = {"/dev/b"};
    const auto motors = serial_settings(drive);
    ASSERT_EQ(motors.size(), 2u);
    EXPECT_EQ(motors[1].device, "/dev/b");
    EXPECT_EQ(motors[1].baud, 115200);
    EXPECT_TRUE(serial_settings(config_of("simulated")).empty());
}

} // namespace
} // namespace overbias::controller
