// SPDX-License-Identifier: Apache-2.0
#include "base/latest_value.hpp"
#include "base/spsc_ring.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <numeric>
#include <thread>
#include <vector>

namespace overbias {

TEST(SpscRing, RoundsItsCapacityUpToAPowerOfTwo) {
    EXPECT_EQ(SpscRing<int>(0).capacity(), 2U);
    EXPECT_EQ(SpscRing<int>(2).capacity(), 2U);
    EXPECT_EQ(SpscRing<int>(5).capacity(), 8U);
    EXPECT_EQ(SpscRing<int>(4800).capacity(), 8192U);
}

TEST(SpscRing, KeepsOrderAcrossTheWrapAndWritesOnlyWhatFits) {
    SpscRing<int> ring(8);
    std::vector<int> in(5), out(8);
    int next_in = 0, next_out = 0;
    for (int round = 0; round < 50; ++round) {
        std::iota(in.begin(), in.end(), next_in);
        next_in += static_cast<int>(ring.rt_write(in));
        EXPECT_EQ(ring.rt_readable() + ring.rt_writable(), ring.capacity());
        const std::size_t got = ring.rt_read(std::span(out).first(round % 3 == 0 ? 3 : 6));
        for (std::size_t i = 0; i < got; ++i) {
            ASSERT_EQ(out[i], next_out++);
        }
    }
    EXPECT_GT(next_out, 150);
    ring.rt_clear();
    EXPECT_EQ(ring.rt_readable(), 0U);
    std::vector<int> many(20);
    EXPECT_EQ(ring.rt_write(many), 8U);
    EXPECT_EQ(ring.rt_writable(), 0U);
    EXPECT_EQ(ring.rt_write(many), 0U);
    EXPECT_EQ(ring.rt_read(std::span(many).first(0)), 0U);
}

TEST(SpscRing, CarriesEveryItemInOrderBetweenTwoThreads) {
    constexpr std::uint32_t kCount = 400'000;
    SpscRing<std::uint32_t> ring(64);
    std::thread writer([&] {
        std::array<std::uint32_t, 29> chunk{};
        std::uint32_t next = 0;
        while (next < kCount) {
            const std::uint32_t want = std::min<std::uint32_t>(1 + next % 29, kCount - next);
            std::iota(chunk.begin(), chunk.begin() + want, next);
            const auto wrote = static_cast<std::uint32_t>(ring.rt_write(std::span(chunk).first(want)));
            next += wrote;
            if (wrote == 0) {
                std::this_thread::yield();
            }
        }
    });
    std::array<std::uint32_t, 37> chunk{};
    std::uint32_t expected = 0, wrong = 0;
    while (expected < kCount) {
        const std::size_t got = ring.rt_read(chunk);
        for (std::size_t i = 0; i < got; ++i) {
            wrong += chunk[i] == expected++ ? 0U : 1U;
        }
        if (got == 0) {
            std::this_thread::yield();
        }
    }
    writer.join();
    EXPECT_EQ(wrong, 0U);
    EXPECT_EQ(ring.rt_readable(), 0U);
}

TEST(LatestValue, ReadsTheNewestAndKeepsItUntilTheNext) {
    LatestValue<int> slot;
    EXPECT_EQ(slot.rt_latest(), 0);
    slot.rt_publish(1);
    slot.rt_publish(2);
    slot.rt_publish(3);
    EXPECT_EQ(slot.rt_latest(), 3);
    EXPECT_EQ(slot.rt_latest(), 3);
    slot.rt_publish(4);
    EXPECT_EQ(slot.rt_latest(), 4);
}

TEST(LatestValue, NeverTearsAndNeverGoesBackBetweenTwoThreads) {
    struct Wide {
        std::array<std::uint64_t, 16> words;
    };
    constexpr std::uint64_t kCount = 200'000;
    LatestValue<Wide> slot;
    std::thread writer([&] {
        for (std::uint64_t value = 1; value <= kCount; ++value) {
            Wide wide{};
            wide.words.fill(value);
            slot.rt_publish(wide);
        }
    });
    std::uint64_t last = 0, torn = 0, back = 0;
    while (last < kCount) {
        const Wide seen = slot.rt_latest();
        for (const std::uint64_t word : seen.words) {
            torn += word == seen.words[0] ? 0U : 1U;
        }
        back += seen.words[0] < last ? 1U : 0U;
        last = seen.words[0];
    }
    writer.join();
    EXPECT_EQ(torn, 0U);
    EXPECT_EQ(back, 0U);
}

} // namespace overbias
