// SPDX-License-Identifier: Apache-2.0
// What goes wrong with the simulated card, as its clients see it: frames lost, the cable pulled, a process killed.
#include "card_client.hpp"

#include <alsa/asoundlib.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

extern char** environ;

namespace overbias::deck_sim::test {
namespace {

TEST(CardLoss, ALateClientGetsOneXrunAndGoesOn) {
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

TEST(CardLoss, FramesTheCardLosesAreAnXrunOfItsClients) {
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

TEST(CardLoss, UnpluggingWakesWhoeverWaits) {
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

TEST(CardLoss, ACardWhoseProcessIsGoneIsGone) {
    auto rig = std::make_unique<CardRig>(Behind::WiredCard);
    const Pcm capture = opened(SND_PCM_STREAM_CAPTURE, 48000);
    ASSERT_EQ(snd_pcm_start(capture.get()), 0);
    rig.reset();
    EXPECT_EQ(snd_pcm_wait(capture.get(), 5000), -ENODEV);
}

/// This program again, as a process of its own, with one of the parts below that are no tests.
pid_t run_apart(const std::string& part) {
    std::string filter = "--gtest_filter=CardLoss." + part;
    std::string disabled = "--gtest_also_run_disabled_tests";
    std::string self = "/proc/self/exe";
    std::array<char*, 4> arguments{self.data(), filter.data(), disabled.data(), nullptr};
    pid_t child = 0;
    return ::posix_spawn(&child, self.c_str(), nullptr, nullptr, arguments.data(), environ) == 0 ? child : -1;
}

/// Not tests: the programs that are killed below.
TEST(CardLoss, DISABLED_PlaysUntilItIsKilled) {
    const Pcm playback = opened(SND_PCM_STREAM_PLAYBACK, 48000);
    while (write_all(playback.get(), std::vector<std::int32_t>(4800 * kChannels, 0x12345600)) == 0) {
    }
}

TEST(CardLoss, DISABLED_IsACardUntilItIsKilled) {
    const CardRig rig(Behind::WiredCard);
    std::promise<void>().get_future().wait_for(std::chrono::seconds(30));
}

TEST(CardLoss, ACardWhoseProcessIsKilledIsGone) {
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

TEST(CardLoss, AKilledPlayerIsSilentAndFreesTheCardAtOnce) {
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
