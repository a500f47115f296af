// SPDX-License-Identifier: Apache-2.0
// The meters allocate nothing once they are made: counted by replacing operator new for this whole test program.
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

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

namespace {

bool counting = false;
std::size_t counted = 0;

void* counted_new(std::size_t size) {
    counted += counting ? 1 : 0;
    if (void* place = std::malloc(size == 0 ? 1 : size)) {
        return place;
    }
    throw std::bad_alloc();
}
void* counted_new(std::size_t size, std::align_val_t alignment) {
    counted += counting ? 1 : 0;
    const auto step = static_cast<std::size_t>(alignment);
    if (void* place = std::aligned_alloc(step, (size + step - 1) / step * step)) {
        return place;
    }
    throw std::bad_alloc();
}

} // namespace

void* operator new(std::size_t size) {
    return counted_new(size);
}
void* operator new[](std::size_t size) {
    return counted_new(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    return counted_new(size, alignment);
}
void operator delete(void* place) noexcept {
    std::free(place);
}
void operator delete[](void* place) noexcept {
    std::free(place);
}
void operator delete(void* place, std::size_t) noexcept {
    std::free(place);
}
void operator delete[](void* place, std::size_t) noexcept {
    std::free(place);
}
void operator delete(void* place, std::align_val_t) noexcept {
    std::free(place);
}
void operator delete(void* place, std::size_t, std::align_val_t) noexcept {
    std::free(place);
}

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
    counted = 0;
    counting = true;
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
    counting = false;
    EXPECT_EQ(counted, 0U);
    EXPECT_TRUE(std::isfinite(sum));
    counting = true;
    const auto some = std::make_unique<int>(1); // the count counts
    counting = false;
    EXPECT_EQ(counted, static_cast<std::size_t>(*some));
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
    counted = 0;
    counting = true;
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
    counting = false;
    EXPECT_EQ(counted, 0U);
    EXPECT_GT(spectrum.updates(), 10U);
    EXPECT_TRUE(std::isfinite(sum));
}

} // namespace overbias::dsp
