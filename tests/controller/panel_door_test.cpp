// SPDX-License-Identifier: Apache-2.0
// The panel's door over a real registry: what comes in as JSON-RPC, what the machine is asked, what goes back.
#include "controller/panel_door.hpp"

#include "raw_client.hpp"

#include <atomic>
#include <boost/json.hpp>
#include <condition_variable>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mutex>

namespace overbias::controller {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using web_ui::HttpAnswer;
using web_ui::RawClient;

class PanelDoorTest : public testing::Test {
  protected:
    PanelDoorTest() {
        registry_.add({.name = "locate",
                       .help = "",
                       .parameters = {{"position", ParameterType::Position, true, "metres"}},
                       .handler = [](const json::object& given, const Caller&, const Answer& answer) {
                           answer(Reply::with({{"to", given.at("position")}}));
                       }});
        registry_.add(
            {.name = "record", .help = "", .handler = [](const json::object&, const Caller&, const Answer& answer) {
                 answer(Reply::error(ErrorCode::Refused, "record was refused: not armed"));
             }});
        registry_.add({.name = "subscribe",
                       .help = "",
                       .handler = [](const json::object&, const Caller& caller, const Answer& answer) {
                           caller.subscribe({"state"});
                           answer(Reply::with(true));
                       }});
    }
    void open(std::function<std::string()> health = {}, std::function<std::string()> metrics = {}) {
        web_ui::WebConfig config;
        config.port = 0;
        door_ = std::make_unique<PanelDoor>(
            config, PanelDoor::Hooks{.serve =
                                         [this](const RpcRequest& request, const Caller& caller, const Answer& answer) {
                                             registry_.call(request.method, request.parameters, caller, answer);
                                         },
                                     .stop =
                                         [this](std::function<void()> done) {
                                             const std::lock_guard lock(mutex_);
                                             ++presses_;
                                             done_ = std::move(done);
                                             changed_.notify_all();
                                         },
                                     .health_json = std::move(health),
                                     .metrics_text = std::move(metrics)});
        const std::string address = door_->pairing_address();
        const std::string before = door_->address() + "/#token=";
        ASSERT_TRUE(address.starts_with(before)) << address;
        EXPECT_EQ(door_->address(), "http://127.0.0.1:" + std::to_string(door_->port()));
        const HttpAnswer paired = post("/api/v1/pair", R"({"token":")" + address.substr(before.size()) + "\"}");
        ASSERT_EQ(paired.status, 204);
        const std::string cookie = paired.header("set-cookie");
        cookie_ = "Cookie: " + cookie.substr(0, cookie.find(';')) + "\r\n";
    }
    HttpAnswer send(const std::string& head, const std::string& body) const {
        RawClient client(door_->port());
        const std::string host = "127.0.0.1:" + std::to_string(door_->port());
        return web_ui::ask(client, head + " HTTP/1.1\r\nHost: " + host + "\r\nOrigin: http://" + host +
                                       "\r\nContent-Type: application/json\r\n" + cookie_ +
                                       "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    }
    HttpAnswer post(const std::string& path, const std::string& body) const { return send("POST " + path, body); }
    std::string rpc(const std::string& body) const { return post("/api/v1/rpc", body).body; }
    int presses() {
        const std::lock_guard lock(mutex_);
        return presses_;
    }

    CommandRegistry registry_;
    std::unique_ptr<PanelDoor> door_;
    std::string cookie_;
    std::mutex mutex_;
    std::condition_variable changed_;
    int presses_ = 0;
    std::function<void()> done_;
};

TEST_F(PanelDoorTest, a_command_means_what_it_means_at_every_door) {
    open();
    EXPECT_EQ(rpc(R"({"jsonrpc":"2.0","id":7,"method":"locate","params":{"position":12.5}})"),
              R"({"jsonrpc":"2.0","id":7,"result":{"to":12.5}})");
    EXPECT_EQ(rpc(R"({"jsonrpc":"2.0","id":"a","method":"record"})"),
              R"({"jsonrpc":"2.0","id":"a","error":{"code":-32002,"message":"record was refused: not armed"}})");
    EXPECT_THAT(rpc(R"({"jsonrpc":"2.0","id":1,"method":"locat"})"), HasSubstr("did you mean 'locate'"));
    EXPECT_THAT(rpc(R"({"jsonrpc":"2.0","id":1,"method":"locate","params":{"place":1}})"),
                HasSubstr("unknown parameter"));
    EXPECT_EQ(rpc(R"({"jsonrpc":"2.0","id":1,"method":"subscribe"})"), R"({"jsonrpc":"2.0","id":1,"result":true})");
    EXPECT_EQ(post("/api/v1/rpc", R"({"jsonrpc":"2.0","method":"record"})").status, 204) << "wants no answer";
}

TEST_F(PanelDoorTest, a_stop_is_pressed_at_once_and_again_when_it_is_done) {
    open();
    EXPECT_EQ(post("/api/v1/stop", "").status, 204);
    EXPECT_EQ(presses(), 1);
    done_();
    EXPECT_EQ(post("/api/v1/stop", "").status, 204);
    EXPECT_EQ(presses(), 2);
}

TEST_F(PanelDoorTest, a_flood_of_stops_is_not_passed_on_press_by_press) {
    open();
    RawClient client(door_->port());
    const std::string host = "127.0.0.1:" + std::to_string(door_->port());
    std::string flood;
    constexpr int kFlood = 2000;
    for (int i = 0; i < kFlood; ++i) {
        flood += "POST /api/v1/stop HTTP/1.1\r\nHost: " + host + "\r\nOrigin: http://" + host +
                 "\r\nContent-Type: application/json\r\n" + cookie_ + "Content-Length: 0\r\n\r\n";
    }
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < kFlood; ++i) {
        ASSERT_EQ(web_ui::ask(client, i == 0 ? flood : "").status, 204);
    }
    const double took_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
    EXPECT_GE(presses(), 1);
    EXPECT_LE(presses(), 2 + static_cast<int>(took_ms / 20.0)) << "one in 20 ms while none is done";
}

TEST_F(PanelDoorTest, a_stop_that_is_never_done_does_not_keep_the_next_from_being_pressed) {
    open();
    const auto deadline = std::chrono::steady_clock::now() + web_ui::kPatience;
    while (presses() < 3 && std::chrono::steady_clock::now() < deadline) {
        EXPECT_EQ(post("/api/v1/stop", "").status, 204);
    }
    EXPECT_EQ(presses(), 3);
}

TEST_F(PanelDoorTest, health_and_metrics_come_from_the_installation) {
    open();
    EXPECT_EQ(json::parse(send("GET /api/v1/health", "").body).at("status").as_string(), "ok");
    EXPECT_EQ(send("GET /metrics", "").status, 200);
    open([] { return R"({"status":"degraded","problem":"the disk is full"})"; }, [] { return "overbias_up 1\n"; });
    const json::value health = json::parse(send("GET /api/v1/health", "").body);
    EXPECT_EQ(health.at("status").as_string(), "degraded");
    EXPECT_EQ(health.at("problem").as_string(), "the disk is full");
    EXPECT_TRUE(health.at("paired").as_bool());
    EXPECT_EQ(send("GET /metrics", "").body, "overbias_up 1\n");
}

TEST_F(PanelDoorTest, each_pairing_address_is_good_for_one_browser) {
    open();
    const std::string first = door_->pairing_address(), second = door_->pairing_address();
    EXPECT_NE(first, second);
    const auto token = [](const std::string& address) {
        return R"({"token":")" + address.substr(address.find('=') + 1) + "\"}";
    };
    EXPECT_EQ(post("/api/v1/pair", token(first)).status, 401) << "the newer one took its place";
    EXPECT_EQ(post("/api/v1/pair", token(second)).status, 204);
    EXPECT_EQ(post("/api/v1/pair", token(second)).status, 401);
}

} // namespace
} // namespace overbias::controller
