// SPDX-License-Identifier: Apache-2.0
// The simulated card's controls, through snd_ctl_*: listed, kept from program to program, heard in the sound.
#include "card_client.hpp"

#include <alsa/asoundlib.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace overbias::deck_sim::test {
namespace {

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

TEST(CardControls, AreListedKeptAndActOnTheSound) {
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

} // namespace
} // namespace overbias::deck_sim::test
