// SPDX-License-Identifier: Apache-2.0
#include "controller/job_runner.hpp"

#include "base/async/notifier.hpp"
#include "base/async/simulated_timeline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::controller {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using transport::JobOutcome;
using transport::JobProgress;
using transport::JobStopped;
using transport::JobVerdict;
using Order = std::vector<std::string>;

/// Works through ten steps of a second, noting each; its destruction (of the coroutine's frame) is noted too.
class FakeJob final : public transport::Job {
  public:
    enum class End { Pass, Fail, NotJudged, Refused, Fault, Broken, AtOnce };
    FakeJob(Timeline& timeline, Order& order, End end, std::function<void(int)> at_step = {})
        : timeline_(timeline), order_(order), end_(end), at_step_(std::move(at_step)) {}

    [[nodiscard]] std::string name() const override { return "fake print"; }
    [[nodiscard]] JobProgress progress() const override {
        return {"step " + std::to_string(step_), step_ / 10.0, 10.0 - step_};
    }
    [[nodiscard]] bool concern(const transport::Concern& concern) override {
        order_.push_back("heard " + concern.words);
        return concern.severity == transport::Concern::Severity::Fail;
    }
    [[nodiscard]] bool confirm() override {
        order_.push_back("confirmed at step " + std::to_string(step_));
        return step_ == 3; // the only gate there is
    }
    Task<JobOutcome> run() override {
        struct Mark {
            Order& order;
            ~Mark() { order.push_back("job gone"); }
        } mark{order_};
        if (end_ != End::AtOnce) {
            for (step_ = 0; step_ < 10; ++step_) {
                co_await timeline_.sleep_for(std::chrono::seconds(1));
                emit({"step", {{"number", std::to_string(step_)}}, {}, {}});
                if (at_step_) {
                    at_step_(step_);
                }
            }
        }
        switch (end_) {
        case End::Refused:
            throw JobStopped(JobStopped::Kind::Refused, "record was refused: not armed");
        case End::Fault:
            throw JobStopped(JobStopped::Kind::Fault, "the tape broke at 12 s");
        case End::Broken:
            throw std::runtime_error("vector::at");
        case End::Fail:
            co_return JobOutcome{JobVerdict::Fail, "dropout", "{\"verdict\":\"fail\"}"};
        case End::NotJudged:
            co_return JobOutcome{JobVerdict::NotJudged, "nothing had a limit", "{}"};
        case End::Pass:
        case End::AtOnce:
            break;
        }
        co_return JobOutcome{JobVerdict::Pass, "", "{}"};
    }

  private:
    Timeline& timeline_;
    Order& order_;
    End end_;
    std::function<void(int)> at_step_;
    int step_ = 0;
};

class JobRunnerTest : public testing::Test {
  protected:
    JobRunner::Hooks hooks() {
        return {.make_safe = [this] { order_.push_back("safe"); },
                .where = [] { return "the tape stood at 12.00 m"; },
                .event = [this](const transport::JobEvent& event,
                                const std::string& id) { events_.push_back(event.kind + " " + id); },
                .keep =
                    [this](JobEnd end, std::function<void(JobEnd)> kept) {
                        order_.push_back("keep");
                        end.report_path = "/reports/" + end.id;
                        if (keep_later_) {
                            kept_ = [end, kept] { kept(end); };
                        } else {
                            kept(std::move(end));
                        }
                    },
                .ended =
                    [this](const JobEnd& end) {
                        order_.push_back("ended");
                        ends_.push_back(end);
                    }};
    }
    void start(FakeJob::End end, std::function<void(int)> at_step = {}) {
        ASSERT_TRUE(runner_.start(std::make_unique<FakeJob>(timeline_, order_, end, std::move(at_step)), "id-1"));
    }
    void run_to_end() {
        ASSERT_TRUE(timeline_.run_until([this] { return !ends_.empty(); }, DeckTime(std::chrono::seconds(60))));
        ASSERT_EQ(ends_.size(), 1U);
    }

    SimulatedTimeline timeline_;
    Order order_, events_;
    std::vector<JobEnd> ends_;
    bool keep_later_ = false;
    std::function<void()> kept_;
    JobRunner runner_{timeline_, hooks()};
};

TEST_F(JobRunnerTest, confirms_only_while_a_gate_is_open) {
    const auto nothing_runs = runner_.confirm();
    ASSERT_FALSE(nothing_runs);
    EXPECT_THAT(nothing_runs.error().message, HasSubstr("no job is running"));
    start(FakeJob::End::Pass);
    timeline_.run_for(std::chrono::milliseconds(2500));
    const auto no_gate = runner_.confirm();
    ASSERT_FALSE(no_gate);
    EXPECT_THAT(no_gate.error().message, HasSubstr("waits for nobody now (step 2)"));
    timeline_.run_for(std::chrono::seconds(1));
    EXPECT_TRUE(runner_.confirm());
    run_to_end();
    EXPECT_FALSE(runner_.confirm());
}

TEST_F(JobRunnerTest, runs_a_job_to_its_end_and_keeps_the_outcome) {
    start(FakeJob::End::Pass);
    EXPECT_TRUE(runner_.running());
    timeline_.run_for(std::chrono::milliseconds(4500));
    EXPECT_DOUBLE_EQ(runner_.progress().fraction, 0.4);
    run_to_end();
    EXPECT_FALSE(runner_.busy());
    EXPECT_EQ(ends_[0].ending, JobEnding::Pass);
    EXPECT_EQ(ends_[0].report, "{}");
    EXPECT_EQ(ends_[0].report_path, "/reports/id-1");
    EXPECT_EQ(exit_status(ends_[0].ending), 0);
    EXPECT_EQ(events_.size(), 10U);
    EXPECT_EQ(events_[0], "step id-1");
    EXPECT_THAT(order_, ElementsAre("job gone", "safe", "keep", "ended"));
}

TEST_F(JobRunnerTest, each_way_to_end_has_its_exit_status_and_words) {
    struct Row {
        FakeJob::End end;
        JobEnding ending;
        int status;
        const char* text;
        const char* verdict;
    };
    for (const Row& row :
         {Row{FakeJob::End::Fail, JobEnding::Fail, 1, "dropout", "fail"},
          Row{FakeJob::End::NotJudged, JobEnding::NotJudged, 1, "nothing had a limit", "not_judged"},
          Row{FakeJob::End::Refused, JobEnding::Refused, 3, "record was refused: not armed", "refused"},
          Row{FakeJob::End::Fault, JobEnding::Fault, 4, "the tape broke at 12 s", "fault"},
          Row{FakeJob::End::Broken, JobEnding::Fault, 4, "vector::at", "fault"}}) {
        ends_.clear();
        start(row.end);
        ASSERT_TRUE(timeline_.run_until([this] { return !ends_.empty(); }, DeckTime(std::chrono::seconds(600))));
        EXPECT_EQ(ends_[0].ending, row.ending);
        EXPECT_EQ(exit_status(ends_[0].ending), row.status);
        EXPECT_STREQ(word(ends_[0].ending), row.verdict);
        EXPECT_THAT(ends_[0].reason, HasSubstr(row.text));
    }
}

TEST_F(JobRunnerTest, a_job_may_end_before_it_waits_for_anything) {
    start(FakeJob::End::AtOnce);
    EXPECT_TRUE(runner_.busy());
    run_to_end();
    EXPECT_EQ(ends_[0].ending, JobEnding::Pass);
}

TEST_F(JobRunnerTest, a_concern_that_ends_the_job_makes_the_deck_safe_before_anything_else) {
    using Severity = transport::Concern::Severity;
    runner_.concern({.severity = Severity::Fail, .monitor = "bias", .subject = "s", .words = "nobody runs"});
    EXPECT_TRUE(order_.empty());
    start(FakeJob::End::Fail);
    timeline_.run_for(std::chrono::milliseconds(3500));
    runner_.concern({.severity = Severity::Warn, .monitor = "bias", .subject = "s", .words = "it drifts"});
    EXPECT_THAT(order_, ElementsAre("heard it drifts"));
    runner_.concern({.severity = Severity::Fail, .monitor = "bias", .subject = "s", .words = "it is gone"});
    EXPECT_THAT(order_, ElementsAre("heard it drifts", "heard it is gone", "safe"));
    EXPECT_TRUE(runner_.running()) << "it comes to its end by itself, with its report";
    run_to_end();
    EXPECT_EQ(ends_[0].ending, JobEnding::Fail);
    EXPECT_FALSE(ends_[0].report.empty());
}

TEST_F(JobRunnerTest, cancel_makes_the_deck_safe_before_the_job_is_destroyed) {
    start(FakeJob::End::Pass);
    timeline_.run_for(std::chrono::milliseconds(3500));
    EXPECT_TRUE(runner_.cancel("stopped by the operator"));
    EXPECT_THAT(order_, ElementsAre("safe", "job gone", "keep", "ended"));
    ASSERT_EQ(ends_.size(), 1U);
    EXPECT_EQ(ends_[0].ending, JobEnding::Cancelled);
    EXPECT_EQ(exit_status(ends_[0].ending), 1);
    EXPECT_THAT(ends_[0].reason, HasSubstr("stopped by the operator; the tape stood at 12.00 m"));
    EXPECT_DOUBLE_EQ(ends_[0].progress.fraction, 0.3);
    EXPECT_FALSE(runner_.cancel("again"));
    timeline_.run_for(std::chrono::seconds(30));
    EXPECT_EQ(ends_.size(), 1U) << "nothing of a destroyed job may run later";
}

TEST_F(JobRunnerTest, a_machine_fault_ends_the_job_in_the_same_order) {
    start(FakeJob::End::Pass);
    timeline_.run_for(std::chrono::milliseconds(2500));
    runner_.machine_fault("the play tally was lost");
    EXPECT_THAT(order_, ElementsAre("safe"));
    runner_.machine_fault("and again");
    run_to_end();
    EXPECT_THAT(order_, ElementsAre("safe", "job gone", "keep", "ended"));
    EXPECT_EQ(ends_[0].ending, JobEnding::Fault);
    EXPECT_THAT(ends_[0].reason, HasSubstr("the play tally was lost; the tape stood at 12.00 m"));
}

TEST_F(JobRunnerTest, what_comes_to_light_until_the_tape_rests_is_told_with_the_fault) {
    bool rests = false;
    std::vector<JobEnd> ends;
    JobRunner runner(timeline_, {.make_safe = [this] { order_.push_back("safe"); },
                                 .where = {},
                                 .event = {},
                                 .keep = {},
                                 .ended = [&ends](const JobEnd& end) { ends.push_back(end); },
                                 .at_rest = [&rests] { return rests; }});
    const auto one = [&](const char* id) {
        ASSERT_TRUE(runner.start(std::make_unique<FakeJob>(timeline_, order_, FakeJob::End::Pass), id));
        timeline_.run_for(std::chrono::milliseconds(2500));
        order_.clear();
        runner.machine_fault("the play tally was lost");
        EXPECT_THAT(order_, ElementsAre("safe")) << "safe at once, whatever is told when";
        timeline_.run_for(std::chrono::milliseconds(500));
        EXPECT_THAT(order_, ElementsAre("safe", "job gone"));
    };
    one("first");
    EXPECT_TRUE(ends.empty());
    EXPECT_TRUE(runner.busy());
    runner.machine_fault("the tape is out");
    rests = true;
    timeline_.run_for(std::chrono::milliseconds(50));
    ASSERT_EQ(ends.size(), 1U);
    EXPECT_EQ(ends[0].reason, "the tape is out; before that: the play tally was lost");
    EXPECT_EQ(ends[0].ending, JobEnding::Fault);
    rests = false; // a tape that never rests: told all the same
    one("second");
    timeline_.run_for(std::chrono::seconds(4));
    ASSERT_EQ(ends.size(), 2U);
    EXPECT_EQ(ends[1].reason, "the play tally was lost");
    EXPECT_FALSE(runner.busy());
}

TEST_F(JobRunnerTest, a_fault_found_inside_a_call_of_the_job_does_not_destroy_it_under_itself) {
    start(FakeJob::End::Pass, [this](int step) {
        if (step == 2) {
            runner_.machine_fault("the tape broke");
            order_.push_back("job went on");
        }
    });
    run_to_end();
    EXPECT_THAT(order_, ElementsAre("safe", "job went on", "job gone", "keep", "ended"));
    EXPECT_EQ(ends_[0].ending, JobEnding::Fault);
}

TEST_F(JobRunnerTest, a_job_that_ends_itself_upon_the_fault_is_a_fault_whatever_it_says) {
    start(FakeJob::End::Refused, [this](int step) {
        if (step == 9) {
            runner_.machine_fault("the tape broke");
        }
    });
    run_to_end();
    EXPECT_EQ(ends_[0].ending, JobEnding::Fault);
    EXPECT_THAT(ends_[0].reason, HasSubstr("record was refused")); // its own words are nearer to what happened
}

TEST_F(JobRunnerTest, there_is_one_job_at_a_time_until_its_end_is_kept) {
    keep_later_ = true;
    start(FakeJob::End::Pass);
    const auto second = runner_.start(std::make_unique<FakeJob>(timeline_, order_, FakeJob::End::Pass), "id-2");
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().message, HasSubstr("'fake print' is running (0 %)"));
    EXPECT_FALSE(runner_.reserve("another"));
    ASSERT_TRUE(timeline_.run_until([this] { return static_cast<bool>(kept_); }, DeckTime(std::chrono::seconds(60))));
    EXPECT_TRUE(runner_.busy());
    EXPECT_FALSE(runner_.running());
    EXPECT_THAT(runner_.reserve("another").error().message, HasSubstr("is ending"));
    kept_();
    EXPECT_FALSE(runner_.busy());
    EXPECT_TRUE(runner_.reserve("another"));
}

TEST_F(JobRunnerTest, a_reservation_keeps_others_out_and_can_be_cancelled) {
    ASSERT_TRUE(runner_.reserve("print of a.wav"));
    const std::uint64_t mine = runner_.reservation();
    EXPECT_THAT(runner_.reserve("other").error().message, HasSubstr("'print of a.wav' is being prepared"));
    EXPECT_TRUE(runner_.cancel("stopped by the operator"));
    EXPECT_NE(runner_.reservation(), mine);
    EXPECT_FALSE(runner_.busy());
    EXPECT_TRUE(ends_.empty());
}

TEST_F(JobRunnerTest, destroying_the_runner_makes_the_deck_safe_first) {
    {
        JobRunner short_lived(timeline_, hooks());
        ASSERT_TRUE(short_lived.start(std::make_unique<FakeJob>(timeline_, order_, FakeJob::End::Pass), "id"));
        timeline_.run_for(std::chrono::seconds(1));
    }
    EXPECT_THAT(order_, ElementsAre("safe", "job gone"));
    timeline_.run_for(std::chrono::seconds(30));
    EXPECT_TRUE(ends_.empty());
}

TEST_F(JobRunnerTest, an_abandoned_runner_calls_no_hook_any_more) {
    {
        JobRunner short_lived(timeline_, hooks());
        ASSERT_TRUE(short_lived.start(std::make_unique<FakeJob>(timeline_, order_, FakeJob::End::Pass), "id"));
        timeline_.run_for(std::chrono::milliseconds(9500));
        short_lived.machine_fault("the card went"); // its end is posted
        short_lived.abandon();
        EXPECT_THAT(order_, ElementsAre("safe", "safe", "job gone"));
        timeline_.run_for(std::chrono::seconds(30));
    }
    EXPECT_THAT(order_, ElementsAre("safe", "safe", "job gone"));
    EXPECT_TRUE(ends_.empty());
}

} // namespace
} // namespace overbias::controller
