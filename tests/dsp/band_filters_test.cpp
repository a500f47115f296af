// SPDX-License-Identifier: Apache-2.0
// The vector filters of the band energies against plain ones in double, with each instruction set that this processor
// has.
#include "dsp/analysis/band_energies.hpp"
#include "dsp/analysis/biquad.hpp"

#include <gtest/gtest.h>

#include "dsp/vector_targets.hpp"
#include <hwy/targets.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <span>
#include <vector>

namespace {
using namespace overbias::dsp;

/// Each instruction set in turn, as if the processor had no better one.
void with_each_instruction_set(const std::function<void()>& check) {
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
        hwy::SetSupportedTargetsForTest(target);
        hwy::GetChosenTarget().DeInit();
        SCOPED_TRACE(hwy::TargetName(target));
        check();
        hwy::SetSupportedTargetsForTest(0);
        hwy::GetChosenTarget().DeInit();
    }
}

std::vector<float> noise(std::size_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<float> samples(count);
    std::generate(samples.begin(), samples.end(),
                  [&] { return static_cast<float>(static_cast<double>(random()) / 2147483648.0 - 1.0); });
    return samples;
}

/// Butterworth at the edges that the header states, squared and summed hop by hop.
std::vector<std::array<double, 8>> plain_energies(const std::vector<float>& samples, const BandEnergyConfig& config) {
    std::vector<std::array<double, 8>> hops(samples.size() / 2 / config.hop_frames);
    for (std::size_t lane = 0; lane < 8; ++lane) {
        const std::size_t band = lane / 2;
        std::vector<Biquad> cascade;
        const auto put = [&](const std::vector<BiquadCoefficients>& sections) {
            for (const auto& section : sections) {
                cascade.emplace_back(section);
            }
        };
        if (band == kWholeBand) {
            put(butterworth_high_pass(2, 20.0, config.rate_hz));
        } else {
            put(butterworth_high_pass(band == 0 ? 6 : 4, config.edges_hz[band], config.rate_hz));
            put(butterworth_low_pass(band == 0 ? 2 : 4, config.edges_hz[band + 1], config.rate_hz));
        }
        for (std::size_t n = 0; n < hops.size() * config.hop_frames; ++n) {
            double y = static_cast<double>(samples[2 * n + lane % 2]);
            for (Biquad& section : cascade) {
                y = section.rt_process(y);
            }
            hops[n / config.hop_frames][lane] += y * y;
        }
    }
    return hops;
}

TEST(BandFilters, energies_are_those_of_plain_filters) {
    for (const double rate_hz : {44100.0, 96000.0}) {
        BandEnergyConfig config;
        config.rate_hz = rate_hz;
        config.hop_frames = rate_hz > 48000.0 ? 24 : 11;
        const std::size_t hops = 2000, fed_at_once = 37;
        const auto samples = noise(2 * config.hop_frames * hops, 3);
        const auto plain = plain_energies(samples, config);
        with_each_instruction_set([&] {
            BandEnergies bank(config);
            std::vector<HopEnergy> out(hops);
            for (std::size_t hop = 0; hop < hops; hop += fed_at_once) {
                const std::size_t count = std::min(fed_at_once, hops - hop);
                bank.process(
                    std::span<const float>(samples).subspan(2 * config.hop_frames * hop, 2 * config.hop_frames * count),
                    std::span<HopEnergy>(out).subspan(hop, count));
            }
            for (std::size_t lane = 0; lane < 8; ++lane) {
                double sum = 0.0, difference = 0.0;
                for (std::size_t hop = 0; hop < hops; ++hop) {
                    sum += plain[hop][lane];
                    difference += std::abs(static_cast<double>(out[hop].energy[lane]) - plain[hop][lane]);
                }
                // 0.002 dB: in single precision a pole at 20 Hz is not quite where it should be
                EXPECT_LT(difference, 5e-4 * sum) << "lane " << lane << " at " << rate_hz << " Hz";
            }
        });
    }
}

} // namespace
