// SPDX-License-Identifier: Apache-2.0
// A wait-free ring for one writer thread and one reader thread. No allocation after construction, so both ends may be
// used on the audio thread (rt_ calls). The capacity is rounded up to a power of two.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

namespace overbias {

template <typename T>
requires std::is_trivially_copyable_v<T>
class SpscRing {
  public:
    explicit SpscRing(std::size_t capacity) : items_(std::bit_ceil(std::max<std::size_t>(capacity, 2))) {}

    [[nodiscard]] std::size_t capacity() const noexcept { return items_.size(); }

    /// Items waiting to be read. For the reader there are at least so many, for the writer at most; no third thread may
    /// ask.
    [[nodiscard]] std::size_t rt_readable() const noexcept {
        return write_.load(std::memory_order_acquire) - read_.load(std::memory_order_acquire);
    }
    /// Room left. For the writer there is at least so much, for the reader at most.
    [[nodiscard]] std::size_t rt_writable() const noexcept { return capacity() - rt_readable(); }

    /// Writer: copies as many items as fit and returns how many.
    std::size_t rt_write(std::span<const T> in) noexcept {
        const std::size_t write = write_.load(std::memory_order_relaxed);
        const std::size_t room = capacity() - (write - read_.load(std::memory_order_acquire));
        const std::size_t count = std::min(room, in.size());
        const std::size_t at = write & mask();
        const std::size_t first = std::min(count, capacity() - at);
        std::copy_n(in.data(), first, items_.data() + at);
        std::copy_n(in.data() + first, count - first, items_.data());
        write_.store(write + count, std::memory_order_release);
        return count;
    }

    /// Reader: copies up to out.size() items and returns how many.
    std::size_t rt_read(std::span<T> out) noexcept {
        const std::size_t read = read_.load(std::memory_order_relaxed);
        const std::size_t count = std::min(write_.load(std::memory_order_acquire) - read, out.size());
        const std::size_t at = read & mask();
        const std::size_t first = std::min(count, capacity() - at);
        std::copy_n(items_.data() + at, first, out.data());
        std::copy_n(items_.data(), count - first, out.data() + first);
        read_.store(read + count, std::memory_order_release);
        return count;
    }

    /// Reader: throws away everything that waits.
    void rt_clear() noexcept { read_.store(write_.load(std::memory_order_acquire), std::memory_order_release); }

  private:
    [[nodiscard]] std::size_t mask() const noexcept { return items_.size() - 1; }

    std::vector<T> items_;
    alignas(64) std::atomic<std::size_t> write_{0};
    alignas(64) std::atomic<std::size_t> read_{0};
};

} // namespace overbias
