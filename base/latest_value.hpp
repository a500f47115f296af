// SPDX-License-Identifier: Apache-2.0
// A slot that holds the latest value: one writer that never waits, one reader that always gets the newest complete
// value (a triple buffer). No allocation after construction; both ends may be on the audio thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <type_traits>

namespace overbias {

template <typename T>
requires std::is_trivially_copyable_v<T>
class LatestValue {
  public:
    /// Writer.
    void rt_publish(const T& value) noexcept {
        slots_[back_] = value;
        back_ = middle_.exchange(static_cast<std::uint8_t>(back_ | kFresh), std::memory_order_acq_rel) & kIndex;
    }
    /// Reader: the newest value published (a default one before the first).
    const T& rt_latest() noexcept {
        if ((middle_.load(std::memory_order_relaxed) & kFresh) != 0) {
            front_ = middle_.exchange(front_, std::memory_order_acq_rel) & kIndex;
        }
        return slots_[front_];
    }

  private:
    static constexpr std::uint8_t kFresh = 4;
    static constexpr std::uint8_t kIndex = 3;
    std::array<T, 3> slots_{};
    std::uint8_t back_ = 0;
    std::atomic<std::uint8_t> middle_{1};
    std::uint8_t front_ = 2;
};

} // namespace overbias
