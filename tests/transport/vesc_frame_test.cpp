// SPDX-License-Identifier: Apache-2.0
// Frames and payloads of the VESC protocol, against vectors computed by hand from its description.
#include "transport/drivers/vesc_frame.hpp"
#include "transport/drivers/vesc_messages.hpp"

#include <cstdint>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace overbias::transport::vesc {
namespace {

using testing::ElementsAre;

std::vector<Bytes> decode(Decoder& decoder, const Bytes& bytes) {
    std::vector<Bytes> out;
    decoder.feed(bytes,
                 [&](std::span<const std::uint8_t> payload) { out.emplace_back(payload.begin(), payload.end()); });
    return out;
}

TEST(VescFrame, ChecksumIsXmodem) {
    const std::string_view digits = "123456789";
    EXPECT_EQ(crc16(Bytes(digits.begin(), digits.end())), 0x31C3);
    EXPECT_EQ(crc16({}), 0);
}

TEST(VescFrame, GoldenFrames) {
    EXPECT_THAT(frame(get_values()), ElementsAre(0x02, 0x01, 0x04, 0x40, 0x84, 0x03));
    EXPECT_THAT(frame(alive()), ElementsAre(0x02, 0x01, 0x1E, 0xF3, 0xFF, 0x03));
}

TEST(VescFrame, LongPayloadsHaveTwoLengthBytes) {
    const Bytes payload(300, 0x5A);
    const Bytes bytes = frame(payload);
    EXPECT_EQ(bytes.size(), frame_bytes(300));
    EXPECT_EQ(bytes[0], 0x03);
    EXPECT_EQ(bytes[1], 0x01);
    EXPECT_EQ(bytes[2], 0x2C);
    EXPECT_EQ(bytes.back(), 0x03);
    Decoder decoder;
    EXPECT_THAT(decode(decoder, bytes), ElementsAre(payload));
}

TEST(VescFrame, RefusesWhatIsNoPayload) {
    EXPECT_THROW((void)frame({}), std::invalid_argument);
    EXPECT_THROW((void)frame(Bytes(513, 0)), std::invalid_argument);
    EXPECT_NO_THROW((void)frame(Bytes(512, 0)));
}

TEST(VescFrame, PayloadsAreBigEndian) {
    EXPECT_THAT(set_current(1.5), ElementsAre(6, 0x00, 0x00, 0x05, 0xDC));
    EXPECT_THAT(set_current(-0.001), ElementsAre(6, 0xFF, 0xFF, 0xFF, 0xFF));
    EXPECT_THAT(set_current_brake(2.0), ElementsAre(7, 0x00, 0x00, 0x07, 0xD0));
    EXPECT_THAT(set_rpm(6369.4), ElementsAre(8, 0x00, 0x00, 0x18, 0xE1));
    EXPECT_THAT(forward_can(12, get_values()), ElementsAre(34, 12, 4));
    EXPECT_THAT(get_values_selective(kErpm | kControllerId), ElementsAre(50, 0x00, 0x02, 0x00, 0x80));
    EXPECT_THAT(get_decoded_adc(), ElementsAre(32));
}

TEST(VescFrame, DecodesByteByByte) {
    const Bytes bytes = frame(set_current(-3.25));
    Decoder decoder;
    for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
        EXPECT_TRUE(decode(decoder, {bytes[i]}).empty());
    }
    EXPECT_THAT(decode(decoder, {bytes.back()}), ElementsAre(set_current(-3.25)));
    EXPECT_EQ(decoder.dropped_bytes(), 0U);
}

TEST(VescFrame, FindsTheFrameBehindGarbage) {
    Bytes bytes{0xFF, 0x00, 0x02, 0x03, 0x41}; // ends in what looks like a frame's beginning
    const Bytes good = frame(alive());
    for (int copies = 0; copies < 3; ++copies) {
        bytes.insert(bytes.end(), good.begin(), good.end());
    }
    Decoder decoder;
    EXPECT_THAT(decode(decoder, bytes), ElementsAre(alive(), alive(), alive()));
    EXPECT_GT(decoder.dropped_bytes(), 0U);
}

TEST(VescFrame, AFrameThatNeverEndsIsGivenUp) {
    Decoder decoder;
    EXPECT_TRUE(decode(decoder, {0x02, 0x20, 0x04}).empty());
    EXPECT_TRUE(decoder.waiting());
    decoder.give_up();
    EXPECT_THAT(decode(decoder, frame(alive())), ElementsAre(alive()));
}

TEST(VescFrame, AnySingleWrongBitIsRefused) {
    const Bytes good = frame(set_rpm(6366));
    for (std::size_t bit = 16; bit < good.size() * 8; ++bit) {
        Bytes bad = good;
        bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1U << (bit % 8)));
        Decoder decoder;
        EXPECT_TRUE(decode(decoder, bad).empty()) << "bit " << bit;
    }
}

TEST(VescFrame, RandomBytesNeverHurt) {
    std::mt19937 random(7);
    Decoder decoder;
    std::size_t held = 0;
    for (int round = 0; round < 2000; ++round) {
        Bytes bytes(random() % 40);
        for (std::uint8_t& byte : bytes) {
            byte = static_cast<std::uint8_t>(random() % 4 == 0 ? 2 + random() % 2 : random());
        }
        held += bytes.size();
        decode(decoder, bytes);
    }
    EXPECT_GT(held, 10000U);
    for (int i = 0; i < 700; ++i) {
        decoder.give_up();
        decode(decoder, {});
    }
    EXPECT_FALSE(decoder.waiting());
}

TEST(VescValues, ReadsSelectedFieldsInTheirOrder) {
    const Bytes payload{50,   0x00, 0x22, 0xA0, 0x84, // mask: current, erpm, tachometer, fault, id, status
                        0xFF, 0xFF, 0xFF, 0x9C,       // -1.00 A
                        0xFF, 0xFF, 0xFC, 0x18,       // -1000 erpm
                        0x00, 0x00, 0x01, 0x00,       // 256 steps
                        0x04, 0x0C, 0x01};
    const auto values = read_values(payload);
    ASSERT_TRUE(values);
    EXPECT_DOUBLE_EQ(*values->motor_current_a, -1.0);
    EXPECT_EQ(values->erpm, -1000);
    EXPECT_EQ(values->tachometer, 256);
    EXPECT_EQ(values->fault, 4);
    EXPECT_EQ(values->controller_id, 12);
    EXPECT_TRUE(values->timed_out());
    EXPECT_FALSE(values->kill_switch());
    EXPECT_EQ(fault_words(4), "over current");
    EXPECT_FALSE(values->duty);
}

TEST(VescValues, ReadsTheFullAnswerAndAnOlderShorterOne) {
    Bytes payload{4};
    const auto add = [&](std::int64_t value, int bytes) {
        for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
            payload.push_back(static_cast<std::uint8_t>(value >> shift & 0xFF));
        }
    };
    add(312, 2), add(-55, 2), add(123, 4), add(45, 4), add(0, 4), add(0, 4), add(-500, 2), add(6366, 4), add(361, 2);
    add(0, 4), add(0, 4), add(0, 4), add(0, 4), add(-77, 4), add(0, 4), add(6, 1);
    const auto old = read_values(payload);
    ASSERT_TRUE(old);
    EXPECT_DOUBLE_EQ(*old->mosfet_temperature_c, 31.2);
    EXPECT_DOUBLE_EQ(*old->motor_temperature_c, -5.5);
    EXPECT_DOUBLE_EQ(*old->duty, -0.5);
    EXPECT_DOUBLE_EQ(*old->input_voltage_v, 36.1);
    EXPECT_EQ(old->tachometer, -77);
    EXPECT_EQ(old->fault, 6);
    EXPECT_FALSE(old->controller_id);
    EXPECT_FALSE(old->timed_out());
    add(0, 4), add(11, 1), add(0, 6), add(0, 4), add(0, 4), add(2, 1);
    const auto whole = read_values(payload);
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->controller_id, 11);
    EXPECT_TRUE(whole->kill_switch());
    EXPECT_EQ(payload.size(), 1 + field_bytes(kAllFields));
    payload.resize(30); // in the middle of a field
    EXPECT_FALSE(read_values(payload));
}

TEST(VescValues, ReadsTheAdcInputs) {
    Bytes payload{32};
    for (const int value : {500000, 1650000, 250000, -1}) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            payload.push_back(static_cast<std::uint8_t>(static_cast<unsigned>(value) >> shift & 0xFF));
        }
    }
    const auto volts = read_adc(payload);
    ASSERT_TRUE(volts);
    EXPECT_DOUBLE_EQ(volts->input_1_v, 1.65);
    EXPECT_DOUBLE_EQ(volts->input_2_v, -1e-6);
    payload.pop_back();
    EXPECT_FALSE(read_adc(payload));
    EXPECT_FALSE(read_values(payload));
}

TEST(VescBudget, AFullAnswerTakesNearlySevenMilliseconds) {
    EXPECT_NEAR(wire_seconds(frame_bytes(1 + field_bytes(kAllFields)), 115200) * 1000.0, 6.9, 0.05);
}

} // namespace
} // namespace overbias::transport::vesc
