// SPDX-License-Identifier: Apache-2.0
// A program that uses the simulated card through snd_pcm_*: open, write, read, and find again what it wrote.
#pragma once

#include "card_rig.hpp"
#include "deck-sim/magnetics/noise.hpp"

#include <alsa/asoundlib.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace overbias::deck_sim::test {

using Behind = CardRig::Behind;
inline constexpr std::size_t kChannels = 4;
inline constexpr const char* kDevice = "hw:CARD=Deck,DEV=0";

inline std::int64_t now_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

struct Close {
    void operator()(snd_pcm_t* pcm) const { snd_pcm_close(pcm); }
    void operator()(snd_ctl_t* ctl) const { snd_ctl_close(ctl); }
};
using Pcm = std::unique_ptr<snd_pcm_t, Close>;

inline int try_open(Pcm& pcm, snd_pcm_stream_t direction, const char* device = kDevice) {
    snd_pcm_t* opened = nullptr;
    const int error = snd_pcm_open(&opened, device, direction, 0);
    pcm.reset(opened);
    return error;
}

/// Opened and set up, or a failure of the test.
inline Pcm opened(snd_pcm_stream_t direction, unsigned rate, snd_pcm_access_t access = SND_PCM_ACCESS_RW_INTERLEAVED) {
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
inline std::vector<std::int32_t> noise(std::size_t frames, std::uint64_t seed) {
    magnetics::Random random(seed);
    std::vector<std::int32_t> made(frames * kChannels);
    for (std::int32_t& sample : made) {
        sample = static_cast<std::int32_t>(static_cast<std::uint32_t>(random.next() >> 32U));
    }
    return made;
}

inline int write_all(snd_pcm_t* pcm, const std::vector<std::int32_t>& frames) {
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

inline std::vector<std::int32_t> read_frames(snd_pcm_t* pcm, std::size_t frames) {
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
inline std::vector<std::int32_t> pair_of(const std::vector<std::int32_t>& frames, std::array<std::size_t, 2> channels) {
    std::vector<std::int32_t> pair;
    for (std::size_t i = 0; i < frames.size(); i += kChannels) {
        pair.push_back(frames[i + channels[0]]);
        pair.push_back(frames[i + channels[1]]);
    }
    return pair;
}

/// Index at which `part` begins in `whole` and is there to its end.
inline std::optional<std::size_t> found(const std::vector<std::int32_t>& whole, const std::vector<std::int32_t>& part) {
    const auto at = std::search(whole.begin(), whole.end(), part.begin(), part.end());
    return at == whole.end() ? std::nullopt : std::optional<std::size_t>(at - whole.begin());
}

/// Looks at a real condition again and again until it holds, or a deadline has passed.
inline bool eventually(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!holds()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::yield();
    }
    return true;
}

} // namespace overbias::deck_sim::test
