// SPDX-License-Identifier: Apache-2.0
// process() and every rt_ call run on the audio thread of a simulated deck: they allocate nothing once the card is
// started.
#include "magnetics_rig.hpp"
#include "tests/support/allocation_count.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace overbias::deck_sim {

TEST(TapePathMemory, NothingIsAllocatedAfterTheStart) {
    for (const char* extra : {"monitor_input", "old_programme_playing"}) {
        rig::TapeRig deck(Settings{}, {rig::fault("dropout:programme_s=0.1,length_ms=20,depth_db=20"),
                                       rig::fault("spacing:programme_s=0.15,length_ms=20,depth_db=20"),
                                       rig::fault("xrun:programme_s=0.2,length_ms=5,direction=capture"),
                                       rig::fault("droop:programme_s=0.2,db=1,above_hz=3000"), rig::fault(extra)});
        deck.attended = false;
        ASSERT_TRUE(deck.start());
        audio::CaptureStream& capture = deck.path.pcm().capture();
        audio::PlaybackStream& playback = deck.path.pcm().playback();
        std::vector<std::int32_t> block(960, 1 << 20);
        std::int64_t first = 0;
        const test_support::AllocationCount allocations;
        deck.path.programme_starts(0.0);
        deck.recording = true;
        for (int i = 0; i < 1500; ++i) {
            deck.step();
            if (i == 1000) {
                deck.recording = false;
                deck.path.select_monitor(Monitor::Sync);
            }
            while (capture.rt_read(block, first) > 0) {
            }
            while (playback.rt_writable() > 0) {
                playback.rt_write(block, first);
            }
            capture.rt_recover();
            playback.rt_recover();
            (void)playback.rt_timestamp();
        }
        EXPECT_EQ(allocations.so_far(), 0U) << extra;
        EXPECT_TRUE(test_support::AllocationCount::works());
    }
}

} // namespace overbias::deck_sim
