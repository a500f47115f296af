// SPDX-License-Identifier: Apache-2.0
// Pairing, sessions and how they end. Host time is the test's own.
#include "server_fixture.hpp"

#include <fstream>
#include <set>
#include <sys/stat.h>

namespace overbias::web_ui {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kStatus = R"({"jsonrpc":"2.0","id":1,"method":"status"})";

class Pairing : public ServerTest {
  protected:
    int try_token(const std::string& token) {
        const HttpAnswer answer = once(post("/api/v1/pair", token_body(token)));
        if (answer.status != 204) {
            EXPECT_EQ(answer.header("set-cookie"), "");
        }
        return answer.status;
    }
    int rpc() { return once(post("/api/v1/rpc", kStatus)).status; }
};

TEST_F(Pairing, a_token_pairs_one_browser) {
    open();
    const std::string token = server_->new_pairing_token();
    EXPECT_GE(token.size(), 22U) << "128 bits";
    const HttpAnswer answer = once(post("/api/v1/pair", token_body(token)));
    ASSERT_EQ(answer.status, 204);
    const std::string cookie = answer.header("set-cookie");
    EXPECT_THAT(cookie, HasSubstr("; HttpOnly"));
    EXPECT_THAT(cookie, HasSubstr("; SameSite=Strict"));
    EXPECT_THAT(cookie, HasSubstr("; Path=/"));
    EXPECT_THAT(cookie, Not(HasSubstr("Domain")));
    EXPECT_THAT(cookie, Not(HasSubstr("Secure"))) << "this one came over http";
    EXPECT_EQ(try_token(token), 401) << "used up";
    session_ = session_of(answer);
    EXPECT_EQ(rpc(), 200);
}

TEST_F(Pairing, only_the_newest_token_and_only_for_an_hour) {
    open();
    const std::string first = server_->new_pairing_token();
    const std::string second = server_->new_pairing_token();
    EXPECT_NE(first, second);
    EXPECT_EQ(try_token(first), 401);
    EXPECT_EQ(try_token(second.substr(0, second.size() - 1)), 401);
    EXPECT_EQ(try_token(""), 401);
    now_s_ += 3601;
    EXPECT_EQ(try_token(second), 401) << "too old";
    EXPECT_EQ(try_token(server_->new_pairing_token()), 204);
}

TEST_F(Pairing, without_any_token_nothing_pairs) {
    open();
    EXPECT_EQ(try_token(""), 401);
    EXPECT_EQ(try_token("x"), 401);
    for (const char* body : {"", "{}", "[]", R"({"token":5})", R"("token")", "{\"token\":\"x\""}) {
        EXPECT_EQ(once(post("/api/v1/pair", body)).status, 400) << body;
    }
}

TEST_F(Pairing, five_tries_a_minute_whoever_tries) {
    open();
    const std::string token = server_->new_pairing_token();
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(try_token("guess"), 401) << i;
    }
    EXPECT_EQ(try_token("guess"), 429);
    EXPECT_EQ(try_token(token), 429) << "also the right one: or a guess could be told by its answer";
    now_s_ += 59;
    EXPECT_EQ(try_token(token), 429);
    now_s_ += 2;
    EXPECT_EQ(try_token(token), 204);
}

TEST_F(Pairing, a_clock_that_is_set_back_locks_nobody_out) {
    open();
    for (int i = 0; i < 6; ++i) {
        (void)try_token("guess");
    }
    now_s_ -= 86400;
    EXPECT_EQ(try_token(server_->new_pairing_token()), 204);
}

TEST_F(Pairing, a_paired_operator_stops_the_deck_while_somebody_guesses) {
    open();
    pair();
    const std::string mine = session_;
    session_.clear();
    for (int i = 0; i < 10; ++i) {
        (void)try_token("guess");
    }
    session_ = mine;
    EXPECT_EQ(once(post("/api/v1/stop", "")).status, 204);
    EXPECT_EQ(machine_.stops(), 1);
}

TEST_F(Pairing, a_session_not_used_for_twelve_hours_has_ended) {
    open();
    pair();
    for (int i = 0; i < 3; ++i) { // used every now and then it lives on
        now_s_ += 12 * 3600;
        EXPECT_EQ(rpc(), 200) << i;
    }
    now_s_ += 12 * 3600 + 1;
    EXPECT_EQ(rpc(), 401);
    EXPECT_EQ(once(upgrade(host() + origin() + cookie())).status, 401);
}

TEST_F(Pairing, after_thirty_days_every_session_has_ended) {
    open();
    pair();
    for (int hours = 0; hours < 30 * 24; hours += 12) {
        now_s_ += 12 * 3600;
        ASSERT_EQ(rpc(), 200) << hours;
    }
    now_s_ += 1;
    EXPECT_EQ(rpc(), 401);
}

TEST_F(Pairing, unpairing_ends_the_session_for_whoever_has_a_copy) {
    open();
    pair();
    const std::string first = session_;
    pair();
    const HttpAnswer answer = once(post("/api/v1/unpair", "{}"));
    EXPECT_EQ(answer.status, 204);
    EXPECT_THAT(answer.header("set-cookie"), HasSubstr("Max-Age=0"));
    EXPECT_EQ(rpc(), 401);
    session_ = first;
    EXPECT_EQ(rpc(), 200) << "another browser's";
}

TEST_F(Pairing, an_ended_session_takes_its_open_socket_with_it) {
    config_.ping_interval = std::chrono::milliseconds(20);
    open();
    pair();
    RawClient idle = socket();
    RawClient other = connect();
    EXPECT_EQ(ask(other, post("/api/v1/unpair", "{}")).status, 204);
    WsMessage last;
    do {
        last = ws_message(idle);
    } while (last.opcode == 9);
    EXPECT_EQ(last.opcode, 8);
    EXPECT_EQ(last.code(), 1008);
}

TEST_F(Pairing, an_ended_session_commands_nothing_over_its_open_socket) {
    open();
    pair();
    RawClient client = socket();
    now_s_ += 12 * 3600 + 1;
    client.send(ws_frame(1, request(1, "play")));
    EXPECT_EQ(ws_message(client).code(), 1008);
    EXPECT_EQ(machine_.served(), 0U);
}

TEST_F(Pairing, a_restart_keeps_who_was_paired) {
    config_.sessions_file = folder() / "panel-sessions";
    open();
    pair();
    const std::string token = server_->new_pairing_token();
    open(); // again
    EXPECT_EQ(rpc(), 200);
    EXPECT_EQ(try_token(token), 401) << "a token is of the run that printed it";
    now_s_ += 12 * 3600 + 1;
    open();
    EXPECT_EQ(rpc(), 401) << "time goes on while nothing runs";
}

TEST_F(Pairing, what_was_unpaired_stays_so_after_a_restart) {
    config_.sessions_file = folder() / "panel-sessions";
    open();
    pair();
    EXPECT_EQ(once(post("/api/v1/unpair", "{}")).status, 204);
    open();
    EXPECT_EQ(rpc(), 401);
}

TEST_F(Pairing, without_a_file_a_restart_unpairs) {
    open();
    pair();
    open();
    EXPECT_EQ(rpc(), 401);
}

TEST_F(Pairing, the_file_is_its_owners_and_holds_no_session) {
    config_.sessions_file = folder() / "panel-sessions";
    { // somebody made it readable
        std::ofstream(config_.sessions_file) << "overbias sessions 1\n";
        std::filesystem::permissions(config_.sessions_file, std::filesystem::perms(0644));
    }
    open();
    pair();
    server_.reset(); // written by then
    struct stat status {};
    ASSERT_EQ(::stat(config_.sessions_file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    std::ifstream file(config_.sessions_file);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    EXPECT_THAT(text, HasSubstr("overbias sessions 1\n"));
    EXPECT_GT(text.size(), 64U);
    EXPECT_THAT(text, Not(HasSubstr(session_)));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder()), {}), 1) << "nothing left lying about";
}

TEST_F(Pairing, a_damaged_file_unpairs_and_does_no_more_harm) {
    config_.sessions_file = folder() / "panel-sessions";
    for (const char* text : {"", "nonsense", "overbias sessions 1\nxyz\n", "overbias sessions 1\nabcd 1 2\n",
                             "overbias sessions 1\n\n", "overbias sessions 2\n"}) {
        std::ofstream(config_.sessions_file) << text;
        open();
        pair();
        EXPECT_EQ(rpc(), 200) << text;
    }
}

TEST_F(Pairing, a_folder_that_cannot_be_written_does_not_keep_anybody_out) {
    config_.sessions_file = folder() / "missing" / "panel-sessions";
    open();
    pair();
    EXPECT_EQ(rpc(), 200);
}

TEST_F(Pairing, sixty_four_browsers_then_the_longest_unused_goes) {
    config_.pairing_tries_per_minute = 1000;
    open();
    pair();
    const std::string first = session_;
    now_s_ += 1;
    pair();
    const std::string second = session_;
    now_s_ += 1;
    session_ = first;
    EXPECT_EQ(rpc(), 200); // used after the second
    std::set<std::string> others;
    for (int i = 0; i < 63; ++i) {
        pair();
        others.insert(session_);
    }
    EXPECT_EQ(others.size(), 63U) << "no two alike";
    session_ = first;
    EXPECT_EQ(rpc(), 200);
    session_ = second;
    EXPECT_EQ(rpc(), 401);
}

TEST_F(Pairing, behind_a_proxy_with_tls_the_cookie_is_secure) {
    config_.host_names = {"deck.studio.lan"};
    open();
    const std::string headers =
        "Host: deck.studio.lan\r\nOrigin: https://deck.studio.lan\r\nContent-Type: application/json\r\n";
    const HttpAnswer answer = once(post("/api/v1/pair", token_body(server_->new_pairing_token()), headers));
    ASSERT_EQ(answer.status, 204);
    EXPECT_THAT(answer.header("set-cookie"), HasSubstr("; Secure"));
}

} // namespace
} // namespace overbias::web_ui
