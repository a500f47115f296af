// SPDX-License-Identifier: Apache-2.0
#include "controller/command_registry.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdexcept>

namespace overbias::controller {
namespace {

using testing::HasSubstr;
namespace json = boost::json;

class CommandRegistryTest : public testing::Test {
  protected:
    CommandRegistryTest() {
        registry_.add({.name = "locate",
                       .help = "finds a place",
                       .role = Role::Operate,
                       .parameters = {{"position", ParameterType::Position, true, "where to"},
                                      {"speed", ParameterType::Number, false, "how fast"},
                                      {"tries", ParameterType::Integer, false, "how often"},
                                      {"files", ParameterType::TextList, false, "what"},
                                      {"quietly", ParameterType::Flag, false, "say nothing"},
                                      {"head", ParameterType::Text, false, "which", {"input", "sync", "repro"}}},
                       .aliases = {"cue"},
                       .handler = [this](const json::object& parameters, const Caller&, const Answer& answer) {
                           seen_ = parameters;
                           ++calls_;
                           answer(Reply::with(json::object{{"status", "accepted"}}));
                       }});
        registry_.add(
            {.name = "status",
             .help = "tells",
             .role = Role::Observe,
             .handler = [](const json::object&, const Caller&, const Answer& answer) { answer(Reply::with("here")); }});
        registry_.add(
            {.name = "breaks", .help = "throws", .handler = [](const json::object&, const Caller&, const Answer&) {
                 throw std::runtime_error("no such luck");
             }});
    }

    Reply call(std::string_view method, const json::value& parameters, Role role = Role::Operate) {
        Reply got = Reply::error(ErrorCode::InternalError, "not answered");
        int answers = 0;
        registry_.call(method, parameters, {.role = role}, [&](Reply reply) {
            got = std::move(reply);
            ++answers;
        });
        EXPECT_EQ(answers, 1) << method;
        return got;
    }

    void expect_error(std::string_view method, const char* parameters, ErrorCode code, const std::string& text) {
        const Reply reply = call(method, json::parse(parameters));
        EXPECT_FALSE(reply.ok());
        EXPECT_EQ(static_cast<int>(reply.code), static_cast<int>(code)) << method << " " << parameters;
        EXPECT_THAT(reply.message, HasSubstr(text)) << method << " " << parameters;
    }

    CommandRegistry registry_;
    json::object seen_;
    int calls_ = 0;
};

TEST_F(CommandRegistryTest, runs_a_command_with_its_parameters_also_by_its_alias) {
    EXPECT_EQ(call("locate", {{"position", 34.5}, {"head", "sync"}}).result, R"({"status":"accepted"})");
    EXPECT_EQ(seen_.at("position").as_double(), 34.5);
    EXPECT_TRUE(call("cue", {{"position", "0:01:30"}}).ok());
    EXPECT_TRUE(call("locate", {{"position", 3}, {"tries", 2}, {"files", {"a", "b"}}, {"quietly", true}}).ok());
    EXPECT_EQ(calls_, 3);
}

TEST_F(CommandRegistryTest, no_parameters_may_be_absent_or_empty) {
    EXPECT_TRUE(call("status", nullptr).ok());
    EXPECT_TRUE(call("status", json::object{}).ok());
}

TEST_F(CommandRegistryTest, every_wrong_call_is_answered_and_names_what_was_meant) {
    expect_error("locat", "{}", ErrorCode::MethodNotFound, "unknown command 'locat'; did you mean 'locate'?");
    expect_error("frobnicate", "{}", ErrorCode::MethodNotFound, "there are: breaks, locate, schema, status, cue");
    expect_error("", "{}", ErrorCode::MethodNotFound, "unknown command ''");
    expect_error("locate", "{}", ErrorCode::InvalidParams, "parameter 'position' is missing");
    expect_error("locate", R"({"position":1,"sped":2})", ErrorCode::InvalidParams,
                 "unknown parameter 'sped'; did you mean 'speed'?");
    expect_error("status", R"({"all":true})", ErrorCode::InvalidParams, "unknown parameter 'all'; there are none");
    expect_error("locate", R"({"position":true})", ErrorCode::InvalidParams, "'position' must be a position");
    expect_error("locate", R"({"position":null})", ErrorCode::InvalidParams, "got null");
    expect_error("locate", R"({"position":1,"speed":"fast"})", ErrorCode::InvalidParams,
                 "'speed' must be a number, got text");
    expect_error("locate", R"({"position":1,"tries":1.5})", ErrorCode::InvalidParams, "'tries' must be a whole number");
    expect_error("locate", R"({"position":1,"files":"a"})", ErrorCode::InvalidParams,
                 "'files' must be a list of texts");
    expect_error("locate", R"({"position":1,"files":["a",1]})", ErrorCode::InvalidParams,
                 "'files' must be a list of texts");
    expect_error("locate", R"({"position":1,"quietly":1})", ErrorCode::InvalidParams,
                 "'quietly' must be a true or false");
    expect_error("locate", R"({"position":1,"head":"snc"})", ErrorCode::InvalidParams,
                 "unknown value 'snc'; did you mean 'sync'?");
    expect_error("locate", "[1]", ErrorCode::InvalidParams, "must be an object with names, got list");
    expect_error("locate", R"({"position":1e999})", ErrorCode::InvalidParams, "finite");
    expect_error("breaks", "{}", ErrorCode::InternalError, "breaks: no such luck");
    EXPECT_EQ(calls_, 0);
}

TEST_F(CommandRegistryTest, an_observer_can_look_but_not_operate) {
    EXPECT_TRUE(call("status", nullptr, Role::Observe).ok());
    const Reply refused = call("locate", {{"position", 1}}, Role::Observe);
    EXPECT_EQ(static_cast<int>(refused.code), static_cast<int>(ErrorCode::Refused));
    EXPECT_EQ(calls_, 0);
}

TEST_F(CommandRegistryTest, the_schema_lists_every_command_with_its_parameters) {
    const json::value schema = json::parse(call("schema", nullptr).result);
    const json::array& commands = schema.at("commands").as_array();
    ASSERT_EQ(commands.size(), 4U); // breaks, locate, schema, status
    const json::value& locate = commands[1];
    EXPECT_EQ(locate.at("name").as_string(), "locate");
    EXPECT_EQ(locate.at("role").as_string(), "operate");
    EXPECT_EQ(locate.at("aliases").as_array().at(0).as_string(), "cue");
    ASSERT_EQ(locate.at("parameters").as_array().size(), 6U);
    EXPECT_EQ(locate.at("parameters").as_array()[0].at("type").as_string(), "position");
    EXPECT_EQ(locate.at("parameters").as_array()[0].at("required").as_bool(), true);
    EXPECT_EQ(locate.at("parameters").as_array()[5].at("choices").as_array().size(), 3U);
}

TEST_F(CommandRegistryTest, a_name_can_be_given_once) {
    const Handler nothing = [](const json::object&, const Caller&, const Answer&) {};
    EXPECT_THROW(registry_.add({.name = "status", .help = "", .handler = nothing}), std::logic_error);
    EXPECT_THROW(registry_.add({.name = "cue", .help = "", .handler = nothing}), std::logic_error);
    EXPECT_THROW(registry_.add({.name = "other", .help = "", .aliases = {"locate"}, .handler = nothing}),
                 std::logic_error);
    EXPECT_THROW(registry_.add({.name = "third", .help = ""}), std::logic_error);
}

} // namespace
} // namespace overbias::controller
