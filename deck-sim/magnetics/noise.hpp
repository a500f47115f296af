// SPDX-License-Identifier: Apache-2.0
// Gaussian noise by the block: a table of 65536 values drawn once, read from a random place for every block. Cheap,
// white, and the same again for the same seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace overbias::deck_sim::magnetics {

/// xorshift64* (Vigna 2016).
class Random {
  public:
    explicit Random(std::uint64_t seed) noexcept : state_(seed * 0x9e3779b97f4a7c15ULL + 0x2545f4914f6cdd1dULL) {}
    std::uint64_t next() noexcept {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        return state_ * 0x2545f4914f6cdd1dULL;
    }
    /// In [0, 1).
    double uniform() noexcept { return static_cast<double>(next() >> 11) * 0x1p-53; }

  private:
    std::uint64_t state_;
};

class Noise {
  public:
    explicit Noise(std::uint64_t seed);
    /// `frames` values of standard deviation 1; valid as long as the object lives.
    [[nodiscard]] const float* block(std::size_t frames) noexcept {
        return table_.data() + random_.next() % (table_.size() - frames);
    }

  private:
    Random random_;
    std::vector<float> table_;
};

} // namespace overbias::deck_sim::magnetics
