// SPDX-License-Identifier: Apache-2.0
// Lanes of fixed number for the stereo pass, upon Google Highway's registers of whatever width: 4 doubles (Quad), 8
// floats (Oct), 16 floats (Row) are one register each, or as many as it takes. No include guard of the usual kind: it
// is compiled once for each instruction set, within that one's namespace.
#if defined(OVERBIAS_STEREO_LANES) == defined(HWY_TARGET_TOGGLE)
#ifdef OVERBIAS_STEREO_LANES
#undef OVERBIAS_STEREO_LANES
#else
#define OVERBIAS_STEREO_LANES
#endif

#include <hwy/highway.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <utility>

HWY_BEFORE_NAMESPACE();
namespace overbias::dsp {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class T, std::size_t Lanes>
struct Many {
#if HWY_TARGET == HWY_SCALAR
    static constexpr std::size_t kWidth = 1;
#else
    static constexpr std::size_t kWidth = HWY_MIN(Lanes, HWY_MAX_BYTES / sizeof(T));
#endif
    static constexpr std::size_t kRegisters = Lanes / kWidth;
    using Tag = hn::FixedTag<T, kWidth>;
    hn::Vec<Tag> v[kRegisters];
    // Written out: one that the compiler writes is of no instruction set, and can't call the registers' own (NEON).
    HWY_INLINE Many() {
    }
};
using Quad = Many<double, 4>;
using Oct = Many<float, 8>;
using Row = Many<float, 16>;

template <class M>
HWY_INLINE M load(const decltype(hn::GetLane(M{}.v[0]))* from) { // anywhere
    M m;
    for (std::size_t i = 0; i < M::kRegisters; ++i) {
        m.v[i] = hn::LoadU(typename M::Tag(), from + i * M::kWidth);
    }
    return m;
}
template <class T, std::size_t Lanes>
HWY_INLINE Many<T, Lanes> load(const std::array<T, Lanes>& from) { // aligned
    Many<T, Lanes> m;
    for (std::size_t i = 0; i < m.kRegisters; ++i) {
        m.v[i] = hn::Load(typename Many<T, Lanes>::Tag(), from.data() + i * m.kWidth);
    }
    return m;
}
template <class T, std::size_t Lanes>
HWY_INLINE void store(Many<T, Lanes> m, std::array<T, Lanes>& to) {
    for (std::size_t i = 0; i < m.kRegisters; ++i) {
        hn::Store(m.v[i], typename Many<T, Lanes>::Tag(), to.data() + i * m.kWidth);
    }
}
template <class M, class T>
HWY_INLINE M everywhere(T value) {
    M m;
    for (std::size_t i = 0; i < M::kRegisters; ++i) {
        m.v[i] = hn::Set(typename M::Tag(), value);
    }
    return m;
}
template <class M>
HWY_INLINE M mul_add(M a, M b, M c) {
    for (std::size_t i = 0; i < M::kRegisters; ++i) {
        c.v[i] = hn::MulAdd(a.v[i], b.v[i], c.v[i]);
    }
    return c;
}
template <class M>
HWY_INLINE M mul(M a, M b) {
    for (std::size_t i = 0; i < M::kRegisters; ++i) {
        a.v[i] = hn::Mul(a.v[i], b.v[i]);
    }
    return a;
}
template <class M>
HWY_INLINE M add(M a, M b) {
    for (std::size_t i = 0; i < M::kRegisters; ++i) {
        a.v[i] = hn::Add(a.v[i], b.v[i]);
    }
    return a;
}
template <class M>
HWY_INLINE M subtract(M a, M b) {
    for (std::size_t i = 0; i < M::kRegisters; ++i) {
        a.v[i] = hn::Sub(a.v[i], b.v[i]);
    }
    return a;
}
template <class M>
HWY_INLINE M higher(M a, M b) {
    for (std::size_t i = 0; i < M::kRegisters; ++i) {
        a.v[i] = hn::Max(a.v[i], b.v[i]);
    }
    return a;
}
template <class M>
HWY_INLINE M magnitude(M a) {
    for (std::size_t i = 0; i < M::kRegisters; ++i) {
        a.v[i] = hn::Abs(a.v[i]);
    }
    return a;
}

HWY_INLINE double total(Row row) {
    auto sum = row.v[0];
    for (std::size_t i = 1; i < Row::kRegisters; ++i) {
        sum = hn::Add(sum, row.v[i]);
    }
    return static_cast<double>(hn::GetLane(hn::SumOfLanes(Row::Tag(), sum)));
}

/// Whether any lane of a is above limit_a or any of b above limit_b.
HWY_INLINE bool any_above(Row a, float limit_a, Row b, float limit_b) {
    auto top_a = a.v[0], top_b = b.v[0];
    for (std::size_t i = 1; i < Row::kRegisters; ++i) {
        top_a = hn::Max(top_a, a.v[i]);
        top_b = hn::Max(top_b, b.v[i]);
    }
    const Row::Tag tag;
    return !hn::AllFalse(tag, hn::Or(hn::Gt(top_a, hn::Set(tag, limit_a)), hn::Gt(top_b, hn::Set(tag, limit_b))));
}

/// Two frames (L, R, L, R), each a Quad: the low lanes the frame, the high lanes the low ones of `behind`.
HWY_INLINE void two_frames(const float* frames, Quad behind0, Quad behind1, Quad& first, Quad& second) {
#if HWY_TARGET == HWY_SCALAR
    for (std::size_t i = 0; i < 2; ++i) {
        first.v[i] = hn::Set(Quad::Tag(), static_cast<double>(frames[i]));
        second.v[i] = hn::Set(Quad::Tag(), static_cast<double>(frames[2 + i]));
        first.v[2 + i] = behind0.v[i];
        second.v[2 + i] = behind1.v[i];
    }
#elif HWY_MAX_BYTES >= 32
    const auto both = hn::PromoteTo(Quad::Tag(), hn::LoadU(hn::FixedTag<float, 4>(), frames));
    first.v[0] = hn::ConcatLowerLower(Quad::Tag(), behind0.v[0], both);
    second.v[0] = hn::ConcatLowerUpper(Quad::Tag(), behind1.v[0], both);
#else
    const hn::FixedTag<float, 2> pair;
    first.v[0] = hn::PromoteTo(Quad::Tag(), hn::LoadU(pair, frames));
    first.v[1] = behind0.v[0];
    second.v[0] = hn::PromoteTo(Quad::Tag(), hn::LoadU(pair, frames + 2));
    second.v[1] = behind1.v[0];
#endif
}

/// Low lanes high, high lanes low.
HWY_INLINE Quad halves_swapped(Quad q) {
#if HWY_TARGET != HWY_SCALAR && HWY_MAX_BYTES >= 32
    q.v[0] = hn::ConcatLowerUpper(Quad::Tag(), q.v[0], q.v[0]);
#else
    for (std::size_t i = 0; i < Quad::kRegisters / 2; ++i) {
        std::swap(q.v[i], q.v[i + Quad::kRegisters / 2]);
    }
#endif
    return q;
}

/// |L|, |R|, |L|, |R| ... of one frame.
HWY_INLINE Oct magnitudes(const float* frame) {
    Oct o;
#if HWY_TARGET == HWY_SCALAR
    for (std::size_t i = 0; i < Oct::kRegisters; ++i) {
        o.v[i] = hn::Abs(hn::Set(Oct::Tag(), frame[i % 2]));
    }
#else
    double both = 0.0; // a broadcast of 64 bits
    std::memcpy(&both, frame, sizeof both);
    const auto v = hn::Abs(hn::BitCast(Oct::Tag(), hn::Set(hn::FixedTag<double, Oct::kWidth / 2>(), both)));
    for (std::size_t i = 0; i < Oct::kRegisters; ++i) {
        o.v[i] = v;
    }
#endif
    return o;
}

/// Each lane plus the one two further on or back within its four.
HWY_INLINE Oct pairs_added(Oct o) {
#if HWY_TARGET == HWY_SCALAR
    Oct sum;
    for (std::size_t i = 0; i < Oct::kRegisters; ++i) {
        sum.v[i] = hn::Add(o.v[i], o.v[i ^ 2]);
    }
    return sum;
#else
    for (std::size_t i = 0; i < Oct::kRegisters; ++i) {
        o.v[i] = hn::Add(o.v[i], hn::Shuffle1032(o.v[i]));
    }
    return o;
#endif
}

} // namespace HWY_NAMESPACE
} // namespace overbias::dsp
HWY_AFTER_NAMESPACE();

#endif
