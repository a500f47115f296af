// SPDX-License-Identifier: Apache-2.0
// What one connection, or many, can cost.
#include "server_fixture.hpp"

namespace overbias::web_ui {
namespace {

using testing::HasSubstr;

class HttpLimits : public ServerTest {};

TEST_F(HttpLimits, a_body_has_64_kilobytes) {
    open();
    pair();
    std::string body = R"({"jsonrpc":"2.0","id":1,"method":"status","params":")";
    body += std::string(65536 - body.size() - 2, 'x') + "\"}";
    ASSERT_EQ(body.size(), 65536U);
    EXPECT_EQ(once(post("/api/v1/rpc", body)).status, 200);
    EXPECT_EQ(once(post("/api/v1/rpc", body + " ")).status, 413);
    RawClient large = connect();
    EXPECT_EQ(ask(large, post("/api/v1/rpc", std::string(300000, 'x'))).status, 413);
    large.wait_closed();
    EXPECT_FALSE(large.was_reset()) << "or the answer would not reach every client";
    EXPECT_EQ(machine_.served(), 1U);
}

TEST_F(HttpLimits, a_length_is_believed_before_it_is_sent) {
    open();
    pair();
    RawClient client = connect();
    EXPECT_EQ(
        ask(client, "POST /api/v1/rpc HTTP/1.1\r\n" + panel_headers() + "Content-Length: 999999999999\r\n\r\n").status,
        413);
    EXPECT_EQ(client.rest(), "");
}

TEST_F(HttpLimits, a_chunked_body_has_the_same_bound) {
    open();
    pair();
    const std::string head = "POST /api/v1/rpc HTTP/1.1\r\n" + panel_headers() + "Transfer-Encoding: chunked\r\n\r\n";
    const std::string good = R"({"jsonrpc":"2.0","id":1,"method":"status"})";
    EXPECT_EQ(once(head + "2a\r\n" + good + "\r\n0\r\n\r\n").status, 200);
    RawClient client = connect();
    client.send(head);
    std::string chunk = "1000\r\n" + std::string(4096, ' ') + "\r\n";
    for (int i = 0; i < 17; ++i) {
        client.send(chunk);
    }
    EXPECT_EQ(ask(client, "").status, 413);
    EXPECT_EQ(machine_.served(), 1U);
}

TEST_F(HttpLimits, who_may_not_ask_need_not_send_a_body) {
    open();
    RawClient client = connect();
    EXPECT_EQ(ask(client, "POST /api/v1/rpc HTTP/1.1\r\n" + panel_headers() + "Content-Length: 60000\r\n\r\n").status,
              401);
}

TEST_F(HttpLimits, headers_have_eight_kilobytes) {
    open();
    EXPECT_EQ(once(get("/", "X-Long: " + std::string(7000, 'x') + "\r\n")).status, 200);
    EXPECT_EQ(once(get("/", "X-Long: " + std::string(9000, 'x') + "\r\n")).status, 431);
    RawClient endless = connect();
    endless.send("GET /" + std::string(20000, 'x'));
    EXPECT_EQ(ask(endless, "").status, 431);
}

TEST_F(HttpLimits, what_is_not_http_is_told_so) {
    open();
    for (const char* junk :
         {"\x16\x03\x01\x02\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
          "POST /api/v1/rpc HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
          "POST /api/v1/rpc HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\n",
          "POST /api/v1/rpc HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
        RawClient client = connect();
        EXPECT_EQ(ask(client, junk).status, 400) << junk;
        EXPECT_EQ(client.rest(), "");
    }
}

TEST_F(HttpLimits, who_never_finishes_a_request_is_cut_off) {
    config_.request_time = std::chrono::milliseconds(100);
    config_.idle_time = std::chrono::milliseconds(100);
    open();
    pair();
    RawClient silent = connect();
    RawClient half_header = connect();
    half_header.send("GET / HTTP/1.1\r\nHo");
    RawClient half_body = connect();
    half_body.send("POST /api/v1/rpc HTTP/1.1\r\n" + panel_headers() + "Content-Length: 1000\r\n\r\n{");
    RawClient done = connect();
    EXPECT_EQ(ask(done, get("/api/v1/health")).status, 200);
    for (RawClient* client : {&silent, &half_header, &half_body, &done}) {
        EXPECT_EQ(client->rest(), "");
    }
    EXPECT_EQ(machine_.served(), 0U);
}

TEST_F(HttpLimits, a_drip_of_bytes_buys_no_time) {
    config_.request_time = std::chrono::milliseconds(200);
    open();
    RawClient drip = connect();
    drip.send("GET / HTTP/1.1\r\nX-Drip: ");
    const auto began = std::chrono::steady_clock::now();
    // every byte waits for a round trip of another client's, so that they arrive one by one
    while (drip.send("x") && std::chrono::steady_clock::now() - began < kPatience) {
        EXPECT_EQ(once(get("/api/v1/health")).status, 200);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
}

TEST_F(HttpLimits, more_connections_than_there_may_be_take_the_place_of_idle_ones) {
    config_.sockets_per_address = 4;
    config_.request_time = 10 * kPatience; // it is not time that closes them
    open();
    pair();
    std::vector<RawClient> hoard;
    for (int i = 0; i < 20; ++i) {
        hoard.push_back(connect());
    }
    EXPECT_EQ(once(post("/api/v1/stop", "")).status, 204) << "somebody who holds all places does not keep us out";
    EXPECT_EQ(machine_.stops(), 1);
    hoard.front().wait_closed();
}

TEST_F(HttpLimits, when_every_place_is_at_work_a_new_one_is_told_so) {
    config_.sockets_per_address = 3;
    open();
    pair();
    RawClient first = socket(), second = socket(), third = socket();
    const HttpAnswer answer = once(get("/api/v1/health"));
    EXPECT_EQ(answer.status, 503);
    EXPECT_THAT(answer.body, HasSubstr("close a window"));
    first.send(ws_frame(8, std::string("\x03\xe8", 2)));
    first.wait_closed();
    EXPECT_EQ(once(get("/api/v1/health")).status, 200) << "its place is free";
}

TEST_F(HttpLimits, the_number_of_all_sockets_is_bounded_too) {
    config_.sockets = 2;
    open();
    pair();
    RawClient first = socket(), second = socket();
    EXPECT_EQ(once(get("/")).status, 503);
}

TEST_F(HttpLimits, an_answer_after_the_server_is_gone_does_no_harm) {
    open();
    pair();
    RawClient client = connect();
    client.send(post("/api/v1/rpc", R"({"jsonrpc":"2.0","id":1,"method":"hold"})"));
    auto held = machine_.wait_held(1);
    server_.reset();
    EXPECT_EQ(client.rest(), "");
    held[0]("too late");
}

TEST_F(HttpLimits, a_caller_who_left_is_not_answered) {
    open();
    pair();
    {
        RawClient client = connect();
        client.send(post("/api/v1/rpc", R"({"jsonrpc":"2.0","id":1,"method":"hold"})"));
    }
    machine_.wait_held(1)[0]("to nobody");
    EXPECT_EQ(once(get("/")).status, 200);
}

TEST(Listening, a_port_that_is_taken_is_named) {
    NotingMachine machine;
    WebConfig config;
    config.port = 0;
    WebServer first(config, machine);
    config.port = first.port();
    try {
        WebServer second(config, machine);
        FAIL() << "two on one port";
    } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(), HasSubstr("127.0.0.1:" + std::to_string(config.port)));
        EXPECT_THAT(error.what(), HasSubstr("(process " + std::to_string(::getpid()) + ")")) << "who has it";
        EXPECT_THAT(error.what(), HasSubstr("--listen"));
    }
    EXPECT_EQ(first.address(), "http://127.0.0.1:" + std::to_string(first.port()));
}

TEST(Listening, an_address_that_is_none_is_named) {
    NotingMachine machine;
    for (const char* address : {"deck", "", "192.0.2.77", "127.0.0.1:8038"}) { // 192.0.2.0/24 is nobody's, RFC 5737
        WebConfig config;
        config.address = address;
        config.port = 0;
        try {
            WebServer server(config, machine);
            FAIL() << address;
        } catch (const std::runtime_error& error) {
            EXPECT_THAT(error.what(), HasSubstr(address));
            EXPECT_THAT(error.what(), HasSubstr("address"));
        }
    }
    WebConfig config;
    config.port = 0;
    config.host_names = {"http://deck.studio.lan"};
    EXPECT_THROW(WebServer(config, machine), std::runtime_error);
}

TEST(Listening, to_other_machines_is_noticed) {
    NotingMachine machine;
    WebConfig config;
    config.port = 0;
    config.address = "0.0.0.0";
    testing::internal::CaptureStderr();
    const WebServer server(config, machine);
    EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("not encrypted"));
    // by whatever numeric address it was reached
    RawClient client(server.port());
    EXPECT_EQ(ask(client, "GET / HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) + "\r\n\r\n").status,
              200);
    RawClient other(server.port());
    EXPECT_EQ(ask(other, "GET / HTTP/1.1\r\nHost: 10.0.0.1:" + std::to_string(server.port()) + "\r\n\r\n").status, 421);
}

} // namespace
} // namespace overbias::web_ui
