// SPDX-License-Identifier: Apache-2.0
// The simulated card as any program sees it: through snd_pcm_* and snd_ctl_*, with the plug-ins loaded by ALSA.
#include "card_client.hpp"

#include <alsa/asoundlib.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace overbias::deck_sim::test {
namespace {

class CardAtRate : public testing::TestWithParam<unsigned> {};
INSTANTIATE_TEST_SUITE_P(Rates, CardAtRate, testing::Values(48000U, 96000U));

TEST_P(CardAtRate, WhatIsPlayedIsHeardAndRecordedBitForBitByEveryReader) {
    const unsigned rate = GetParam();
    CardRig rig(Behind::WiredCard, rate);
    const std::vector<std::int32_t> programme = noise(rate / 2, rate);
    const std::size_t heard_frames = rate + rig.fifo_frames;

    std::array<std::vector<std::int32_t>, 2> heard;
    std::vector<std::thread> readers;
    std::atomic<int> running{0};
    for (std::vector<std::int32_t>& recording : heard) {
        readers.emplace_back([&, rate] {
            const Pcm capture = opened(SND_PCM_STREAM_CAPTURE, rate);
            ASSERT_EQ(snd_pcm_start(capture.get()), 0);
            ++running;
            recording = read_frames(capture.get(), heard_frames);
        });
    }
    ASSERT_TRUE(eventually([&] { return running == 2; }));
    {
        const Pcm playback = opened(SND_PCM_STREAM_PLAYBACK, rate);
        ASSERT_EQ(write_all(playback.get(), programme), 0);
        ASSERT_EQ(snd_pcm_drain(playback.get()), 0);
    }
    for (std::thread& reader : readers) {
        reader.join();
    }
    const std::vector<std::int32_t> sent = pair_of(programme, {3, 1}); // the rig's wiring
    EXPECT_TRUE(found(rig.played(), sent).has_value());
    for (const std::vector<std::int32_t>& recording : heard) {
        EXPECT_TRUE(found(pair_of(recording, {2, 0}), sent).has_value());
    }
    // and all four channels are the same for both, wherever each one began
    const std::vector<std::int32_t> middle(heard[0].begin() + heard[0].size() / 4 / kChannels * kChannels,
                                           heard[0].begin() + heard[0].size() / 2 / kChannels * kChannels);
    EXPECT_TRUE(found(heard[1], middle).has_value());
    EXPECT_EQ(rig.counts().playback_xruns, 0U);
    EXPECT_EQ(rig.counts().playback_frames, programme.size() / kChannels);
}

TEST(CardPlugin, ChannelsInBuffersOfTheirOwnAreTheSameFrames) {
    constexpr unsigned kRate = 48000;
    CardRig rig(Behind::WiredCard, kRate);
    const std::vector<std::int32_t> programme = noise(9600, 5);
    const Pcm playback = opened(SND_PCM_STREAM_PLAYBACK, kRate, SND_PCM_ACCESS_RW_NONINTERLEAVED);
    std::array<std::vector<std::int32_t>, kChannels> apart;
    std::array<void*, kChannels> buffers{};
    for (std::size_t c = 0; c < kChannels; ++c) {
        for (std::size_t i = c; i < programme.size(); i += kChannels) {
            apart[c].push_back(programme[i]);
        }
        buffers[c] = apart[c].data();
    }
    ASSERT_EQ(snd_pcm_writen(playback.get(), buffers.data(), 9600), 9600);
    ASSERT_EQ(snd_pcm_drain(playback.get()), 0);
    EXPECT_TRUE(found(rig.played(), pair_of(programme, {3, 1})).has_value());
}

TEST(CardPlugin, OffersItsOneShapeAndNoOther) {
    const CardRig rig(Behind::WiredCard, 96000);
    for (const char* name : {"hw:Deck", "hw:Deck,0", "hw:CARD=Deck,DEV=0", "hw:0", "deckplug"}) {
        Pcm pcm;
        EXPECT_EQ(try_open(pcm, SND_PCM_STREAM_CAPTURE, name), 0) << name;
    }
    for (const char* name : {"hw:Other", "hw:Deck,1"}) {
        Pcm pcm;
        EXPECT_EQ(try_open(pcm, SND_PCM_STREAM_CAPTURE, name), -ENODEV) << name;
    }
    const Pcm pcm = opened(SND_PCM_STREAM_CAPTURE, 96000);
    snd_pcm_hw_params_t* hw = nullptr;
    snd_pcm_hw_params_alloca(&hw);
    ASSERT_EQ(snd_pcm_hw_free(pcm.get()), 0);
    snd_pcm_hw_params_any(pcm.get(), hw);
    EXPECT_LT(snd_pcm_hw_params_test_rate(pcm.get(), hw, 48000, 0), 0);
    EXPECT_LT(snd_pcm_hw_params_test_channels(pcm.get(), hw, 2), 0);
    EXPECT_LT(snd_pcm_hw_params_test_format(pcm.get(), hw, SND_PCM_FORMAT_S16_LE), 0);
}

TEST(CardPlugin, PlaybackBelongsToOne) {
    CardRig rig(Behind::WiredCard);
    Pcm second;
    {
        const Pcm first = opened(SND_PCM_STREAM_PLAYBACK, 48000);
        EXPECT_EQ(try_open(second, SND_PCM_STREAM_PLAYBACK), -EBUSY);
        EXPECT_EQ(rig.counts().playback_pid, ::getpid());
    }
    EXPECT_EQ(rig.counts().playback_pid, 0);
    EXPECT_EQ(try_open(second, SND_PCM_STREAM_PLAYBACK), 0);
}

/// The delay at a moment, with its fraction of a frame: ALSA tells whole frames, so many readings go into one, each
/// carried to the moment of the first, and only those where clock and delay were read close together.
std::pair<double, double> timed_delay(snd_pcm_t* pcm, unsigned rate) {
    const double way =
        snd_pcm_stream(pcm) == SND_PCM_STREAM_PLAYBACK ? 1.0 : -1.0; // what waits shrinks, what came grows
    std::vector<std::pair<std::int64_t, double>> readings;           // how far apart, delay
    const std::int64_t begin = now_ns();
    for (int i = 0; i < 400; ++i) {
        snd_pcm_sframes_t delay = 0;
        const std::int64_t before = now_ns();
        EXPECT_EQ(snd_pcm_delay(pcm, &delay), 0);
        const std::int64_t after = now_ns();
        const double since_s = static_cast<double>(before + (after - before) / 2 - begin) * 1e-9;
        readings.emplace_back(after - before, static_cast<double>(delay) + way * since_s * rate);
    }
    std::sort(readings.begin(), readings.end());
    double sum = 0.0;
    for (std::size_t i = 0; i < 300; ++i) {
        sum += readings[i].second;
    }
    return {static_cast<double>(begin) * 1e-9, sum / 300.0};
}

TEST_P(CardAtRate, RunsAtItsRate) {
    const unsigned rate = GetParam();
    const CardRig rig(Behind::WiredCard, rate);
    const Pcm capture = opened(SND_PCM_STREAM_CAPTURE, rate);
    const Pcm playback = opened(SND_PCM_STREAM_PLAYBACK, rate);
    const std::vector<std::int32_t> silence(24576 * kChannels, 0);
    ASSERT_EQ(write_all(playback.get(), silence), 0);
    ASSERT_EQ(snd_pcm_start(capture.get()), 0);
    const auto [capture_from_s, capture_from] = timed_delay(capture.get(), rate);
    const auto [playback_from_s, playback_from] = timed_delay(playback.get(), rate);
    std::size_t through = 0;
    while (through < rate) {
        read_frames(capture.get(), rate / 50);
        ASSERT_EQ(write_all(playback.get(), std::vector<std::int32_t>(rate / 50 * kChannels, 0)), 0);
        through += rate / 50;
    }
    const auto [capture_to_s, capture_to] = timed_delay(capture.get(), rate);
    const auto [playback_to_s, playback_to] = timed_delay(playback.get(), rate);
    const auto frames = static_cast<double>(through);
    const double captured = frames + capture_to - capture_from;
    const double played = frames - (playback_to - playback_from);
    EXPECT_NEAR(captured / (capture_to_s - capture_from_s) / rate, 1.0, 100e-6);
    EXPECT_NEAR(played / (playback_to_s - playback_from_s) / rate, 1.0, 100e-6);
}

TEST_P(CardAtRate, DelayTellsTheConvertersRoundTripAndNothingElse) {
    const unsigned rate = GetParam();
    const CardRig rig(Behind::SimulatedDeck, rate);
    const Pcm capture = opened(SND_PCM_STREAM_CAPTURE, rate);
    const Pcm playback = opened(SND_PCM_STREAM_PLAYBACK, rate);
    ASSERT_EQ(snd_pcm_start(capture.get()), 0);
    // a click with a band: 8 kHz under a bell, so that its place can be told between samples
    constexpr std::size_t kAt = 4800;
    std::vector<std::int32_t> click(9600 * kChannels, 0);
    const auto bell = [](double frame) {
        return std::exp(-frame * frame / (2.0 * 6.0 * 6.0)) * std::cos(2.0 * M_PI * frame / 12.0);
    };
    for (std::size_t i = 0; i < 9600; ++i) {
        const double value = 0.5 * bell(static_cast<double>(i) - static_cast<double>(kAt));
        click[i * kChannels] = click[i * kChannels + 1] = static_cast<std::int32_t>(value * 2147483647.0);
    }
    ASSERT_EQ(write_all(playback.get(), click), 0);
    const auto [played_s, to_go] = timed_delay(playback.get(), rate);
    const double left_s = played_s + (to_go - (9600.0 - static_cast<double>(kAt))) / rate;

    const std::size_t read = 9600 + 2 * rig.fifo_frames;
    const std::vector<std::int32_t> heard = read_frames(capture.get(), read);
    const auto [read_s, since] = timed_delay(capture.get(), rate);
    for (const std::size_t channel : {0U, 1U, 2U, 3U}) { // the patch cable and the pair on the deck's input
        double best = 0.0;
        double place = 0.0;
        for (std::size_t i = 100; i + 100 < read; ++i) {
            if (std::abs(heard[i * kChannels + channel]) < 0x08000000) {
                continue; // far from the click
            }
            for (int part = -8; part < 8; ++part) {
                double sum = 0.0;
                for (int k = -40; k <= 40; ++k) {
                    sum += heard[(i + static_cast<std::size_t>(k + 100) - 100) * kChannels + channel] *
                           bell(k - part / 16.0);
                }
                if (sum > best) {
                    best = sum;
                    place = static_cast<double>(i) + part / 16.0;
                }
            }
        }
        ASSERT_GT(best, 0.0) << "channel " << channel << " heard no click";
        const double heard_s = read_s - (since + static_cast<double>(read) - place) / rate;
        EXPECT_NEAR((heard_s - left_s) * rate, 61.37, 1.0) << "channel " << channel;
    }
}

} // namespace
} // namespace overbias::deck_sim::test
