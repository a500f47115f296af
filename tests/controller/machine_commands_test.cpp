// SPDX-License-Identifier: Apache-2.0
// The machine's commands over the real Transport on a fake deck that answers every key at once.
#include "controller/machine_commands.hpp"

#include "key_deck.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::controller {
namespace {

using namespace test;
using testing::Contains;
using testing::HasSubstr;
namespace json = boost::json;

class MachineCommandsTest : public testing::Test {
  protected:
    MachineCommandsTest() {
        add_machine_commands(
            registry_, {.transport = transport_,
                        .runner = runner_,
                        .more_status = [](json::object& status) { status["more"] = true; },
                        .commanded = [this](const std::string& command,
                                            const std::string& answer) { log_.push_back(command + " -> " + answer); },
                        .record_obstacle = [this] { return record_obstacle_; },
                        .clear_obstacle = [this] { return clear_obstacle_; }});
        timeline_.run_for(std::chrono::seconds(5)); // the deck has told, and has settled
    }
    Reply call(const char* method, const json::value& parameters = nullptr) {
        Reply got;
        registry_.call(method, parameters, {}, [&](Reply reply) { got = std::move(reply); });
        return got;
    }
    json::value result(const char* method, const json::value& parameters = nullptr) {
        const Reply reply = call(method, parameters);
        EXPECT_TRUE(reply.ok()) << method << ": " << reply.message;
        return reply.ok() ? json::parse(reply.result) : json::value(nullptr);
    }
    std::string current() { return std::string(name_of(transport_.state().current)); }
    void start_job() {
        ASSERT_TRUE(runner_.start(std::make_unique<PlayingJob>(timeline_, transport_, order_), "id"));
        timeline_.run_for(std::chrono::seconds(5));
        order_.clear();
    }

    SimulatedTimeline timeline_;
    std::vector<std::string> order_, log_;
    std::string record_obstacle_, clear_obstacle_;
    KeyDeck deck_{order_};
    NoAdjust adjust_;
    transport::Transport transport_{timeline_, deck_, adjust_, {}};
    JobRunner runner_{timeline_,
                      {.make_safe = [this] { transport_.stop(); }, .where = {}, .event = {}, .keep = {}, .ended = {}}};
    CommandRegistry registry_;
};

TEST_F(MachineCommandsTest, a_command_is_carried_out_and_told_with_the_new_state) {
    const json::value played = result("play");
    EXPECT_EQ(played.at("status").as_string(), "accepted");
    EXPECT_EQ(played.at("state").at("motion").at("requested").as_string(), "Playing");
    timeline_.run_for(std::chrono::seconds(2));
    EXPECT_EQ(current(), "Playing");
    EXPECT_EQ(result("play").at("status").as_string(), "unchanged");
    EXPECT_EQ(result("stop").at("status").as_string(), "accepted");
    EXPECT_THAT(order_, Contains("key stop"));
    EXPECT_THAT(log_, testing::ElementsAre("play -> accepted", HasSubstr("play -> unchanged"), "stop -> accepted"));
}

TEST_F(MachineCommandsTest, what_the_machine_denies_is_an_error_with_its_reason) {
    const Reply record = call("record");
    EXPECT_EQ(static_cast<int>(record.code), static_cast<int>(ErrorCode::Refused));
    EXPECT_THAT(record.message, HasSubstr("record was refused: "));
    EXPECT_GT(record.message.size(), std::string("record was refused: ").size());
    EXPECT_THAT(call("monitor", {{"select", "sync"}}).message, HasSubstr("turn the switch by hand"));
    EXPECT_THAT(log_.at(0), HasSubstr("record -> denied: "));
}

TEST_F(MachineCommandsTest, wind_is_another_name_of_fast_forward) {
    EXPECT_TRUE(call("wind").ok());
    EXPECT_THAT(order_, Contains("key fast_forward"));
}

TEST_F(MachineCommandsTest, while_a_job_owns_the_deck_only_stop_moves_it) {
    start_job();
    for (const char* method :
         {"play", "record", "arm", "disarm", "punch_out", "fast_forward", "rewind", "zero_counter", "clear_fault"}) {
        const Reply reply = call(method);
        EXPECT_EQ(static_cast<int>(reply.code), static_cast<int>(ErrorCode::Refused)) << method;
        EXPECT_THAT(reply.message, HasSubstr("the deck belongs to 'side A' (running, 25 %)")) << method;
    }
    EXPECT_FALSE(call("monitor", {{"select", "repro"}}).ok());
    EXPECT_TRUE(order_.empty()) << "no key was pressed";
    EXPECT_EQ(result("status").at("job").at("phase").as_string(), "playing");
}

TEST_F(MachineCommandsTest, stop_stops_the_deck_first_and_then_ends_the_job) {
    start_job();
    EXPECT_EQ(result("stop").at("status").as_string(), "accepted");
    ASSERT_GE(order_.size(), 2U);
    EXPECT_EQ(order_.front(), "key stop");
    EXPECT_EQ(order_.back(), "job gone");
    EXPECT_FALSE(runner_.busy());
    EXPECT_EQ(result("job_status").at("last_job").at("verdict").as_string(), "cancelled");
}

TEST_F(MachineCommandsTest, job_cancel_without_a_job_says_so) {
    EXPECT_EQ(result("job_cancel").at("status").as_string(), "unchanged");
    start_job();
    EXPECT_EQ(result("job_cancel").at("status").as_string(), "accepted");
    EXPECT_EQ(order_.front(), "key stop");
}

TEST_F(MachineCommandsTest, an_obstacle_refuses_arm_and_record_and_nothing_else) {
    result("arm");
    record_obstacle_ = "the sound card is gone";
    order_.clear();
    for (const char* command : {"arm", "record"}) {
        const Reply refused = call(command);
        EXPECT_EQ(static_cast<int>(refused.code), static_cast<int>(ErrorCode::Refused));
        EXPECT_THAT(refused.message, HasSubstr("was refused: the sound card is gone"));
    }
    EXPECT_TRUE(order_.empty());
    EXPECT_THAT(log_, Contains("arm -> denied: the sound card is gone"));
    EXPECT_TRUE(call("play").ok());
    EXPECT_TRUE(call("stop").ok());
    record_obstacle_.clear();
    EXPECT_TRUE(call("arm").ok());
}

TEST_F(MachineCommandsTest, a_fault_whose_cause_is_still_there_is_not_cleared) {
    transport_.raise_fault("the way to the deck is gone");
    EXPECT_EQ(order_.back(), "key stop");
    EXPECT_EQ(current(), "Faulted");
    EXPECT_EQ(result("status").at("fault").as_string(), "the way to the deck is gone");
    timeline_.run_for(std::chrono::seconds(5));
    clear_obstacle_ = "the way to the deck is gone";
    EXPECT_THAT(call("clear_fault").message, HasSubstr("clear_fault was refused: the way to the deck is gone"));
    clear_obstacle_.clear();
    EXPECT_TRUE(call("clear_fault").ok());
    EXPECT_EQ(current(), "Stopped");
}

TEST_F(MachineCommandsTest, status_has_machine_job_and_what_the_installation_adds) {
    const json::value status = result("status");
    EXPECT_EQ(status.at("motion").at("current").as_string(), "Stopped");
    EXPECT_TRUE(status.at("job").is_null());
    EXPECT_TRUE(status.at("last_job").is_null());
    EXPECT_TRUE(status.at("fault").is_null());
    EXPECT_TRUE(status.at("more").as_bool());
}

TEST_F(MachineCommandsTest, subscribe_needs_a_door_that_can_and_topics_that_exist) {
    EXPECT_EQ(static_cast<int>(call("subscribe").code), static_cast<int>(ErrorCode::Refused));
    std::vector<std::string> topics;
    Reply got;
    const auto take = [&](Reply reply) { got = std::move(reply); };
    const Caller caller{.role = Role::Observe,
                        .subscribe = [&](const std::vector<std::string>& asked) { topics = asked; }};
    registry_.call("subscribe", {{"topics", {"job_end"}}}, caller, take);
    EXPECT_TRUE(got.ok());
    EXPECT_THAT(topics, testing::ElementsAre("job_end"));
    registry_.call("subscribe", {{"topics", {"weather"}}}, caller, take);
    EXPECT_THAT(got.message, HasSubstr("unknown topic 'weather'"));
}

} // namespace
} // namespace overbias::controller
