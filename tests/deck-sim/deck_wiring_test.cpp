// SPDX-License-Identifier: Apache-2.0
// The loom between a chip's lines and the deck, with a chip that is two vectors.
#include "base/async/simulated_timeline.hpp"
#include "deck-sim/process/deck_wiring.hpp"
#include "deck-sim/process/nine_pin_socket.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace overbias::deck_sim {
namespace {

using std::chrono::milliseconds;

struct Driven {
    unsigned offset;
    bool high;
    DeckTime at;
};

class DeckWiringTest : public testing::Test {
  protected:
    void make(bool heartbeat_contact = false) {
        levels.assign(DeckWiring::names().size(), std::nullopt);
        wiring = std::make_unique<DeckWiring>(
            timeline, deck, heartbeat_contact,
            [this](unsigned offset, bool high, DeckTime at) {
                levels.at(offset) = high;
                driven.push_back({offset, high, at});
            },
            DeckWiring::Events{[this](const std::string& line, bool closed, DeckTime) {
                                   contacts.push_back(line + (closed ? " closed" : " opened"));
                               },
                               [](bool, DeckTime) {}});
    }
    static unsigned offset(const std::string& name) {
        const auto& names = DeckWiring::names();
        const auto found = std::find(names.begin(), names.end(), name);
        EXPECT_NE(found, names.end()) << name;
        return static_cast<unsigned>(found - names.begin());
    }
    void set(const std::string& name, bool high) { wiring->output(offset(name), high); }
    bool level(const std::string& name) { return levels.at(offset(name)).value(); }
    void run(int ms) { timeline.run_for(milliseconds(ms)); }
    void press(const std::string& name) {
        set(name, true);
        run(100);
        set(name, false);
    }
    void press_record() {
        set("RELAY_RECORD", true);
        press("RELAY_PLAY");
        set("RELAY_RECORD", false);
    }
    /// Runs for that long with the heartbeat line toggling every 50 ms.
    void live(int ms) {
        for (; ms > 0; ms -= 50) {
            beat = !beat;
            set("HEARTBEAT", beat);
            run(50);
        }
    }

    SimulatedTimeline timeline;
    SimulatedDeck deck{timeline, Settings{}, {}};
    std::vector<std::optional<bool>> levels;
    std::vector<Driven> driven;
    std::vector<std::string> contacts;
    bool beat = false;
    std::unique_ptr<DeckWiring> wiring;
};

TEST_F(DeckWiringTest, every_input_has_a_level_from_the_start) {
    make();
    EXPECT_TRUE(level("TALLY_STOP"));
    for (const char* dark : {"TALLY_PLAY", "TALLY_RECORD", "TALLY_FF", "TALLY_REW", "TAPE_OUT", "TACH_A", "TACH_B"}) {
        EXPECT_FALSE(level(dark)) << dark;
    }
    EXPECT_FALSE(levels[offset("RELAY_STOP")]) << "an output is nobody's to drive but the daemon's";
}

TEST_F(DeckWiringTest, each_relay_presses_its_key_and_each_lamp_shows) {
    make();
    press("RELAY_PLAY");
    run(1000);
    EXPECT_EQ(deck.truth().mode, Truth::Mode::Playing);
    EXPECT_TRUE(level("TALLY_PLAY"));
    EXPECT_FALSE(level("TALLY_STOP"));
    press_record();
    run(100);
    EXPECT_TRUE(deck.truth().recording);
    EXPECT_TRUE(level("TALLY_RECORD"));
    press("RELAY_STOP");
    run(1500);
    EXPECT_FALSE(deck.truth().recording);
    EXPECT_TRUE(level("TALLY_STOP"));
    press("RELAY_FF");
    run(200);
    EXPECT_EQ(deck.truth().mode, Truth::Mode::FastForwarding);
    EXPECT_TRUE(level("TALLY_FF"));
    press("RELAY_REW");
    run(200);
    EXPECT_EQ(deck.truth().mode, Truth::Mode::Rewinding);
    EXPECT_TRUE(level("TALLY_REW"));
    EXPECT_EQ(contacts.front(), "play closed");
    EXPECT_EQ(contacts.back(), "rewind opened");
}

TEST_F(DeckWiringTest, the_deck_goes_on_recording_when_every_line_is_let_go) {
    make();
    press_record();
    run(500);
    ASSERT_TRUE(deck.truth().recording);
    for (const std::string& name : DeckWiring::names()) {
        wiring->output(offset(name), false);
    }
    run(10'000);
    EXPECT_TRUE(deck.truth().recording);
}

// 15 ips and 16 edges an inch: 240 a second, A before B, and their times evenly spread although the deck steps by 1 ms.
TEST_F(DeckWiringTest, tach_edges_are_quadrature_with_times_of_their_own) {
    make();
    press("RELAY_PLAY");
    run(2000);
    driven.clear();
    run(1000);
    std::vector<Driven> edges;
    for (const Driven& one : driven) {
        if (one.offset == offset("TACH_A") || one.offset == offset("TACH_B")) {
            edges.push_back(one);
        }
    }
    EXPECT_NEAR(static_cast<double>(edges.size()), 240.0, 2.0);
    for (std::size_t i = 1; i < edges.size(); ++i) {
        EXPECT_NE(edges[i].offset, edges[i - 1].offset) << "phases change in turn";
        if (edges[i].offset == offset("TACH_B")) {
            EXPECT_EQ(edges[i].high, edges[i - 1].high) << "B follows A in play";
        }
        EXPECT_NEAR(seconds(edges[i].at - edges[i - 1].at), 1.0 / 240.0, 0.00001);
    }
}

TEST_F(DeckWiringTest, tach_counts_every_edge_of_a_wind_and_b_leads_backwards) {
    make();
    driven.clear();
    press("RELAY_REW");
    run(900);
    const double before_m = deck.truth().place_at_record_head_m;
    const auto first = driven.size();
    run(1000);
    const double way_m = before_m - deck.truth().place_at_record_head_m;
    std::size_t edges = 0, backwards = 0, fast = 0;
    for (std::size_t i = first; i < driven.size(); ++i) {
        ASSERT_TRUE(driven[i].offset == offset("TACH_A") || driven[i].offset == offset("TACH_B"));
        ++edges;
        fast += driven[i].at - driven[i - 1].at < milliseconds(1) ? 1U : 0U;
        backwards += driven[i].offset == offset("TACH_A") && driven[i].high == driven[i - 1].high ? 1U : 0U;
    }
    EXPECT_GT(way_m, 0.8);
    EXPECT_NEAR(static_cast<double>(edges), way_m * 16.0 / 0.0254 * (1.0 - 0.0003), 2.0);
    EXPECT_GT(fast, edges / 2) << "several edges within a millisecond";
    EXPECT_NEAR(static_cast<double>(backwards), static_cast<double>(edges) / 2.0, 1.0) << "A follows B";
}

TEST_F(DeckWiringTest, without_the_contact_a_silent_heartbeat_stops_nothing) {
    make(false);
    EXPECT_STREQ(wiring->heartbeat_state(), "absent");
    press_record();
    live(1000);
    run(5000);
    EXPECT_TRUE(deck.truth().recording);
}

TEST_F(DeckWiringTest, a_dropped_heartbeat_ends_recording_and_stops_the_deck) {
    make(true);
    EXPECT_STREQ(wiring->heartbeat_state(), "dropped");
    live(200);
    EXPECT_STREQ(wiring->heartbeat_state(), "closed");
    std::vector<DeckEvent> events;
    deck.on_event([&](const DeckEvent& event) { events.push_back(event); });
    set("RELAY_RECORD", true);
    set("RELAY_PLAY", true); // and the daemon dies with its keys pressed
    live(1000);
    ASSERT_TRUE(deck.truth().recording);
    const DeckTime last_edge = timeline.now() - milliseconds(50);
    run(3000);
    EXPECT_STREQ(wiring->heartbeat_state(), "dropped");
    EXPECT_FALSE(deck.truth().recording);
    EXPECT_EQ(deck.truth().mode, Truth::Mode::Stopped);
    EXPECT_EQ(deck.truth().speed_m_s, 0.0);
    const auto off = std::find_if(events.begin(), events.end(),
                                  [](const DeckEvent& event) { return event.what == DeckEvent::What::RecordOff; });
    ASSERT_NE(off, events.end());
    EXPECT_GE(off->at, last_edge + milliseconds(249)); // the deck's step may have begun a millisecond before
    EXPECT_LE(off->at, last_edge + milliseconds(252));
    EXPECT_EQ(events.back().what, DeckEvent::What::Still);
}

TEST_F(DeckWiringTest, while_the_heartbeat_is_dropped_no_key_works_and_none_is_remembered) {
    make(true);
    set("RELAY_RECORD", true);
    set("RELAY_PLAY", true);
    run(1000);
    EXPECT_EQ(deck.truth().mode, Truth::Mode::Stopped);
    live(500); // it picks up; the keys are still held from before
    EXPECT_EQ(deck.truth().mode, Truth::Mode::Stopped);
    set("RELAY_RECORD", false);
    set("RELAY_PLAY", false);
    live(100);
    press("RELAY_PLAY");
    EXPECT_EQ(deck.truth().mode, Truth::Mode::Playing);
}

// Two contacts side by side: what one presses the other does not let go.
TEST_F(DeckWiringTest, stop_is_pressed_by_either_contact) {
    make(true);
    live(200);
    set("RELAY_STOP", true);
    run(300);
    EXPECT_STREQ(wiring->heartbeat_state(), "dropped");
    set("RELAY_STOP", false);
    press("RELAY_PLAY");
    EXPECT_EQ(deck.truth().mode, Truth::Mode::Stopped);
    EXPECT_EQ(std::count(contacts.begin(), contacts.end(), "stop opened"), 1) << "only when it picked up first";
}

class NinePinSocketTest : public DeckWiringTest {
  protected:
    void SetUp() override {
        make();
        socket = std::make_unique<NinePinSocket>(timeline, deck, *wiring);
    }
    std::unique_ptr<NinePinSocket> socket;
};

TEST_F(NinePinSocketTest, keys_of_the_line_move_the_deck_and_are_let_go) {
    using Key = NinePinDeck::Key;
    socket->press(Key::Record);
    run(1500);
    EXPECT_TRUE(deck.truth().recording);
    EXPECT_EQ(std::count(contacts.begin(), contacts.end(), "play opened"), 1);
    NinePinDeck::State state = socket->state();
    EXPECT_TRUE(state.playing && state.recording && state.servo_locked);
    EXPECT_FALSE(state.stopped || state.still || state.backward);
    const double from_s = state.counter_s;
    run(1000);
    EXPECT_NEAR(socket->state().counter_s - from_s, 1.0, 0.01);
    socket->press(Key::Stop);
    run(1500);
    state = socket->state();
    EXPECT_TRUE(state.stopped && state.still);
    EXPECT_FALSE(state.recording || state.playing);
    socket->press(Key::Rewind);
    run(500);
    EXPECT_TRUE(socket->state().backward);
    socket->press(Key::FastForward);
    run(50);
    EXPECT_EQ(deck.truth().mode, Truth::Mode::FastForwarding);
    socket->press(Key::Stop);
    EXPECT_EQ(contacts.back(), "stop closed");
    EXPECT_EQ(contacts[contacts.size() - 2], "fast_forward opened") << "one hand";
}

TEST_F(NinePinSocketTest, shuttle_and_cue_up_are_the_decks_own) {
    EXPECT_TRUE(socket->shuttle(-3.0));
    run(3000);
    EXPECT_NEAR(deck.truth().speed_m_s, -3.0 * 0.381, 0.01);
    EXPECT_TRUE(socket->state().shuttling && socket->state().backward);
    socket->press(NinePinDeck::Key::Stop);
    EXPECT_TRUE(socket->cue_up(5.0)) << "the key is let go first";
    run(15000);
    const NinePinDeck::State state = socket->state();
    EXPECT_TRUE(state.cued_up && state.still);
    EXPECT_NEAR(state.counter_s, 5.0, 0.01);
}

TEST_F(DeckWiringTest, the_relays_of_the_modes_and_the_patch_reach_the_deck) {
    make();
    set("ready_2", true);
    set("ready_2", false);
    set("route_oscillator", true);
    EXPECT_TRUE(deck.patch().oscillator);
    press_record();
    run(1000);
    EXPECT_EQ(deck.truth().recorded_tracks, (std::array<bool, 2>{true, false}));
    press("RELAY_STOP");
    run(2000);
    set("library_wind", true);
    press("RELAY_FF");
    set("library_wind", false);
    run(3000);
    EXPECT_TRUE(deck.truth().library_wind);
    EXPECT_NEAR(deck.truth().speed_m_s, Settings{}.library_wind_m_s, 0.01);
    set("lifter_defeat", true);
    run(200);
    EXPECT_TRUE(deck.truth().tape_on_heads);
    press("RELAY_STOP");
    run(3000);
    set("edit", true);
    EXPECT_EQ(deck.truth().mode, Truth::Mode::Editing);
    press("RELAY_STOP");
    EXPECT_EQ(deck.truth().mode, Truth::Mode::Stopped);
    set("edit", false);
    set("edit", true);
    set("edit", false);
    EXPECT_EQ(deck.truth().mode, Truth::Mode::Stopped);
    EXPECT_EQ(contacts.front(), "ready_2 closed");
}

TEST_F(NinePinSocketTest, a_key_held_by_a_relay_is_not_let_go_by_the_line) {
    set("RELAY_STOP", true);
    socket->press(NinePinDeck::Key::Stop);
    run(500);
    EXPECT_EQ(contacts, std::vector<std::string>{"stop closed"});
    set("RELAY_STOP", false);
    EXPECT_EQ(contacts.back(), "stop opened");
}

} // namespace
} // namespace overbias::deck_sim
