// SPDX-License-Identifier: Apache-2.0
// Compiled once for each instruction set that Google Highway knows on this architecture; the best one that the
// processor has is called. stereo_lanes-inl.hpp makes the registers' width disappear.
#include "dsp/meters/stereo_pass.hpp"

#include <cmath>

#include "dsp/vector_targets.hpp"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dsp/meters/stereo_pass.cpp"
#include <hwy/foreach_target.h>
// must come after foreach_target.h
#include "dsp/meters/stereo_lanes-inl.hpp"
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace overbias::dsp {
namespace HWY_NAMESPACE {

/// Takes frames in, `Interleaved` from one place or planar from two.
template <bool Interleaved>
HWY_INLINE void take_in(const float* HWY_RESTRICT first, const float* HWY_RESTRICT second, std::size_t frames,
                        const StereoStage& to) {
    const Row::Tag tag;
    const auto fit = [](auto d, auto x) { // too small, too large, or no number: none
        const auto size = hn::Abs(x);
        return hn::IfThenElseZero(
            hn::And(hn::Ge(size, hn::Set(d, kLeastSample)), hn::Le(size, hn::Set(d, kMostSample))), x);
    };
    const auto some = [&](auto d, std::size_t at) {
        hn::Vec<decltype(d)> l, r;
        if (Interleaved) {
            hn::LoadInterleaved2(d, first + 2 * at, l, r);
        } else {
            l = hn::LoadU(d, first + at);
            r = hn::LoadU(d, second + at);
        }
        l = fit(d, l);
        r = fit(d, r);
        hn::StoreU(l, d, to.left + at);
        hn::StoreU(r, d, to.right + at);
        hn::StoreInterleaved2(l, r, d, to.interleaved + 2 * at);
    };
    std::size_t at = 0;
    for (; at + Row::kWidth <= frames; at += Row::kWidth) {
        some(tag, at);
    }
    for (; at < frames; ++at) {
        some(hn::FixedTag<float, 1>(), at);
    }
}

void stereo_stage_here(const float* first, const float* second, std::size_t frames, const StereoStage& to) {
    if (second == nullptr) {
        take_in<true>(first, nullptr, frames, to);
    } else {
        take_in<false>(first, second, frames, to);
    }
}

/// K weighting, direct form II, all four sections at once.
struct Weighting {
    Quad a1, a2, b0, b1, b2, w1, w2, energy, behind[4];

    HWY_INLINE Quad step(Quad in) {
        const Quad w = mul_add(a1, w1, mul_add(a2, w2, in));
        const Quad y = mul_add(b0, w, mul_add(b1, w1, mul(b2, w2)));
        w2 = w1;
        w1 = w;
        energy = mul_add(y, y, energy);
        return y;
    }
    HWY_INLINE void four_frames(const float* frames) {
        Quad in[4];
        two_frames(frames, behind[0], behind[1], in[0], in[1]);
        two_frames(frames + 4, behind[2], behind[3], in[2], in[3]);
        for (std::size_t i = 0; i < 4; ++i) {
            behind[i] = step(in[i]);
        }
    }
};

/// A half through the peak holders. One frame is f(u) = max(u, k u + c); two are
///     max(u, k u + max(c1, c2), k^2 u + k c1 + c2),
/// as f rises with u; so the chain from half to half is half as long as the frames are many.
HWY_INLINE void charge(const StereoPassTables& t, StereoPassState& s, const float* frames) {
    const Oct keep = load(t.ppm_keep), keep_twice = load(t.ppm_keep_twice);
    Oct u = load(s.holders);
    for (std::size_t frame = 0; frame < kStereoHalf; frame += 2) {
        const Oct first = mul(load(t.ppm_take[frame]), magnitudes(frames + 2 * frame));
        const Oct second = mul(load(t.ppm_take[frame + 1]), magnitudes(frames + 2 * frame + 2));
        const Oct either = higher(first, second);
        const Oct both = mul_add(keep, first, second);
        u = higher(higher(u, mul_add(keep, u, either)), mul_add(keep_twice, u, both));
    }
    store(mul(load(t.ppm_fall), u), s.holders);
}

HWY_INLINE void note_holders(StereoPassState& s) {
    store(higher(load(s.holders_highest), pairs_added(load(s.holders))), s.holders_highest);
}

HWY_NOINLINE void count_clips(const StereoPassTables& t, StereoPassState& s, const float* frames) {
    for (std::size_t channel = 0; channel < 2; ++channel) {
        std::uint32_t running = s.clip_running[channel];
        for (std::size_t frame = 0; frame < kStereoHalf; ++frame) {
            const bool full = std::abs(frames[2 * frame + channel]) >= t.full_scale;
            running = full ? running + (running <= t.clip_run ? 1U : 0U) : 0U;
            s.clips[channel] += running == t.clip_run ? 1U : 0U;
        }
        s.clip_running[channel] = running;
    }
}

/// Places between the samples of a half of one channel. `now`: its first frame; looks 23 frames back.
template <std::size_t Oversampling>
HWY_INLINE void interpolate(const StereoPassTables& t, const float* HWY_RESTRICT now,
                            std::array<float, kStereoHalf>& top) {
    const float* const before = now - kTruePeakPairs;
    Row half = everywhere<Row>(0.0F), even = half, odd = half;
    for (std::size_t k = 0; k < kTruePeakPairs; ++k) {
        const Row x = load<Row>(before - k), y = load<Row>(before + 1 + k);
        half = mul_add(everywhere<Row>(t.half[k]), add(x, y), half);
        if (Oversampling == 4) {
            even = mul_add(everywhere<Row>(t.quarter_even[k]), add(x, y), even);
            odd = mul_add(everywhere<Row>(t.quarter_odd[k]), subtract(x, y), odd);
        }
    }
    Row high = higher(load(top), magnitude(half));
    if (Oversampling == 4) { // a quarter and three quarters of the way are even + odd and even - odd
        high = higher(high, add(magnitude(even), magnitude(odd)));
    }
    store(high, top);
}

/// Drive of the VU needles, gathered over a group, lane by lane.
struct VuDrive {
    Row place_left, place_right, speed_left, speed_right;
};

/// What is taken from each sample by itself or from the two of a frame: peaks, products, the needles' drive. Answers
/// whether any sample of the half lies above its channel's limit.
HWY_INLINE bool side_by_side(const StereoPassTables& t, StereoPassState& s, const float* left, const float* right,
                             std::size_t half_of_group, float limit_left, float limit_right, VuDrive& drive) {
    const Row l = load<Row>(left), r = load<Row>(right);
    const Row keep = everywhere<Row>(t.correlation_keep);
    const Row l2 = mul(l, l), r2 = mul(r, r);
    store(mul_add(load(s.left_left), keep, l2), s.left_left);
    store(mul_add(load(s.right_right), keep, r2), s.right_right);
    store(mul_add(load(s.left_right), keep, mul(l, r)), s.left_right);
    store(add(load(s.left_square), l2), s.left_square);
    store(add(load(s.right_square), r2), s.right_square);
    const Row high_left = magnitude(l), high_right = magnitude(r);
    store(higher(load(s.left_peak), high_left), s.left_peak);
    store(higher(load(s.right_peak), high_right), s.right_peak);
    const Row place = load(t.vu_place[half_of_group]), speed = load(t.vu_speed[half_of_group]);
    drive.place_left = mul_add(place, high_left, drive.place_left);
    drive.place_right = mul_add(place, high_right, drive.place_right);
    drive.speed_left = mul_add(speed, high_left, drive.speed_left);
    drive.speed_right = mul_add(speed, high_right, drive.speed_right);
    return any_above(high_left, limit_left, high_right, limit_right);
}

template <std::size_t Oversampling>
void pass(const StereoPassTables& t, StereoPassState& s, const float* HWY_RESTRICT interleaved,
          const float* HWY_RESTRICT left, const float* HWY_RESTRICT right, std::size_t groups) {
    Weighting k{load(t.k_a1),
                load(t.k_a2),
                load(t.k_b0),
                load(t.k_b1),
                load(t.k_b2),
                load(s.k_w1),
                load(s.k_w2),
                load(s.k_energy),
                {load(s.k_behind[0]), load(s.k_behind[1]), load(s.k_behind[2]), load(s.k_behind[3])}};
    for (std::size_t group = 0; group < groups; ++group) {
        const Row none = everywhere<Row>(0.0F);
        VuDrive drive{none, none, none, none};
        for (std::size_t half = 0; half < kStereoGroup / kStereoHalf; ++half) {
            // no holder charges while every sample stays below the lowest one at the end of its fall; the slow ones are
            // never above the fast ones
            const float lowest_left = HWY_MIN(s.holders[0] * t.ppm_fall[0], s.holders[4] * t.ppm_fall[4]);
            const float lowest_right = HWY_MIN(s.holders[1] * t.ppm_fall[1], s.holders[5] * t.ppm_fall[5]);
            const bool above = side_by_side(t, s, left, right, half, HWY_MIN(lowest_left, t.below_full_scale),
                                            HWY_MIN(lowest_right, t.below_full_scale), drive);
            for (std::size_t frame = 0; frame < kStereoHalf; frame += 4) {
                k.four_frames(interleaved + 2 * frame);
            }
            if (above) {
                charge(t, s, interleaved);
            } else {
                store(mul(load(t.ppm_fall), load(s.holders)), s.holders);
            }
            if (above && any_above(magnitude(load<Row>(left)), t.below_full_scale, magnitude(load<Row>(right)),
                                   t.below_full_scale)) {
                count_clips(t, s, interleaved);
            } else {
                s.clip_running = {};
            }
            note_holders(s);
            interpolate<Oversampling>(t, left, s.left_true);
            interpolate<Oversampling>(t, right, s.right_true);
            interleaved += 2 * kStereoHalf;
            left += kStereoHalf;
            right += kStereoHalf;
        }
        alignas(64) const std::array<double, 4> driven{total(drive.place_left), total(drive.place_right),
                                                       total(drive.speed_left), total(drive.speed_right)};
        const Quad needles = load(s.vu);
        const Quad moved =
            mul_add(load(t.vu_same), needles, mul_add(load(t.vu_other), halves_swapped(needles), load(driven)));
        store(moved, s.vu);
        store(higher(load(s.vu_highest), moved), s.vu_highest);
    }
    store(k.w1, s.k_w1);
    store(k.w2, s.k_w2);
    store(k.energy, s.k_energy);
    for (std::size_t i = 0; i < 4; ++i) {
        store(k.behind[i], s.k_behind[i]);
    }
}

void stereo_pass_here(const StereoPassTables& tables, StereoPassState& state, const float* interleaved,
                      const float* left, const float* right, std::size_t groups, std::size_t oversampling) {
    if (oversampling == 4) {
        pass<4>(tables, state, interleaved, left, right, groups);
    } else {
        pass<2>(tables, state, interleaved, left, right, groups);
    }
}

template <std::size_t Oversampling>
void true_peak(const StereoPassTables& t, StereoPassState& s, const float* left, const float* right,
               std::size_t frames) {
    for (std::size_t frame = 0; frame < frames; frame += kStereoHalf) {
        interpolate<Oversampling>(t, left + frame, s.left_true);
        interpolate<Oversampling>(t, right + frame, s.right_true);
    }
}

void stereo_true_peak_here(const StereoPassTables& tables, StereoPassState& state, const float* left,
                           const float* right, std::size_t groups, std::size_t oversampling) {
    if (oversampling == 4) {
        true_peak<4>(tables, state, left, right, groups * kStereoGroup);
    } else {
        true_peak<2>(tables, state, left, right, groups * kStereoGroup);
    }
}

const char* target_here() {
    return hwy::TargetName(HWY_TARGET);
}

} // namespace HWY_NAMESPACE
} // namespace overbias::dsp
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace overbias::dsp {

HWY_EXPORT(stereo_pass_here);
HWY_EXPORT(stereo_stage_here);
HWY_EXPORT(stereo_true_peak_here);
HWY_EXPORT(target_here);

void stereo_stage(const float* first, const float* second, std::size_t frames, const StereoStage& to) noexcept {
    HWY_DYNAMIC_DISPATCH(stereo_stage_here)(first, second, frames, to);
}

void stereo_pass(const StereoPassTables& tables, StereoPassState& state, const float* interleaved, const float* left,
                 const float* right, std::size_t groups, std::size_t oversampling) noexcept {
    HWY_DYNAMIC_DISPATCH(stereo_pass_here)(tables, state, interleaved, left, right, groups, oversampling);
}

void stereo_true_peak(const StereoPassTables& tables, StereoPassState& state, const float* left, const float* right,
                      std::size_t groups, std::size_t oversampling) noexcept {
    HWY_DYNAMIC_DISPATCH(stereo_true_peak_here)(tables, state, left, right, groups, oversampling);
}

const char* stereo_pass_target() noexcept {
    return HWY_DYNAMIC_DISPATCH(target_here)();
}

} // namespace overbias::dsp
#endif
