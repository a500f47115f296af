// SPDX-License-Identifier: Apache-2.0
// The oracle is the arithmetic of a UART: a byte is 10 bits long, 11 with parity.
#include "base/async/simulated_timeline.hpp"
#include "deck-sim/faces/serial_pair.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace overbias::deck_sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Bytes = std::vector<std::uint8_t>;
using Way = SerialPair::Way;

class SerialPairTest : public testing::Test {
  protected:
    void make(int baud = 38400, transport::SerialParity parity = transport::SerialParity::Odd, bool xon_xoff = false) {
        pair = std::make_unique<SerialPair>(timeline, transport::SerialSettings{"line", baud, parity, xon_xoff});
        pair->on_bytes([this](std::span<const std::uint8_t> bytes, bool damaged) {
            device_got.insert(device_got.end(), bytes.begin(), bytes.end());
            device_damaged += damaged ? 1 : 0;
            device_last = timeline.now();
        });
        pair->link().on_bytes([this](std::span<const std::uint8_t> bytes, bool damaged, DeckTime at) {
            driver_got.insert(driver_got.end(), bytes.begin(), bytes.end());
            driver_damaged += damaged ? 1 : 0;
            driver_last = at;
        });
        pair->link().on_state([this] { states.push_back(pair->link().is_up()); });
    }
    void run(double duration_s) { timeline.run_for(deck_seconds(duration_s)); }
    void say(const Bytes& bytes) { ASSERT_TRUE(pair->link().send(bytes)); }

    SimulatedTimeline timeline;
    std::unique_ptr<SerialPair> pair;
    Bytes device_got, driver_got;
    int device_damaged = 0, driver_damaged = 0;
    DeckTime device_last{}, driver_last{};
    std::vector<bool> states;
};

TEST_F(SerialPairTest, BytesTakeTheTimeOfTheirBits) {
    make();
    say({0x20, 0x01, 0x21});
    run(0.0008);
    EXPECT_THAT(device_got, ElementsAre(0x20, 0x01)) << "two bytes of 286 us are through, the third is not";
    run(0.01);
    EXPECT_THAT(device_got, ElementsAre(0x20, 0x01, 0x21));
    EXPECT_NEAR(seconds(device_last), 3 * 11.0 / 38400.0, 1e-7);

    make(9600, transport::SerialParity::None);
    const DeckTime begin = timeline.now();
    pair->send(Bytes{'O', 'K', '\r', '\n'});
    EXPECT_FALSE(pair->sent());
    run(0.1);
    EXPECT_THAT(driver_got, ElementsAre('O', 'K', '\r', '\n'));
    EXPECT_NEAR(seconds(driver_last - begin), 4 * 10.0 / 9600.0, 1e-7);
    EXPECT_TRUE(pair->sent());
}

TEST_F(SerialPairTest, BothWaysAtOnce) {
    make();
    say(Bytes(100, 0x55));
    pair->send(Bytes(100, 0xAA));
    run(100 * 11.0 / 38400.0 + 1e-6);
    EXPECT_EQ(device_got.size(), 100U);
    EXPECT_EQ(driver_got.size(), 100U);
}

TEST_F(SerialPairTest, SilenceLosesBytesUntilItEnds) {
    make();
    pair->faults(Way::ToDriver).silent = true;
    pair->send(Bytes{1, 2, 3});
    say({7});
    run(0.1);
    EXPECT_TRUE(driver_got.empty());
    EXPECT_THAT(device_got, ElementsAre(7)) << "only one way";
    pair->faults(Way::ToDriver).silent = false;
    pair->send(Bytes{4});
    run(0.1);
    EXPECT_THAT(driver_got, ElementsAre(4));
}

TEST_F(SerialPairTest, FramesAreCut) {
    make();
    pair->faults(Way::ToDriver).cut_after = 2;
    pair->send(Bytes{1, 2, 3});
    pair->send(Bytes{4, 5, 6});
    run(0.1);
    EXPECT_THAT(driver_got, ElementsAre(1, 2, 4, 5));
}

TEST_F(SerialPairTest, FloodIsLineRateAndNothingElse) {
    make();
    pair->flood(true);
    pair->send(Bytes{1, 2, 3});
    run(1.0);
    EXPECT_EQ(driver_got.size(), 3490U) << "38400 / 11";
    EXPECT_THAT(driver_got, testing::Each(0xFF));
    pair->flood(false);
    run(1.0);
    EXPECT_EQ(driver_got.size(), 3490U);
}

TEST_F(SerialPairTest, EchoComesBesideTheAnswer) {
    make();
    pair->echo(true);
    say({1, 2});
    run(0.1);
    EXPECT_THAT(driver_got, ElementsAre(1, 2));
    EXPECT_THAT(device_got, ElementsAre(1, 2));
}

TEST_F(SerialPairTest, WrongParityIsSeenByTheReceiver) {
    make();
    pair->faults(Way::ToDriver).wrong_parity = true;
    pair->send(Bytes{1, 2});
    say({3});
    run(0.1);
    EXPECT_EQ(driver_damaged, 2);
    EXPECT_EQ(device_damaged, 0);
    pair->faults(Way::ToDevice).wrong_parity = true;
    say({3});
    run(0.1);
    EXPECT_EQ(device_damaged, 1);
}

TEST_F(SerialPairTest, NoiseArrivesLikeAByte) {
    make();
    pair->noise(Way::ToDevice, 0x42);
    pair->noise(Way::ToDriver, 0x43);
    run(0.1);
    EXPECT_THAT(device_got, ElementsAre(0x42));
    EXPECT_THAT(driver_got, ElementsAre(0x43));
}

TEST_F(SerialPairTest, XoffHoldsTheDriverAndIsNotHeard) {
    make(9600, transport::SerialParity::None, true);
    say(Bytes(10, 'A'));
    pair->send(Bytes{0x13});
    run(0.1);
    const std::size_t through = device_got.size();
    EXPECT_GE(through, 1U);
    EXPECT_LE(through, 2U) << "the byte on the line when XOFF arrives still ends";
    EXPECT_TRUE(driver_got.empty());
    EXPECT_TRUE(pair->link().send(Bytes(4000, 'B')));
    const auto full = pair->link().send(Bytes(100, 'C'));
    ASSERT_FALSE(full);
    EXPECT_THAT(full.error().message, HasSubstr("expected at most 4096"));
    pair->send(Bytes{0x11});
    run(10.0);
    EXPECT_EQ(device_got.size(), 4010U);
}

TEST_F(SerialPairTest, APulledAdapterIsAnEndOfFileAndOpenedAgainWithGrowingPauses) {
    make();
    say(Bytes(50, 1));
    run(0.001);
    pair->unplug();
    EXPECT_THAT(states, ElementsAre(false));
    EXPECT_EQ(pair->link().problem(), "line: end of file; trying again in 0.1 s");
    const auto refused = pair->link().send(Bytes{1});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("end of file"));
    pair->send(Bytes{9, 9});
    run(0.25); // tried at 0.1; next at 0.3
    EXPECT_EQ(device_got.size(), 3U) << "what was under way is lost";
    EXPECT_TRUE(driver_got.empty());
    EXPECT_THAT(pair->link().problem(), HasSubstr("no such device"));
    pair->plug_in();
    run(0.04);
    EXPECT_FALSE(pair->link().is_up()) << "not before the next attempt";
    run(0.02);
    EXPECT_TRUE(pair->link().is_up());
    EXPECT_THAT(states, ElementsAre(false, true));
    EXPECT_EQ(pair->link().problem(), "");
    pair->send(Bytes{4});
    run(0.1);
    EXPECT_THAT(driver_got, ElementsAre(4));
}

TEST_F(SerialPairTest, PausesGrowTo5Seconds) {
    make();
    pair->unplug_for(deck_seconds(20.0));
    // attempts at 0.1 0.3 0.7 1.5 3.1 6.3 11.3 16.3 21.3
    run(21.2);
    EXPECT_FALSE(pair->link().is_up());
    run(0.2);
    EXPECT_TRUE(pair->link().is_up());
}

TEST_F(SerialPairTest, NeedsABaudRate) {
    EXPECT_THROW(make(0), std::invalid_argument);
}

} // namespace
} // namespace overbias::deck_sim
