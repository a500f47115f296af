// SPDX-License-Identifier: Apache-2.0
// The simulated card as any program sees it: through snd_pcm_* and snd_ctl_*, with the plug-ins loaded by ALSA.
#include "card_rig.hpp"
#include "deck-sim/magnetics/noise.hpp"

#include <alsa/asoundlib.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstring>
#include <optional>
#include <spawn.h>
#include <sys/wait.h>

extern char** environ;

namespace overbias::deck_sim::test {
namespace {

using Behind = CardRig::Behind;
using std::chrono::steady_clock;
constexpr std::size_t kChannels = 4;
constexpr const char* kDevice = "hw:CARD=Deck,DEV=0";

std::int64_t now_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(steady_clock::now().time_since_epoch()).count();
}

struct Close {
    void operator()(snd_pcm_t* pcm) const { snd_pcm_close(pcm); }
    void operator()(snd_ctl_t* ctl) const { snd_ctl_close(ctl); }
};
using Pcm = std::unique_ptr<snd_pcm_t, Close>;

int try_open(Pcm& pcm, snd_pcm_stream_t direction, const char* device = kDevice) {
    snd_pcm_t* opened = nullptr;
    const int error = snd_pcm_open(&opened, device, direction, 0);
    pcm.reset(opened);
    return error;
}

/// Opened and set up, or a failure of the test.
Pcm opened(snd_pcm_stream_t direction, unsigned rate, snd_pcm_access_t access = SND_PCM_ACCESS_RW_INTERLEAVED) {
    Pcm pcm;
    const int error = try_open(pcm, direction);
    EXPECT_EQ(error, 0) << snd_strerror(error);
    if (error < 0) {
        return pcm;
    }
    snd_pcm_hw_params_t* hw = nullptr;
    snd_pcm_hw_params_alloca(&hw);
    snd_pcm_hw_params_any(pcm.get(), hw);
    EXPECT_EQ(snd_pcm_hw_params_set_access(pcm.get(), hw, access), 0);
    EXPECT_EQ(snd_pcm_hw_params_set_format(pcm.get(), hw, SND_PCM_FORMAT_S32_LE), 0);
    EXPECT_EQ(snd_pcm_hw_params_set_channels(pcm.get(), hw, kChannels), 0);
    EXPECT_EQ(snd_pcm_hw_params_set_rate(pcm.get(), hw, rate, 0), 0);
    EXPECT_EQ(snd_pcm_hw_params_set_period_size(pcm.get(), hw, rate / 200, 0), 0);
    snd_pcm_uframes_t buffer = 32768; // the test's threads are no audio threads
    EXPECT_EQ(snd_pcm_hw_params_set_buffer_size_near(pcm.get(), hw, &buffer), 0);
    EXPECT_EQ(snd_pcm_hw_params(pcm.get(), hw), 0);
    return pcm;
}

/// Frames that no other frame is like: a 24-bit word of noise a channel.
std::vector<std::int32_t> noise(std::size_t frames, std::uint64_t seed) {
    magnetics::Random random(seed);
    std::vector<std::int32_t> made(frames * kChannels);
    for (std::int32_t& sample : made) {
        sample = static_cast<std::int32_t>(static_cast<std::uint32_t>(random.next() >> 32U));
    }
    return made;
}

int write_all(snd_pcm_t* pcm, const std::vector<std::int32_t>& frames) {
    std::size_t done = 0;
    while (done < frames.size() / kChannels) {
        const snd_pcm_sframes_t wrote =
            snd_pcm_writei(pcm, frames.data() + done * kChannels, frames.size() / kChannels - done);
        if (wrote < 0) {
            return static_cast<int>(wrote);
        }
        done += static_cast<std::size_t>(wrote);
    }
    return 0;
}

std::vector<std::int32_t> read_frames(snd_pcm_t* pcm, std::size_t frames) {
    std::vector<std::int32_t> read(frames * kChannels);
    std::size_t done = 0;
    while (done < frames) {
        const snd_pcm_sframes_t got = snd_pcm_readi(pcm, read.data() + done * kChannels, frames - done);
        EXPECT_GT(got, 0) << snd_strerror(static_cast<int>(got));
        if (got <= 0) {
            break;
        }
        done += static_cast<std::size_t>(got);
    }
    return read;
}

/// Two channels of a multichannel recording.
std::vector<std::int32_t> pair_of(const std::vector<std::int32_t>& frames, std::array<std::size_t, 2> channels) {
    std::vector<std::int32_t> pair;
    for (std::size_t i = 0; i < frames.size(); i += kChannels) {
        pair.push_back(frames[i + channels[0]]);
        pair.push_back(frames[i + channels[1]]);
    }
    return pair;
}

/// Index at which `part` begins in `whole` and is there to its end.
std::optional<std::size_t> found(const std::vector<std::int32_t>& whole, const std::vector<std::int32_t>& part) {
    const auto at = std::search(whole.begin(), whole.end(), part.begin(), part.end());
    return at == whole.end() ? std::nullopt : std::optional<std::size_t>(at - whole.begin());
}

/// Looks at a real condition again and again until it holds, or a deadline has passed.
bool eventually(const std::function<bool()>& holds) {
    const auto deadline = steady_clock::now() + std::chrono::seconds(5);
    while (!holds()) {
        if (steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::yield();
    }
    return true;
}

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

TEST(CardPlugin, ALateClientGetsOneXrunAndGoesOn) {
    CardRig rig(Behind::WiredCard);
    const Pcm playback = opened(SND_PCM_STREAM_PLAYBACK, 48000);
    const std::vector<std::int32_t> before = noise(480, 1);
    ASSERT_EQ(write_all(playback.get(), before), 0);
    ASSERT_EQ(snd_pcm_state(playback.get()), SND_PCM_STATE_RUNNING);
    ASSERT_TRUE(eventually([&] { return snd_pcm_avail_update(playback.get()) == -EPIPE; }));
    EXPECT_EQ(snd_pcm_state(playback.get()), SND_PCM_STATE_XRUN);
    EXPECT_EQ(snd_pcm_writei(playback.get(), before.data(), 480), -EPIPE);
    EXPECT_EQ(rig.counts().playback_xruns, 1U);
    ASSERT_EQ(snd_pcm_prepare(playback.get()), 0);
    const std::vector<std::int32_t> after = noise(4800, 2);
    ASSERT_EQ(write_all(playback.get(), after), 0);
    ASSERT_EQ(snd_pcm_drain(playback.get()), 0);

    const std::vector<std::int32_t> played = rig.played();
    const auto first = found(played, pair_of(before, {3, 1}));
    const auto second = found(played, pair_of(after, {3, 1}));
    ASSERT_TRUE(first && second);
    for (std::size_t i = *first + 960; i < *second; ++i) {
        ASSERT_EQ(played[i], 0) << "not silent at " << i; // nothing is played twice
    }

    const Pcm capture = opened(SND_PCM_STREAM_CAPTURE, 48000);
    ASSERT_EQ(snd_pcm_start(capture.get()), 0);
    ASSERT_TRUE(eventually([&] { return snd_pcm_avail_update(capture.get()) == -EPIPE; })); // a buffer goes by
    EXPECT_EQ(rig.counts().capture_xruns, 1U);
    ASSERT_EQ(snd_pcm_prepare(capture.get()), 0);
    EXPECT_EQ(read_frames(capture.get(), 480).size(), 480 * kChannels);
}

TEST(CardPlugin, FramesTheCardLosesAreAnXrunOfItsClients) {
    CardRig rig(Behind::WiredCard);
    const Pcm playback = opened(SND_PCM_STREAM_PLAYBACK, 48000);
    const Pcm capture = opened(SND_PCM_STREAM_CAPTURE, 48000);
    ASSERT_EQ(write_all(playback.get(), noise(16000, 1)), 0);
    ASSERT_EQ(snd_pcm_start(capture.get()), 0);
    EXPECT_EQ(snd_pcm_avail_update(capture.get()) >= 0, true);
    rig.on_card([&](CardBridge& bridge) {
        rig.wired->lose_playback();
        rig.wired->lose_capture();
        bridge.turn();
    });
    EXPECT_EQ(snd_pcm_avail_update(playback.get()), -EPIPE);
    EXPECT_EQ(snd_pcm_avail_update(capture.get()), -EPIPE);
    ASSERT_EQ(snd_pcm_prepare(playback.get()), 0);
    ASSERT_EQ(snd_pcm_prepare(capture.get()), 0);
    EXPECT_EQ(write_all(playback.get(), noise(4800, 2)), 0);
    EXPECT_EQ(read_frames(capture.get(), 480).size(), 480 * kChannels);
    EXPECT_EQ(snd_pcm_drain(playback.get()), 0);
    EXPECT_EQ(rig.counts().playback_xruns, 1U);
    EXPECT_EQ(rig.counts().capture_xruns, 1U);
}

TEST(CardPlugin, UnpluggingWakesWhoeverWaits) {
    CardRig rig(Behind::WiredCard);
    Pcm playback = opened(SND_PCM_STREAM_PLAYBACK, 48000);
    Pcm stopped = opened(SND_PCM_STREAM_CAPTURE, 48000); // prepared, never started: only the cable can wake it
    ASSERT_EQ(write_all(playback.get(), noise(32768, 1)), 0);
    std::atomic<bool> waiting{false};
    std::int64_t woke_ns = 0;
    int error = 0;
    std::thread sleeper([&] {
        waiting = true;
        error = snd_pcm_wait(stopped.get(), 10000);
        woke_ns = now_ns();
    });
    ASSERT_TRUE(eventually([&] { return waiting.load(); }));
    const std::int64_t pulled_ns = now_ns();
    rig.on_card([](CardBridge& bridge) { bridge.unplug(); });
    sleeper.join();
    EXPECT_EQ(error, -ENODEV);
    EXPECT_LT(woke_ns - pulled_ns, 200'000'000);
    std::array<std::int32_t, kChannels> frame{};
    EXPECT_EQ(snd_pcm_readi(stopped.get(), frame.data(), 1), -ENODEV);
    EXPECT_EQ(snd_pcm_writei(playback.get(), frame.data(), 1), -ENODEV);
    EXPECT_EQ(snd_pcm_state(playback.get()), SND_PCM_STATE_DISCONNECTED);
    snd_pcm_sframes_t delay = 0;
    EXPECT_EQ(snd_pcm_delay(playback.get(), &delay), -ENODEV);
    EXPECT_EQ(snd_pcm_prepare(playback.get()), -ENODEV);
    Pcm again;
    EXPECT_EQ(try_open(again, SND_PCM_STREAM_PLAYBACK), -ENODEV);
    snd_ctl_t* ctl = nullptr;
    EXPECT_EQ(snd_ctl_open(&ctl, "hw:Deck", 0), -ENODEV);

    rig.on_card([](CardBridge& bridge) { bridge.plug_in(); });
    EXPECT_EQ(snd_pcm_writei(playback.get(), frame.data(), 1), -ENODEV); // the old one stays dead
    EXPECT_EQ(try_open(again, SND_PCM_STREAM_PLAYBACK), 0);              // and does not hold the new one
    again.reset();
    again = opened(SND_PCM_STREAM_PLAYBACK, 48000);
    const std::vector<std::int32_t> programme = noise(4800, 9);
    ASSERT_EQ(write_all(again.get(), programme), 0);
    ASSERT_EQ(snd_pcm_drain(again.get()), 0);
    EXPECT_TRUE(found(rig.played(), pair_of(programme, {3, 1})).has_value());
}

TEST(CardPlugin, ACardWhoseProcessIsGoneIsGone) {
    auto rig = std::make_unique<CardRig>(Behind::WiredCard);
    const Pcm capture = opened(SND_PCM_STREAM_CAPTURE, 48000);
    ASSERT_EQ(snd_pcm_start(capture.get()), 0);
    rig.reset();
    EXPECT_EQ(snd_pcm_wait(capture.get(), 5000), -ENODEV);
}

// --- controls

struct Controls {
    std::unique_ptr<snd_ctl_t, Close> ctl;

    Controls() {
        snd_ctl_t* opened = nullptr;
        const int error = snd_ctl_open(&opened, "hw:CARD=Deck", 0);
        EXPECT_EQ(error, 0) << snd_strerror(error);
        ctl.reset(opened);
    }
    /// Writes (if given) and reads an integer, a switch (0, 1) or an item's number.
    int value(const char* name, bool item, std::optional<long> set, long& read) const {
        snd_ctl_elem_value_t* element = nullptr;
        snd_ctl_elem_value_alloca(&element);
        snd_ctl_elem_value_set_interface(element, SND_CTL_ELEM_IFACE_MIXER);
        snd_ctl_elem_value_set_name(element, name);
        if (set) {
            if (item) {
                snd_ctl_elem_value_set_enumerated(element, 0, static_cast<unsigned>(*set));
            } else {
                snd_ctl_elem_value_set_integer(element, 0, *set);
            }
            if (const int error = snd_ctl_elem_write(ctl.get(), element); error < 0) {
                return error;
            }
        }
        const int error = snd_ctl_elem_read(ctl.get(), element);
        read = item ? static_cast<long>(snd_ctl_elem_value_get_enumerated(element, 0))
                    : snd_ctl_elem_value_get_integer(element, 0);
        return error;
    }
};

TEST(CardPlugin, ControlsAreListedKeptAndActOnTheSound) {
    CardRig rig(Behind::WiredCard);
    long read = 0;
    {
        const Controls controls;
        snd_ctl_elem_list_t* list = nullptr;
        snd_ctl_elem_list_alloca(&list);
        ASSERT_EQ(snd_ctl_elem_list_alloc_space(list, 8), 0);
        ASSERT_EQ(snd_ctl_elem_list(controls.ctl.get(), list), 0);
        std::vector<std::string> names;
        for (unsigned i = 0; i < snd_ctl_elem_list_get_used(list); ++i) {
            names.emplace_back(snd_ctl_elem_list_get_name(list, i));
        }
        snd_ctl_elem_list_free_space(list);
        EXPECT_EQ(names, (std::vector<std::string>{"Line Playback Volume", "Line Capture Volume", "Line Capture Switch",
                                                   "Clock Source"}));
        ASSERT_EQ(controls.value("Line Playback Volume", false, {}, read), 0);
        EXPECT_EQ(read, 80);
        ASSERT_EQ(controls.value("Line Capture Volume", false, 40, read), 0); // -20 dB
        EXPECT_EQ(read, 40);
        ASSERT_EQ(controls.value("Clock Source", true, 1, read), 0);
        EXPECT_EQ(read, 1);
        EXPECT_EQ(controls.value("Line Capture Volume", false, 101, read), -EINVAL);
        EXPECT_LT(controls.value("Bass", false, {}, read), 0);
    }
    const Controls controls; // another program, as it were
    ASSERT_EQ(controls.value("Line Capture Volume", false, {}, read), 0);
    EXPECT_EQ(read, 40);
    ASSERT_EQ(controls.value("Clock Source", true, {}, read), 0);
    EXPECT_EQ(read, 1);

    const Pcm playback = opened(SND_PCM_STREAM_PLAYBACK, 48000);
    const Pcm capture = opened(SND_PCM_STREAM_CAPTURE, 48000);
    ASSERT_EQ(snd_pcm_start(capture.get()), 0);
    std::vector<std::int32_t> steady(14400 * kChannels, 1'000'000'000);
    ASSERT_EQ(write_all(playback.get(), steady), 0);
    const auto loudest = [](const std::vector<std::int32_t>& frames) {
        const std::vector<std::int32_t> pair = pair_of(frames, {2, 0});
        return *std::max_element(pair.begin(), pair.end());
    };
    EXPECT_EQ(loudest(read_frames(capture.get(), 4800 + rig.fifo_frames)), 100'000'000);
    ASSERT_EQ(controls.value("Line Capture Switch", false, 0, read), 0);
    ASSERT_EQ(snd_pcm_drop(capture.get()), 0);
    ASSERT_EQ(snd_pcm_prepare(capture.get()), 0);
    EXPECT_EQ(loudest(read_frames(capture.get(), 480)), 0);
}

// --- a player that dies

/// This program again, as a process of its own, with one of the parts below that are no tests.
pid_t run_apart(const std::string& part) {
    std::string filter = "--gtest_filter=CardPlugin." + part;
    std::string disabled = "--gtest_also_run_disabled_tests";
    std::string self = "/proc/self/exe";
    std::array<char*, 4> arguments{self.data(), filter.data(), disabled.data(), nullptr};
    pid_t child = 0;
    return ::posix_spawn(&child, self.c_str(), nullptr, nullptr, arguments.data(), environ) == 0 ? child : -1;
}

/// Not tests: the programs that are killed below.
TEST(CardPlugin, DISABLED_PlaysUntilItIsKilled) {
    const Pcm playback = opened(SND_PCM_STREAM_PLAYBACK, 48000);
    while (write_all(playback.get(), std::vector<std::int32_t>(4800 * kChannels, 0x12345600)) == 0) {
    }
}

TEST(CardPlugin, DISABLED_IsACardUntilItIsKilled) {
    const CardRig rig(Behind::WiredCard);
    std::promise<void>().get_future().wait_for(std::chrono::seconds(30));
}

TEST(CardPlugin, ACardWhoseProcessIsKilledIsGone) {
    const std::filesystem::path dir =
        std::filesystem::temp_directory_path() / ("overbias-card-killed-" + std::to_string(::getpid()));
    ::setenv("OVERBIAS_TEST_CARD_DIR", dir.c_str(), 1);
    const pid_t child = run_apart("DISABLED_IsACardUntilItIsKilled");
    ::unsetenv("OVERBIAS_TEST_CARD_DIR");
    ASSERT_GT(child, 0);
    ASSERT_TRUE(eventually([&] { return std::filesystem::exists(dir / "asound.conf"); }));
    ::setenv("ALSA_CONFIG_PATH", (dir / "asound.conf").c_str(), 1);
    Pcm capture;
    if (!eventually([&] { return try_open(capture, SND_PCM_STREAM_CAPTURE) == 0; })) {
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        FAIL() << "the card in a process of its own does not open";
    }
    capture = opened(SND_PCM_STREAM_CAPTURE, 48000);
    EXPECT_EQ(snd_pcm_start(capture.get()), 0);
    EXPECT_EQ(read_frames(capture.get(), 480).size(), 480 * kChannels);
    EXPECT_EQ(::kill(child, SIGKILL), 0);
    EXPECT_EQ(::waitpid(child, nullptr, 0), child);
    // what it had published can still be read; then it is gone, and waiting does not last for ever
    std::array<std::int32_t, 480 * kChannels> rest{};
    snd_pcm_sframes_t read = 0;
    while ((read = snd_pcm_readi(capture.get(), rest.data(), 480)) > 0) {
    }
    EXPECT_EQ(read, -ENODEV);
    EXPECT_EQ(try_open(capture, SND_PCM_STREAM_CAPTURE), -ENODEV);
    std::filesystem::remove_all(dir);
}

TEST(CardPlugin, AKilledPlayerIsSilentAndFreesTheCardAtOnce) {
    CardRig rig(Behind::WiredCard);
    const pid_t child = run_apart("DISABLED_PlaysUntilItIsKilled");
    ASSERT_GT(child, 0);
    ASSERT_TRUE(eventually([&] { return rig.counts().playback_frames > 9600; }));
    EXPECT_EQ(rig.counts().playback_pid, child);
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);

    const std::size_t at_death = rig.played().size() / 2;
    Pcm next;
    ASSERT_EQ(try_open(next, SND_PCM_STREAM_PLAYBACK), 0);
    next.reset();
    next = opened(SND_PCM_STREAM_PLAYBACK, 48000);
    ASSERT_TRUE(eventually([&] { return rig.played().size() / 2 > at_death + 4800; })); // its buffer goes by, unheard
    const std::vector<std::int32_t> programme = noise(9600, 3);
    ASSERT_EQ(write_all(next.get(), programme), 0);
    ASSERT_EQ(snd_pcm_drain(next.get()), 0);
    // what the card had taken was heard; of the frames that waited in the dead player's buffer nothing is
    const std::vector<std::int32_t> played = rig.played();
    const auto own = found(played, pair_of(programme, {3, 1}));
    ASSERT_TRUE(own.has_value());
    for (std::size_t i = at_death + 480; i < played.size() / 2; ++i) {
        ASSERT_NE(played[2 * i], 0x12345600) << "a dead player's frame, " << i - at_death << " frames after its death";
    }
}

} // namespace
} // namespace overbias::deck_sim::test
