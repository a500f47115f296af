// SPDX-License-Identifier: Apache-2.0
// The closer look at delays against streams of noise whose delay is known at every frame. How frames' delays are found
// is not tested here: they are told as they are.
#include "mastering/comparison/delay_close_up.hpp"

#include "comparison_interpolator.hpp"
#include "tests/support/allocation_count.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <utility>
#include <vector>

namespace overbias::mastering {
namespace {

constexpr double kHeads_s = 0.092; // from head to head
constexpr double kFrame_s = 4096.0 / 48000.0;

/// What a frame's delays are told to be, at its middle.
struct Told {
    std::array<double, 2> delay_s{kHeads_s, kHeads_s};
    std::array<bool, 2> sure{true, true};
    double correlation = 0.99; // of the channels that are
};

/// Frame after frame, with streams or without.
class Frames {
  public:
    explicit Frames(double rate_hz, double seconds = 0.0) : Frames(rate_hz, seconds, seconds) {}
    /// So many seconds of either stream are kept.
    Frames(double rate_hz, double sent_s, double came_s)
        : rate_hz_(rate_hz), analyser_(rate_hz), delay_(rate_hz, 0.0), clocks_(rate_hz),
          close_up_(rate_hz, analyser_.frame_size()), sent_(stored(rate_hz, sent_s)), came_(stored(rate_hz, came_s)) {
        delay_.expect(20000);
        close_up_.begin();
    }
    /// White noise and what comes of it: `delay_s` by channel and programme time; nullopt: another noise.
    void add_streams(double seconds, const std::function<std::optional<double>(std::size_t, double)>& delay_s) {
        std::mt19937 random(5);
        std::normal_distribution<float> noise(0.0F, 0.1F);
        const auto frames = static_cast<std::size_t>(seconds * rate_hz_);
        std::array<std::vector<float>, 2> channel;
        std::vector<float> sent, came;
        for (std::size_t n = 0; n < frames; ++n) {
            for (auto& one : channel) {
                one.push_back(noise(random));
                sent.push_back(one.back());
            }
        }
        const comparison_test::Interpolator between;
        for (std::size_t n = 0; n < frames; ++n) {
            const double now_s = static_cast<double>(n) / rate_hz_;
            for (std::size_t c = 0; c < 2; ++c) {
                const auto delay = delay_s(c, now_s - kHeads_s);
                came.push_back(delay ? static_cast<float>(between.read(channel[c], (now_s - *delay) * rate_hz_))
                                     : noise(random));
            }
        }
        sent_.push(0, sent);
        came_.push(0, came);
    }
    /// A tone with whole periods from head to head and in whatever a ring holds.
    void add_tone(double seconds) {
        std::vector<float> both;
        for (std::int64_t n = 0; n < static_cast<std::int64_t>(seconds * rate_hz_); ++n) {
            both.insert(both.end(), 2, 0.1F * std::sin(static_cast<float>(n % 32) * 0.19635F));
        }
        sent_.push(0, both);
        came_.push(0, both);
    }
    void add(const Told& told) {
        const auto size = static_cast<std::int64_t>(analyser_.frame_size());
        FrameFigures figures;
        for (std::size_t c = 0; c < 2; ++c) {
            figures.delay[c] = {told.delay_s[c] * rate_hz_, told.correlation};
        }
        delay_.update(figures, analyser_, clocks_, next_ + size / 2, 0.0, told.sure);
        close_up_.add(next_, delay_, clocks_, {sent_, came_});
        next_ += size;
    }
    void add(int frames, const Told& told) {
        for (int n = 0; n < frames; ++n) {
            add(told);
        }
    }
    /// Right comes later or sooner than left by turns, each so many frames.
    void swing(int times, int frames, double apart_s) {
        for (int n = 0; n < times; ++n) {
            late_ = !late_;
            add(frames, {{kHeads_s, kHeads_s + (late_ ? apart_s : 0.0)}});
        }
    }
    [[nodiscard]] std::int64_t next() const { return next_; }
    [[nodiscard]] double middle_s() const {
        return (static_cast<double>(next_) + 0.5 * static_cast<double>(analyser_.frame_size())) / rate_hz_;
    }
    [[nodiscard]] DelayCloseUp& close_up() { return close_up_; }
    [[nodiscard]] const std::vector<DelayCloseUp::Stretch>& stretches() const { return close_up_.stretches(); }

  private:
    static FrameRing stored(double rate_hz, double seconds) {
        return FrameRing(static_cast<std::size_t>(seconds * rate_hz) + 16);
    }
    double rate_hz_;
    FrameAnalyser analyser_;
    DelayTrack delay_;
    ClockMap clocks_;
    DelayCloseUp close_up_;
    FrameRing sent_, came_;
    std::int64_t next_ = 0;
    bool late_ = false;
};

/// Where a window's middle is, programme time.
double window_s(const DelayCloseUp& close_up, const DelayCloseUp::Stretch& stretch, double rate_hz, std::size_t n) {
    return static_cast<double>(stretch.first_frame) / rate_hz + static_cast<double>(n) * close_up.step_s();
}

constexpr double kSeconds = 5.0;

/// Tells all whole frames of the streams; a jitter of one microsecond is on what is told.
Frames told_streams(double rate_hz, const std::function<std::optional<double>(std::size_t, double)>& delay_s) {
    Frames frames(rate_hz, kSeconds);
    frames.add_streams(kSeconds, delay_s);
    std::mt19937 random(17);
    std::normal_distribution<double> jitter(0.0, 1e-6);
    while (frames.middle_s() < kSeconds - 0.3) {
        Told told;
        for (std::size_t c = 0; c < 2; ++c) {
            const auto delay = delay_s(c, frames.middle_s());
            told.sure[c] = delay.has_value();
            told.delay_s[c] = delay.value_or(kHeads_s) + jitter(random);
        }
        frames.add(told);
    }
    return frames;
}

TEST(DelayCloseUp, looks_at_240_windows_of_11_ms_each_5_ms) {
    for (const double rate_hz : {44100.0, 48000.0, 96000.0}) {
        const DelayCloseUp close_up(rate_hz, FrameAnalyser(rate_hz).frame_size());
        EXPECT_NEAR(close_up.step_s(), 0.005, 2e-5) << rate_hz;
        EXPECT_NEAR(close_up.window_s(), 0.011, 1e-3) << rate_hz;
        EXPECT_NEAR(close_up.step_s() * static_cast<double>(DelayCloseUp::kSteps), 1.2, 0.005) << rate_hz;
    }
}

/// Azimuth: the right channel comes 10 us later from one moment to the next.
TEST(DelayCloseUp, shows_a_step_between_channels_at_its_place) {
    constexpr double kLater_s = 10e-6;
    for (const double rate_hz : {44100.0, 48000.0, 96000.0}) {
        for (const double step_s : {1.9, 2.417, 2.95}) {
            Frames frames = told_streams(rate_hz, [&](std::size_t c, double at_s) {
                return kHeads_s + (c == 1 && at_s >= step_s ? kLater_s : 0.0);
            });
            ASSERT_EQ(frames.stretches().size(), 1U) << rate_hz << ", " << step_s;
            const auto& stretch = frames.stretches().front();
            EXPECT_GT(stretch.strength, 1.0);
            std::size_t before = 0;
            std::size_t after = 0;
            double half_way_s = step_s - 0.03; // where a step would be that has the same area around the place
            for (std::size_t n = 0; n < DelayCloseUp::kSteps; ++n) {
                const double at_s = window_s(frames.close_up(), stretch, rate_hz, n);
                const auto left = static_cast<double>(stretch.delay_s[0][n]);
                const auto right = static_cast<double>(stretch.delay_s[1][n]);
                ASSERT_NEAR(left, kHeads_s, 1e-6) << at_s;
                if (std::abs(at_s - step_s) < 0.03) {
                    half_way_s += frames.close_up().step_s() * (kHeads_s + kLater_s - right) / kLater_s;
                }
                if (at_s < step_s - 0.0055) { // the window's half
                    ++before;
                    ASSERT_NEAR(right, kHeads_s, 1e-6) << at_s << " with the step at " << step_s;
                } else if (at_s > step_s + 0.0055) {
                    ++after;
                    ASSERT_NEAR(right, kHeads_s + kLater_s, 1e-6) << at_s << " with the step at " << step_s;
                } else {
                    ASSERT_GT(right, kHeads_s - 1e-6);
                    ASSERT_LT(right, kHeads_s + kLater_s + 1e-6);
                }
            }
            EXPECT_NEAR(half_way_s, step_s, 0.0035) << "half a step of 5 ms, and what noise there is";
            EXPECT_GE(before, 40U) << "enough on either side";
            EXPECT_GE(after, 40U) << "enough on either side";
        }
    }
}

/// Speed: 0.2 % slower at 15 in/s: both delays grow by 184 us while the tape goes from head to head.
TEST(DelayCloseUp, follows_a_change_of_speed) {
    constexpr double kFrom_s = 2.3;
    constexpr double kMore_s = 184e-6;
    const auto delay_s = [](std::size_t, double at_s) {
        return kHeads_s + kMore_s * std::clamp((at_s - kFrom_s) / kHeads_s, 0.0, 1.0);
    };
    Frames frames = told_streams(48000.0, delay_s);
    ASSERT_FALSE(frames.stretches().empty());
    const auto& stretch = frames.stretches().front();
    for (std::size_t c = 0; c < 2; ++c) {
        for (std::size_t n = 0; n < DelayCloseUp::kSteps; ++n) {
            const double at_s = window_s(frames.close_up(), stretch, 48000.0, n);
            // the ends of the ramp are rounded by a window: 2 us of 1 us a millisecond
            ASSERT_NEAR(static_cast<double>(stretch.delay_s[c][n]), delay_s(c, at_s), 3e-6) << c << " at " << at_s;
        }
    }
    EXPECT_LT(window_s(frames.close_up(), stretch, 48000.0, 40), kFrom_s);
    EXPECT_GT(window_s(frames.close_up(), stretch, 48000.0, 200), kFrom_s + kHeads_s);
}

TEST(DelayCloseUp, what_is_not_the_programme_has_no_delay) {
    constexpr double kHole_s = 2.55;
    constexpr double kLong_s = 0.15;
    Frames frames = told_streams(48000.0, [](std::size_t c, double at_s) {
        return c == 1 && at_s > kHole_s && at_s < kHole_s + kLong_s
                   ? std::nullopt
                   : std::optional(kHeads_s + (c == 1 && at_s > 2.4 ? 10e-6 : 0.0));
    });
    ASSERT_FALSE(frames.stretches().empty());
    const auto& stretch = frames.stretches().front();
    int holes = 0;
    for (std::size_t n = 0; n < DelayCloseUp::kSteps; ++n) {
        const double at_s = window_s(frames.close_up(), stretch, 48000.0, n);
        EXPECT_NEAR(static_cast<double>(stretch.delay_s[0][n]), kHeads_s, 1e-6) << at_s;
        if (at_s > kHole_s + 0.006 && at_s < kHole_s + kLong_s - 0.006) {
            ++holes;
            EXPECT_TRUE(std::isnan(stretch.delay_s[1][n])) << at_s;
        } else if (at_s < kHole_s - 0.006 || at_s > kHole_s + kLong_s + 0.006) {
            EXPECT_FALSE(std::isnan(stretch.delay_s[1][n])) << at_s;
        }
    }
    EXPECT_GE(holes, 27);
}

TEST(DelayCloseUp, looks_at_nothing_where_nothing_changes) {
    EXPECT_TRUE(told_streams(48000.0, [](std::size_t, double) { return kHeads_s; }).stretches().empty());
    // 30 ppm of slow drift are 15 us in half a second, the same on both channels.
    EXPECT_TRUE(
        told_streams(48000.0, [](std::size_t, double at_s) { return kHeads_s + 30e-6 * at_s; }).stretches().empty());
}

TEST(DelayCloseUp, one_frame_that_is_off_is_no_change) {
    Frames frames(48000.0);
    for (int n = 0; n < 20; ++n) {
        frames.add(15, {});
        frames.add({{kHeads_s + 80e-6, kHeads_s - 80e-6}});
    }
    EXPECT_TRUE(frames.stretches().empty());
}

TEST(DelayCloseUp, frames_that_are_not_sure_are_passed_over) {
    Frames frames(48000.0);
    frames.add(12, {});
    frames.add(6, {{kHeads_s + 500e-6, kHeads_s}, {false, true}});
    frames.add(12, {});
    EXPECT_TRUE(frames.stretches().empty());
    frames.add(6, {{kHeads_s, kHeads_s + 30e-6}, {true, true}, 0.7}); // half sure
    frames.add(12, {});
    EXPECT_TRUE(frames.stretches().empty());
    frames.add(6, {{kHeads_s, kHeads_s + 500e-6}, {true, false}});
    frames.add(12, {{kHeads_s, kHeads_s + 10e-6}});
    EXPECT_EQ(frames.stretches().size(), 1U) << "what is on either side is compared";
}

/// What is behind it may not have come yet.
TEST(DelayCloseUp, the_last_window_ends_with_the_newest_frame) {
    Frames frames(48000.0);
    frames.add(12, {});
    while (frames.stretches().empty()) {
        frames.add({{kHeads_s, kHeads_s + 10e-6}});
        ASSERT_LT(frames.next(), 30 * 4096);
    }
    EXPECT_EQ(frames.stretches().front().first_frame + 239 * 240 + 512 / 2, frames.next());
}

TEST(DelayCloseUp, windows_that_are_not_kept_have_no_delay) {
    Frames frames(48000.0, kSeconds, 0.5);
    frames.add_tone(kSeconds); // what is at its place in the ring would fit
    frames.add(12, {});
    frames.swing(1, 12, 10e-6);
    ASSERT_EQ(frames.stretches().size(), 1U);
    for (const auto& channel : frames.stretches().front().delay_s) {
        EXPECT_TRUE(std::all_of(channel.begin(), channel.end(), [](float delay) { return std::isnan(delay); }));
    }
}

TEST(DelayCloseUp, looks_twelve_times_at_once_and_then_once_in_twenty_seconds) {
    Frames frames(48000.0);
    frames.add(12, {});
    frames.swing(14, 12, 10e-6); // each second
    EXPECT_EQ(frames.stretches().size(), 12U);
    std::size_t before = frames.stretches().size();
    double newest_s = -20.0;
    int later = 0;
    for (int second = 0; second < 160; ++second) {
        frames.swing(1, 12, 10e-6);
        if (frames.stretches().size() > before) {
            ASSERT_EQ(frames.stretches().size(), before + 1);
            ++before;
            if (++later > 1) {
                EXPECT_NEAR(frames.middle_s() - newest_s, 20.5, 1.1); // 240 frames, and a swing's length
            }
            newest_s = frames.middle_s();
        }
    }
    EXPECT_NEAR(later, 160.0 * 12.0 * kFrame_s / 20.0, 1.0);
}

TEST(DelayCloseUp, a_quiet_time_allows_twelve_again_and_not_more) {
    Frames frames(48000.0);
    frames.add(12, {});
    frames.swing(14, 12, 10e-6);
    ASSERT_EQ(frames.stretches().size(), 12U);
    frames.add(static_cast<int>(600.0 / kFrame_s), {}); // 14 swings: it stands where this does
    frames.swing(14, 12, 10e-6);
    EXPECT_EQ(frames.stretches().size(), 24U);
    frames.close_up().begin(); // of another track
    EXPECT_TRUE(frames.stretches().empty());
    frames.add(12, {});
    frames.swing(14, 12, 10e-6);
    EXPECT_EQ(frames.stretches().size(), 12U);
}

/// Changes 21 s apart, so that each is looked at: 10 us, 10.5 us ... 29.5 us in no order.
TEST(DelayCloseUp, keeps_the_thirty_two_largest) {
    std::vector<double> apart_us;
    for (int n = 0; n < 40; ++n) {
        apart_us.push_back(10.0 + 0.5 * n);
    }
    std::shuffle(apart_us.begin() + 1, apart_us.end(), std::mt19937(3));
    std::rotate(apart_us.begin(), apart_us.begin() + 1, apart_us.end()); // the least comes last
    Frames frames(48000.0);
    constexpr int kBetween = 246;
    frames.add(12, {});
    double right_s = kHeads_s;
    std::vector<std::pair<double, double>> due; // amount, programme time
    for (const double us : apart_us) {
        due.emplace_back(us, frames.middle_s() - 0.5 * kFrame_s);
        right_s += (right_s > kHeads_s ? -1e-6 : 1e-6) * us;
        frames.add(kBetween, {{kHeads_s, right_s}});
        ASSERT_LE(frames.stretches().size(), 32U);
    }
    ASSERT_EQ(frames.stretches().size(), 32U);
    std::sort(due.begin(), due.end(), std::greater<>());
    due.resize(32);
    std::vector<DelayCloseUp::Stretch> kept = frames.stretches();
    std::sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) { return a.strength > b.strength; });
    for (std::size_t n = 0; n < kept.size(); ++n) {
        EXPECT_NEAR(kept[n].strength / kept[0].strength, due[n].first / due[0].first, 1e-6);
        const double from_s = static_cast<double>(kept[n].first_frame) / 48000.0;
        EXPECT_LT(from_s, due[n].second);
        EXPECT_GT(from_s + 1.2, due[n].second);
    }
}

TEST(DelayCloseUp, takes_no_memory_while_a_track_runs) {
    ASSERT_TRUE(test_support::AllocationCount::works());
    Frames frames(48000.0, kSeconds);
    frames.add_streams(kSeconds, [](std::size_t, double) { return kHeads_s; });
    const test_support::AllocationCount count;
    frames.add(12, {});
    frames.swing(40, 246, 10e-6);
    EXPECT_EQ(count.so_far(), 0U);
    EXPECT_EQ(frames.stretches().size(), 32U);
}

} // namespace
} // namespace overbias::mastering
