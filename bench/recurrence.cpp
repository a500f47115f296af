// SPDX-License-Identifier: Apache-2.0
// Compiled for each instruction set as the meters are, so that the chain has the multiply-add that they have.
#include "bench/recurrence.hpp"

// as the meters do
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#define HWY_TARGET_INCLUDE "bench/recurrence.cpp"
#include <hwy/foreach_target.h>
// must come after foreach_target.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace overbias::bench {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

double chain(const double* samples, std::size_t count, std::size_t frames) {
    const hn::CappedTag<double, 1> one;
    const auto keep = hn::Set(one, 0.9999);
    auto holder = hn::Set(one, 0.1);
    for (std::size_t frame = 0; frame < frames; ++frame) {
        holder = hn::Max(hn::MulAdd(holder, keep, hn::Set(one, samples[frame & (count - 1)])), keep);
    }
    return hn::GetLane(holder);
}

} // namespace HWY_NAMESPACE
} // namespace overbias::bench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace overbias::bench {

HWY_EXPORT(chain);

double recurrence(const double* samples, std::size_t count, std::size_t frames) {
    return HWY_DYNAMIC_DISPATCH(chain)(samples, count, frames);
}

} // namespace overbias::bench
#endif
