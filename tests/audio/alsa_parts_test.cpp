// SPDX-License-Identifier: Apache-2.0
// What needs no card: sample formats, what is to be done in which state, who holds a card.
#include "audio/alsa_format.hpp"
#include "audio/alsa_holder.hpp"
#include "audio/alsa_recovery.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <vector>

namespace overbias::audio {
namespace {

namespace fs = std::filesystem;

std::vector<std::byte> bytes(std::initializer_list<unsigned> values) {
    std::vector<std::byte> out;
    for (const unsigned value : values) {
        out.push_back(static_cast<std::byte>(value));
    }
    return out;
}

struct FormatCase {
    CardSample sample;
    std::vector<std::byte> card;      ///< two samples
    std::array<std::int32_t, 2> ours; ///< left-justified
};

TEST(AlsaFormat, WhatTheCardHasIsLeftJustifiedAndGoesBackByteForByte) {
    const std::vector<FormatCase> cases{
        {CardSample::S32, bytes({0x78, 0x56, 0x34, 0x12, 0x00, 0x00, 0x00, 0x80}), {0x12345678, INT32_MIN}},
        {CardSample::S24, bytes({0x56, 0x34, 0x12, 0x00, 0x01, 0x00, 0x80, 0xff}), {0x12345600, -0x7fffff00}},
        {CardSample::S24Packed, bytes({0x56, 0x34, 0x12, 0xff, 0xff, 0xff}), {0x12345600, -0x100}},
        {CardSample::S16, bytes({0x34, 0x12, 0x00, 0x80}), {0x12340000, INT32_MIN}},
    };
    for (const FormatCase& a : cases) {
        SCOPED_TRACE(sample_name(a.sample));
        ASSERT_EQ(a.card.size(), 2 * sample_bytes(a.sample));
        std::array<std::int32_t, 6> ours{-1, -1, -1, -1, -1, -1};
        rt_from_card(a.sample, a.card.data(), ours.data() + 1, 3, 2);
        EXPECT_THAT(ours, testing::ElementsAre(-1, a.ours[0], -1, -1, a.ours[1], -1)) << "only every third is written";
        std::vector<std::byte> card(a.card.size());
        rt_to_card(a.sample, ours.data() + 1, 3, card.data(), 2);
        EXPECT_EQ(card, a.card);
    }
}

TEST(AlsaFormat, RubbishAboveTwentyFourBitsIsNotHeard) {
    const auto card = bytes({0x56, 0x34, 0x12, 0xa5});
    std::int32_t ours = 0;
    rt_from_card(CardSample::S24, card.data(), &ours, 1, 1);
    EXPECT_EQ(ours, 0x12345600);
}

TEST(AlsaFormat, FewerBitsKeepTheUpperOnes) {
    const std::int32_t ours = -0x12345678;
    std::array<std::byte, 2> card{};
    rt_to_card(CardSample::S16, &ours, 1, card.data(), 1);
    EXPECT_EQ(static_cast<std::int16_t>(std::to_integer<unsigned>(card[0]) | std::to_integer<unsigned>(card[1]) << 8U),
              -0x12345678 >> 16);
}

TEST(AlsaRecovery, TheStateDecidesFirst) {
    EXPECT_EQ(remedy(SND_PCM_STATE_RUNNING, 0), Remedy::None);
    EXPECT_EQ(remedy(SND_PCM_STATE_RUNNING, -EAGAIN), Remedy::None);
    EXPECT_EQ(remedy(SND_PCM_STATE_RUNNING, -EIO), Remedy::Restart);
    EXPECT_EQ(remedy(SND_PCM_STATE_XRUN, -EPIPE), Remedy::Restart);
    EXPECT_EQ(remedy(SND_PCM_STATE_XRUN, 0), Remedy::Restart);
    EXPECT_EQ(remedy(SND_PCM_STATE_SETUP, -EBADFD), Remedy::Restart);
    EXPECT_EQ(remedy(SND_PCM_STATE_PREPARED, 0), Remedy::Restart);
    EXPECT_EQ(remedy(SND_PCM_STATE_SUSPENDED, -ESTRPIPE), Remedy::Resume);
    EXPECT_EQ(remedy(SND_PCM_STATE_PAUSED, 0), Remedy::Unpause);
    EXPECT_EQ(remedy(SND_PCM_STATE_DISCONNECTED, -EBADFD), Remedy::GiveUp);
    EXPECT_EQ(remedy(SND_PCM_STATE_OPEN, -EBADFD), Remedy::GiveUp);
}

TEST(AlsaRecovery, ACardThatIsGoneIsGoneInEveryState) {
    for (int state = 0; state <= SND_PCM_STATE_LAST; ++state) {
        EXPECT_EQ(remedy(static_cast<snd_pcm_state_t>(state), -ENODEV), Remedy::GiveUp) << state;
    }
}

TEST(AlsaHolder, HardwareNamesAreUnderstood) {
    const auto is = [](const std::string& name, const std::string& card, unsigned device) {
        const auto address = parse_hw_name(name);
        return address && address->card == card && address->device == device;
    };
    EXPECT_TRUE(is("hw:1", "1", 0));
    EXPECT_TRUE(is("hw:1,2", "1", 2));
    EXPECT_TRUE(is("hw:Deck", "Deck", 0));
    EXPECT_TRUE(is("hw:Deck,3,0", "Deck", 3));
    EXPECT_TRUE(is("hw:CARD=Deck,DEV=4", "Deck", 4));
    EXPECT_TRUE(is("hw:CARD=Deck", "Deck", 0));
    for (const char* other : {"default", "plughw:1", "sysdefault:CARD=Deck", "hw:", "hw:,1", "hw:CARD=Deck,DEV=x",
                              "hw:CARD=Deck,RATE=48000", "null", ""}) {
        EXPECT_FALSE(parse_hw_name(other)) << other;
    }
}

/// A /proc of our own.
class FakeProc : public testing::Test {
  protected:
    FakeProc() : root_(fs::temp_directory_path() / ("overbias-proc-" + std::to_string(::getpid()))) {
        put("asound/card0/id", "PCH\n");
        put("asound/card0/pcm0p/sub0/status", "state: RUNNING\nowner_pid   : 99\n");
        put("99/comm", "mpv\n");
        put("asound/card2/id", "Deck\n");
        put("asound/card2/pcm0c/sub0/status", "closed\n");
        put("asound/card2/pcm0c/sub1/status",
            "state: RUNNING\nowner_pid   : 4711\ntrigger_time: 12.3\ntstamp      : 0.0\n");
        put("asound/card2/pcm0p/sub0/status", "closed\n");
        put("asound/card2/pcm1p/sub0/status", "state: SETUP\nowner_pid   : 815\n");
        put("4711/comm", "arecord\n");
    }
    ~FakeProc() override { fs::remove_all(root_); }
    void put(const fs::path& file, const std::string& text) {
        fs::create_directories((root_ / file).parent_path());
        std::ofstream(root_ / file) << text;
    }
    fs::path root_;
};

TEST_F(FakeProc, TheHolderIsNamedByCardNumberOrId) {
    for (const char* card : {"2", "Deck"}) {
        const auto holder = holder_of({card, 0}, false, root_);
        ASSERT_TRUE(holder) << card;
        EXPECT_EQ(words(*holder), "held by arecord (process 4711)");
    }
    EXPECT_EQ(words(holder_of({"PCH", 0}, true, root_).value()), "held by mpv (process 99)");
}

TEST_F(FakeProc, DirectionAndDeviceAreKeptApart) {
    EXPECT_FALSE(holder_of({"Deck", 0}, true, root_)) << "playback is closed";
    EXPECT_FALSE(holder_of({"Deck", 7}, true, root_));
    EXPECT_FALSE(holder_of({"Nobody", 0}, true, root_));
    EXPECT_FALSE(holder_of({"Deck", 0}, true, root_ / "nowhere"));
}

TEST_F(FakeProc, AProcessWhoseNameCantBeReadIsNamedByItsNumber) {
    EXPECT_EQ(words(holder_of({"Deck", 1}, true, root_).value()), "held by a program (process 815)");
}

} // namespace
} // namespace overbias::audio
