// SPDX-License-Identifier: Apache-2.0
// The panel's socket: requests and answers, what may be late and what may not, notifications and meter frames.
#include "server_fixture.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <thread>

namespace overbias::web_ui {
namespace {

using testing::HasSubstr;

class Socket : public ServerTest {
  protected:
    void SetUp() override {
        open();
        pair();
    }
    void again() {
        open();
        pair();
    }
    static std::string text(const json::value& message) { return json::serialize(message); }
    json::value ask_socket(RawClient& client, const std::string& body) {
        client.send(ws_frame(1, body));
        return message(client);
    }
};

TEST_F(Socket, requests_are_answered_in_order) {
    RawClient client = socket();
    client.send(ws_frame(1, request(1, "one")) + ws_frame(1, request(2, "two")));
    EXPECT_EQ(text(message(client)), R"({"jsonrpc":"2.0","id":1,"result":"one"})");
    EXPECT_EQ(text(message(client)), R"({"jsonrpc":"2.0","id":2,"result":"two"})");
}

TEST_F(Socket, only_our_subprotocol) {
    for (const char* protocol : {"", "overbias.v2", "xoverbias.v1"}) {
        EXPECT_EQ(once(upgrade(host() + origin() + cookie(), protocol)).status, 400) << protocol;
    }
    RawClient client = connect();
    EXPECT_EQ(ask(client, upgrade(host() + origin() + cookie(), "other, overbias.v1")).status, 101);
    EXPECT_EQ(once(get("/api/v1/ws", origin() + cookie())).status, 426) << "no upgrade at all";
}

TEST_F(Socket, nothing_may_be_sent_before_the_upgrade_is_answered) {
    EXPECT_EQ(once(upgrade(host() + origin() + cookie()) + ws_frame(1, request(1, "play"))).status, 400);
    EXPECT_EQ(machine_.served(), 0U);
}

TEST_F(Socket, the_servers_time_for_the_asking) {
    RawClient client = socket();
    const json::value first = ask_socket(client, R"({"jsonrpc":"2.0","id":"a","method":"ping"})");
    EXPECT_EQ(first.at("id").as_string(), "a");
    EXPECT_GE(first.at("result").at("server_time_ms").as_int64(), server_time_ms_);
    EXPECT_EQ(machine_.served(), 0U);
}

TEST_F(Socket, a_key_pressed_too_long_ago_moves_nothing) {
    config_.oldest_command = std::chrono::milliseconds(1500);
    again();
    RawClient client = socket();
    const std::int64_t now = server_time_ms_;
    const std::vector<std::pair<std::int64_t, const char*>> late{
        {now - 1501, " s ago"}, {now - 3600000, "3600"}, {0, " s ago"}, {now + 60000, "in the future"}};
    for (const char* method : {"play", "record", "arm", "rewind", "locate", "zero_counter", "print", "unknown"}) {
        for (const auto& [at, why] : late) {
            const json::value answer = ask_socket(client, request(3, method, at));
            EXPECT_EQ(answer.at("id").as_int64(), 3);
            EXPECT_EQ(answer.at("error").at("code").as_int64(), -32002);
            EXPECT_THAT(text(answer), HasSubstr(why));
            EXPECT_THAT(text(answer), HasSubstr(method));
        }
    }
    EXPECT_EQ(machine_.served(), 0U);
    EXPECT_EQ(ask_socket(client, request(4, "play", now)).at("result").as_string(), "play");
}

TEST_F(Socket, a_command_without_its_time_moves_nothing) {
    RawClient client = socket();
    for (const char* body : {R"({"jsonrpc":"2.0","id":1,"method":"play"})",
                             R"({"jsonrpc":"2.0","id":1,"method":"play","params":{"at":1}})",
                             R"({"jsonrpc":"2.0","id":1,"method":"play","at":"now"})",
                             R"({"jsonrpc":"2.0","id":1,"method":"play","at":null})",
                             R"({"jsonrpc":"2.0","id":1,"method":"play","at":1e999})"}) {
        EXPECT_TRUE(ask_socket(client, body).is_object()) << body;
    }
    EXPECT_EQ(machine_.served(), 0U);
    for (const char* method : {"status", "disarm", "log", "schema", "job_status"}) { // these may be late
        const std::string body = R"({"jsonrpc":"2.0","id":1,"method":")" + std::string(method) + "\"}";
        EXPECT_EQ(ask_socket(client, body).at("result").as_string(), method);
    }
}

TEST_F(Socket, over_http_the_time_may_be_left_out_but_not_be_old) {
    config_.oldest_command = std::chrono::milliseconds(1500);
    again();
    EXPECT_THAT(once(post("/api/v1/rpc", R"({"jsonrpc":"2.0","id":1,"method":"play"})")).body, HasSubstr("result"));
    EXPECT_THAT(once(post("/api/v1/rpc", request(1, "play", 0))).body, HasSubstr("-32002"));
    EXPECT_EQ(machine_.served(), 1U);
}

TEST_F(Socket, stop_is_never_too_old_and_needs_nothing_else) {
    RawClient client = socket();
    EXPECT_EQ(text(ask_socket(client, request(1, "stop", 0))),
              R"({"jsonrpc":"2.0","id":1,"result":{"status":"accepted"}})");
    EXPECT_EQ(ask_socket(client, R"({"id":2,"method":"stop"})").at("id").as_int64(), 2);
    client.send(ws_frame(1, R"({"method":"stop"})")); // wants no answer
    EXPECT_TRUE(machine_.wait_stops(3));
    EXPECT_EQ(machine_.served(), 0U) << "past the commands";
}

TEST_F(Socket, junk_is_answered_and_the_socket_goes_on) {
    RawClient client = socket();
    const std::vector<std::pair<const char*, int>> junk{{"", -32700},
                                                        {"play", -32700},
                                                        {"[]", -32600},
                                                        {R"([{"jsonrpc":"2.0","id":1,"method":"stop"}])", -32600},
                                                        {R"({"jsonrpc":"2.0","id":{},"method":"play"})", -32600},
                                                        {R"({"jsonrpc":"1.0","id":1,"method":"play"})", -32600},
                                                        {R"({"jsonrpc":"2.0","id":1,"method":["play"]})", -32600},
                                                        {R"({"jsonrpc":"2.0","id":1,"method":"seen"})", -32602}};
    for (const auto& [body, code] : junk) {
        EXPECT_EQ(ask_socket(client, body).at("error").at("code").as_int64(), code) << body;
    }
    EXPECT_EQ(ask_socket(client, std::string(60000, '[')).at("error").at("code").as_int64(), -32700);
    EXPECT_EQ(machine_.served(), 0U);
    EXPECT_EQ(ask_socket(client, request(9, "status")).at("id").as_int64(), 9);
}

TEST_F(Socket, a_message_has_64_kilobytes) {
    RawClient fits = socket(), endless = socket();
    std::string body = request(1, "status");
    body.insert(1, std::string(65536 - body.size(), ' '));
    EXPECT_EQ(ask_socket(fits, body).at("id").as_int64(), 1);
    endless.send(ws_frame(1, " " + body));
    const WsMessage last = ws_message(endless);
    EXPECT_EQ(last.opcode, 8);
    EXPECT_EQ(last.code(), 1009);
    EXPECT_EQ(machine_.served(), 1U);
}

TEST_F(Socket, binary_messages_are_not_for_us) {
    RawClient client = socket();
    client.send(ws_frame(2, request(1, "play")));
    EXPECT_EQ(ws_message(client).code(), 1003);
    EXPECT_EQ(machine_.served(), 0U);
}

TEST_F(Socket, a_flood_is_limited_while_stop_passes) {
    RawClient client = socket();
    std::string flood;
    constexpr int kFlood = 200;
    for (int i = 0; i < kFlood; ++i) {
        flood += ws_frame(1, request(i, "play"));
    }
    client.send(flood + ws_frame(1, request(kFlood, "stop")));
    int done = 0, refused = 0;
    for (json::value answer = message(client); answer.is_object() && answer.at("id").as_int64() != kFlood;
         answer = message(client)) {
        if (const json::value* error = answer.as_object().if_contains("error")) {
            EXPECT_EQ(error->at("code").as_int64(), -32002);
            EXPECT_THAT(text(answer), HasSubstr("50 commands a second"));
            ++refused;
        } else {
            ++done;
        }
    }
    EXPECT_EQ(machine_.stops(), 1);
    EXPECT_EQ(done + refused, kFlood);
    EXPECT_GE(done, 50);
    EXPECT_LT(done, kFlood) << "a second's worth, and what grew back meanwhile";
    EXPECT_EQ(machine_.served(), static_cast<std::size_t>(done));
}

TEST_F(Socket, a_second_socket_of_the_same_browser_has_no_allowance_of_its_own) {
    config_.commands_per_s = 5;
    again();
    RawClient first = socket(), second = socket();
    std::string flood;
    for (int i = 0; i < 20; ++i) {
        flood += ws_frame(1, request(i, "play"));
    }
    first.send(flood);
    for (int i = 0; i < 20; ++i) {
        (void)message(first);
    }
    EXPECT_TRUE(ask_socket(second, request(1, "play")).as_object().contains("error"));
    const std::string mine = session_;
    pair();
    RawClient other = socket();
    EXPECT_FALSE(ask_socket(other, request(1, "play")).as_object().contains("error")) << "another browser has";
}

TEST_F(Socket, unanswered_commands_are_bounded_and_stop_passes) {
    config_.unanswered = 3;
    again();
    RawClient client = socket();
    for (int i = 1; i <= 3; ++i) {
        client.send(ws_frame(1, request(i, "hold")));
    }
    EXPECT_THAT(text(ask_socket(client, request(4, "play"))), HasSubstr("-32002"));
    EXPECT_TRUE(ask_socket(client, request(5, "stop")).as_object().contains("result"));
    auto held = machine_.wait_held(3);
    ASSERT_EQ(held.size(), 3U);
    held[1](R"({"jsonrpc":"2.0","id":2,"result":true})"); // from this thread
    EXPECT_EQ(message(client).at("id").as_int64(), 2);
    EXPECT_TRUE(ask_socket(client, request(6, "play")).as_object().contains("result")) << "there is room again";
    server_.reset();
    held[0]("too late");
}

TEST_F(Socket, everybody_paired_is_told_and_in_order) {
    RawClient first = socket(), second = socket();
    server_->notify("card", R"({"lost":true})");
    server_->notify("state", R"({"n":1})");
    server_->notify("job_end", R"({"n":2})");
    server_->notify("progress", "null");
    server_->notify("job_end", R"({"n":3})");
    for (RawClient* client : {&first, &second}) {
        EXPECT_EQ(text(message(*client)), R"({"jsonrpc":"2.0","method":"card","params":{"lost":true}})");
        EXPECT_EQ(text(message(*client)), R"({"jsonrpc":"2.0","method":"state","params":{"n":1}})")
            << "what was before an event is told before it";
        EXPECT_EQ(text(message(*client)), R"({"jsonrpc":"2.0","method":"job_end","params":{"n":2}})");
        EXPECT_EQ(text(message(*client)), R"({"jsonrpc":"2.0","method":"progress","params":null})");
        EXPECT_EQ(text(message(*client)), R"({"jsonrpc":"2.0","method":"job_end","params":{"n":3}})");
    }
}

TEST_F(Socket, who_connects_later_gets_the_newest_values) {
    for (int i = 1; i <= 3; ++i) {
        server_->notify("state", R"({"n":)" + std::to_string(i) + "}");
        server_->notify("position", R"({"m":)" + std::to_string(i) + "}");
        server_->notify("job_end", "{}");
    }
    RawClient client = socket(); // reads hello, which comes first
    const json::value one = message(client), two = message(client);
    EXPECT_EQ(one.at("method").as_string(), "position");
    EXPECT_EQ(one.at("params").at("m").as_int64(), 3);
    EXPECT_EQ(two.at("method").as_string(), "state");
    EXPECT_EQ(two.at("params").at("n").as_int64(), 3);
    EXPECT_EQ(ask_socket(client, request(1, "status")).at("id").as_int64(), 1) << "and nothing of the past";
}

TEST_F(Socket, a_meter_frame_byte_by_byte) {
    RawClient client = socket();
    MeterFrame frame;
    frame.capture_time_ns = 0x0102030405060708;
    frame.tape = {.vu = {0.0F, -1.0F},
                  .ppm_type_i_db = {-2.0F, -150.0F},
                  .ppm_type_ii_db = {3.0F, 0.5F},
                  .true_peak_dbtp = {-0.25F, -60.0F},
                  .sample_peak_dbfs = {1.0F, 2.0F},
                  .momentary_lufs = -23.0F,
                  .short_term_lufs = -24.0F,
                  .correlation = -0.5F,
                  .clips = {0x01020304, 7},
                  .integrated_lufs = -23.5F,
                  .range_lu = 4.0F,
                  .measured_s = 60.0F};
    frame.programme.vu = {-3.0F, 0.0F};
    server_->publish_meters(frame);
    const WsMessage first = ws_message(client);
    EXPECT_EQ(first.opcode, 2);
    // IEEE 754 single, little-endian, worked out by hand
    const std::array<unsigned char, 96> expected{
        1, 2, 0,    0,    1, 0, 0,    0,    8, 7, 6,    5,    4, 3, 2,    1,    // header
        0, 0, 0,    0,    0, 0, 0x80, 0xBF, 0, 0, 0x00, 0xC0, 0, 0, 0x16, 0xC3, // VU, PPM type I
        0, 0, 0x40, 0x40, 0, 0, 0x00, 0x3F, 0, 0, 0x80, 0xBE, 0, 0, 0x70, 0xC2, // PPM type II, true peak
        0, 0, 0x80, 0x3F, 0, 0, 0x00, 0x40,                                     // sample peak
        0, 0, 0xB8, 0xC1, 0, 0, 0xC0, 0xC1, 0, 0, 0x00, 0xBF,                   // M, S, correlation
        4, 3, 2,    1,    7, 0, 0,    0,                                        // clips
        0, 0, 0xBC, 0xC1, 0, 0, 0x80, 0x40, 0, 0, 0x70, 0x42,                   // I, LRA, time
        0, 0, 0x40, 0xC0, 0, 0, 0,    0};                                       // programme begins with its VU
    ASSERT_EQ(first.payload.size(), 160U);
    EXPECT_EQ(std::memcmp(first.payload.data(), expected.data(), expected.size()), 0)
        << testing::PrintToString(first.payload);
    server_->publish_meters(frame);
    EXPECT_EQ(ws_message(client).payload[4], 2) << "the next one's number";
}

TEST_F(Socket, a_picture_goes_to_who_asked_for_its_source_byte_by_byte) {
    RawClient client = socket(), other = socket();
    EXPECT_FALSE(server_->pictures_wanted(PictureSource::Programme));
    client.send(ws_frame(1, R"({"jsonrpc":"2.0","id":1,"method":"pictures","params":{"source":"programme"}})"));
    EXPECT_EQ(message(client).at("result"), true);
    server_->publish_meters({});
    EXPECT_EQ(ws_message(client).payload.size(), kMeterFrameBytes);
    EXPECT_EQ(ws_message(other).payload.size(), kMeterFrameBytes);
    const auto until = std::chrono::steady_clock::now() + kPatience; // it is noted when the frame has gone to all
    while (!server_->pictures_wanted(PictureSource::Programme) && std::chrono::steady_clock::now() < until) {
        std::this_thread::yield();
    }
    EXPECT_TRUE(server_->pictures_wanted(PictureSource::Programme));
    EXPECT_FALSE(server_->pictures_wanted(PictureSource::Tape));
    server_->publish_picture({.source = PictureSource::Tape});
    server_->publish_picture({.source = PictureSource::Programme,
                              .capture_time_ns = 0x0102030405060708,
                              .points = {{1.0F, 0.0F}, {-1.0F, -0.5F}},
                              .first_band = 30,
                              .bands_dbfs = {std::vector<float>{-1.0F}, std::vector<float>{-10.0F}},
                              .peaks_dbfs = {std::vector<float>{0.0F}, std::vector<float>{-400.0F}}});
    const std::array<unsigned char, 40> expected{
        2,    1,    2,    0,    0,    0,    0,    0,    8, 7, 6, 5, 4, 3, 2, 1, // header
        2,    0,    1,    0,    30,   0,    0,    0,                            // two points, one band
        0xFF, 0x7F, 0,    0,    0x01, 0x80, 0x00, 0xC0,                         // points
        0x9C, 0xFF, 0x18, 0xFC, 0,    0,    0x00, 0x80};                        // levels, peaks: cut at the lowest
    const WsMessage picture = ws_message(client);
    ASSERT_EQ(picture.payload.size(), expected.size());
    EXPECT_EQ(std::memcmp(picture.payload.data(), expected.data(), expected.size()), 0)
        << testing::PrintToString(picture.payload);
    server_->publish_meters({});
    EXPECT_EQ(ws_message(other).payload.size(), kMeterFrameBytes) << "no picture for who did not ask";
    client.send(ws_frame(1, R"({"jsonrpc":"2.0","id":2,"method":"pictures","params":{"source":"moon"}})"));
    json::value answer;
    do {
        const WsMessage got = ws_message(client);
        answer = got.opcode == 1 ? json::parse(got.payload) : json::value();
        ASSERT_NE(got.opcode, -1);
    } while (!answer.is_object());
    EXPECT_TRUE(answer.as_object().contains("error"));
}

TEST_F(Socket, a_silent_panel_is_asked_and_one_that_does_not_answer_is_closed) {
    config_.ping_interval = std::chrono::milliseconds(50);
    again();
    RawClient alive = socket(), dead = socket();
    for (int i = 0; i < 3; ++i) {
        const WsMessage ping = ws_message(alive);
        EXPECT_EQ(ping.opcode, 9);
        alive.send(ws_frame(10, ping.payload));
    }
    EXPECT_EQ(ws_message(dead).opcode, 9);
    dead.wait_closed();
    alive.send(ws_frame(1, request(1, "status")));
    WsMessage next;
    do {
        next = ws_message(alive);
    } while (next.opcode == 9);
    EXPECT_EQ(next.opcode, 1);
}

TEST_F(Socket, at_the_end_everybody_gets_what_was_said_and_a_goodbye) {
    RawClient client = socket();
    server_->notify("job_end", R"({"last":true})");
    server_.reset();
    EXPECT_EQ(text(message(client)), R"({"jsonrpc":"2.0","method":"job_end","params":{"last":true}})");
    const WsMessage last = ws_message(client);
    EXPECT_EQ(last.opcode, 8);
    EXPECT_EQ(last.code(), 1001);
}

} // namespace
} // namespace overbias::web_ui
