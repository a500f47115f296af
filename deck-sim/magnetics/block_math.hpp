// SPDX-License-Identifier: Apache-2.0
// The inner loops: dot product, FIR over a block, a sliding history of samples. Written with 4-wide vectors (a GNU
// extension that g++ and clang turn into SSE or NEON) because a float reduction is not vectorised without leave to
// reorder sums.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

namespace overbias::deck_sim::magnetics {

using Float4 = float __attribute__((vector_size(16)));

[[nodiscard]] inline Float4 load4(const float* from) noexcept {
    Float4 value;
    std::memcpy(&value, from, sizeof value);
    return value;
}
inline void store4(float* to, Float4 value) noexcept {
    std::memcpy(to, &value, sizeof value);
}

/// Sum of a[i] * b[i] over 24 samples.
[[nodiscard]] inline float dot24(const float* a, const float* b) noexcept {
    Float4 even = load4(a) * load4(b);
    Float4 odd = load4(a + 4) * load4(b + 4);
    even += load4(a + 8) * load4(b + 8);
    odd += load4(a + 12) * load4(b + 12);
    even += load4(a + 16) * load4(b + 16);
    odd += load4(a + 20) * load4(b + 20);
    even += odd;
    return (even[0] + even[1]) + (even[2] + even[3]);
}

/// The newest samples of a stream, contiguous, addressed by the stream's own sample numbers.
class History {
  public:
    /// `keep`: how many samples must stay readable; `block`: the most that is appended at once.
    History(std::size_t keep, std::size_t block)
        : keep_(keep), samples_(4 * keep + 4 * block + 64, 0.0F), used_(keep) {}

    /// Makes room for `count` new samples and returns where they go. They become readable at once.
    float* append(std::size_t count) noexcept {
        if (used_ + count > samples_.size()) {
            std::copy_n(samples_.data() + (used_ - keep_), keep_, samples_.data());
            first_ += static_cast<std::int64_t>(used_ - keep_);
            used_ = keep_;
        }
        float* place = samples_.data() + used_;
        used_ += count;
        return place;
    }
    /// Number of the next sample to be appended.
    [[nodiscard]] std::int64_t end() const noexcept { return first_ + static_cast<std::int64_t>(used_); }
    /// Sample `number`; the caller keeps to the last `keep` ones.
    [[nodiscard]] const float* at(std::int64_t number) const noexcept { return samples_.data() + (number - first_); }
    [[nodiscard]] float* at(std::int64_t number) noexcept { return samples_.data() + (number - first_); }
    [[nodiscard]] std::size_t keep() const noexcept { return keep_; }
    /// Forgets all: silence before sample `next`.
    void restart(std::int64_t next) noexcept {
        std::fill(samples_.begin(), samples_.end(), 0.0F);
        used_ = keep_;
        first_ = next - static_cast<std::int64_t>(keep_);
    }

  private:
    std::size_t keep_;
    std::vector<float> samples_;
    std::size_t used_;
    std::int64_t first_ = 0;
};

/// FIR over blocks of one channel.
class BlockFir {
  public:
    /// The number of taps is a multiple of 4.
    BlockFir(std::span<const float> taps, std::size_t most_frames)
        : taps_(taps.begin(), taps.end()), next_(taps.size(), 0.0F), line_(taps.size() + most_frames + 4, 0.0F),
          made_(most_frames, 0.0F) {}

    /// in and out may be the same.
    void process(const float* in, float* out, std::size_t frames) noexcept {
        const std::size_t taps = taps_.size();
        std::copy_n(in, frames, line_.data() + taps);
        run(taps_, out, frames);
        if (changing_) { // both filters, one fading into the other, so that it does not click
            changing_ = false;
            taps_.swap(next_);
            run(taps_, made_.data(), frames);
            const float step = 1.0F / static_cast<float>(std::max<std::size_t>(frames, 1));
            for (std::size_t i = 0; i < frames; ++i) {
                out[i] += static_cast<float>(i + 1) * step * (made_[i] - out[i]);
            }
        }
        std::copy_n(line_.data() + frames, taps, line_.data());
    }
    /// Other taps, as many as there are: the next block goes over to them. Allocates nothing.
    void set_taps(std::span<const float> taps) noexcept {
        std::copy_n(taps.begin(), std::min(taps.size(), next_.size()), next_.begin());
        changing_ = true;
    }
    /// Silence before; taps that were set count at once.
    void reset() noexcept {
        std::fill(line_.begin(), line_.end(), 0.0F);
        if (std::exchange(changing_, false)) {
            taps_.swap(next_);
        }
    }
    [[nodiscard]] const std::vector<float>& taps() const noexcept { return taps_; }

  private:
    void run(const std::vector<float>& with, float* out, std::size_t frames) const noexcept {
        const std::size_t taps = with.size();
        std::size_t i = 0;
        for (; i + 8 <= frames; i += 8) {
            Float4 a{};
            Float4 b{};
            const float* newest = line_.data() + taps + i;
            for (std::size_t t = 0; t < taps; ++t) {
                const float tap = with[t];
                a += tap * load4(newest - t);
                b += tap * load4(newest - t + 4);
            }
            store4(out + i, a);
            store4(out + i + 4, b);
        }
        for (; i < frames; ++i) {
            float sum = 0.0F;
            const float* newest = line_.data() + taps + i;
            for (std::size_t t = 0; t < taps; ++t) {
                sum += with[t] * newest[-static_cast<std::ptrdiff_t>(t)];
            }
            out[i] = sum;
        }
    }

    std::vector<float> taps_, next_;
    std::vector<float> line_;
    std::vector<float> made_;
    bool changing_ = false;
};

/// A gain that reaches a new value over one block.
class Ramp {
  public:
    explicit Ramp(float value = 1.0F) : now_(value), target_(value) {}
    void set(float value) noexcept { target_ = value; }
    void jump() noexcept { now_ = target_; }
    [[nodiscard]] bool at_rest(float value) const noexcept { return now_ == value && target_ == value; }
    /// Calls `each(i, gain)` for the frames of the block.
    template <typename Each>
    void over(std::size_t frames, Each each) noexcept {
        if (now_ == target_) {
            for (std::size_t i = 0; i < frames; ++i) {
                each(i, now_);
            }
            return;
        }
        const float step = (target_ - now_) / static_cast<float>(std::max<std::size_t>(frames, 1));
        for (std::size_t i = 0; i < frames; ++i) {
            each(i, now_ + step * static_cast<float>(i + 1));
        }
        now_ = target_;
    }

  private:
    float now_, target_;
};

} // namespace overbias::deck_sim::magnetics
