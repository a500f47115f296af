// SPDX-License-Identifier: Apache-2.0
// Ten synthesised programmes beside libebur128: integrated loudness within 0.02 LU, loudness range, highest M and S,
// true peak. Built where libebur128 is installed.
#include "dsp/meters/loudness_meter.hpp"
#include "dsp/meters/stereo_meters.hpp"
#include "dsp/meters/true_peak_meter.hpp"
#include "meter_signals.hpp"

#include <ebur128.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

namespace overbias::dsp {
namespace {

struct Peer {
    explicit Peer(double rate) : state(ebur128_init(2, static_cast<unsigned long>(rate), kMode)) {}
    ~Peer() { ebur128_destroy(&state); }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    void process(std::span<const float> frames) {
        ASSERT_EQ(ebur128_add_frames_float(state, frames.data(), frames.size() / 2), EBUR128_SUCCESS);
        double now = 0.0;
        ebur128_loudness_momentary(state, &now);
        momentary = std::max(momentary, now);
        ebur128_loudness_shortterm(state, &now);
        short_term = std::max(short_term, now);
    }
    static constexpr int kMode =
        static_cast<int>(EBUR128_MODE_I) | EBUR128_MODE_LRA | EBUR128_MODE_TRUE_PEAK | EBUR128_MODE_S;
    ebur128_state* state;
    double momentary = -1000.0, short_term = -1000.0;
};

struct BesidePeer : ::testing::TestWithParam<unsigned> {};
INSTANTIATE_TEST_SUITE_P(Programmes, BesidePeer, ::testing::Range(0U, 10U));

TEST_P(BesidePeer, Agrees) {
    const double rates[] = {44100.0, 48000.0, 48000.0, 88200.0, 96000.0};
    const double rate = rates[GetParam() % 5];
    std::vector<float> programme;
    for (const double level : {0.35, 0.05, 0.5, 0.002, 0.2}) { // loud, quiet, what the gates leave out
        const std::vector<float> part = signals::music(rate, 6.0, 100 + GetParam(), level);
        programme.insert(programme.end(), part.begin(), part.end());
    }
    Peer peer(rate);
    LoudnessMeter plain(rate);
    StereoMeters fused({.sample_rate_hz = rate});
    const std::size_t reader = fused.add_reader();
    const auto block = 2 * static_cast<std::size_t>(rate / 100.0); // both look at the same windows
    for (std::size_t at = 0; at < programme.size(); at += block) {
        const std::span<const float> now(programme.data() + at, std::min(block, programme.size() - at));
        peer.process(now);
        plain.process(now);
        fused.process(now);
    }
    double integrated = 0.0, range = 0.0;
    ASSERT_EQ(ebur128_loudness_global(peer.state, &integrated), EBUR128_SUCCESS);
    ASSERT_EQ(ebur128_loudness_range(peer.state, &range), EBUR128_SUCCESS);
    const StereoReading reading = fused.read(reader);
    EXPECT_NEAR(plain.integrated_lufs().value_or(0.0), integrated, 0.02);
    EXPECT_NEAR(fused.loudness().integrated_lufs().value_or(0.0), integrated, 0.02);
    EXPECT_NEAR(plain.highest_momentary_lufs(), peer.momentary, 0.05);
    EXPECT_NEAR(plain.highest_short_term_lufs(), peer.short_term, 0.02);
    EXPECT_NEAR(reading.momentary_lufs, peer.momentary, 0.05);
    EXPECT_NEAR(reading.short_term_lufs, peer.short_term, 0.02);
    // it looks once a second where Tech 3342 asks for ten times
    ASSERT_TRUE(plain.range());
    EXPECT_NEAR(plain.range()->lu, range, 1.0);
    for (unsigned channel = 0; channel < 2; ++channel) {
        double peak = 0.0;
        ASSERT_EQ(ebur128_true_peak(peer.state, channel, &peak), EBUR128_SUCCESS);
        EXPECT_NEAR(reading.true_peak_dbtp[channel], 20.0 * std::log10(peak), 0.2); // its filter rings otherwise
    }
}

} // namespace
} // namespace overbias::dsp
