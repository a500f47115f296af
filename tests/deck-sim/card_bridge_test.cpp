// SPDX-License-Identifier: Apache-2.0
// The bridge from its shared memory's side, without ALSA: what it takes from slots, what it refuses.
#include "base/async/simulated_timeline.hpp"
#include "card_rig.hpp"
#include "deck-sim/card-plugin/card_mapping.hpp"
#include "deck-sim/process/line_copy.hpp"
#include "deck-sim/simulated_deck.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numbers>

namespace overbias::deck_sim::test {
namespace {

class CardBridgeTest : public testing::Test {
  protected:
    CardBridgeTest() {
        config.file = std::filesystem::temp_directory_path() / ("overbias-bridge-" + std::to_string(::getpid()));
        config.play_clock_ppm = config.capture_clock_ppm = 0.0;
        config.playback_fifo_frames = 4800;
    }
    ~CardBridgeTest() override { std::filesystem::remove(config.file); }

    SteadyTimeline timeline;
    WiredCard card{timeline, 48000.0};
    CardBridgeConfig config;
};

TEST_F(CardBridgeTest, RefusesWhatCanNotBe) {
    SimulatedTimeline simulated;
    EXPECT_THROW(CardBridge(simulated, card, config), std::invalid_argument);
    CardBridgeConfig few = config;
    few.playback_channels = 1;
    EXPECT_THROW(CardBridge(timeline, card, few), std::invalid_argument);
    CardBridgeConfig off = config;
    off.source_in = {2, 4};
    EXPECT_THROW(CardBridge(timeline, card, off), std::invalid_argument);
    CardBridgeConfig tight = config;
    tight.playback_fifo_frames = 100;
    EXPECT_THROW(CardBridge(timeline, card, tight), std::invalid_argument);
    CardBridgeConfig nowhere = config;
    nowhere.file = "/nowhere/card.shm";
    EXPECT_THROW(CardBridge(timeline, card, nowhere), std::runtime_error);
}

TEST_F(CardBridgeTest, ClientsAreLetInWithTheFirstTurnAndOutWithTheEnd) {
    auto bridge = std::make_unique<CardBridge>(timeline, card, config);
    {
        CardMapping early;
        EXPECT_EQ(early.open(config.file), -ENODEV);
    }
    bridge->turn();
    CardMapping client;
    ASSERT_EQ(client.open(config.file), 0);
    EXPECT_EQ(client.card().playback.rate_hz, 48000U);
    EXPECT_EQ(client.card().capture.channels, 4U);
    bridge.reset();
    EXPECT_EQ(client.card().plugged.load(), 0U);
    CardMapping late;
    EXPECT_EQ(late.open(config.file), -ENODEV);
}

TEST_F(CardBridgeTest, BiasComesOnTwoMoreChannels) {
    Settings settings;
    settings.bias_capture = true;
    SimulatedDeck deck(timeline, settings, {});
    CardBridge bridge(timeline, deck.pcm(), config);
    bridge.turn();
    CardMapping client;
    ASSERT_EQ(client.open(config.file), 0);
    EXPECT_EQ(client.card().capture.channels, 6U);
    EXPECT_EQ(client.card().playback.channels, 4U);
}

TEST_F(CardBridgeTest, TakesOnlySlotsOfTheOwnersRun) {
    CardBridge bridge(timeline, card, config);
    bridge.turn();
    const auto fill = [&](CardMapping& client, std::uint32_t run, std::int32_t value) {
        const std::int64_t from = client.card().playback.frontier.load();
        for (std::int64_t frame = from; frame < from + 48000; ++frame) {
            std::fill_n(client.playback().at(frame), 4, value);
            client.playback().publish(frame, run);
        }
    };
    /// Turns until the card has been given another 480 frames, and returns the last of them.
    const auto newest = [&] {
        const std::size_t end = card.played.size() + 960;
        while (card.played.size() < end) {
            bridge.turn();
        }
        return card.played.back();
    };
    {
        CardMapping client;
        ASSERT_EQ(client.open(config.file), 0);
        fill(client, 1, 111);
        client.card().playback_run = 1;
        EXPECT_EQ(newest(), 0) << "nobody has claimed playback";
        ASSERT_TRUE(client.claim(client.playback_byte()));
        EXPECT_EQ(newest(), 111);
        client.card().playback_run = 2;
        EXPECT_EQ(newest(), 0) << "slots of an earlier run";
        fill(client, 2, 222);
        EXPECT_EQ(newest(), 222);
        EXPECT_GT(bridge.counts().playback_frames, 0U);
        CardMapping other;
        ASSERT_EQ(other.open(config.file), 0);
        EXPECT_FALSE(other.claim(other.playback_byte()));
    }
    EXPECT_EQ(newest(), 0) << "its owner has gone";
}

TEST_F(CardBridgeTest, XrunsOfTheDecksCardAreCountedOnce) {
    CardBridge bridge(timeline, card, config);
    bridge.turn();
    CardMapping client;
    ASSERT_EQ(client.open(config.file), 0);
    card.lose_playback();
    bridge.turn();
    bridge.turn();
    EXPECT_EQ(client.card().playback.xruns.load(), 1U);
    EXPECT_EQ(client.card().capture.xruns.load(), 0U);
    card.lose_capture();
    bridge.turn();
    EXPECT_EQ(client.card().capture.xruns.load(), 1U);
}

/// Real time that a test holds in its hand.
class HandTimeline final : public Timeline {
  public:
    [[nodiscard]] DeckTime now() const noexcept override { return at; }
    TimerId call_at(DeckTime, Callback) override { return 1; }
    void cancel(TimerId) noexcept override {}
    void post(Callback) override {}
    [[nodiscard]] bool simulated() const noexcept override { return false; }
    DeckTime at{};
};

// The process is held up for 150 ms with 100 ms in the card's hands and a second of frames in the ring.
TEST_F(CardBridgeTest, ALateTurnLosesNothingOnAPacedTimelineOnly) {
    for (const bool with_pace : {true, false}) {
        HandTimeline hand;
        PacedTimeline paced(hand);
        Timeline& of_deck = with_pace ? static_cast<Timeline&>(paced) : hand;
        WiredCard wired(of_deck, 48000.0);
        const auto bridge = with_pace ? std::make_unique<CardBridge>(paced, wired, config)
                                      : std::make_unique<CardBridge>(hand, wired, config);
        bridge->turn();
        CardMapping client;
        ASSERT_EQ(client.open(config.file), 0);
        ASSERT_TRUE(client.claim(client.playback_byte()));
        const std::int64_t first = client.card().playback.frontier.load();
        for (std::int64_t frame = first; frame < first + 48000; ++frame) {
            std::fill_n(client.playback().at(frame), 4, static_cast<std::int32_t>(frame));
            client.playback().publish(frame, 0);
        }
        for (const int wait_ms : {2, 2, 150, 2, 150}) {
            hand.at += std::chrono::milliseconds(wait_ms);
            bridge->turn();
        }
        EXPECT_EQ(wired.underruns, with_pace ? 0 : 2);
        bool whole = true;
        for (auto frame = static_cast<std::size_t>(first); frame < wired.played.size() / 2; ++frame) {
            whole = whole && wired.played[2 * frame] == static_cast<std::int32_t>(frame);
        }
        EXPECT_EQ(whole, with_pace);
        EXPECT_EQ(client.card().playback.xruns.load(), 0U);
        EXPECT_EQ(bridge->counts().capture_frames, 14688U); // 306 ms

        hand.at += std::chrono::seconds(1); // longer than the ring reaches
        bridge->turn();
        EXPECT_EQ(client.card().playback.xruns.load(), with_pace ? 1U : 0U);
    }
}

// A sine through the copy, at another rate and a fraction of a frame late, against the sine computed at those moments.
TEST(LineCopyTest, HearsWhatWasPlayedThroughTheConvertersOnly) {
    constexpr double kRatio = 1.00002;
    constexpr double kRoundTrip = 61.37;
    constexpr double kStep = 2.0 * std::numbers::pi * 1000.0 / 48000.0;
    LineCopy copy(kRatio, kRoundTrip, -200.0, 1);
    std::vector<std::int32_t> block(2 * LineCopy::kBlock);
    for (std::int64_t first = 0; first < 40 * 512; first += 512) {
        for (std::int64_t i = 0; i < 512; ++i) {
            const double value = 0.5 * std::sin(kStep * static_cast<double>(first + i));
            block[static_cast<std::size_t>(2 * i)] = static_cast<std::int32_t>(value * 2147483648.0);
            block[static_cast<std::size_t>(2 * i + 1)] = -block[static_cast<std::size_t>(2 * i)];
        }
        copy.play(first, block);
    }
    copy.capture(10000, block);
    for (std::size_t i = 0; i < LineCopy::kBlock; ++i) {
        const double expected =
            0.5 * std::sin(kStep * ((10000.0 + static_cast<double>(i)) * kRatio - kRoundTrip)) * 2147483648.0;
        ASSERT_NEAR(block[2 * i], expected, 2147483648.0 * 2e-4) << i;
        ASSERT_NEAR(block[2 * i + 1], -expected, 2147483648.0 * 2e-4) << i;
    }
}

TEST(AsoundConf, NamesItsFilesAndRefusesPathsThatBreakIt) {
    const std::string text = asound_conf("/run/deck/card.shm", "/usr/lib/overbias");
    EXPECT_THAT(text, testing::HasSubstr("file \"/run/deck/card.shm\""));
    EXPECT_THAT(text, testing::HasSubstr("\"/usr/lib/overbias/libasound_module_pcm_overbias_deck.so\""));
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("%")));
    EXPECT_THROW((void)asound_conf("/run/a\"b/card.shm", "/usr/lib"), std::invalid_argument);
}

} // namespace
} // namespace overbias::deck_sim::test
