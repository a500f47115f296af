// SPDX-License-Identifier: Apache-2.0
// The door over a real UNIX socket. No sleeps: every read waits for what must come, or for the end of the connection.
#include "controller/socket_door.hpp"

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mutex>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace overbias::controller {
namespace {

using testing::HasSubstr;
namespace json = boost::json;

constexpr int kPatienceMs = 20000; // a test that needs this has failed

class DoorClient {
  public:
    explicit DoorClient(const std::filesystem::path& path) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.string().copy(address.sun_path, sizeof(address.sun_path) - 1);
        connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    }
    DoorClient(const DoorClient&) = delete;
    DoorClient& operator=(const DoorClient&) = delete;
    ~DoorClient() { ::close(socket_); }

    [[nodiscard]] bool connected() const { return connected_; }
    bool send(std::string_view text) const {
        while (!text.empty()) {
            const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                return false;
            }
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    void end_of_sending() const { ::shutdown(socket_, SHUT_WR); }
    /// The next line, or "" at the end of the connection.
    std::string line() {
        while (true) {
            if (const auto end = input_.find('\n'); end != std::string::npos) {
                std::string text = input_.substr(0, end);
                input_.erase(0, end + 1);
                return text;
            }
            pollfd waiting{socket_, POLLIN, 0};
            if (::poll(&waiting, 1, kPatienceMs) <= 0) {
                ADD_FAILURE() << "nothing came";
                return {};
            }
            std::array<char, 65536> chunk{};
            const ssize_t got = ::recv(socket_, chunk.data(), chunk.size(), 0);
            if (got <= 0) {
                return {};
            }
            input_.append(chunk.data(), static_cast<std::size_t>(got));
        }
    }
    json::value message() {
        const std::string text = line();
        return text.empty() ? json::value(nullptr) : json::parse(text);
    }

  private:
    int socket_;
    bool connected_ = false;
    std::string input_;
};

class SocketDoorTest : public testing::Test {
  protected:
    SocketDoorTest() {
        folder_ = std::filesystem::path(testing::TempDir()) / ("overbias-door-" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_);
        path_ = folder_ / "d.sock";
    }
    ~SocketDoorTest() override {
        door_.reset();
        std::filesystem::remove_all(folder_);
    }
    void open(SocketDoorLimits limits = {}) {
        door_ = std::make_unique<SocketDoor>(
            path_,
            [this](RpcRequest request, Caller caller, Answer answer) {
                serve(std::move(request), std::move(caller), std::move(answer));
            },
            limits);
    }
    void serve(RpcRequest request, const Caller& caller, Answer answer) {
        if (request.method == "hold") {
            const std::lock_guard lock(mutex_);
            held_.push_back(std::move(answer));
            held_changed_.notify_all();
        } else if (request.method == "subscribe") {
            caller.subscribe({"state", "progress", "job_end"});
            answer(Reply::with(true));
        } else if (request.method == "large") {
            answer(Reply::with(json::string(100000, 'x')));
        } else {
            answer(Reply::with({{"method", request.method}}));
        }
    }
    std::vector<Answer> wait_held(std::size_t count) {
        std::unique_lock lock(mutex_);
        EXPECT_TRUE(held_changed_.wait_for(lock, std::chrono::milliseconds(kPatienceMs),
                                           [&] { return held_.size() >= count; }));
        return std::exchange(held_, {});
    }
    static std::string request(int id, const char* method) {
        return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":")" + method + "\"}\n";
    }

    std::filesystem::path folder_, path_;
    std::unique_ptr<SocketDoor> door_;
    std::mutex mutex_;
    std::condition_variable held_changed_;
    std::vector<Answer> held_;
};

TEST_F(SocketDoorTest, two_clients_get_their_own_answers) {
    open();
    DoorClient first(path_), second(path_);
    ASSERT_TRUE(first.send(request(1, "one") + request(2, "two")));
    ASSERT_TRUE(second.send(request(1, "three")));
    EXPECT_EQ(second.message().at("result").at("method").as_string(), "three");
    EXPECT_EQ(first.message().at("result").at("method").as_string(), "one");
    const json::value last = first.message();
    EXPECT_EQ(last.at("id").as_int64(), 2);
    EXPECT_EQ(last.at("result").at("method").as_string(), "two");
}

TEST_F(SocketDoorTest, only_the_owner_can_reach_the_socket) {
    open();
    struct stat status {};
    ASSERT_EQ(::stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(SocketDoorTest, junk_is_answered_and_the_connection_goes_on) {
    open();
    DoorClient client(path_);
    ASSERT_TRUE(client.send("hello\n\n\r\n{]\n" + request(5, "after")));
    EXPECT_EQ(client.message().at("error").at("code").as_int64(), -32700);
    EXPECT_EQ(client.message().at("error").at("code").as_int64(), -32700);
    EXPECT_EQ(client.message().at("id").as_int64(), 5);
}

TEST_F(SocketDoorTest, a_line_may_come_in_pieces_and_a_half_line_is_nothing) {
    open();
    DoorClient whole(path_), half(path_);
    const std::string text = request(1, "one");
    for (const char c : text) {
        ASSERT_TRUE(whole.send(std::string_view(&c, 1)));
    }
    EXPECT_EQ(whole.message().at("id").as_int64(), 1);
    ASSERT_TRUE(half.send(text.substr(0, 20)));
    half.end_of_sending();
    EXPECT_EQ(half.line(), "");
}

TEST_F(SocketDoorTest, an_oversize_line_is_refused_and_ends_the_connection) {
    open({.line_bytes = 1000});
    DoorClient fits(path_), endless(path_), long_line(path_);
    std::string just = request(1, "one");
    just.insert(1, std::string(1000 - (just.size() - 1), ' '));
    ASSERT_TRUE(fits.send(just));
    EXPECT_EQ(fits.message().at("id").as_int64(), 1);
    ASSERT_TRUE(long_line.send(" " + just));
    EXPECT_THAT(std::string(long_line.message().at("error").at("message").as_string()),
                HasSubstr("longer than 1000 bytes"));
    EXPECT_EQ(long_line.line(), "");
    endless.send(std::string(20000, 'x'));
    EXPECT_THAT(endless.line(), HasSubstr("longer than 1000 bytes"));
    EXPECT_EQ(endless.line(), "");
    EXPECT_TRUE(fits.send(request(2, "two")));
    EXPECT_EQ(fits.message().at("id").as_int64(), 2);
}

TEST_F(SocketDoorTest, an_answer_comes_also_after_the_client_has_ended_its_sending) {
    open();
    DoorClient client(path_);
    ASSERT_TRUE(client.send(request(1, "hold")));
    client.end_of_sending();
    auto held = wait_held(1);
    held[0](Reply::with("late"));
    EXPECT_EQ(client.message().at("result").as_string(), "late");
    EXPECT_EQ(client.line(), "");
}

TEST_F(SocketDoorTest, a_request_without_an_id_is_run_and_not_answered) {
    open();
    DoorClient client(path_);
    ASSERT_TRUE(client.send("{\"jsonrpc\":\"2.0\",\"method\":\"quiet\"}\n" + request(2, "loud")));
    EXPECT_EQ(client.message().at("id").as_int64(), 2);
}

TEST_F(SocketDoorTest, unanswered_requests_are_bounded_and_taken_up_again) {
    open({.unanswered = 3});
    DoorClient client(path_);
    std::string many;
    for (int i = 0; i < 7; ++i) {
        many += request(i, "hold");
    }
    ASSERT_TRUE(client.send(many));
    std::vector<Answer> held = wait_held(3);
    EXPECT_EQ(held.size(), 3U);
    int answered = 0;
    while (answered < 7) {
        held.front()(Reply::with(answered));
        held.erase(held.begin());
        EXPECT_EQ(client.message().at("id").as_int64(), answered);
        ++answered;
        if (held.size() < 3 && answered + static_cast<int>(held.size()) < 7) {
            for (Answer& more : wait_held(1)) {
                held.push_back(std::move(more));
            }
        }
        EXPECT_LE(held.size(), 3U);
    }
}

TEST_F(SocketDoorTest, notifications_go_to_who_subscribed) {
    open();
    DoorClient listener(path_), other(path_);
    ASSERT_TRUE(listener.send(request(1, "subscribe")));
    EXPECT_EQ(listener.message().at("result").as_bool(), true);
    ASSERT_TRUE(other.send(request(1, "one")));
    EXPECT_EQ(other.message().at("id").as_int64(), 1);
    door_->notify("state", R"({"n":1})");
    door_->notify("job_end", R"({"n":2})");
    const json::value state = listener.message();
    EXPECT_EQ(state.at("method").as_string(), "state");
    EXPECT_EQ(state.at("params").at("n").as_int64(), 1);
    EXPECT_EQ(listener.message().at("method").as_string(), "job_end");
    ASSERT_TRUE(other.send(request(2, "two")));
    EXPECT_EQ(other.message().at("id").as_int64(), 2) << "a client that did not subscribe hears nothing";
}

TEST_F(SocketDoorTest, a_slow_reader_misses_old_states_but_gets_the_newest_and_every_job_end) {
    open();
    DoorClient slow(path_);
    ASSERT_TRUE(slow.send(request(1, "subscribe")));
    EXPECT_TRUE(slow.message().at("result").as_bool());
    const std::string padding(2000, 'x');
    for (int i = 1; i <= 2000; ++i) { // 4 MB, far over the bound
        door_->notify("state", R"({"n":)" + std::to_string(i) + R"(,"x":")" + padding + "\"}");
    }
    door_->notify("job_end", R"({"n":0})");
    int states = 0;
    std::int64_t newest = 0;
    for (json::value message = slow.message(); message.is_object() && message.at("method").as_string() == "state";
         message = slow.message()) {
        const std::int64_t n = message.at("params").at("n").as_int64();
        EXPECT_GT(n, newest);
        newest = n;
        ++states;
    }
    EXPECT_EQ(newest, 2000);
    EXPECT_LT(states, 1000);
}

TEST_F(SocketDoorTest, a_client_that_does_not_read_is_cut_off_and_others_are_served) {
    open();
    DoorClient deaf(path_), well(path_);
    std::string flood;
    for (int i = 0; i < 60; ++i) { // 6 MB of answers
        flood += request(i, "large");
    }
    ASSERT_TRUE(deaf.send(flood));
    ASSERT_TRUE(well.send(request(1, "one")));
    EXPECT_EQ(well.message().at("id").as_int64(), 1);
    int got = 0;
    while (!deaf.line().empty()) {
        ++got;
        ASSERT_LT(got, 60);
    }
    EXPECT_LT(got, 20);
}

TEST_F(SocketDoorTest, more_clients_than_allowed_are_told_so) {
    open({.clients = 2});
    auto first = std::make_unique<DoorClient>(path_);
    DoorClient second(path_);
    ASSERT_TRUE(first->send(request(1, "one")) && second.send(request(1, "one")));
    EXPECT_TRUE(first->message().is_object());
    EXPECT_TRUE(second.message().is_object());
    DoorClient third(path_);
    EXPECT_THAT(third.line(), HasSubstr("2 clients already"));
    EXPECT_EQ(third.line(), "");
    first->end_of_sending();
    EXPECT_EQ(first->line(), ""); // its place is free now
    DoorClient fourth(path_);
    ASSERT_TRUE(fourth.send(request(1, "one")));
    EXPECT_EQ(fourth.message().at("id").as_int64(), 1);
}

TEST_F(SocketDoorTest, a_stale_socket_file_is_replaced_but_a_living_daemon_is_not) {
    open();
    const auto second = [&] { SocketDoor door(path_, [](RpcRequest, Caller, Answer) {}); };
    try {
        second();
        FAIL() << "two daemons on one socket";
    } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(), HasSubstr("already running"));
    }
    EXPECT_TRUE(DoorClient(path_).connected()) << "the first one is still there";
    door_.reset();
    EXPECT_FALSE(std::filesystem::exists(path_));
    { // a daemon that was killed leaves its file
        const int abandoned = ::socket(AF_UNIX, SOCK_STREAM, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path_.string().copy(address.sun_path, sizeof(address.sun_path) - 1);
        ASSERT_EQ(::bind(abandoned, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
        ::close(abandoned);
    }
    open();
    EXPECT_TRUE(DoorClient(path_).connected());
}

TEST_F(SocketDoorTest, another_kind_of_file_or_an_impossible_path_is_an_error) {
    std::ofstream(path_) << "precious";
    EXPECT_THROW(open(), std::runtime_error);
    EXPECT_EQ(std::filesystem::file_size(path_), 8U);
    path_ = folder_ / std::string(200, 'a');
    EXPECT_THROW(open(), std::runtime_error);
    path_ = folder_ / "missing" / "d.sock";
    EXPECT_THROW(open(), std::runtime_error);
}

TEST_F(SocketDoorTest, an_answer_after_the_door_is_gone_does_no_harm) {
    open();
    DoorClient client(path_);
    ASSERT_TRUE(client.send(request(1, "hold")));
    auto held = wait_held(1);
    door_.reset();
    EXPECT_EQ(client.line(), "");
    held[0](Reply::with("too late"));
}

TEST_F(SocketDoorTest, what_was_told_before_the_end_still_arrives) {
    open();
    DoorClient client(path_);
    ASSERT_TRUE(client.send(request(1, "subscribe")));
    EXPECT_TRUE(client.message().is_object());
    door_->notify("job_end", R"({"last":true})");
    door_.reset();
    EXPECT_THAT(client.line(), HasSubstr("\"last\":true"));
    EXPECT_EQ(client.line(), "");
}

} // namespace
} // namespace overbias::controller
