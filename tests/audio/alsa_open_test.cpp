// SPDX-License-Identifier: Apache-2.0
// Opening: what is refused and in which words, who holds the card, the mixer.
#include "alsa_rig.hpp"
#include "audio/alsa_stream.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

namespace overbias::audio {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::string why_not(const SteadyTimeline& timeline, const AlsaConfig& config) {
    AlsaPcm pcm(timeline, config);
    const Result<void> opened = pcm.open();
    return opened ? "it was opened" : opened.error().message;
}

TEST(AlsaOpen, OnlyTheHardwareItselfIsTaken) {
    const SteadyTimeline timeline;
    for (const char* device : {"default", "plughw:CARD=Deck,DEV=0", "deckplug", "sysdefault:CARD=Deck", "hw:", ""}) {
        AlsaConfig config = wired_config();
        config.capture.device = device;
        try {
            const AlsaPcm pcm(timeline, config);
            ADD_FAILURE() << device;
        } catch (const std::invalid_argument& refused) {
            EXPECT_THAT(refused.what(), AllOf(HasSubstr(std::string("'") + device + "'"), HasSubstr("hw:CARD=Name")));
        }
    }
}

TEST(AlsaOpen, AConfigurationThatCantBeMeantIsRefused) {
    const SteadyTimeline timeline;
    const auto refused = [&](auto&& spoil) {
        AlsaConfig config = wired_config();
        spoil(config);
        try {
            const AlsaPcm pcm(timeline, config);
        } catch (const std::invalid_argument& error) {
            return std::string(error.what());
        }
        return std::string("it was taken");
    };
    EXPECT_THAT(refused([](AlsaConfig& c) { c.playback.roles.clear(); }), HasSubstr("no channel"));
    EXPECT_THAT(refused([](AlsaConfig& c) { c.capture.sample_rate_hz = 0.0; }), HasSubstr("sample rate"));
    EXPECT_THAT(refused([](AlsaConfig& c) { c.capture.sample_rate_hz = 48000.5; }), HasSubstr("whole number"));
    EXPECT_THAT(refused([](AlsaConfig& c) { c.playback.period_frames = 0; }), HasSubstr("period_frames"));
    EXPECT_THAT(refused([](AlsaConfig& c) { c.playback.roles[0] = ChannelRole::Bias; }), HasSubstr("other direction"));
    EXPECT_THAT(refused([](AlsaConfig& c) { c.mixer.push_back({"x", 0, true}); }), HasSubstr("[audio.mixer]"));
}

TEST(AlsaOpen, AWrongRateOrNumberOfChannelsIsToldWithWhatTheCardOffers) {
    CardRig card(CardRig::Behind::WiredCard);
    EXPECT_THAT(why_not(card.timeline, wired_config(96000.0)),
                AllOf(HasSubstr("hw:CARD=Deck,DEV=0"), HasSubstr("96000 Hz were asked"), HasSubstr("offers 48000 Hz")));
    // no near rate either
    EXPECT_THAT(why_not(card.timeline, wired_config(48001.0)), HasSubstr("48001 Hz were asked"));
    AlsaConfig config = wired_config();
    config.capture.roles.push_back(ChannelRole::Bias);
    EXPECT_THAT(why_not(card.timeline, config),
                AllOf(HasSubstr("capture"), HasSubstr("5 channels were asked"), HasSubstr("offers 4;")));
}

TEST(AlsaOpen, ACardThatIsNotThereIsNamed) {
    CardRig card(CardRig::Behind::WiredCard);
    AlsaConfig config = wired_config();
    config.playback.device = "hw:CARD=Other,DEV=0";
    AlsaPcm pcm(card.timeline, config);
    EXPECT_FALSE(pcm.present());
    EXPECT_THAT(why_not(card.timeline, config), AllOf(HasSubstr("hw:CARD=Other,DEV=0"), HasSubstr("no such card")));
}

TEST(AlsaOpen, ABusyCardNamesWhoHoldsIt) {
    CardRig card(CardRig::Behind::WiredCard);
    AlsaPcm first(card.timeline, wired_config());
    ASSERT_TRUE(first.open());
    // a plug-in is in no /proc/asound: what alsa-lib says is passed on, and the plug-in knows the process
    EXPECT_THAT(why_not(card.timeline, wired_config()),
                AllOf(HasSubstr("hw:CARD=Deck,DEV=0"), HasSubstr("busy"), HasSubstr(std::to_string(::getpid()))));
    first.close();
    AlsaPcm second(card.timeline, wired_config());
    EXPECT_TRUE(second.open());
}

TEST(AlsaOpen, PeriodAndBufferAreTheNearestWithAtLeastFourPeriods) {
    CardRig card(CardRig::Behind::WiredCard);
    AlsaConfig config = wired_config();
    config.playback.period_frames = 1024;
    config.playback.buffer_frames = 2048;
    AlsaPcm pcm(card.timeline, config);
    ASSERT_TRUE(pcm.open());
    EXPECT_THAT(pcm.report().playback_format, HasSubstr("1024 x 4"));
}

TEST(AlsaOpen, WithoutInterleavingTheSamplesAreTheSame) {
    CardRig card(CardRig::Behind::WiredCard);
    const AlsaConfig config = wired_config();
    AlsaStream out(card.timeline, {48000.0, config.playback.roles, "one"}, true);
    AlsaStream in(card.timeline, {48000.0, config.capture.roles, "one"}, false);
    Result<AlsaDevice> play = open_alsa_device(config.playback, true, Interleaving::Avoided);
    Result<AlsaDevice> record = open_alsa_device(config.capture, false, Interleaving::Avoided);
    ASSERT_TRUE(play && record);
    EXPECT_THAT(play->description(), HasSubstr("non-interleaved"));
    out.take(std::move(*play));
    in.take(std::move(*record));
    ASSERT_GE(out.prepare(1920), 0);
    ASSERT_GE(in.prepare(0), 0);
    ASSERT_GE(out.start(), 0);
    ASSERT_GE(in.start(), 0);
    const auto stereo = marked_programme(1500); // more than a chunk
    std::vector<std::int32_t> frames;
    for (std::size_t i = 0; i < stereo.size() / 2; ++i) {
        frames.insert(frames.end(), {0, stereo[2 * i + 1], 0, stereo[2 * i]});
    }
    std::int64_t first = 0;
    ASSERT_EQ(out.rt_check(), StreamState::Running);
    EXPECT_EQ(out.rt_write(frames, first), stereo.size() / 2);
    EXPECT_EQ(first, 1920);
    std::vector<std::int32_t> heard;
    std::vector<std::int32_t> block(kChannels * 2048);
    const auto give_up = Clock::now() + std::chrono::seconds(10);
    while (!place_of(stereo, heard) && Clock::now() < give_up) {
        if (in.rt_check() != StreamState::Running) {
            break;
        }
        const std::size_t got = in.rt_read(block, first);
        for (std::size_t i = 0; i < got; ++i) {
            heard.insert(heard.end(), {block[kChannels * i + 2], block[kChannels * i]});
        }
    }
    EXPECT_TRUE(place_of(stereo, heard));
    out.stop();
    in.stop();
}

/// What the card's own control says.
class OneControl {
  public:
    explicit OneControl(const char* name) {
        snd_ctl_open(&card_, "hw:Deck", 0);
        snd_ctl_elem_value_malloc(&value_);
        snd_ctl_elem_value_set_interface(value_, SND_CTL_ELEM_IFACE_MIXER);
        snd_ctl_elem_value_set_name(value_, name);
    }
    ~OneControl() {
        snd_ctl_elem_value_free(value_);
        snd_ctl_close(card_);
    }
    OneControl(const OneControl&) = delete;
    OneControl& operator=(const OneControl&) = delete;
    long integer() {
        snd_ctl_elem_read(card_, value_);
        return snd_ctl_elem_value_get_integer(value_, 0);
    }
    unsigned item() {
        snd_ctl_elem_read(card_, value_);
        return snd_ctl_elem_value_get_enumerated(value_, 0);
    }

  private:
    snd_ctl_t* card_ = nullptr;
    snd_ctl_elem_value_t* value_ = nullptr;
};

AlsaConfig mixed(std::vector<MixerSetting> settings) {
    AlsaConfig config = wired_config();
    config.mixer_card = "hw:CARD=Deck";
    config.mixer = std::move(settings);
    return config;
}

TEST(AlsaMixer, ControlsAreSetToWhatIsConfigured) {
    CardRig card(CardRig::Behind::WiredCard);
    AlsaPcm pcm(card.timeline, mixed({{"Line Capture Volume", 0, 71L},
                                      {"Line Capture Switch", 0, false},
                                      {"Clock Source", 0, std::string("Word Clock")}}));
    const Result<void> opened = pcm.open();
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(OneControl("Line Capture Volume").integer(), 71);
    EXPECT_EQ(OneControl("Line Capture Switch").integer(), 0);
    EXPECT_EQ(OneControl("Clock Source").item(), 1U);
    EXPECT_EQ(OneControl("Line Playback Volume").integer(), 80) << "not configured, not touched";
}

TEST(AlsaMixer, WhatCantBeIsTold) {
    CardRig card(CardRig::Behind::WiredCard);
    const auto why = [&](MixerSetting setting) { return why_not(card.timeline, mixed({std::move(setting)})); };
    EXPECT_THAT(why({"Line In Capture Volume", 0, 70L}),
                AllOf(HasSubstr("'Line In Capture Volume',index=0"), HasSubstr("'Line Capture Volume'")));
    EXPECT_THAT(why({"Line Capture Volume", 1, 70L}), HasSubstr("index=1"));
    EXPECT_THAT(why({"Line Capture Volume", 0, 101L}), AllOf(HasSubstr("wanted 101"), HasSubstr("0 to 100")));
    EXPECT_THAT(why({"Line Capture Volume", 0, true}), AllOf(HasSubstr("wanted on"), HasSubstr("a number")));
    EXPECT_THAT(why({"Clock Source", 0, std::string("Word clock")}), HasSubstr("'Word Clock'"));
    EXPECT_THAT(why({"Line Capture Switch", 0, 1L}), HasSubstr("a switch"));
    AlsaConfig config = mixed({{"Line Capture Switch", 0, true}});
    config.mixer_card = "hw:CARD=Other";
    EXPECT_THAT(why_not(card.timeline, config), HasSubstr("hw:CARD=Other"));
}

} // namespace
} // namespace overbias::audio
