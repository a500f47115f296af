// SPDX-License-Identifier: Apache-2.0
// 9-pin frames against bytes computed by hand from the published tables (SONY9PIN_SPECIFICATION; Sony9PinRemote).
#include "transport/drivers/nine_pin_counter.hpp"
#include "transport/drivers/nine_pin_frame.hpp"
#include "transport/drivers/nine_pin_status.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numeric>
#include <random>

namespace overbias::transport {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using Command = NinePinCommand;
using Outcome = NinePinDecoder::Outcome;
using Bytes = std::vector<std::uint8_t>;

struct Golden {
    NinePinFrame frame;
    Bytes bytes;
};

std::vector<Golden> golden() {
    return {{NinePinFrame(Command::Stop), {0x20, 0x00, 0x20}},
            {NinePinFrame(Command::Play), {0x20, 0x01, 0x21}},
            {NinePinFrame(Command::Record), {0x20, 0x02, 0x22}},
            {NinePinFrame(Command::FastForward), {0x20, 0x10, 0x30}},
            {NinePinFrame(Command::Rewind), {0x20, 0x20, 0x40}},
            {NinePinFrame(Command::DeviceType), {0x00, 0x11, 0x11}},
            {NinePinFrame(Command::Acknowledge), {0x10, 0x01, 0x11}},
            {NinePinFrame(Command::NotAcknowledge, {0x01}), {0x11, 0x12, 0x01, 0x24}},
            {NinePinFrame(Command::StatusSense, {0x0A}), {0x61, 0x20, 0x0A, 0x8B}},
            {NinePinFrame(Command::TimeSense, {0x03}), {0x61, 0x0C, 0x03, 0x70}},
            {NinePinFrame(Command::TimeSense, {0x04}), {0x61, 0x0C, 0x04, 0x71}},
            {NinePinFrame(Command::CueUp, {0x00, 0x00, 0x03, 0x00}), {0x24, 0x31, 0x00, 0x00, 0x03, 0x00, 0x58}},
            {NinePinFrame(Command::Timer1Is, {0x12, 0x45, 0x23, 0x01}), {0x74, 0x00, 0x12, 0x45, 0x23, 0x01, 0xEF}},
            {NinePinFrame(Command::ShuttleReverse, {0x40}), {0x21, 0x23, 0x40, 0x84}},
            {NinePinFrame(Command::DeviceTypeIs, {0x20, 0x25}), {0x12, 0x11, 0x20, 0x25, 0x68}}};
}

TEST(NinePinFrameTest, GoldenBytesAreEncoded) {
    for (const auto& [frame, bytes] : golden()) {
        EXPECT_EQ(nine_pin_bytes(frame), bytes) << hex_words(bytes);
    }
    EXPECT_EQ(nine_pin_bytes(NinePinFrame(Command::CueUp, {0xFF, 0xFF, 0xFF, 0xFF})).back(), 0x51)
        << "the checksum is the low byte of the sum";
}

TEST(NinePinFrameTest, GoldenBytesAreDecoded) {
    NinePinDecoder decoder;
    for (const auto& [frame, bytes] : golden()) {
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            const bool last = i + 1 == bytes.size();
            EXPECT_EQ(decoder.take(bytes[i], false, DeckTime{}), last ? Outcome::Frame : Outcome::More);
            EXPECT_EQ(decoder.under_way(), !last);
        }
        EXPECT_EQ(decoder.frame(), frame) << hex_words(bytes);
    }
}

Outcome take_all(NinePinDecoder& decoder, const Bytes& bytes, DeckTime at, DeckDuration gap = {}) {
    Outcome last = Outcome::More;
    for (const std::uint8_t byte : bytes) {
        last = decoder.take(byte, false, at);
        at += gap;
    }
    return last;
}

TEST(NinePinFrameTest, AFrameMayPauseTenMillisecondsBetweenItsBytes) {
    NinePinDecoder decoder;
    EXPECT_EQ(take_all(decoder, {0x10, 0x01, 0x11}, DeckTime{}, 10ms), Outcome::Frame);
    EXPECT_EQ(take_all(decoder, {0x10, 0x01, 0x11}, DeckTime{1s}, 11ms), Outcome::More) << "three beginnings";
    NinePinDecoder patient(5ms);
    EXPECT_EQ(take_all(patient, {0x10, 0x01, 0x11}, DeckTime{}, 15ms), Outcome::Frame);
}

TEST(NinePinFrameTest, AfterABadFrameNothingCountsUntilTheLineHasBeenQuiet) {
    NinePinDecoder decoder;
    EXPECT_EQ(take_all(decoder, {0x10, 0x01, 0x12}, DeckTime{}), Outcome::Checksum);
    EXPECT_EQ(take_all(decoder, {0x10, 0x01, 0x11}, DeckTime{5ms}), Outcome::Rubbish);
    EXPECT_EQ(take_all(decoder, {0x10, 0x01, 0x11}, DeckTime{16ms}), Outcome::Frame);
    EXPECT_EQ(decoder.take(0x10, true, DeckTime{20ms}), Outcome::Damaged);
    EXPECT_EQ(take_all(decoder, {0x10, 0x01, 0x11}, DeckTime{21ms}), Outcome::Rubbish);
    decoder.reset();
    EXPECT_EQ(take_all(decoder, {0x10, 0x01, 0x11}, DeckTime{22ms}), Outcome::Frame);
}

// A million random bytes, with damage and pauses among them: whatever is taken for a frame has its checksum right,
// counted here over the bytes that were given, and none has a damaged byte in it.
TEST(NinePinFrameTest, RandomBytesNeverMakeAFrameWithAWrongChecksum) {
    NinePinDecoder decoder;
    std::mt19937 random(9);
    DeckTime at{};
    Bytes given; // since the last thing that was no part of a frame
    std::size_t frames = 0, rejected = 0;
    for (int i = 0; i < 1'000'000; ++i) {
        const auto dice = static_cast<std::uint32_t>(random());
        const auto byte = static_cast<std::uint8_t>(dice);
        const bool damaged = (dice >> 8U) % 1000 == 0;
        at += (dice >> 16U) % 50 == 0 ? DeckDuration(11ms) : DeckDuration(286us);
        if ((dice >> 16U) % 50 == 0) {
            given.clear();
        }
        given.push_back(byte);
        switch (decoder.take(byte, damaged, at)) {
        case Outcome::More:
            EXPECT_FALSE(damaged);
            EXPECT_LT(given.size(), 18U);
            break;
        case Outcome::Frame: {
            ++frames;
            EXPECT_FALSE(damaged);
            ASSERT_GE(given.size(), 3U);
            const unsigned sum = std::accumulate(given.begin(), given.end() - 1, 0U);
            ASSERT_EQ(sum % 256, given.back()) << hex_words(given);
            ASSERT_EQ(given.size(), (given[0] & 0x0FU) + 3U);
            EXPECT_EQ(nine_pin_bytes(decoder.frame()), given);
            given.clear();
            break;
        }
        case Outcome::Checksum:
            ++rejected;
            EXPECT_NE(std::accumulate(given.begin(), given.end() - 1, 0U) % 256, given.back());
            break;
        case Outcome::Damaged:
            EXPECT_TRUE(damaged);
            break;
        case Outcome::Rubbish:
            break;
        }
    }
    EXPECT_GT(frames, 10U) << "some are right by chance, or this test tests nothing";
    EXPECT_GT(rejected, 1000U);
}

TEST(NinePinFrameTest, EveryRefusalInWords) {
    constexpr std::array kWords{"undefined command", "software overrun", "checksum", "bit 3", "parity",
                                "overrun",           "framing",          "timeout"};
    for (unsigned bit = 0; bit < 8; ++bit) {
        const auto bits = static_cast<std::uint8_t>(1U << bit);
        EXPECT_THAT(nine_pin_refusal(bits), HasSubstr(kWords.at(bit)));
        EXPECT_EQ(nine_pin_line_error(bits), bit == 2 || bit >= 4) << bit;
    }
    EXPECT_EQ(nine_pin_refusal(0x14), "checksum error, parity error");
    EXPECT_EQ(nine_pin_refusal(0), "no reason given");
}

// The published figures: 20 hex is a tenth of play speed, 40 play speed, 4F 2.94, 60 ten, 76 48.7 times.
TEST(NinePinFrameTest, ShuttleSpeeds) {
    const auto speed = [](std::initializer_list<std::uint8_t> data) { return nine_pin_shuttle_ratio(Bytes(data)); };
    EXPECT_NEAR(speed({0x20}), 0.1, 1e-9);
    EXPECT_NEAR(speed({0x40}), 1.0, 1e-9);
    EXPECT_NEAR(speed({0x4F}), 2.94, 0.005);
    EXPECT_NEAR(speed({0x60}), 10.0, 1e-9);
    EXPECT_NEAR(speed({0x76}), 48.7, 0.05);
    EXPECT_EQ(speed({0x00}), 0.0) << "holds still";
    EXPECT_NEAR(speed({0x40, 0x80}), (1.0 + 1.0746) / 2, 1e-3) << "half way to the next step, which is 7.46 % faster";

    EXPECT_EQ(nine_pin_bytes(nine_pin_shuttle(1.0, true, true)), (Bytes{0x21, 0x13, 0x40, 0x74}));
    EXPECT_EQ(nine_pin_bytes(nine_pin_shuttle(10.0, false, true)), (Bytes{0x21, 0x23, 0x60, 0xA4}));
    EXPECT_EQ(nine_pin_bytes(nine_pin_shuttle(0.0, true, true)), (Bytes{0x21, 0x13, 0x00, 0x34}));
    EXPECT_EQ(nine_pin_bytes(nine_pin_shuttle(1.0373, true, true)), (Bytes{0x22, 0x13, 0x40, 0x80, 0xF5}));
    EXPECT_EQ(nine_pin_bytes(nine_pin_shuttle(1.05, true, false)), (Bytes{0x21, 0x13, 0x41, 0x75}))
        << "the nearer step";
    EXPECT_EQ(nine_pin_shuttle(0.001, true, true).bytes[0], 0x01) << "slower than the slowest step is that step";
    EXPECT_EQ(nine_pin_shuttle(1e12, true, true).bytes[0], 0xFF);
    for (double ratio = 0.011; ratio < 80.0; ratio *= 1.01) {
        EXPECT_NEAR(nine_pin_shuttle_ratio(nine_pin_shuttle(ratio, true, true).data()) / ratio, 1.0, 0.0002) << ratio;
        EXPECT_NEAR(nine_pin_shuttle_ratio(nine_pin_shuttle(ratio, true, false).data()) / ratio, 1.0, 0.04) << ratio;
    }
}

TEST(NinePinFrameTest, TimesAreFramesOfADay) {
    const auto frames = [](std::initializer_list<std::uint8_t> time, int rate) {
        return nine_pin_frames(Bytes(time), rate);
    };
    EXPECT_EQ(frames({0x12, 0x45, 0x23, 0x01}, 25), ((1 * 60 + 23) * 60 + 45) * 25 + 12);
    EXPECT_EQ(frames({0x29, 0x59, 0x59, 0x23}, 30), 24 * 3600 * 30 - 1);
    EXPECT_EQ(frames({0x80, 0x01, 0x00, 0x00}, 25), 25) << "the colour frame flag is no digit";
    // drop frame: after 00:00:59:29 comes 00:01:00:02, after 00:09:59:29 comes 00:10:00:00
    EXPECT_EQ(*frames({0x42, 0x00, 0x01, 0x00}, 30), *frames({0x69, 0x59, 0x00, 0x00}, 30) + 1);
    EXPECT_EQ(*frames({0x40, 0x00, 0x10, 0x00}, 30), *frames({0x69, 0x59, 0x09, 0x00}, 30) + 1);
    EXPECT_FALSE(frames({0x25, 0x00, 0x00, 0x00}, 25)) << "there is no frame 25";
    EXPECT_FALSE(frames({0x0A, 0x00, 0x00, 0x00}, 25)) << "no digit";
    EXPECT_FALSE(frames({0x00, 0x60, 0x00, 0x00}, 25));
    EXPECT_FALSE(frames({0x00, 0x00, 0x00, 0x24}, 25));
    EXPECT_FALSE(frames({0x00, 0x00, 0x00}, 25)) << "too short";
    EXPECT_EQ(nine_pin_time(((1 * 60 + 23) * 60 + 45) * 25 + 12, 25),
              (std::array<std::uint8_t, 4>{0x12, 0x45, 0x23, 0x01}));
    EXPECT_EQ(nine_pin_time(-1, 25), (std::array<std::uint8_t, 4>{0x24, 0x59, 0x59, 0x23})) << "before zero: yesterday";
}

TEST(NinePinFrameTest, StatusBits) {
    NinePinStatus status;
    EXPECT_FALSE(status.take(Bytes{0x00, 0x20}));
    EXPECT_EQ(status.tallies(), Tallies{}) << "nothing is known, which is not: nothing is lit";
    ASSERT_TRUE(status.take(Bytes{0x00, 0x03, 0x80, 0x00, 0x10, 0, 0, 0, 0, 0}));
    Tallies lit = status.tallies();
    EXPECT_EQ(lit.play, true);
    EXPECT_EQ(lit.record, true);
    EXPECT_EQ(lit.stop, false);
    EXPECT_EQ(lit.still, false);
    EXPECT_FALSE(status.stopped());
    struct {
        Bytes bytes;
        std::optional<bool> Tallies::*tally;
    } const singles[]{{{0x20, 0, 0}, &Tallies::tape_out},     {{0, 0x20, 0}, &Tallies::stop},
                      {{0, 0x01, 0}, &Tallies::play},         {{0, 0x02, 0}, &Tallies::record},
                      {{0, 0x04, 0}, &Tallies::fast_forward}, {{0, 0x08, 0}, &Tallies::rewind},
                      {{0, 0, 0x02}, &Tallies::still}};
    for (const auto& single : singles) {
        ASSERT_TRUE(status.take(single.bytes));
        lit = status.tallies();
        EXPECT_EQ(lit.*single.tally, true) << hex_words(single.bytes);
        lit.*single.tally = false;
        const Tallies dark{false, false, false, false, false, false, false};
        EXPECT_EQ(lit, dark) << "nothing else: " << hex_words(single.bytes);
    }
    ASSERT_TRUE(status.take(Bytes{0x11, 0x80, 0xC1, 0, 0, 0, 0, 0, 0x77, 0x80}));
    std::vector<std::pair<std::string, std::string>> words;
    status.describe(words);
    for (const char* each :
         {"local", "servo reference", "servo lock", "standby", "off play speed", "cued up", "record inhibit",
          "system alarm", "servo alarm", "end of tape", "near end of tape", "lost lock", "function abort"}) {
        EXPECT_THAT(words, testing::Contains(testing::Pair(each, testing::Not("no")))) << each;
    }
}

TEST(NinePinCounterTest, AJumpIsAGapAndMidnightIsNone) {
    constexpr std::int64_t kDay = 24 * 3600 * 25;
    NinePinCounter counter(25, 25 / 0.381, 20.0);
    DeckTime at{1s};
    counter.take(3, at);
    counter.take(kDay - 2, at += 40ms);
    EXPECT_EQ(counter.reading().edges, -5) << "backward through zero";
    EXPECT_EQ(counter.reading().last_edge, at);
    EXPECT_EQ(counter.reading().lost, 0U);
    counter.take(1, at += 40ms);
    EXPECT_EQ(counter.reading().edges, -2);
    counter.take(50'000, at += 40ms);
    EXPECT_EQ(counter.reading().lost, 1U) << "no tape moves 760 m in a frame";
    EXPECT_EQ(counter.reading().edges, -2) << "and where it is, that can't say";
    counter.take(50'001, at += 40ms);
    EXPECT_EQ(counter.reading().edges, -1);
    counter.gap();
    counter.gap();
    EXPECT_EQ(counter.reading().lost, 2U);
    counter.take(50'011, at += 400ms);
    EXPECT_EQ(counter.reading().edges, 9) << "the deck has counted on";
    EXPECT_EQ(counter.reading().lost, 2U);
}

} // namespace
} // namespace overbias::transport
