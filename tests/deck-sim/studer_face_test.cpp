// SPDX-License-Identifier: Apache-2.0
// The deck's RS-232 socket alone: what the published descriptions say, byte by byte.
#include "base/async/simulated_timeline.hpp"
#include "deck-sim/faces/studer_face.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::deck_sim {
namespace {

using namespace std::chrono_literals;
using Key = StuderDeck::Key;
using testing::ElementsAre;
using testing::HasSubstr;

class NotingDeck : public StuderDeck {
  public:
    void press(Key key) override { pressed.push_back(key); }
    void select_speed(double ips) override { speed_ips = ips; }
    [[nodiscard]] State state() const override { return now; }
    std::vector<Key> pressed;
    double speed_ips = 0.0;
    State now;
};

class StuderSocket : public testing::Test {
  protected:
    StuderSocket() {
        settings.first_line_fails = false;
        settings.keys = {{"RWD", Key::Rewind}};
        settings.speeds_ips = {{"SSC", 15.0}};
        settings.status_query = "QST?";
        settings.status_words = {{"stop", "STOP"}};
        settings.timer_query = "QTM?";
        settings.memory = "RAM";
        settings.values = {1, 2};
        make();
        timeline.run_for(3s);
    }
    void make() {
        face = std::make_unique<StuderFace>(timeline, deck, settings, [this](std::span<const std::uint8_t> bytes) {
            said.append(bytes.begin(), bytes.end());
        });
    }
    void hear(const std::string& text) {
        face->receive(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
    }
    /// What it says to this within 50 ms.
    std::string ask(const std::string& text) {
        said.clear();
        hear(text);
        timeline.run_for(50ms);
        return said;
    }

    SimulatedTimeline timeline;
    NotingDeck deck;
    StuderFaceSettings settings;
    std::string said;
    std::unique_ptr<StuderFace> face;
};

TEST_F(StuderSocket, CommandsAreAcknowledgedWithCrLf) {
    EXPECT_EQ(ask("PLY\r"), "\r\n");
    EXPECT_EQ(ask("STP\r"), "\r\n");
    EXPECT_EQ(ask("RWD\r"), "\r\n");
    EXPECT_EQ(ask("SSC\r"), "\r\n");
    EXPECT_THAT(deck.pressed, ElementsAre(Key::Play, Key::Stop, Key::Rewind));
    EXPECT_EQ(deck.speed_ips, 15.0);
}

TEST_F(StuderSocket, QueriesAndErrors) {
    EXPECT_EQ(ask("SD?\r"), "12.05.92\r\n");
    EXPECT_EQ(ask("XYZ\r"), "?\r\n");
    EXPECT_EQ(ask("ply\r"), "?\r\n") << "capitals only";
    EXPECT_EQ(ask("RAM 7?\r"), "INPUT FORMAT ERROR\r\n");
    EXPECT_EQ(ask("RAM 0 256\r"), "INPUT FORMAT ERROR\r\n");
    EXPECT_EQ(ask("RAM 0:77\r"), "\r\n") << "a colon parts parameters as a blank does";
    EXPECT_EQ(ask("RAM 0?\r"), "RAM 0 77\r\n");
    deck.now.stopped = true;
    EXPECT_EQ(ask("QST?\r"), "STOP\r\n");
    deck.now.counter_s = -754.56;
    EXPECT_EQ(ask("QTM?\r"), "-0:12:34.56\r\n");
}

TEST_F(StuderSocket, AddressesAndTheBroadcastNobodyAnswers) {
    EXPECT_EQ(ask("SDN 15\r"), "\r\n");
    EXPECT_EQ(ask("DN?\r"), "15\r\n");
    EXPECT_EQ(ask("15 PLY\r"), "\r\n");
    EXPECT_EQ(ask("00 STP\r"), "");
    EXPECT_EQ(ask("16 RWD\r"), "");
    EXPECT_THAT(deck.pressed, ElementsAre(Key::Play, Key::Stop));
    EXPECT_EQ(ask("SDN 100\r"), "INPUT FORMAT ERROR\r\n");
}

TEST_F(StuderSocket, CxForgetsWhatWasBegun) {
    EXPECT_EQ(ask("RW"), "");
    EXPECT_EQ(ask("\x18PLY\r"), "\r\n");
    EXPECT_THAT(deck.pressed, ElementsAre(Key::Play));
}

TEST_F(StuderSocket, ThreeSecondsDeafAfterPowerOnAndThenOneError) {
    settings.first_line_fails = true;
    make();
    timeline.run_for(2900ms);
    EXPECT_EQ(ask("PLY\r"), "");
    timeline.run_for(100ms);
    EXPECT_EQ(ask("PLY\r"), "?\r\n");
    EXPECT_TRUE(deck.pressed.empty());
    EXPECT_EQ(ask("PLY\r"), "\r\n");
}

TEST_F(StuderSocket, WithoutMainsItHearsNothingAndBeginsAnewWithThem) {
    settings.first_line_fails = true;
    settings.on_for_long = true;
    make();
    EXPECT_EQ(ask("PLY\r"), "\r\n") << "what power-on brings is over";
    said.clear();
    hear("PLY\r");
    deck.now.powered = false;
    timeline.run_for(50ms);
    EXPECT_EQ(said, "") << "they failed while it thought";
    EXPECT_EQ(ask("PLY\r"), "");
    timeline.run_for(10s);
    deck.now.powered = true;
    timeline.run_for(2900ms);
    EXPECT_EQ(ask("PLY\r"), "") << "3 s from the mains' return, not from the first that is said to it";
    timeline.run_for(150ms);
    EXPECT_EQ(ask("PLY\r"), "?\r\n");
    EXPECT_EQ(ask("PLY\r"), "\r\n");
    EXPECT_THAT(deck.pressed, ElementsAre(Key::Play, Key::Play));
}

TEST_F(StuderSocket, HoldsTheSenderWhileItsInputIsFull) {
    said.clear();
    hear("PLY\rPLY\rPLY\rPLY\rPLY\rPLY\r");
    EXPECT_EQ(said, "\x13");
    timeline.run_for(100ms);
    EXPECT_EQ(deck.pressed.size(), 6U);
    EXPECT_THAT(said, HasSubstr("\x11"));
    said.clear();
    hear(std::string(500, 'A'));
    timeline.run_for(100ms);
    EXPECT_THAT(said, HasSubstr("INPUT FORMAT ERROR")) << "a line without an end";
    EXPECT_EQ(ask("\x18SD?\r").substr(said.find("12")), "12.05.92\r\n");
}

TEST_F(StuderSocket, HungItHoldsAndTakesNothing) {
    face->hang(true);
    EXPECT_EQ(ask("STP\r"), "") << "XOFF went out before";
    EXPECT_TRUE(deck.pressed.empty());
    said.clear();
    face->hang(false);
    timeline.run_for(50ms);
    EXPECT_EQ(said, "\x11\r\n");
    EXPECT_THAT(deck.pressed, ElementsAre(Key::Stop));
}

TEST_F(StuderSocket, ADeadBatteryLosesTheMemory) {
    face->lose_battery();
    EXPECT_EQ(ask("RAM 0?\r"), "RAM 0 128\r\n");
    EXPECT_THAT(face->memory(), ElementsAre(128, 128));
}

TEST_F(StuderSocket, AnAddressNobodyCanHave) {
    settings.address = 100;
    EXPECT_THROW(make(), std::invalid_argument);
}

} // namespace
} // namespace overbias::deck_sim
