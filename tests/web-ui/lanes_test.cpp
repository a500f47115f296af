// SPDX-License-Identifier: Apache-2.0
// The lanes, the pace of meter frames and the news, without sockets and on a clock of the test's own.
#include "web-ui/server/lanes.hpp"
#include "web-ui/server/news.hpp"

#include <gtest/gtest.h>

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
            lanes_.meter(text("m"), sequence_, now_);
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
    lanes_.meter(text("meter"), 1, now_);
    EXPECT_TRUE(lanes_.notify("state", text("state 1")));
    EXPECT_TRUE(lanes_.push(text("answer")));
    EXPECT_TRUE(lanes_.notify("state", text("state 2")));
    lanes_.meter(text("newer meter"), 2, now_);
    EXPECT_EQ(next(), "answer");
    EXPECT_EQ(next(), "state 2");
    EXPECT_FALSE(lanes_.empty());
    const auto meter = lanes_.next(now_);
    ASSERT_TRUE(meter.has_value());
    EXPECT_EQ(*meter->text, "newer meter");
    EXPECT_TRUE(meter->binary);
    EXPECT_TRUE(lanes_.empty());
    EXPECT_EQ(next(), "(nothing)");
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
        lanes_.meter(text("m"), ++sequence_, now_);
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
