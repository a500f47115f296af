// SPDX-License-Identifier: Apache-2.0
// The meter worker over taps that the test fills itself.
#include "controller/meter_commands.hpp"

#include <atomic>
#include <boost/json.hpp>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <numbers>

namespace overbias::controller {
namespace {

namespace json = boost::json;
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
    void sine(audio::FrameTap& tap, double left, double right, double seconds, double tone_hz = 997.0) {
        std::vector<std::int32_t> block(kBlock * 2);
        for (std::int64_t frame = 0; frame < std::llround(seconds * kRate_hz); frame += kBlock) {
            for (std::size_t i = 0; i < kBlock; ++i) {
                const double phase = 2.0 * std::numbers::pi * tone_hz *
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
    EXPECT_NEAR(last_.tape.vu[0], 0.0, 0.1);
    EXPECT_NEAR(last_.tape.vu[1], -6.02, 0.1);
    EXPECT_NEAR(last_.tape.sample_peak_dbfs[0], -20.0, 0.01);
    EXPECT_NEAR(last_.tape.sample_peak_dbfs[1], -26.02, 0.01);
    EXPECT_EQ(last_.programme.vu[0], -60.0F);
    EXPECT_EQ(last_.programme.sample_peak_dbfs[1], -150.0F);
    sine(played_, 0.125, 0.25, 1.0);
    EXPECT_NEAR(last_.programme.vu[0], -6.02, 0.1);
    EXPECT_NEAR(last_.programme.vu[1], 0.0, 0.1);
    EXPECT_NEAR(last_.programme.sample_peak_dbfs[0], -18.06, 0.01);
    EXPECT_EQ(last_.tape.sample_peak_dbfs[0], -150.0F) << "a peak is of its interval only";
}

TEST_F(MeterWorkerTest, full_scale_is_0_dbfs_and_silence_is_a_number) {
    start();
    const std::vector<std::int32_t> low(kBlock * 2, std::numeric_limits<std::int32_t>::min());
    return_.rt_push(0, low);
    EXPECT_EQ(frames_.wait(1).tape.sample_peak_dbfs[0], 0.0F);
    const std::vector<std::int32_t> one(kBlock * 2, 1); // -186.6 dBFS
    const int before = frames_.count();
    return_.rt_push(kBlock, one);
    EXPECT_EQ(frames_.wait(before + 1).tape.sample_peak_dbfs[0], -150.0F);
}

TEST_F(MeterWorkerTest, a_click_of_one_sample_is_seen) {
    start();
    std::vector<std::int32_t> block(kBlock * 2, 0);
    block[2 * 300 + 1] = 1 << 30;
    return_.rt_push(0, block);
    const MeterFrame frame = frames_.wait(1);
    EXPECT_NEAR(frame.tape.sample_peak_dbfs[1], -6.02, 0.01);
    EXPECT_EQ(frame.tape.sample_peak_dbfs[0], -150.0F);
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
    EXPECT_NEAR(frames_.wait(1).tape.sample_peak_dbfs[0], -18.06, 0.01);
}

/// EBU R 68, Tech 3341 and IEC 60268-10: alignment level, a sine of 1 kHz at -18 dBFS in both channels, is TEST on the
/// EBU scale, 4 on the BBC's, and as loud in LUFS as its level in dBFS.
TEST_F(MeterWorkerTest, alignment_level_reads_what_the_tables_say) {
    const double alignment = std::pow(10.0, -18.0 / 20.0);
    start({.played_reference = alignment, .return_reference = 0.1, .interval = std::chrono::milliseconds(1)});
    sine(played_, alignment, alignment, 4.5, 1000.0);
    const web_ui::SourceMeters& source = last_.programme;
    for (std::size_t side = 0; side < 2; ++side) {
        EXPECT_NEAR(source.vu[side], 0.0, 0.1);
        EXPECT_NEAR(source.ppm_type_i_db[side], 0.0, 0.1);
        EXPECT_NEAR(source.ppm_type_ii_db[side], 0.0, 0.1);
        EXPECT_NEAR(source.true_peak_dbtp[side], -18.0, 0.05);
        EXPECT_NEAR(source.sample_peak_dbfs[side], -18.0, 0.01);
        EXPECT_EQ(source.clips[side], 0U);
    }
    EXPECT_NEAR(source.momentary_lufs, -18.0, 0.1);
    EXPECT_NEAR(source.short_term_lufs, -18.0, 0.1);
    EXPECT_NEAR(source.integrated_lufs, -18.0, 0.1);
    EXPECT_NEAR(source.range_lu, 0.0, 0.1);
    EXPECT_NEAR(source.correlation, 1.0, 0.001);
    EXPECT_NEAR(source.measured_s, 4.5, 0.02);
    EXPECT_TRUE(std::isnan(last_.tape.integrated_lufs)) << "nothing came back";
}

TEST_F(MeterWorkerTest, a_channel_turned_over_is_told_by_the_correlation) {
    start();
    sine(return_, 0.1, -0.1, 3.0);
    EXPECT_NEAR(last_.tape.correlation, -1.0, 0.01);
}

TEST_F(MeterWorkerTest, integrated_loudness_begins_anew_when_it_is_told_to) {
    start();
    sine(return_, 0.5, 0.5, 1.0);
    EXPECT_NEAR(last_.tape.integrated_lufs, -6.0, 0.2);
    worker_->restart_loudness();
    sine(return_, 0.05, 0.05, 1.5);
    EXPECT_NEAR(last_.tape.integrated_lufs, -26.0, 0.3);
    EXPECT_NEAR(last_.tape.measured_s, 1.5, 0.02);
}

TEST_F(MeterWorkerTest, clips_are_counted_from_the_beginning_and_on_their_own_channel) {
    start();
    const auto clip = [&](int times) {
        for (int i = 0; i < times; ++i) {
            std::vector<std::int32_t> block(kBlock * 2, 0);
            for (std::size_t frame = 100; frame < 104; ++frame) {
                block[2 * frame + 1] = std::numeric_limits<std::int32_t>::max();
            }
            const int before = frames_.count();
            played_.rt_push(0, block);
            last_ = frames_.wait(before + 1);
        }
    };
    clip(2);
    EXPECT_EQ(last_.programme.clips[1], 2U);
    clip(1);
    EXPECT_EQ(last_.programme.clips[1], 3U);
    EXPECT_EQ(last_.programme.clips[0], 0U);
    EXPECT_EQ(last_.tape.clips[1], 0U);
}

TEST_F(MeterWorkerTest, pictures_are_drawn_of_what_is_looked_at) {
    std::atomic<bool> looks = false;
    std::mutex mutex;
    std::vector<web_ui::PictureFrame> drawn;
    const auto pictures = [&] {
        const std::lock_guard lock(mutex);
        return drawn;
    };
    worker_ = std::make_unique<MeterWorker>(
        played_, return_, MeterWorkerConfig{.interval = std::chrono::milliseconds(1)},
        [this](const MeterFrame& frame) { frames_.add(frame); },
        MeterPictures{[&](web_ui::PictureSource source) { return looks && source == web_ui::PictureSource::Tape; },
                      [&](const web_ui::PictureFrame& picture) {
                          const std::lock_guard lock(mutex);
                          drawn.push_back(picture);
                      }});
    sine(return_, 0.5, 0.5, 0.2, 1000.0);
    sine(played_, 0.5, 0.5, 0.2, 1000.0);
    EXPECT_TRUE(pictures().empty());
    looks = true;
    sine(played_, 0.5, 0.5, 0.2, 1000.0);
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < until) {
        sine(return_, 0.5, 0.25, 0.5, 1000.0);
        const auto so_far = pictures();
        if (!so_far.empty() && !so_far.back().points.empty() &&
            so_far.back().bands_dbfs[0].at(static_cast<std::size_t>(30 - so_far.back().first_band)) > -6.2F) {
            break;
        }
    }
    const web_ui::PictureFrame last = pictures().back();
    EXPECT_EQ(last.source, web_ui::PictureSource::Tape);
    const auto kilohertz = static_cast<std::size_t>(30 - last.first_band); // 10 log10 1000
    EXPECT_NEAR(last.bands_dbfs[0].at(kilohertz), -6.02, 0.3);
    EXPECT_NEAR(last.bands_dbfs[1].at(kilohertz), -12.04, 0.3);
    ASSERT_FALSE(last.points.empty());
    for (const auto& [x, y] : last.points) { // a left twice as loud as right lies on one line
        EXPECT_NEAR(y, 3.0F * x, 0.001F);
    }
}

MeterFrame loud(float vu) {
    MeterFrame frame;
    frame.tape.vu = {vu, -60};
    return frame;
}

TEST(MeterReadersTest, each_reader_is_told_the_highest_since_it_last_asked) {
    MeterReaders readers;
    EXPECT_FALSE(readers.read("often").has_value()) << "no samples yet";
    EXPECT_FALSE(readers.read("rarely").has_value());
    readers.add(loud(-20));
    EXPECT_EQ(readers.read("often")->frame.tape.vu[0], -20.0F);
    readers.add(loud(3));
    EXPECT_EQ(readers.read("often")->frame.tape.vu[0], 3.0F);
    readers.add(loud(-10));
    EXPECT_EQ(readers.read("often")->frame.tape.vu[0], -10.0F);
    EXPECT_EQ(readers.read("often")->frame.tape.vu[0], -10.0F) << "nothing new: the newest again";
    EXPECT_EQ(readers.read("rarely")->frame.tape.vu[0], 3.0F);
    EXPECT_EQ(readers.read("new")->frame.tape.vu[0], -10.0F) << "the newest stretch alone";
}

TEST(MeterReadersTest, names_without_end_take_no_memory_without_end) {
    MeterReaders readers;
    readers.add(loud(-20));
    (void)readers.read("kept");
    readers.add(loud(1));
    for (int i = 0; i < 100; ++i) {
        (void)readers.read("reader " + std::to_string(i));
        readers.add(loud(-20));
        if (i % 8 == 7) {
            EXPECT_EQ(readers.read("kept")->frame.tape.vu[0], i == 7 ? 1.0F : -20.0F) << i;
        }
    }
    EXPECT_EQ(readers.read("reader 0")->frame.tape.vu[0], -20.0F);
}

class MeterCommandsTest : public MeterWorkerTest {
  protected:
    Reply call(const std::string& method, const json::object& parameters = {}) {
        Reply given;
        registry_.call(method, parameters, {}, [&](Reply reply) { given = std::move(reply); });
        return given;
    }
    CommandRegistry registry_;
};

TEST_F(MeterCommandsTest, every_figure_stands_beside_its_standard_weighting_and_detector) {
    start({.return_reference = 0.1, .interval = std::chrono::milliseconds(1)});
    add_meter_commands(registry_, [this] { return worker_.get(); });
    sine(return_, 0.1, 0.05, 1.0);
    const json::value answer = json::parse(call("meters").result);
    EXPECT_EQ(answer.at("stale"), false);
    for (const char* source : {"tape_return", "programme"}) {
        for (const auto& [key, figure] : answer.at(source).as_object()) {
            if (key == "loudness_measured_s") {
                continue;
            }
            for (const char* member : {"unit", "standard", "weighting", "detector"}) {
                EXPECT_TRUE(figure.at(member).is_string()) << source << "." << key << "." << member;
            }
            EXPECT_TRUE(figure.as_object().contains("value"));
        }
    }
    const json::value& tape = answer.at("tape_return");
    EXPECT_NEAR(tape.at("vu").at("value").at(0).to_number<double>(), 0.0, 0.1);
    EXPECT_NEAR(tape.at("vu").at("value").at(1).to_number<double>(), -6.02, 0.1);
    EXPECT_EQ(tape.at("vu").at("reference"), "0 VU is operating level, -20.00 dBFS");
    EXPECT_NEAR(tape.at("true_peak").at("value").at(0).to_number<double>(), -20.0, 0.05);
    EXPECT_EQ(tape.at("integrated").at("weighting"), "K");
    EXPECT_TRUE(answer.at("programme").at("integrated").at("value").is_null());
}

TEST_F(MeterCommandsTest, reset_begins_integrated_loudness_anew) {
    start();
    add_meter_commands(registry_, [this] { return worker_.get(); });
    sine(return_, 0.5, 0.5, 1.0);
    EXPECT_TRUE(call("meters_reset").ok());
    sine(return_, 0.05, 0.05, 1.0);
    EXPECT_NEAR(last_.tape.integrated_lufs, -26.0, 0.3);
}

TEST_F(MeterCommandsTest, without_meters_or_samples_it_says_why) {
    add_meter_commands(registry_, [this] { return worker_.get(); });
    EXPECT_NE(call("meters").message.find("--listen"), std::string::npos);
    EXPECT_NE(call("meters_reset").message.find("--listen"), std::string::npos);
    start();
    EXPECT_NE(call("meters").message.find("no samples"), std::string::npos);
}

TEST_F(MeterWorkerTest, nonsense_is_refused) {
    EXPECT_THROW(start({.played_rate_hz = 0}), std::invalid_argument);
    EXPECT_THROW(start({.return_reference = -1}), std::invalid_argument);
    EXPECT_THROW(start({.interval = std::chrono::nanoseconds(0)}), std::invalid_argument);
}

} // namespace
} // namespace overbias::controller
