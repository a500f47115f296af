// SPDX-License-Identifier: Apache-2.0
// What is fed from the audio thread allocates nothing once it is made.
#include "dsp/analysis/tape_tones.hpp"
#include "dsp/analysis/wow_flutter.hpp"
#include "dsp/generator/generator.hpp"
#include "tests/support/allocation_count.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace {
using namespace overbias;
using namespace overbias::dsp;

TEST(AnalyserMemory, nothing_is_allocated_after_construction) {
    Generator generator(48000.0);
    WowFlutterMeter flutter({});
    TapeTones tones({.sequence_hz = {1000.0, 3150.0}});
    const std::vector<RotatingPart> parts{{"capstan", 12.0}};
    std::vector<float> block(480);
    const std::array<SignalTone, 2> two{{{1000.0, -20.0, 1.0, 0.2}, {3150.0, -20.0, 9.0, 0.0}}};
    const Signal sequence = sequence_signal(two);
    double level = 0.0;
    const test_support::AllocationCount allocations;
    for (int n = 0; n < 1000; ++n) {
        if (n % 100 == 0) {
            generator.rt_play(n % 200 == 0 ? sequence : noise_signal(Signal::Kind::PinkNoise, -20.0));
        }
        if (n == 250) {
            generator.rt_play(sine_signal(3150.0, -20.0));
            n = 301; // and a tone for the rest
        }
        if (n > 300 && n % 100 == 0) {
            generator.rt_play(sine_signal(3150.0, -20.0 - n / 100));
        }
        generator.process(block);
        flutter.process(block);
        tones.process(block);
        level += flutter.reading().excluded_share;
    }
    level += flutter.spectrum(parts).bin_hz();
    tones.finish();
    const std::size_t allocated = allocations.so_far();
    EXPECT_GT(level, 0.0);
    EXPECT_GT(tones.played().size(), 0U);
    EXPECT_EQ(allocated, 0U);
    EXPECT_TRUE(test_support::AllocationCount::works());
}

} // namespace
