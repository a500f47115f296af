// SPDX-License-Identifier: Apache-2.0
// Compiled once for each instruction set that Highway knows here; which one runs is decided at run time.
#include "dsp/analysis/fm_filter.hpp"

#include <algorithm>
#include <array>
#include <numbers>

#include "dsp/vector_targets.hpp"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dsp/analysis/fm_filter.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace overbias::dsp {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::CappedTag<float, kFmFilterStep>;

template <typename Vector>
HWY_INLINE float total(Vector lanes) {
    return hn::GetLane(hn::SumOfLanes(Floats(), lanes));
}

/// Four outputs side by side: each coefficient is read once for all of them, and their sums are
/// so many independent chains that an addition's latency is not waited for.
HWY_INLINE void four(const float* a, std::size_t step, const float* real, const float* imaginary, std::size_t taps,
                     float* re, float* im) {
    const Floats d;
    const float* const b = a + step;
    const float* const c = b + step;
    const float* const e = c + step;
    auto ar = hn::Zero(d), ai = hn::Zero(d), br = hn::Zero(d), bi = hn::Zero(d);
    auto cr = hn::Zero(d), ci = hn::Zero(d), er = hn::Zero(d), ei = hn::Zero(d);
    for (std::size_t k = 0; k < taps; k += hn::Lanes(d)) {
        const auto r = hn::LoadU(d, real + k);
        const auto i = hn::LoadU(d, imaginary + k);
        const auto xa = hn::LoadU(d, a + k);
        const auto xb = hn::LoadU(d, b + k);
        const auto xc = hn::LoadU(d, c + k);
        const auto xe = hn::LoadU(d, e + k);
        ar = hn::MulAdd(r, xa, ar);
        ai = hn::MulAdd(i, xa, ai);
        br = hn::MulAdd(r, xb, br);
        bi = hn::MulAdd(i, xb, bi);
        cr = hn::MulAdd(r, xc, cr);
        ci = hn::MulAdd(i, xc, ci);
        er = hn::MulAdd(r, xe, er);
        ei = hn::MulAdd(i, xe, ei);
    }
    re[0] = total(ar);
    im[0] = total(ai);
    re[1] = total(br);
    im[1] = total(bi);
    re[2] = total(cr);
    im[2] = total(ci);
    re[3] = total(er);
    im[3] = total(ei);
}

HWY_INLINE void one(const float* a, const float* real, const float* imaginary, std::size_t taps, float* re, float* im) {
    const Floats d;
    auto ar = hn::Zero(d), ai = hn::Zero(d);
    for (std::size_t k = 0; k < taps; k += hn::Lanes(d)) {
        const auto x = hn::LoadU(d, a + k);
        ar = hn::MulAdd(hn::LoadU(d, real + k), x, ar);
        ai = hn::MulAdd(hn::LoadU(d, imaginary + k), x, ai);
    }
    *re = total(ar);
    *im = total(ai);
}

void filter_here(const float* samples, std::size_t step, const float* real, const float* imaginary, std::size_t taps,
                 float* re, float* im, std::size_t outputs) {
    std::size_t m = 0;
    for (; m + 4 <= outputs; m += 4) {
        four(samples + m * step, step, real, imaginary, taps, re + m, im + m);
    }
    for (; m < outputs; ++m) {
        one(samples + m * step, real, imaginary, taps, re + m, im + m);
    }
}

/// terms[n]: coefficient of t^(2n+1).
template <typename Vector>
HWY_INLINE Vector arctangent(const float* terms, Vector t) {
    const Floats d;
    const auto u = hn::Mul(t, t);
    auto sum = hn::Set(d, terms[kFmArctangentTerms - 1]);
    for (std::size_t n = kFmArctangentTerms - 1; n-- > 0;) {
        sum = hn::MulAdd(sum, u, hn::Set(d, terms[n]));
    }
    return hn::Mul(sum, t);
}

void advance_here(const float* re, const float* im, std::size_t count, FmTurn turn, float scale, const float* terms,
                  float* deviation, float* size) {
    const Floats d;
    const std::size_t lanes = hn::Lanes(d);
    const auto turn_re = hn::Set(d, turn.re), turn_im = hn::Set(d, turn.im);
    const auto least = hn::Set(d, 1e-30F), right_angle = hn::Set(d, 1.57079633F);
    const auto twice = hn::Set(d, 2.0F * scale);
    const auto step = [&](auto before_re, auto before_im, auto now_re, auto now_im, auto store_deviation,
                          auto store_size) {
        const auto cross_re = hn::MulAdd(now_re, before_re, hn::Mul(now_im, before_im));
        const auto cross_im = hn::NegMulAdd(now_re, before_im, hn::Mul(now_im, before_re));
        const auto x = hn::MulAdd(cross_re, turn_re, hn::Mul(cross_im, turn_im));
        const auto y = hn::NegMulAdd(cross_re, turn_im, hn::Mul(cross_im, turn_re));
        const auto beside = hn::Add(hn::Sqrt(hn::MulAdd(x, x, hn::Mul(y, y))), x);
        const auto steep = hn::Gt(hn::Abs(y), beside); // more than a quarter turn: no carrier of ours
        const auto bottom = hn::IfThenElse(steep, y, hn::Max(beside, least));
        const auto half = arctangent(terms, hn::Div(hn::IfThenElse(steep, beside, y), bottom));
        const auto angle = hn::IfThenElse(steep, hn::Sub(hn::CopySign(right_angle, y), half), half);
        store_deviation(hn::Mul(twice, angle));
        store_size(hn::Sqrt(hn::MulAdd(now_re, now_re, hn::Mul(now_im, now_im))));
    };
    std::size_t m = 0;
    for (; m + lanes <= count; m += lanes) {
        step(
            hn::LoadU(d, re + m), hn::LoadU(d, im + m), hn::LoadU(d, re + m + 1), hn::LoadU(d, im + m + 1),
            [&](auto v) { hn::StoreU(v, d, deviation + m); }, [&](auto v) { hn::StoreU(v, d, size + m); });
    }
    for (; m < count; ++m) {
        step(
            hn::Set(d, re[m]), hn::Set(d, im[m]), hn::Set(d, re[m + 1]), hn::Set(d, im[m + 1]),
            [&](auto v) { deviation[m] = hn::GetLane(v); }, [&](auto v) { size[m] = hn::GetLane(v); });
    }
}

float power_here(const float* samples, std::size_t count) {
    const Floats d;
    const std::size_t lanes = hn::Lanes(d);
    auto a = hn::Zero(d), b = hn::Zero(d), c = hn::Zero(d), e = hn::Zero(d);
    std::size_t n = 0;
    for (; n + 4 * lanes <= count; n += 4 * lanes) {
        const auto xa = hn::LoadU(d, samples + n);
        const auto xb = hn::LoadU(d, samples + n + lanes);
        const auto xc = hn::LoadU(d, samples + n + 2 * lanes);
        const auto xe = hn::LoadU(d, samples + n + 3 * lanes);
        a = hn::MulAdd(xa, xa, a);
        b = hn::MulAdd(xb, xb, b);
        c = hn::MulAdd(xc, xc, c);
        e = hn::MulAdd(xe, xe, e);
    }
    float sum = total(hn::Add(hn::Add(a, b), hn::Add(c, e)));
    for (; n < count; ++n) {
        sum += samples[n] * samples[n];
    }
    return sum;
}

} // namespace HWY_NAMESPACE
} // namespace overbias::dsp
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace overbias::dsp {

HWY_EXPORT(filter_here);
HWY_EXPORT(advance_here);
HWY_EXPORT(power_here);

void fm_filter(const float* samples, std::size_t step, const float* real, const float* imaginary, std::size_t taps,
               float* re, float* im, std::size_t outputs) noexcept {
    HWY_DYNAMIC_DISPATCH(filter_here)(samples, step, real, imaginary, taps, re, im, outputs);
}

/// Coefficients a[n] of atan(t) = sum a[n] t^(2n+1) for |t| <= 1, from the Chebyshev series of the header.
std::array<float, kFmArctangentTerms> arctangent_terms() {
    constexpr std::size_t kSize = 2 * kFmArctangentTerms;
    std::array<double, kFmArctangentTerms> sum{};
    std::array<double, kSize> before{}, now{}; // T[k-1], T[k] as polynomials
    before[0] = 1.0;
    now[1] = 1.0;
    double power = std::numbers::sqrt2 - 1.0;
    const double square = power * power;
    for (std::size_t n = 0; n < kFmArctangentTerms; ++n) {
        for (std::size_t i = 0; i < kFmArctangentTerms; ++i) {
            sum[i] += 2.0 * power / static_cast<double>(2 * n + 1) * now[2 * i + 1];
        }
        power *= -square;
        for (int step = 0; step < 2; ++step) {
            std::array<double, kSize> next{};
            for (std::size_t i = 0; i < kSize; ++i) {
                next[i] = (i > 0 ? 2.0 * now[i - 1] : 0.0) - before[i];
            }
            before = now;
            now = next;
        }
    }
    std::array<float, kFmArctangentTerms> terms{};
    std::transform(sum.begin(), sum.end(), terms.begin(), [](double term) { return static_cast<float>(term); });
    return terms;
}

void fm_advance(const float* re, const float* im, std::size_t count, FmTurn turn, float scale, float* deviation,
                float* size) noexcept {
    static const auto kTerms = arctangent_terms();
    HWY_DYNAMIC_DISPATCH(advance_here)(re, im, count, turn, scale, kTerms.data(), deviation, size);
}

float fm_power(const float* samples, std::size_t count) noexcept {
    return HWY_DYNAMIC_DISPATCH(power_here)(samples, count);
}

} // namespace overbias::dsp
#endif
