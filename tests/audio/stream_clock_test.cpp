// SPDX-License-Identifier: Apache-2.0
// The line through a stream's readings, against a card whose clock is known.
#include "audio/stream_clock.hpp"

#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <random>

namespace overbias::audio {
namespace {

constexpr double kNominal_hz = 48000.0;

/// A card with a crystal of its own, read about every 5 ms; each reading is late.
struct Card {
    double drift_ppm = 0.0;
    double start_ns = 7.0e12; // days since boot
    double lateness_s = 1e-3;
    std::uint64_t seed = 1;
    bool between_frames = false; ///< read at any time: up to a frame late by the count alone

    [[nodiscard]] double time_ns(double frame) const {
        return start_ns + frame / (kNominal_hz * (1.0 + drift_ppm * 1e-6)) * 1e9;
    }
    [[nodiscard]] std::int64_t frame_at(double at_ns) const {
        return static_cast<std::int64_t>(
            std::floor((at_ns - start_ns) * 1e-9 * kNominal_hz * (1.0 + drift_ppm * 1e-6)));
    }
};

struct Outcome {
    double worst_first_second_s = 0.0; ///< after a quarter of a second
    double worst_later_s = 0.0;        ///< after ten seconds
};

Outcome follow(StreamClock& clock, const Card& card, double seconds, double preempted_share = 0.01) {
    std::mt19937_64 random(card.seed);
    std::uniform_real_distribution<double> late(0.0, card.lateness_s);
    std::uniform_real_distribution<double> dice(0.0, 1.0);
    std::exponential_distribution<double> preempted(1.0 / 15e-3);
    Outcome outcome;
    for (double at_s = 0.0; at_s < seconds; at_s += 0.005) {
        const double at_ns = card.start_ns + at_s * 1e9;
        const std::int64_t frame = card.frame_at(at_ns);
        const double read_ns = card.between_frames ? at_ns : card.time_ns(static_cast<double>(frame));
        const double extra_s = late(random) + (dice(random) < preempted_share ? preempted(random) : 0.0);
        clock.rt_add(frame, std::llround(read_ns + extra_s * 1e9));
        const double error_s =
            std::abs(static_cast<double>(clock.rt_time_ns(frame)) - card.time_ns(static_cast<double>(frame))) * 1e-9;
        if (at_s >= 0.25) {
            outcome.worst_first_second_s = std::max(outcome.worst_first_second_s, error_s);
        }
        if (at_s >= 10.0) {
            outcome.worst_later_s = std::max(outcome.worst_later_s, error_s);
        }
    }
    return outcome;
}

TEST(StreamClock, AFramesTimeIsRightFromTheFirstMomentsOnAndSharpAfterTenSeconds) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        for (const double drift_ppm : {0.0, 45.0, -130.0}) {
            StreamClock clock(kNominal_hz);
            const Outcome outcome = follow(clock, {.drift_ppm = drift_ppm, .seed = seed}, 25.0);
            ASSERT_LT(outcome.worst_first_second_s, 0.2e-3) << "seed " << seed << ", " << drift_ppm << " ppm";
            ASSERT_LT(outcome.worst_later_s, 20e-6) << "seed " << seed << ", " << drift_ppm << " ppm";
        }
    }
}

TEST(StreamClock, AThreadThatIsOftenPreemptedDoesNotBendTheLine) {
    StreamClock clock(kNominal_hz);
    const Outcome outcome = follow(clock, {.drift_ppm = 20.0, .seed = 5, .between_frames = true}, 30.0, 0.5);
    EXPECT_LT(outcome.worst_first_second_s, 0.3e-3);
    EXPECT_LT(outcome.worst_later_s, 50e-6);
}

TEST(StreamClock, TheDriftIsToldOnceALineOfTenSecondsIsThere) {
    for (const double drift_ppm : {-250.0, -13.0, 7.0, 90.0}) {
        StreamClock clock(kNominal_hz);
        follow(clock, {.drift_ppm = drift_ppm}, 9.0);
        EXPECT_FALSE(clock.rt_drift_ppm());
        clock.rt_restart();
        follow(clock, {.drift_ppm = drift_ppm}, 20.0);
        ASSERT_TRUE(clock.rt_drift_ppm());
        EXPECT_NEAR(*clock.rt_drift_ppm(), drift_ppm, 2.0);
    }
}

TEST(StreamClock, FrameAndTimeAreEachOthersInverse) {
    StreamClock clock(kNominal_hz);
    const Card card{.drift_ppm = 33.0};
    follow(clock, card, 12.0);
    for (const std::int64_t frame : {std::int64_t{0}, std::int64_t{100'000}, std::int64_t{570'000}}) {
        EXPECT_NEAR(clock.rt_frame(clock.rt_time_ns(frame)), static_cast<double>(frame), 1e-3);
    }
}

TEST(StreamClock, ACrystalThatWarmsUpIsFollowed) {
    StreamClock clock(kNominal_hz);
    Card card{.drift_ppm = 10.0, .lateness_s = 0.2e-3};
    follow(clock, card, 15.0);
    // from here on faster: the same frame at the same time, another rate
    const double bend_ns = card.start_ns + 15e9;
    const auto frame = static_cast<double>(card.frame_at(bend_ns));
    card.drift_ppm = 14.0;
    card.start_ns = bend_ns - frame / (kNominal_hz * (1.0 + 14e-6)) * 1e9;
    std::mt19937_64 random(3);
    std::uniform_real_distribution<double> late(0.0, card.lateness_s);
    double worst_s = 0.0;
    for (double at_s = 0.0; at_s < 20.0; at_s += 0.005) {
        const double at_ns = bend_ns + at_s * 1e9;
        const std::int64_t now = card.frame_at(at_ns);
        clock.rt_add(now, std::llround(at_ns + late(random) * 1e9));
        worst_s = std::max(
            worst_s,
            std::abs(static_cast<double>(clock.rt_time_ns(now)) - card.time_ns(static_cast<double>(now))) * 1e-9);
    }
    EXPECT_LT(worst_s, 60e-6);
    EXPECT_NEAR(clock.rt_drift_ppm().value_or(0.0), 14.0, 1.0);
}

TEST(StreamClock, OneReadingThatIsFarTooEarlyIsLeftOut) {
    StreamClock clock(kNominal_hz);
    const Card card{.drift_ppm = 5.0};
    follow(clock, card, 12.0);
    const std::int64_t frame = card.frame_at(card.start_ns + 12e9);
    const std::int64_t before_ns = clock.rt_time_ns(frame);
    clock.rt_add(frame + 480, std::llround(card.start_ns + 12e9)); // a count that ran 10 ms ahead
    EXPECT_EQ(clock.rt_time_ns(frame), before_ns);
}

TEST(StreamClock, WhenAllReadingsAreEarlyTheLineItselfWasWrong) {
    StreamClock clock(kNominal_hz);
    Card card{.drift_ppm = 5.0};
    follow(clock, card, 12.0);
    const std::int64_t frame = card.frame_at(card.start_ns + 12e9);
    for (int i = 0; i < 200; ++i) { // the count has jumped ahead by 10 ms and stays there
        clock.rt_add(frame + 480 + i * 240, std::llround(card.start_ns + 12e9 + i * 5e6));
    }
    const std::int64_t late = frame + 480 + 200 * 240;
    EXPECT_NEAR(static_cast<double>(clock.rt_time_ns(late)), card.start_ns + 12e9 + 1e9, 0.2e6);
}

} // namespace
} // namespace overbias::audio
