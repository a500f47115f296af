// SPDX-License-Identifier: Apache-2.0
// The lanes, the pace of meter frames and the news, without sockets and on a clock of the test's own.
#include "web-ui/server/lanes.hpp"
#include "web-ui/server/news.hpp"

#include <cstring>
#include <gtest/gtest.h>
#include <vector>

namespace overbias::web_ui {
namespace {

using namespace std::chrono_literals;

SharedText text(const std::string& words) {
    return std::make_shared<const std::string>(words);
}

class LanesTest : public testing::Test {
  protected:
    std::string next() {
        const auto out = lanes_.next(now_);
        return out ? *out->text : "(nothing)";
    }
    /// A second of meters at 30 Hz for a reader that tells twice what it saw, `behind` frames late; how many it got.
    int second(std::uint32_t behind) {
        int got = 0;
        for (int i = 0; i < 30; ++i) {
            now_ += 33333us;
            ++sequence_;
            lanes_.meter({}, sequence_, now_);
            got += lanes_.next(now_) ? 1 : 0;
            if (i % 15 == 14 && sequence_ > behind) {
                lanes_.seen(sequence_ - behind, now_);
            }
        }
        return got;
    }
    Lanes lanes_{4, 1000};
    MeterPace::Time now_{};
    std::uint32_t sequence_ = 0;
};

TEST_F(LanesTest, answers_first_then_values_then_meters) {
    lanes_.meter({}, 1, now_);
    EXPECT_TRUE(lanes_.notify("state", text("state 1")));
    EXPECT_TRUE(lanes_.push(text("answer")));
    EXPECT_TRUE(lanes_.notify("state", text("state 2")));
    lanes_.meter({}, 2, now_);
    EXPECT_EQ(next(), "answer");
    EXPECT_EQ(next(), "state 2");
    EXPECT_FALSE(lanes_.empty());
    const auto meter = lanes_.next(now_);
    ASSERT_TRUE(meter.has_value());
    EXPECT_EQ(meter->text->at(4), 2) << "the newer one's number";
    EXPECT_TRUE(meter->binary);
    EXPECT_TRUE(lanes_.empty());
    EXPECT_EQ(next(), "(nothing)");
}

/// Little-endian, as docs/api.md has it.
float float_at(const SharedText& frame, std::size_t offset) {
    float value = 0;
    std::memcpy(&value, frame->data() + offset, sizeof value);
    return value;
}

TEST_F(LanesTest, two_readers_at_their_own_pace_each_see_the_highest) {
    Lanes slow{4, 1000};
    MeterFrame quiet, loud;
    quiet.tape.vu = {-20, -20};
    quiet.programme.correlation = 0.9F;
    loud.tape.vu = {1.5F, -20};
    loud.tape.true_peak_dbtp = {-20, -0.25F};
    loud.programme.correlation = -0.5F;
    loud.tape.clips = {0, 3};
    quiet.tape.clips = {0, 3};
    std::vector<float> fast_vu;
    for (std::uint32_t sequence = 1; sequence <= 5; ++sequence) {
        const MeterFrame& frame = sequence == 2 ? loud : quiet;
        lanes_.meter(frame, sequence, now_);
        slow.meter(frame, sequence, now_);
        fast_vu.push_back(float_at(lanes_.next(now_)->text, 16));
    }
    EXPECT_EQ(fast_vu, (std::vector<float>{-20, 1.5F, -20, -20, -20}));
    const auto late = slow.next(now_);
    EXPECT_EQ(late->text->at(4), 5) << "the newest one's number";
    EXPECT_EQ(float_at(late->text, 16), 1.5F);
    EXPECT_EQ(float_at(late->text, 20), -20.0F) << "each channel of its own";
    EXPECT_EQ(float_at(late->text, 44), -0.25F);
    EXPECT_EQ(float_at(late->text, 88 + 48), -0.5F) << "of correlation the lowest";
    EXPECT_EQ(late->text->at(72), 3) << "clips are counted, not added";
    EXPECT_FALSE(slow.next(now_).has_value());
    slow.meter(quiet, 6, now_);
    EXPECT_EQ(float_at(slow.next(now_)->text, 16), -20.0F) << "since its own last frame";
}

TEST_F(LanesTest, what_a_thinned_reader_is_not_sent_is_in_its_next_frame) {
    (void)second(0);
    for (int i = 0; i < 10; ++i) {
        (void)second(60);
    }
    ASSERT_EQ(lanes_.meter_divisor(), 15U);
    int frames = 0, loud_frames = 0;
    for (int i = 0; i < 30; ++i) {
        now_ += 33333us;
        MeterFrame frame;
        frame.programme.vu = {i == 4 ? 2.0F : -20.0F, -20.0F};
        lanes_.meter(frame, ++sequence_, now_);
        if (const auto out = lanes_.next(now_)) {
            ++frames;
            loud_frames += float_at(out->text, 88) == 2.0F ? 1 : 0;
        }
    }
    EXPECT_LE(frames, 2);
    EXPECT_EQ(loud_frames, 1);
}

TEST_F(LanesTest, pictures_come_last_and_at_most_25_a_second) {
    now_ += 1s;
    lanes_.picture(text("old"), now_);
    lanes_.picture(text("picture"), now_);
    lanes_.meter({}, 1, now_);
    EXPECT_EQ(next().size(), kMeterFrameBytes);
    EXPECT_EQ(next(), "picture") << "the newest only";
    int got = 0;
    for (int i = 0; i < 1000; ++i) { // one every millisecond
        now_ += 1ms;
        lanes_.picture(text("picture"), now_);
        got += lanes_.next(now_) ? 1 : 0;
    }
    EXPECT_EQ(got, 25);
}

TEST_F(LanesTest, an_event_does_not_overtake_the_values_before_it) {
    EXPECT_TRUE(lanes_.notify("state", text("before")));
    EXPECT_TRUE(lanes_.notify("job_end", text("end")));
    EXPECT_TRUE(lanes_.notify("state", text("after")));
    EXPECT_EQ(next(), "before");
    EXPECT_EQ(next(), "end");
    EXPECT_EQ(next(), "after");
}

TEST_F(LanesTest, so_many_messages_and_so_many_bytes) {
    for (int i = 0; i < 4; ++i) {
        EXPECT_TRUE(lanes_.push(text("x")));
    }
    EXPECT_FALSE(lanes_.push(text("x")));
    EXPECT_FALSE(lanes_.notify("job_end", text("x")));
    EXPECT_TRUE(lanes_.notify("state", text("x"))) << "a value takes the place of the one before";
    lanes_.clear();
    EXPECT_TRUE(lanes_.push(text(std::string(5000, 'x')))) << "one answer may be longer than the bound";
    EXPECT_FALSE(lanes_.push(text("x")));
    EXPECT_EQ(next().size(), 5000U);
    EXPECT_TRUE(lanes_.push(text("x"))) << "there is room again";
}

TEST_F(LanesTest, who_keeps_up_gets_every_frame) {
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(second(0), 30);
    }
    EXPECT_EQ(second(7), 30) << "7 frames are 233 ms";
    EXPECT_EQ(second(7), 30);
}

TEST_F(LanesTest, who_lags_is_thinned_to_two_a_second_and_taken_back) {
    EXPECT_EQ(second(0), 30);
    (void)second(20);
    EXPECT_EQ(lanes_.meter_divisor(), 4U) << "halved at each report";
    for (int i = 0; i < 10; ++i) {
        (void)second(60);
    }
    EXPECT_EQ(second(60), 2);
    int seconds = 0;
    while (second(0) < 30 && seconds < 100) {
        ++seconds;
    }
    EXPECT_GE(seconds, 6) << "not at once: two seconds for each doubling";
    EXPECT_LE(seconds, 12);
}

TEST_F(LanesTest, who_stops_telling_is_thinned) {
    EXPECT_EQ(second(0), 30);
    for (int i = 0; i < 600; ++i) { // twenty seconds
        now_ += 33333us;
        lanes_.meter({}, ++sequence_, now_);
        (void)lanes_.next(now_);
    }
    EXPECT_EQ(lanes_.meter_divisor(), 15U);
}

TEST_F(LanesTest, the_number_of_frames_may_pass_its_end) {
    sequence_ = 0xFFFFFFFF - 40;
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(second(0), 30);
    }
}

std::string taken(News& news) {
    std::string all;
    for (const News::Item& item : news.take()) {
        all += (all.empty() ? "" : " ") + *item.text;
    }
    return all;
}

TEST(NewsTest, a_newer_value_replaces_one_that_waits_but_not_across_an_event) {
    News news;
    EXPECT_TRUE(news.add({"state", text("state1")}));
    EXPECT_TRUE(news.add({"position", text("position1")}));
    EXPECT_TRUE(news.add({"state", text("state2")}));
    EXPECT_TRUE(news.add({"job_end", text("end")}));
    EXPECT_TRUE(news.add({"state", text("state3")}));
    EXPECT_TRUE(news.add({"state", text("state4")}));
    EXPECT_EQ(taken(news), "state2 position1 end state4");
    EXPECT_EQ(taken(news), "");
}

TEST(NewsTest, nothing_grows_for_a_thread_that_has_hung) {
    News news;
    for (std::size_t i = 0; i < News::kMost; ++i) {
        ASSERT_TRUE(news.add({"job_end", text("x")}));
    }
    EXPECT_FALSE(news.add({"job_end", text("x")}));
    EXPECT_FALSE(news.add({"state", text("x")}));
    EXPECT_EQ(news.take().size(), News::kMost);
    EXPECT_TRUE(news.add({"job_end", text("x")}));
}

} // namespace
} // namespace overbias::web_ui
