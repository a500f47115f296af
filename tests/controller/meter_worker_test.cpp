// SPDX-License-Identifier: Apache-2.0
// The meter worker over taps that the test fills itself.
#include "controller/meter_worker.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <numbers>

namespace overbias::controller {
namespace {

using web_ui::MeterFrame;

constexpr std::chrono::seconds kPatience{15}; ///< a test that needs it has failed
constexpr double kRate_hz = 48000;
constexpr std::size_t kBlock = 480;

class Frames {
  public:
    void add(const MeterFrame& frame) {
        const std::lock_guard lock(mutex_);
        last_ = frame;
        ++count_;
        at_ = std::chrono::steady_clock::now();
        changed_.notify_all();
    }
    int count() {
        const std::lock_guard lock(mutex_);
        return count_;
    }
    MeterFrame wait(int count) {
        std::unique_lock lock(mutex_);
        EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return count_ >= count; })) << "frames: " << count_;
        return last_;
    }
    std::chrono::steady_clock::time_point at() {
        const std::lock_guard lock(mutex_);
        return at_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    MeterFrame last_;
    int count_ = 0;
    std::chrono::steady_clock::time_point at_{};
};

class MeterWorkerTest : public testing::Test {
  protected:
    void start(MeterWorkerConfig config = {.interval = std::chrono::milliseconds(1)}) {
        worker_ = std::make_unique<MeterWorker>(played_, return_, config,
                                                [this](const MeterFrame& frame) { frames_.add(frame); });
    }
    /// A sine of these amplitudes left and right, a block at a time, each taken before the next comes.
    void sine(audio::FrameTap& tap, double left, double right, double seconds) {
        std::vector<std::int32_t> block(kBlock * 2);
        for (std::int64_t frame = 0; frame < std::llround(seconds * kRate_hz); frame += kBlock) {
            for (std::size_t i = 0; i < kBlock; ++i) {
                const double phase = 2.0 * std::numbers::pi * 997.0 *
                                     static_cast<double>(frame + static_cast<std::int64_t>(i)) / kRate_hz;
                block[2 * i] = static_cast<std::int32_t>(std::lround(left * 2147483647.0 * std::sin(phase)));
                block[2 * i + 1] = static_cast<std::int32_t>(std::lround(right * 2147483647.0 * std::sin(phase)));
            }
            const int before = frames_.count();
            tap.rt_push(frame, block);
            last_ = frames_.wait(before + 1);
        }
    }

    audio::FrameTap played_{12000}, return_{12000};
    Frames frames_;
    MeterFrame last_;
    std::unique_ptr<MeterWorker> worker_; // last: it uses all of these
};

TEST_F(MeterWorkerTest, operating_level_is_0_vu_on_its_own_channel_of_its_own_meter) {
    start({.played_reference = 0.25, .return_reference = 0.1, .interval = std::chrono::milliseconds(1)});
    sine(return_, 0.1, 0.05, 1.0); // operating level, and 6.02 dB below
    EXPECT_NEAR(last_.tape_vu[0], 0.0, 0.1);
    EXPECT_NEAR(last_.tape_vu[1], -6.02, 0.1);
    EXPECT_NEAR(last_.tape_peak_dbfs[0], -20.0, 0.01);
    EXPECT_NEAR(last_.tape_peak_dbfs[1], -26.02, 0.01);
    EXPECT_EQ(last_.programme_vu[0], -60.0F);
    EXPECT_EQ(last_.programme_peak_dbfs[1], -150.0F);
    sine(played_, 0.125, 0.25, 1.0);
    EXPECT_NEAR(last_.programme_vu[0], -6.02, 0.1);
    EXPECT_NEAR(last_.programme_vu[1], 0.0, 0.1);
    EXPECT_NEAR(last_.programme_peak_dbfs[0], -18.06, 0.01);
    EXPECT_EQ(last_.tape_peak_dbfs[0], -150.0F) << "a peak is of its interval only";
}

TEST_F(MeterWorkerTest, full_scale_is_0_dbfs_and_silence_is_a_number) {
    start();
    const std::vector<std::int32_t> low(kBlock * 2, std::numeric_limits<std::int32_t>::min());
    return_.rt_push(0, low);
    EXPECT_EQ(frames_.wait(1).tape_peak_dbfs[0], 0.0F);
    const std::vector<std::int32_t> one(kBlock * 2, 1); // -186.6 dBFS
    const int before = frames_.count();
    return_.rt_push(kBlock, one);
    EXPECT_EQ(frames_.wait(before + 1).tape_peak_dbfs[0], -150.0F);
}

TEST_F(MeterWorkerTest, a_click_of_one_sample_is_seen) {
    start();
    std::vector<std::int32_t> block(kBlock * 2, 0);
    block[2 * 300 + 1] = 1 << 30;
    return_.rt_push(0, block);
    const MeterFrame frame = frames_.wait(1);
    EXPECT_NEAR(frame.tape_peak_dbfs[1], -6.02, 0.01);
    EXPECT_EQ(frame.tape_peak_dbfs[0], -150.0F);
}

TEST_F(MeterWorkerTest, the_time_is_that_of_the_newest_sample) {
    start();
    worker_->anchor({.frame = 48000, .at = DeckTime(std::chrono::seconds(5))});
    const std::vector<std::int32_t> block(kBlock * 2, 0);
    return_.rt_push(96001 - static_cast<std::int64_t>(kBlock),
                    block); // its last frame is one second after the anchor's
    EXPECT_EQ(frames_.wait(1).capture_time_ns, 6'000'000'000U);
}

TEST_F(MeterWorkerTest, without_new_samples_there_are_no_frames) {
    start();
    audio::FrameTap other_played(12000), other_return(12000);
    Frames witness;
    MeterWorker other(other_played, other_return, {.interval = std::chrono::milliseconds(1)},
                      [&](const MeterFrame& frame) { witness.add(frame); });
    const std::vector<std::int32_t> block(kBlock * 2, 0);
    for (int i = 0; i < 50; ++i) { // at the same beat this one would have told something 50 times
        other_return.rt_push(i * static_cast<std::int64_t>(kBlock), block);
        (void)witness.wait(i + 1);
    }
    EXPECT_EQ(frames_.count(), 0);
}

TEST_F(MeterWorkerTest, thirty_a_second) {
    start({});
    const std::vector<std::int32_t> block(kBlock * 2, 0);
    std::int64_t frame = 0;
    std::chrono::steady_clock::time_point first{};
    constexpr int kIntervals = 15;
    for (int i = 0; i <= kIntervals; ++i) {
        return_.rt_push(frame += kBlock, block);
        (void)frames_.wait(i + 1);
        if (i == 0) {
            first = frames_.at();
        }
    }
    const double interval_ms = std::chrono::duration<double, std::milli>(frames_.at() - first).count() / kIntervals;
    EXPECT_GT(interval_ms, 30.0);
    EXPECT_LT(interval_ms, 100.0) << "a machine under load may be late";
}

TEST_F(MeterWorkerTest, more_than_fits_is_dropped_and_the_rest_is_measured) {
    std::vector<std::int32_t> block(kBlock * 2, 1 << 28);
    for (std::int64_t i = 0; i < 100; ++i) { // four times what the tap holds, before anybody reads
        return_.rt_push(i * static_cast<std::int64_t>(kBlock), block);
    }
    EXPECT_GT(return_.dropped_frames(), 0U);
    start();
    EXPECT_NEAR(frames_.wait(1).tape_peak_dbfs[0], -18.06, 0.01);
}

TEST_F(MeterWorkerTest, nonsense_is_refused) {
    EXPECT_THROW(start({.played_rate_hz = 0}), std::invalid_argument);
    EXPECT_THROW(start({.return_reference = -1}), std::invalid_argument);
    EXPECT_THROW(start({.interval = std::chrono::nanoseconds(0)}), std::invalid_argument);
}

} // namespace
} // namespace overbias::controller
