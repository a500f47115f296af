// SPDX-License-Identifier: Apache-2.0
// One stream against a card whose every state the test sets: a plug-in inside this program.
#include "audio/alsa_stream.hpp"

#include <alsa/pcm_external.h>
#include <chrono>
#include <gtest/gtest.h>

namespace overbias::audio {
namespace {

using Clock = std::chrono::steady_clock;

/// A capture of one channel whose pointer is where the test put it.
class HandMadeCard {
  public:
    HandMadeCard() {
        static const snd_pcm_ioplug_callback_t calls = [] {
            snd_pcm_ioplug_callback_t made{};
            made.start = [](snd_pcm_ioplug_t* io) {
                of(io).hardware = 0;
                ++of(io).starts;
                return 0;
            };
            made.stop = [](snd_pcm_ioplug_t*) { return 0; };
            made.pointer = [](snd_pcm_ioplug_t* io) {
                return static_cast<snd_pcm_sframes_t>(of(io).hardware % static_cast<long>(io->buffer_size));
            };
            made.transfer = [](snd_pcm_ioplug_t*, const snd_pcm_channel_area_t*, snd_pcm_uframes_t,
                               snd_pcm_uframes_t frames) { return static_cast<snd_pcm_sframes_t>(frames); };
            made.delay = [](snd_pcm_ioplug_t* io, snd_pcm_sframes_t* delay) {
                *delay = of(io).hardware + of(io).beyond - static_cast<long>(io->appl_ptr);
                return 0;
            };
            made.resume = [](snd_pcm_ioplug_t* io) {
                ++of(io).resumes;
                return 0;
            };
            return made;
        }();
        io_.version = SND_PCM_IOPLUG_VERSION;
        io_.name = "hand-made card";
        io_.callback = &calls;
        io_.private_data = this;
        io_.poll_fd = -1;
        snd_pcm_ioplug_create(&io_, "hand-made", SND_PCM_STREAM_CAPTURE, SND_PCM_NONBLOCK);
        device_.handle.reset(io_.pcm);
        snd_pcm_set_params(io_.pcm, SND_PCM_FORMAT_S32_LE, SND_PCM_ACCESS_RW_INTERLEAVED, 1, 48000, 0, 100'000);
        snd_pcm_uframes_t buffer = 0;
        snd_pcm_uframes_t period = 0;
        snd_pcm_get_params(io_.pcm, &buffer, &period);
        device_.channels = 1;
        device_.buffer_frames = buffer;
        device_.period_frames = 240;
        stream.take(std::move(device_));
    }
    void set(snd_pcm_state_t state) { snd_pcm_ioplug_set_state(&io_, state); }

    long hardware = 0;
    long beyond = 0; ///< frames that the delay tells of and the buffer doesn't
    int starts = 0, resumes = 0;
    SteadyTimeline timeline;
    AlsaStream stream{timeline, {48000.0, {ChannelRole::TapeReturnLeft}, "one"}, false};

  private:
    static HandMadeCard& of(snd_pcm_ioplug_t* io) { return *static_cast<HandMadeCard*>(io->private_data); }
    snd_pcm_ioplug_t io_{};
    AlsaDevice device_;
};

/// Asks until the state is another one; how long that took.
std::chrono::duration<double> ask_until_not_running(HandMadeCard& card, const std::function<void()>& between = {}) {
    const auto began = Clock::now();
    while (card.stream.rt_check() == StreamState::Running && Clock::now() - began < std::chrono::seconds(5)) {
        if (between) {
            between();
        }
    }
    return Clock::now() - began;
}

class HandMade : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_GE(card.stream.prepare(0), 0);
        ASSERT_GE(card.stream.start(), 0);
        ASSERT_EQ(card.stream.rt_check(), StreamState::Running);
        static_cast<void>(card.stream.rt_timestamp());
        card.hardware = 480;
        ASSERT_EQ(card.stream.rt_check(), StreamState::Running);
        static_cast<void>(card.stream.rt_timestamp());
    }
    HandMadeCard card;
};

TEST_F(HandMade, ACardWhoseClockStandsStillForAQuarterOfASecondIsLost) {
    const auto took = ask_until_not_running(card);
    EXPECT_EQ(card.stream.rt_state(), StreamState::Lost);
    EXPECT_GE(took.count(), 0.249);
}

TEST_F(HandMade, AsLongAsTheDelayMovesTheCardLives) {
    const auto until = Clock::now() + std::chrono::milliseconds(400);
    ask_until_not_running(card, [&] {
        ++card.beyond;
        if (Clock::now() > until) {
            card.set(SND_PCM_STATE_DISCONNECTED);
        }
    });
    EXPECT_EQ(card.stream.rt_state(), StreamState::Lost);
    EXPECT_GE(Clock::now(), until) << "not before it was pulled";
}

TEST_F(HandMade, AfterSleepItIsResumedAndStartedAnew) {
    card.set(SND_PCM_STATE_SUSPENDED);
    EXPECT_EQ(card.stream.rt_check(), StreamState::Xrun);
    const auto give_up = Clock::now() + std::chrono::seconds(5);
    while (!card.stream.rt_recover() && Clock::now() < give_up) {
        card.hardware += 1;
    }
    EXPECT_EQ(card.stream.rt_state(), StreamState::Running);
    EXPECT_EQ(card.resumes, 1);
    EXPECT_EQ(card.starts, 2);
}

TEST_F(HandMade, SomebodyElsesStopIsMended) {
    for (const snd_pcm_state_t state : {SND_PCM_STATE_SETUP, SND_PCM_STATE_XRUN, SND_PCM_STATE_PREPARED}) {
        card.set(state);
        EXPECT_EQ(card.stream.rt_check(), StreamState::Xrun);
        const auto give_up = Clock::now() + std::chrono::seconds(5);
        while (!card.stream.rt_recover() && Clock::now() < give_up) {
            card.hardware += 1;
        }
        EXPECT_EQ(card.stream.rt_check(), StreamState::Running) << state;
    }
}

TEST_F(HandMade, TheFrameAtTheConverterIsTheDelaysNotTheBuffers) {
    card.hardware = 960;
    card.beyond = 100;
    EXPECT_EQ(card.stream.rt_check(), StreamState::Running);
    EXPECT_EQ(card.stream.rt_ready(), 960U);
    EXPECT_EQ(card.stream.rt_timestamp().frame, 1060);
}

} // namespace
} // namespace overbias::audio
