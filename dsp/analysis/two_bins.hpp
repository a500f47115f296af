// SPDX-License-Identifier: Apache-2.0
// Two bins of a spectrum in a register, real and imaginary parts in turn.
#pragma once

#include <complex>
#include <cstring>

namespace overbias::dsp {

using TwoBins = float __attribute__((vector_size(16)));
using TwoBinsOrder = int __attribute__((vector_size(16)));

[[nodiscard]] inline TwoBins load_bins(const std::complex<float>* bins) {
    TwoBins two;
    std::memcpy(&two, bins, sizeof two);
    return two;
}

inline void store_bins(std::complex<float>* bins, TwoBins two) {
    std::memcpy(static_cast<void*>(bins), &two, sizeof two);
}

/// Real and imaginary parts have changed places.
[[nodiscard]] inline TwoBins crossed(TwoBins two) {
    return __builtin_shuffle(two, TwoBinsOrder{1, 0, 3, 2});
}

/// Two factors as times() wants them.
struct TwoFactors {
    TwoBins real, imaginary;
    TwoFactors(std::complex<float> first, std::complex<float> second)
        : real{first.real(), first.real(), second.real(), second.real()}, imaginary{-first.imag(), first.imag(),
                                                                                    -second.imag(), second.imag()} {}
};

[[nodiscard]] inline TwoBins times(TwoBins two, const TwoFactors& by) {
    return two * by.real + crossed(two) * by.imaginary;
}

} // namespace overbias::dsp
