// SPDX-License-Identifier: Apache-2.0
// Compiled once for each instruction set that Highway knows here; which one runs is decided at run time.
#include "dsp/analysis/band_filters.hpp"

#include <cstring>

#include "dsp/vector_targets.hpp"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dsp/analysis/band_filters.cpp"
#include <hwy/foreach_target.h>
// must come after foreach_target.h
#include "dsp/meters/stereo_lanes-inl.hpp"
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace overbias::dsp {
namespace HWY_NAMESPACE {

/// L, R, L, R ...
HWY_INLINE Oct everywhere_frame(const float* frame) {
    Oct o;
#if HWY_TARGET == HWY_SCALAR
    for (std::size_t i = 0; i < Oct::kRegisters; ++i) {
        o.v[i] = hn::Set(Oct::Tag(), frame[i % 2]);
    }
#else
    double both = 0.0; // a broadcast of 64 bits
    std::memcpy(&both, frame, sizeof both);
    const auto v = hn::BitCast(Oct::Tag(), hn::Set(hn::FixedTag<double, Oct::kWidth / 2>(), both));
    for (std::size_t i = 0; i < Oct::kRegisters; ++i) {
        o.v[i] = v;
    }
#endif
    return o;
}

void filters_here(BandFilters& filters, const float* in, HopEnergy* out, std::size_t hops) {
    // In locals, so that the states can stay in registers: `out` might be anything.
    Oct s1[kBandSections], s2[kBandSections];
    for (std::size_t s = 0; s < kBandSections; ++s) {
        s1[s] = load(filters.sections[s].s1);
        s2[s] = load(filters.sections[s].s2);
    }
    const Oct emphasis = everywhere<Oct>(filters.emphasis);
    const Oct low_share = everywhere<Oct>(filters.low_share);
    const Oct low_emphasis = everywhere<Oct>(filters.low_emphasis);
    Oct previous = load(filters.previous);
    Oct low = load(filters.low);
    const std::size_t hop_frames = filters.hop_frames;
    std::size_t floor_at = filters.floor_at;
    for (std::size_t hop = 0; hop < hops; ++hop) {
        Oct energy = everywhere<Oct>(0.0F), peak = energy;
        for (std::size_t n = 0; n < hop_frames; ++n, in += 2) {
            const Oct x = add(everywhere_frame(in), everywhere<Oct>(filters.floor[floor_at]));
            floor_at = (floor_at + 1) % kBandFloor;
            low = mul_add(low_share, subtract(x, low), low);
            peak = higher(peak, magnitude(mul_add(low_emphasis, low, mul_add(emphasis, subtract(x, previous), x))));
            previous = x;
            Oct y = x;
            for (std::size_t s = 0; s < kBandSections; ++s) {
                const BandFilters::Section& c = filters.sections[s];
                const Oct z = mul_add(load(c.b0), y, s1[s]);
                s1[s] = mul_add(load(c.minus_a1), z, mul_add(load(c.b1), y, s2[s]));
                s2[s] = mul_add(load(c.minus_a2), z, mul(load(c.b2), y));
                y = z;
            }
            energy = mul_add(y, y, energy);
        }
        alignas(32) BandFilters::Lanes peaks;
        alignas(32) BandFilters::Lanes energies;
        store(peak, peaks);
        store(energy, energies);
        out[hop].energy = energies;
        out[hop].emphasised_peak = {peaks[0], peaks[1]};
    }
    for (std::size_t s = 0; s < kBandSections; ++s) {
        store(s1[s], filters.sections[s].s1);
        store(s2[s], filters.sections[s].s2);
    }
    store(previous, filters.previous);
    store(low, filters.low);
    filters.floor_at = floor_at;
}

} // namespace HWY_NAMESPACE
} // namespace overbias::dsp
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace overbias::dsp {

HWY_EXPORT(filters_here);

void band_filters(BandFilters& filters, const float* interleaved, HopEnergy* out, std::size_t hops) noexcept {
    HWY_DYNAMIC_DISPATCH(filters_here)(filters, interleaved, out, hops);
}

} // namespace overbias::dsp
#endif
