// SPDX-License-Identifier: Apache-2.0
// The meters allocate nothing once they are made.
#include "dsp/analysis/quasi_peak_468.hpp"
#include "dsp/meters/correlation_meter.hpp"
#include "dsp/meters/goniometer.hpp"
#include "dsp/meters/loudness_meter.hpp"
#include "dsp/meters/rms_meter.hpp"
#include "dsp/meters/spectrum_meter.hpp"
#include "dsp/meters/stereo_meters.hpp"
#include "dsp/meters/true_peak_meter.hpp"
#include "dsp/meters/vu_meter.hpp"
#include "meter_signals.hpp"
#include "tests/support/allocation_count.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <span>
#include <vector>

namespace overbias::dsp {

TEST(MetersMemory, NothingIsAllocatedAfterConstruction) {
    constexpr double kRate = 96000.0;
    const std::vector<float> music = signals::music(kRate, 5.0, 2, 0.9);
    StereoMeters fused({.sample_rate_hz = kRate});
    LoudnessMeter loudness(kRate);
    TruePeakMeter true_peak(kRate);
    PeakMeter peak;
    VuMeter vu(kRate, 0.1);
    PpmMeter ppm(PpmScale::din, kRate, 0.1);
    const std::size_t reader = fused.add_reader();
    double sum = 0.0;
    const test_support::AllocationCount allocations;
    for (std::size_t at = 0; at + 1930 < music.size(); at += 1930) {
        const std::span block(music.data() + at, 1930);
        fused.process(block);
        fused.process(block.first(700), block.last(700));
        loudness.process(block);
        true_peak.process(block);
        peak.process(block);
        vu.process(block);
        ppm.process(block);
        const StereoReading reading = fused.read(reader);
        sum += reading.momentary_lufs + reading.true_peak_dbtp[0] + true_peak.highest_dbtp() + peak.highest_dbfs() +
               vu.highest_vu() + ppm.highest_db() + loudness.highest_short_term_lufs();
        sum += fused.loudness().integrated_lufs().value_or(0.0) + loudness.range().value_or(LoudnessRange{}).lu;
    }
    EXPECT_EQ(allocations.so_far(), 0U);
    EXPECT_TRUE(std::isfinite(sum));
    EXPECT_TRUE(test_support::AllocationCount::works());
}

TEST(MetersMemory, NorByTheDisplaysAndTheNoiseMeter) {
    constexpr double kRate = 96000.0;
    const std::vector<float> music = signals::music(kRate, 3.0, 1, 0.9);
    SpectrumMeter spectrum({.rate_hz = kRate, .fft_size = 65536});
    Goniometer goniometer(kRate, 4000.0, 1000);
    RmsMeter rms(RmsScale::k20, kRate, 0.6);
    CorrelationMeter correlation(kRate, 0.6);
    QuasiPeak468 noise(kRate, 1.0);
    std::vector<GoniometerPoint> points(1000);
    double sum = 0.0;
    const test_support::AllocationCount allocations;
    for (std::size_t at = 0; at + 965 < music.size(); at += 965) {
        const std::span block(music.data() + at, 965);
        spectrum.process(block);
        goniometer.process(block, block);
        rms.process(block);
        correlation.process(block, block);
        noise.process(block);
        sum += static_cast<double>(goniometer.take(points)) + rms.highest_db() + correlation.lowest() +
               noise.highest_db() + static_cast<double>(spectrum.band_peaks_dbfs()[3]);
    }
    EXPECT_EQ(allocations.so_far(), 0U);
    EXPECT_GT(spectrum.updates(), 10U);
    EXPECT_TRUE(std::isfinite(sum));
}

} // namespace overbias::dsp
