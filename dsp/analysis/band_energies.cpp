// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/band_energies.hpp"

#include "dsp/analysis/band_filters.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>
#include <vector>

namespace overbias::dsp {
namespace {

constexpr double kLowest_hz = 10.0; // where the emphasis of low frequencies ends: no record amplifier goes on below

std::array<float, kBandFloor> make_floor() {
    std::array<float, kBandFloor> floor{};
    unsigned state = 12345;
    for (float& value : floor) {
        state = state * 1664525U + 1013904223U;
        value = 1e-12F * (static_cast<float>(state >> 16) / 32768.0F - 1.0F);
    }
    return floor;
}

} // namespace

struct BandEnergies::State : BandFilters {};

BandEnergies::BandEnergies(const BandEnergyConfig& config) : state_(std::make_unique<State>()) {
    assert(config.hop_frames > 0);
    state_->floor = make_floor();
    state_->hop_frames = config.hop_frames;
    state_->emphasis = static_cast<float>(config.emphasis_s * config.rate_hz);
    if (config.low_emphasis_s > 0.0) {
        // (s + 1/t) / (s + w), as what it adds to 1
        const double lowest = 2.0 * std::numbers::pi * kLowest_hz;
        state_->low_share = static_cast<float>(1.0 - std::exp(-lowest / config.rate_hz));
        state_->low_emphasis = static_cast<float>(std::max(0.0, 1.0 / (config.low_emphasis_s * lowest) - 1.0));
    }
    for (std::size_t band = 0; band <= kEnergyBands; ++band) {
        std::vector<BiquadCoefficients> cascade;
        if (band < kEnergyBands) {
            cascade = butterworth_high_pass(band == 0 ? 6 : 4, config.edges_hz[band], config.rate_hz);
            const auto upper = butterworth_low_pass(band == 0 ? 2 : 4, config.edges_hz[band + 1], config.rate_hz);
            cascade.insert(cascade.end(), upper.begin(), upper.end());
        } else {
            cascade = butterworth_high_pass(2, 20.0, config.rate_hz);
        }
        cascade.resize(kBandSections);
        for (std::size_t channel = 0; channel < 2; ++channel) {
            const std::size_t lane = 2 * band + channel;
            for (std::size_t s = 0; s < kBandSections; ++s) {
                BandFilters::Section& section = state_->sections[s];
                section.b0[lane] = static_cast<float>(cascade[s].b0);
                section.b1[lane] = static_cast<float>(cascade[s].b1);
                section.b2[lane] = static_cast<float>(cascade[s].b2);
                section.minus_a1[lane] = static_cast<float>(-cascade[s].a1);
                section.minus_a2[lane] = static_cast<float>(-cascade[s].a2);
            }
        }
    }
}

BandEnergies::~BandEnergies() = default;

void BandEnergies::reset() noexcept {
    for (BandFilters::Section& section : state_->sections) {
        section.s1 = {};
        section.s2 = {};
    }
    state_->previous = {};
    state_->low = {};
}

void BandEnergies::process(std::span<const float> interleaved, std::span<HopEnergy> out) noexcept {
    assert(interleaved.size() == 2 * state_->hop_frames * out.size());
    band_filters(*state_, interleaved.data(), out.data(), out.size());
}

} // namespace overbias::dsp
