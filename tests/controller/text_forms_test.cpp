// SPDX-License-Identifier: Apache-2.0
#include "controller/report_file.hpp"
#include "controller/rpc.hpp"
#include "controller/tape_position.hpp"

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>

namespace overbias::controller {
namespace {

using testing::HasSubstr;

TEST(TapePositionTest, metres_and_tape_time_are_understood) {
    // 15 ips is 0.381 m/s: a minute is 22.86 m
    const auto metres = [](std::string_view text) {
        const auto parsed = parse_tape_position(text, 15.0);
        return parsed ? *parsed : -9999.0;
    };
    EXPECT_DOUBLE_EQ(metres("34.5"), 34.5);
    EXPECT_DOUBLE_EQ(metres("34.5m"), 34.5);
    EXPECT_DOUBLE_EQ(metres("-3"), -3.0);
    EXPECT_NEAR(metres("0:01:00"), 22.86, 1e-9);
    EXPECT_NEAR(metres("1:00"), 22.86, 1e-9);
    EXPECT_NEAR(metres("1:00:00"), 60 * 22.86, 1e-9);
    EXPECT_NEAR(metres("0:00:30.5"), 30.5 * 0.381, 1e-9);
    EXPECT_NEAR(metres("-0:01:00"), -22.86, 1e-9);
    EXPECT_NEAR(metres("90:00"), 90 * 22.86, 1e-9);
}

TEST(TapePositionTest, anything_else_is_refused_with_what_is_understood) {
    for (const char* text : {"", "-", "m", "abc", "1:60", "1:75:00", "1:2:3:4", "1.5:00", "1:00m", "1e3", "inf", "nan",
                             " 1", "1:", ":1", "0x10", "1..2", "--1"}) {
        const auto parsed = parse_tape_position(text, 15.0);
        ASSERT_FALSE(parsed) << text;
        EXPECT_THAT(parsed.error().message, HasSubstr("h:mm:ss")) << text;
    }
}

TEST(TapePositionTest, tape_time_is_told_as_hours_minutes_seconds) {
    EXPECT_EQ(tape_time_text(22.86, 15.0), "0:01:00.00");
    EXPECT_EQ(tape_time_text(0.0, 15.0), "0:00:00.00");
    EXPECT_EQ(tape_time_text(-22.86, 15.0), "-0:01:00.00");
    EXPECT_EQ(tape_time_text(-0.1, 15.0), "-0:00:00.26");
    EXPECT_EQ(tape_time_text(22.86 * 75, 15.0), "1:15:00.00");
    EXPECT_EQ(tape_time_text(-0.003, 15.0), "0:00:00.00") << "no minus zero";
    EXPECT_EQ(tape_time_text(0.381 * 59.999, 15.0), "0:00:59.99") << "cut, not rounded up into a minute";
    EXPECT_EQ(tape_time_text(0.381 * 12.34, 15.0), "0:00:12.34");
}

TEST(RpcTest, a_request_is_taken_apart) {
    const auto parsed = parse_rpc(R"({"jsonrpc":"2.0","id":"a\"b","method":"locate","params":{"position":3}})");
    const auto& request = std::get<RpcRequest>(parsed);
    EXPECT_EQ(request.method, "locate");
    EXPECT_EQ(request.id, R"("a\"b")");
    EXPECT_TRUE(request.wants_answer);
    EXPECT_EQ(request.parameters.at("position").as_int64(), 3);
    EXPECT_FALSE(std::get<RpcRequest>(parse_rpc(R"({"jsonrpc":"2.0","method":"stop"})")).wants_answer);
}

TEST(RpcTest, a_malformed_request_gets_an_answer_with_the_right_code_and_id) {
    struct Row {
        const char* line;
        int code;
        const char* id;
    };
    for (const Row& row :
         {Row{"stop", -32700, "null"}, Row{"{\"jsonrpc\":\"2.0\"", -32700, "null"}, Row{"[]", -32600, "null"},
          Row{"3", -32600, "null"}, Row{R"({"id":4,"method":"stop"})", -32600, "4"},
          Row{R"({"jsonrpc":"1.0","id":4,"method":"stop"})", -32600, "4"},
          Row{R"({"jsonrpc":"2.0","id":4})", -32600, "4"}, Row{R"({"jsonrpc":"2.0","id":4,"method":7})", -32600, "4"},
          Row{R"({"jsonrpc":"2.0","id":[4],"method":"stop"})", -32600, "null"},
          Row{"{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"\xff\"}", -32700, "null"}}) {
        const auto parsed = parse_rpc(row.line);
        ASSERT_TRUE(std::holds_alternative<std::string>(parsed)) << row.line;
        const auto answer = boost::json::parse(std::get<std::string>(parsed));
        EXPECT_EQ(answer.at("error").at("code").as_int64(), row.code) << row.line;
        EXPECT_EQ(boost::json::serialize(answer.at("id")), row.id) << row.line;
    }
    // nesting deep enough to exhaust the stack of a careless parser
    EXPECT_TRUE(std::holds_alternative<std::string>(parse_rpc(std::string(60000, '['))));
}

TEST(RpcTest, answers_and_notifications_are_one_line_each) {
    EXPECT_EQ(rpc_answer(Reply::with({{"a", "line\nbreak"}}), "7"),
              "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"a\":\"line\\nbreak\"}}\n");
    EXPECT_EQ(rpc_answer(Reply::error(ErrorCode::Refused, "no"), "7"),
              "{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":-32002,\"message\":\"no\"}}\n");
    EXPECT_EQ(rpc_notification("state", "{}"), "{\"jsonrpc\":\"2.0\",\"method\":\"state\",\"params\":{}}\n");
}

TEST(ReportFileTest, is_written_whole_into_a_folder_that_is_made) {
    const auto folder = std::filesystem::path(testing::TempDir()) / ("overbias-report-" + std::to_string(getpid()));
    const auto path = folder / "reports" / "a.json";
    ASSERT_TRUE(write_file_atomically(path, "first"));
    ASSERT_TRUE(write_file_atomically(path, "second"));
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_EQ(text.str(), "second");
    int files = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder / "reports")) {
        ++files;
    }
    EXPECT_EQ(files, 1) << "no temporary file stays behind";
    const auto refused = write_file_atomically(path / "below-a-file" / "b.json", "x");
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("below-a-file"));
    std::filesystem::remove_all(folder);
}

} // namespace
} // namespace overbias::controller
