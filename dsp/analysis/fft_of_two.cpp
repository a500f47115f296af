// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/fft_of_two.hpp"

#include <cassert>
#include <numbers>

namespace overbias::dsp {

FftOfTwo::FftOfTwo(std::size_t size) : four_(size % 2 == 0 ? size / 2 : size) {
    for (auto& half : halves_) {
        half.resize(size / 4 + 1);
    }
    const auto turn = [&](std::size_t k) {
        return std::complex<float>(
            std::polar(1.0, -2.0 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(size)));
    };
    for (std::size_t k = 0; k < size / 4; k += 2) {
        turns_.emplace_back(turn(k), turn(k + 1));
    }
}

void FftOfTwo::forward(std::span<const float> frame, std::span<std::complex<float>> left,
                       std::span<std::complex<float>> right) noexcept {
    assert(frame.size() == 2 * size() && left.size() == bins() && right.size() == bins());
    four_.forward(frame, {halves_[0], halves_[1], halves_[2], halves_[3]});
    const std::size_t last = bins() - 1;
    for (std::size_t channel = 0; channel < 2; ++channel) {
        const auto out = channel == 0 ? left : right;
        const std::complex<float>* const even = halves_[channel].data();
        const std::complex<float>* const odd = halves_[channel + 2].data();
        for (std::size_t k = 0; k < last / 2; k += 2) {
            const TwoBins still = load_bins(even + k);
            const TwoBins turned = times(load_bins(odd + k), turns_[k / 2]);
            store_bins(out.data() + k, still + turned);
            const TwoBins mirrored = __builtin_shuffle(still - turned, TwoBinsOrder{2, 3, 0, 1});
            store_bins(out.data() + last - k - 1, mirrored * TwoBins{1.0F, -1.0F, 1.0F, -1.0F});
        }
        const std::size_t middle = last / 2; // its turn is -j
        out[middle] = {even[middle].real() + odd[middle].imag(), even[middle].imag() - odd[middle].real()};
    }
}

} // namespace overbias::dsp
