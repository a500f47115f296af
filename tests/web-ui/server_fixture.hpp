// SPDX-License-Identifier: Apache-2.0
// A server with a machine that only keeps what it was told, and the requests a panel would send.
#pragma once

#include "raw_client.hpp"
#include "web-ui/server/upload_backend.hpp"
#include "web-ui/server/web_server.hpp"

#include <atomic>
#include <boost/json.hpp>
#include <condition_variable>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <mutex>
#include <unistd.h>
#include <vector>

namespace overbias::web_ui {

namespace json = boost::json;

/// Answers "hold" when it is told to, "large" with 100 kB, everything else at once.
class NotingMachine : public PanelBackend {
  public:
    void serve(std::string message, std::function<void(std::string)> answer) override {
        const json::object request = json::parse(message).as_object();
        const std::string method(request.at("method").as_string());
        const std::lock_guard lock(mutex_);
        served_.push_back(message);
        if (method == "hold") {
            held_.push_back(std::move(answer));
        } else if (!request.contains("id")) {
            answer("");
        } else {
            const std::string result = method == "large" ? std::string(100000, 'x') : method;
            answer(R"({"jsonrpc":"2.0","id":)" + json::serialize(request.at("id")) + R"(,"result":")" + result + "\"}");
        }
        changed_.notify_all();
    }
    void stop() override {
        const std::lock_guard lock(mutex_);
        ++stops_;
        changed_.notify_all();
    }
    std::string health_json() override { return R"({"status":"ok"})"; }
    std::string metrics_text() override { return "overbias_up 1\n"; }
    UploadBackend* uploads() override { return uploads_; }
    void take_uploads(UploadBackend* backend) { uploads_ = backend; } ///< before the server is there

    [[nodiscard]] std::size_t served() {
        const std::lock_guard lock(mutex_);
        return served_.size();
    }
    [[nodiscard]] int stops() {
        const std::lock_guard lock(mutex_);
        return stops_;
    }
    bool wait_stops(int count) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, kPatience, [&] { return stops_ >= count; });
    }
    std::vector<std::function<void(std::string)>> wait_held(std::size_t count) {
        std::unique_lock lock(mutex_);
        EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return held_.size() >= count; }));
        return std::exchange(held_, {});
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> served_;
    std::vector<std::function<void(std::string)>> held_;
    int stops_ = 0;
    UploadBackend* uploads_ = nullptr;
};

class ServerTest : public testing::Test {
  protected:
    ServerTest() {
        config_.port = 0;
        config_.version = "9.9";
        config_.oldest_command = std::chrono::minutes(5); // a slow test machine is not what these tests are about
        config_.clock = [this] { return std::chrono::system_clock::time_point(std::chrono::seconds(now_s_.load())); };
    }
    ~ServerTest() override {
        server_.reset();
        if (!folder_.empty()) {
            std::filesystem::remove_all(folder_);
        }
    }
    void open() {
        server_.reset();
        server_ = std::make_unique<WebServer>(config_, machine_);
    }
    const std::filesystem::path& folder() {
        if (folder_.empty()) {
            folder_ = std::filesystem::path(testing::TempDir()) /
                      ("overbias-web-" + std::to_string(::getpid()) +
                       testing::UnitTest::GetInstance()->current_test_info()->name());
            std::filesystem::create_directories(folder_);
        }
        return folder_;
    }

    [[nodiscard]] RawClient connect(int receive_bytes = 0) const { return RawClient(server_->port(), receive_bytes); }
    [[nodiscard]] std::string authority() const { return "127.0.0.1:" + std::to_string(server_->port()); }
    [[nodiscard]] std::string host() const { return "Host: " + authority() + "\r\n"; }
    [[nodiscard]] std::string origin() const { return "Origin: http://" + authority() + "\r\n"; }
    [[nodiscard]] std::string get(const std::string& path, const std::string& headers = "") const {
        return "GET " + path + " HTTP/1.1\r\n" + host() + headers + "\r\n";
    }
    /// As a panel sends it; `headers` in its place when given.
    [[nodiscard]] std::string post(const std::string& path, const std::string& body, const std::string& headers) const {
        return "POST " + path + " HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers +
               "\r\n" + body;
    }
    [[nodiscard]] std::string post(const std::string& path, const std::string& body) const {
        return post(path, body, panel_headers());
    }
    [[nodiscard]] std::string panel_headers() const {
        return host() + origin() + "Content-Type: application/json\r\nSec-Fetch-Site: same-origin\r\n" + cookie();
    }
    [[nodiscard]] std::string cookie() const {
        return session_.empty() ? "" : "Cookie: theme=dark; overbias_session=" + session_ + "\r\n";
    }
    HttpAnswer once(const std::string& request) const {
        RawClient client = connect();
        return ask(client, request, request.starts_with("HEAD"));
    }
    static std::string token_body(const std::string& token) { return R"({"token":")" + token + "\"}"; }
    /// Pairs and keeps the session.
    void pair() {
        session_.clear();
        const HttpAnswer answer = once(post("/api/v1/pair", token_body(server_->new_pairing_token())));
        ASSERT_EQ(answer.status, 204);
        session_ = session_of(answer);
        ASSERT_EQ(session_.size(), 43U); // 256 bits
    }
    static std::string session_of(const HttpAnswer& answer) {
        const std::string cookie = answer.header("set-cookie");
        const std::string name = "overbias_session=";
        return cookie.starts_with(name) ? cookie.substr(name.size(), cookie.find(';') - name.size()) : "";
    }

    /// What a browser sends to open the panel's socket.
    [[nodiscard]] std::string upgrade(const std::string& headers, const char* protocol = "overbias.v1") const {
        return "GET /api/v1/ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: " +
               std::string(protocol) + "\r\n" + headers + "\r\n";
    }
    /// An open socket whose hello has been read.
    RawClient socket(int receive_bytes = 0) {
        RawClient client = connect(receive_bytes);
        const HttpAnswer answer = ask(client, upgrade(host() + origin() + cookie()));
        EXPECT_EQ(answer.status, 101);
        EXPECT_EQ(answer.header("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="); // RFC 6455, 1.3
        EXPECT_EQ(answer.header("sec-websocket-protocol"), "overbias.v1");
        const json::value hello = message(client);
        EXPECT_EQ(hello.at("method").as_string(), "hello");
        EXPECT_EQ(hello.at("params").at("version").as_string(), "9.9");
        server_time_ms_ = hello.at("params").at("server_time_ms").as_int64();
        return client;
    }
    /// The next text message; null at the end of the connection.
    static json::value message(RawClient& client) {
        const WsMessage got = ws_message(client);
        EXPECT_TRUE(got.opcode == 1 || got.opcode == -1) << "opcode " << got.opcode << ", close code " << got.code();
        return got.opcode == 1 ? json::parse(got.payload) : json::value(nullptr);
    }
    [[nodiscard]] std::string request(int id, const std::string& method) const {
        return request(id, method, server_time_ms_);
    }
    [[nodiscard]] static std::string request(int id, const std::string& method, std::int64_t at_ms) {
        return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":")" + method + R"(","at":)" +
               std::to_string(at_ms) + "}";
    }

    NotingMachine machine_;
    WebConfig config_;
    std::unique_ptr<WebServer> server_;
    std::string session_;
    std::int64_t server_time_ms_ = 0;
    std::atomic<std::int64_t> now_s_{1'800'000'000};

  private:
    std::filesystem::path folder_;
};

} // namespace overbias::web_ui
