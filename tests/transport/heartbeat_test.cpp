// SPDX-License-Identifier: Apache-2.0
#include "base/async/simulated_timeline.hpp"
#include "transport/io/heartbeat.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace overbias::transport {

namespace {

using namespace std::chrono_literals;

class NotingLines final : public Lines {
  public:
    explicit NotingLines(Timeline& timeline) : timeline_(timeline) {}
    Result<LineId> find_output(std::string_view) override { return LineId{3}; }
    Result<LineId> find_input(std::string_view) override { return Error{"none"}; }
    void set(LineId output, bool active) override {
        EXPECT_EQ(output.value, 3);
        if (edges.empty() ? active : active != edges.back().active) {
            edges.push_back({timeline_.now().time_since_epoch(), active});
        }
    }
    [[nodiscard]] bool get(LineId) const override { return false; }
    void on_edge(std::function<void(const LineEdge&)>) override {}
    struct Edge {
        DeckDuration at;
        bool active;
    };
    std::vector<Edge> edges;

  private:
    Timeline& timeline_;
};

/// Time passes in one piece, as for a thread that hangs; what has become due is called afterwards.
class HangingTimeline final : public Timeline {
  public:
    [[nodiscard]] DeckTime now() const noexcept override { return now_; }
    TimerId call_at(DeckTime when, Callback callback) override {
        timers_.emplace(when, std::pair(++last_, std::move(callback)));
        return last_;
    }
    void cancel(TimerId timer) noexcept override {
        std::erase_if(timers_, [&](const auto& entry) { return entry.second.first == timer; });
    }
    void post(Callback callback) override { call_at(now_, std::move(callback)); }
    [[nodiscard]] bool simulated() const noexcept override { return true; }
    void pass(DeckDuration duration) {
        now_ += duration;
        while (!timers_.empty() && timers_.begin()->first <= now_) {
            const Callback callback = std::move(timers_.begin()->second.second);
            timers_.erase(timers_.begin());
            callback();
        }
    }

  private:
    DeckTime now_{};
    TimerId last_ = 0;
    std::multimap<DeckTime, std::pair<TimerId, Callback>> timers_;
};

struct HeartbeatLine : ::testing::Test {
    SimulatedTimeline timeline;
    NotingLines lines{timeline};
    bool may_beat = true;
    std::optional<Heartbeat> heartbeat{std::in_place, timeline, lines, LineId{3}, 25ms, [this] { return may_beat; }};
};

TEST_F(HeartbeatLine, MakesAnEdgeEachHalfPeriod) {
    timeline.run_for(1s);
    ASSERT_EQ(lines.edges.size(), 40u);
    for (std::size_t i = 0; i < lines.edges.size(); ++i) {
        EXPECT_EQ(lines.edges[i].at, 25ms * (i + 1));
        EXPECT_EQ(lines.edges[i].active, i % 2 == 0);
    }
    EXPECT_TRUE(heartbeat->beating());
}

TEST_F(HeartbeatLine, StopsWithoutAnotherEdgeWhenItMayNotBeat) {
    timeline.run_for(130ms); // 5 edges: the line is high
    may_beat = false;
    timeline.run_for(1s);
    EXPECT_EQ(lines.edges.size(), 5u);
    EXPECT_TRUE(lines.edges.back().active);
    EXPECT_FALSE(heartbeat->beating());
    may_beat = true;
    timeline.run_for(50ms);
    EXPECT_EQ(lines.edges.size(), 7u);
    EXPECT_FALSE(lines.edges[5].active); // goes on from where the line stood: every beat is an edge
}

TEST(Heartbeat, AHungControlThreadMakesNoEdgeAndDoesNotMakeUpForThem) {
    HangingTimeline timeline;
    NotingLines lines(timeline);
    const Heartbeat heartbeat(timeline, lines, LineId{3}, 25ms, [] { return true; });
    for (int i = 0; i < 4; ++i) {
        timeline.pass(25ms);
    }
    ASSERT_EQ(lines.edges.size(), 4u);
    timeline.pass(1s); // 40 half periods in which nothing was called
    ASSERT_EQ(lines.edges.size(), 5u);
    EXPECT_GE(lines.edges[4].at - lines.edges[3].at, 1s);
    timeline.pass(25ms);
    EXPECT_EQ(lines.edges.size(), 6u);
}

TEST_F(HeartbeatLine, EndsWithItsObject) {
    timeline.run_for(60ms);
    heartbeat.reset();
    timeline.run_for(1s);
    EXPECT_EQ(lines.edges.size(), 2u);
}

TEST_F(HeartbeatLine, RefusesAPeriodThatIsNone) {
    EXPECT_THROW(Heartbeat(timeline, lines, LineId{3}, 0ms, [] { return true; }), std::invalid_argument);
}

} // namespace

} // namespace overbias::transport
