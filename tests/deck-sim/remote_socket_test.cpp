// SPDX-License-Identifier: Apache-2.0
// The roller tach, the faults of the mechanics, and the lines as the outside sees them.
#include "deck-sim/mechanics/deck_ports.hpp"
#include "deck-sim/mechanics/deck_remote.hpp"
#include "mechanics_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace overbias::deck_sim {
namespace {

using testing::HasSubstr;

TEST(RollerTach, CountsTheTravelLessItsSlip) {
    Settings settings;
    settings.start_place_m = 50.0;
    settings.roller_slip = 0.002;
    MechanicsRig rig(settings);
    const auto expected = [&] { return (rig.place_m() - 50.0) / 0.0254 * 16.0 * (1.0 - 0.002); };
    rig.press(Contact::Play);
    rig.run(30.0);
    EXPECT_NEAR(static_cast<double>(rig.mechanics.roller().edges()), expected(), 1.0);
    EXPECT_GT(rig.mechanics.roller().edges(), 6000);
    rig.press(Contact::FastForward);
    rig.run(60.0);
    EXPECT_NEAR(static_cast<double>(rig.mechanics.roller().edges()), expected(), 1.0);
    rig.press(Contact::Rewind);
    rig.run_until([&] { return rig.place_m() < 20.0; }, 200.0);
    EXPECT_NEAR(static_cast<double>(rig.mechanics.roller().edges()), expected(), 1.0);
    EXPECT_LT(rig.mechanics.roller().edges(), -10000) << "backwards counts down";
}

TEST(RollerTach, Gives240EdgesASecondAt15Ips) {
    Settings settings = steady_deck(50.0);
    settings.roller_slip = 0.0;
    MechanicsRig rig(settings);
    rig.press(Contact::Play);
    rig.run(1.0);
    const std::int64_t from = rig.mechanics.roller().edges();
    rig.run(10.0);
    EXPECT_NEAR(static_cast<double>(rig.mechanics.roller().edges() - from), 2400.0, 1.0);
}

TEST(RollerTach, PhaseALeadsGoingForwardAndBGoingBack) {
    MechanicsRig rig(steady_deck(50.0));
    // Gray code, forward: A rises, B rises, A falls, B falls
    const auto position = [&] {
        const bool a = rig.mechanics.roller().phase_a(), b = rig.mechanics.roller().phase_b();
        return a ? (b ? 2 : 1) : (b ? 3 : 0);
    };
    int before = position();
    std::int64_t decoded = 0;
    rig.watch =
        [&](const MotionStep&) { // at play speed and in the first moments of rewind no edge falls between two looks
            const int now = position();
            const int went = (now - before + 4) % 4;
            ASSERT_NE(went, 2);
            decoded += went == 3 ? -1 : went;
            before = now;
        };
    rig.press(Contact::Play);
    rig.run(3.0);
    EXPECT_GT(decoded, 500);
    EXPECT_EQ(decoded, rig.mechanics.roller().edges());
    rig.press(Contact::Stop);
    rig.run(1.0);
    const std::int64_t turning_point = decoded;
    rig.press(Contact::Rewind, 0.01);
    rig.run(0.3);
    EXPECT_LT(decoded, turning_point - 30);
    EXPECT_EQ(decoded, rig.mechanics.roller().edges());
}

TEST(RollerTach, EdgesComeWithinTheStepThatBringsThem) {
    MechanicsRig rig(steady_deck(50.0));
    std::int64_t before = 0;
    rig.watch = [&](const MotionStep& step) {
        const RollerCounter& roller = rig.mechanics.roller();
        if (roller.edges() != before) {
            ASSERT_GE(*roller.last_edge_s(), step.t0_s);
            ASSERT_LE(*roller.last_edge_s(), step.t1_s);
        }
        before = roller.edges();
    };
    rig.press(Contact::Play);
    rig.run(2.0);
    rig.press(Contact::Rewind);
    rig.run(5.0);
    EXPECT_LT(before, 0);
}

TEST(RollerTach, TellsWhenTheLastEdgeCame) {
    Settings settings = steady_deck(50.0);
    settings.roller_slip = 0.0;
    MechanicsRig rig(settings);
    EXPECT_FALSE(rig.mechanics.roller().last_edge_s());
    rig.press(Contact::Play);
    rig.run(1.0);
    const double first_s = *rig.mechanics.roller().last_edge_s();
    const std::int64_t first = rig.mechanics.roller().edges();
    rig.run(10.0);
    const double apart_s = *rig.mechanics.roller().last_edge_s() - first_s;
    EXPECT_NEAR(apart_s, static_cast<double>(rig.mechanics.roller().edges() - first) / 240.0, 1e-9);
    EXPECT_LE(*rig.mechanics.roller().last_edge_s(), rig.now_s());
}

Fault fault_of(std::string_view text) {
    return parse_fault(text).value();
}

TEST(MechanicalFaults, TapeBreaksAtItsPlaceInEitherDirection) {
    for (const bool forward : {true, false}) {
        MechanicsRig rig(steady_deck(forward ? 90.0 : 110.0), {fault_of("tape_break:tape_m=100")});
        rig.press(forward ? Contact::FastForward : Contact::Rewind);
        EXPECT_GE(rig.run_until([&] { return rig.mechanics.drive().broken(); }, 20.0), 0.0);
        EXPECT_NEAR(rig.place_m(), 100.0, 0.02);
        EXPECT_FALSE(rig.last.contact);
        rig.run(0.3);
        EXPECT_TRUE(rig.tally(Tally::TapeOut));
    }
}

TEST(MechanicalFaults, TapeBreaksAtItsTimeAndRecordEnds) {
    MechanicsRig rig(steady_deck(90.0), {fault_of("tape_break:programme_s=2")});
    rig.press_record_and_play();
    rig.run(3.0);
    EXPECT_FALSE(rig.mechanics.drive().broken()) << "the programme has not begun";
    rig.mechanics.programme_starts(rig.now_s() + 0.5);
    EXPECT_NEAR(rig.run_until([&] { return rig.mechanics.drive().broken(); }, 9.0), 2.5, 0.002);
    rig.run(0.2);
    EXPECT_FALSE(rig.last.recording);
}

TEST(MechanicalFaults, TallySticksFromItsTimeOn) {
    MechanicsRig rig(steady_deck(90.0), {fault_of("stuck_tally:line=tally_record,value=1,time_s=4")});
    rig.press_record_and_play();
    rig.run(2.0);
    rig.press(Contact::Stop);
    rig.run(1.0);
    EXPECT_FALSE(rig.tally(Tally::Record));
    rig.run(2.0);
    EXPECT_TRUE(rig.tally(Tally::Record));
    EXPECT_FALSE(rig.last.recording) << "only the lamp";
}

TEST(MechanicalFaults, TachDiesFromItsTimeOn) {
    MechanicsRig rig(steady_deck(90.0), {fault_of("dead_tach:time_s=3")});
    rig.press(Contact::Play);
    rig.run(3.0);
    const std::int64_t edges = rig.mechanics.roller().edges();
    EXPECT_GT(edges, 500);
    rig.run(3.0);
    EXPECT_EQ(rig.mechanics.roller().edges(), edges);
    EXPECT_GT(rig.mechanics.speed_m_s(), 0.3);
}

/// The rig behind its socket; `advance` is counted and does nothing more, for the rig is stepped by hand.
struct SocketRig {
    MechanicsRig rig{steady_deck(100.0)};
    int advanced = 0;
    std::vector<DeckLines::MonitorRelays> relays;
    DeckRemote remote{rig.mechanics, [] {}, [](double) {}};
    DeckLines lines{rig.mechanics, remote, [this] { ++advanced; },
                    [this](DeckLines::MonitorRelays now) { relays.push_back(now); }};
    std::vector<transport::LineEdge> edges;

    SocketRig() {
        rig.watch = [this](const MotionStep& step) {
            lines.note_step(DeckTime(deck_seconds(step.t1_s)));
            lines.deliver();
        };
        lines.on_edge([this](const transport::LineEdge& edge) { edges.push_back(edge); });
    }
    transport::LineId output(std::string_view name) { return lines.find_output(name).value(); }
    transport::LineId input(std::string_view name) { return lines.find_input(name).value(); }
};

TEST(DeckLines, ContactsDriveTheDeckAndTalliesComeAsEdges) {
    SocketRig socket;
    socket.lines.set(socket.output("play"), true);
    EXPECT_EQ(socket.advanced, 1) << "an output is read at once, so the deck is first brought up to now";
    socket.rig.run(0.1);
    socket.lines.set(socket.output("play"), false);
    socket.rig.run(1.0);
    EXPECT_TRUE(socket.lines.get(socket.input("tally_play")));
    ASSERT_EQ(socket.edges.size(), 2U);
    EXPECT_EQ(socket.edges[0].line, socket.input("tally_stop"));
    EXPECT_FALSE(socket.edges[0].active);
    EXPECT_EQ(socket.edges[1].line, socket.input("tally_play"));
    EXPECT_TRUE(socket.edges[1].active);
    EXPECT_LT(socket.edges[0].at, socket.edges[1].at);
    socket.lines.on_edge({});
    socket.lines.set(socket.output("stop"), true);
    socket.rig.run(1.0);
    EXPECT_EQ(socket.edges.size(), 2U) << "nobody listens any more";
}

TEST(DeckLines, AListenerMayPressKeysAndLeave) {
    SocketRig socket;
    int heard = 0;
    socket.lines.on_edge([&](const transport::LineEdge& edge) {
        ++heard;
        if (edge.line == socket.input("tally_play")) {
            socket.lines.set(socket.output("stop"), true);
            socket.lines.on_edge({});
        }
    });
    socket.lines.set(socket.output("play"), true);
    socket.rig.run(2.0);
    EXPECT_EQ(heard, 2);
    EXPECT_TRUE(socket.lines.get(socket.input("tally_stop")));
}

TEST(DeckLines, MonitorRelaysAreToldWhenTheyChange) {
    SocketRig socket;
    socket.lines.set(socket.output("monitor_input"), true);
    socket.lines.set(socket.output("monitor_input"), true);
    socket.lines.set(socket.output("monitor_sync"), true);
    socket.lines.set(socket.output("monitor_input"), false);
    ASSERT_EQ(socket.relays.size(), 3U);
    EXPECT_TRUE(socket.relays[0].input);
    EXPECT_TRUE(socket.relays[2].sync);
    EXPECT_FALSE(socket.relays[2].input);
}

TEST(DeckLines, WrongNamesAndIdsAreNamed) {
    SocketRig socket;
    const auto wrong = socket.lines.find_output("pause");
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().message, HasSubstr("no output 'pause'; there are stop, play, record"));
    ASSERT_FALSE(socket.lines.find_input("play"));
    EXPECT_THAT(socket.lines.find_input("play").error().message, HasSubstr("tally_play"));
    EXPECT_THROW(socket.lines.set(socket.input("tally_play"), true), std::invalid_argument);
    EXPECT_THROW((void)socket.lines.get(socket.output("play")), std::invalid_argument);
    EXPECT_THROW((void)socket.lines.get(transport::LineId{}), std::invalid_argument);
}

} // namespace
} // namespace overbias::deck_sim
