// SPDX-License-Identifier: Apache-2.0
// From fractions of full scale to the converter's fixed format with TPDF dither of +-1 LSB: the error's mean is zero
// and its power LSB^2/4 (1/6 of the dither, 1/12 of the rounding), whatever the signal (Lipshitz, Wannamaker and
// Vanderkooy, "Quantization and dither: a theoretical survey", J. Audio Eng. Soc. 40, 1992). One object a channel, so
// that the channels' dither is independent.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace overbias::audio {

class DitheredQuantiser {
  public:
    /// `bits` of the converter, 2 to 32. Different seeds and channels give independent sequences; the same ones repeat.
    DitheredQuantiser(int bits, std::uint64_t seed, std::uint64_t channel)
        : steps_(std::ldexp(1.0, bits - 1)), shift_(32 - bits), state_(seed + channel * 0xd1342543de82ef95U) {
        // scrambled, or neighbouring seeds would walk the same path of the generator a few steps apart
        state_ = next() ^ (next() << 1U);
    }

    /// Left-justified. Full scale is 1.0; what dither or the missing positive full scale would put beyond the
    /// converter's range is held at its end, at most 2 LSB off.
    [[nodiscard]] std::int32_t quantise(double sample) noexcept {
        const double dithered = std::floor(sample * steps_ + triangular_lsb() + 0.5);
        const auto code = static_cast<std::int64_t>(std::clamp(dithered, -steps_, steps_ - 1.0));
        return static_cast<std::int32_t>(code * (std::int64_t{1} << shift_));
    }

    /// The dither itself, triangular between -1 and 1 LSB.
    [[nodiscard]] double triangular_lsb() noexcept { return uniform() - uniform(); }

  private:
    /// 0 to below 1.
    [[nodiscard]] double uniform() noexcept { return static_cast<double>(next() >> 11U) * 0x1p-53; }
    /// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
    [[nodiscard]] std::uint64_t next() noexcept {
        state_ += 0x9e3779b97f4a7c15U;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
        return mixed ^ (mixed >> 31U);
    }

    double steps_;
    int shift_;
    std::uint64_t state_;
};

} // namespace overbias::audio
