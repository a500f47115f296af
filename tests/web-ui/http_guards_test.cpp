// SPDX-License-Identifier: Apache-2.0
// Who may ask for what: every request here differs in one thing from what a paired panel sends.
#include "server_fixture.hpp"

namespace overbias::web_ui {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kEcho = R"({"jsonrpc":"2.0","id":7,"method":"status"})";

class HttpGuards : public ServerTest {
  protected:
    HttpGuards() {
        config_.host_names = {"deck.studio.lan", "proxy.studio.lan:8443"};
        open();
        pair();
    }
    [[nodiscard]] std::string headers(const std::string& host_line, const std::string& origin_line,
                                      const std::string& type = "application/json") const {
        return host_line + origin_line + "Content-Type: " + type + "\r\n" + cookie();
    }
    int rpc(const std::string& headers) { return once(post("/api/v1/rpc", kEcho, headers)).status; }
    std::string port() const { return std::to_string(server_->port()); }
    static std::string host_line(const std::string& value) { return "Host: " + value + "\r\n"; }
    static std::string origin_line(const std::string& value) { return "Origin: " + value + "\r\n"; }
};

TEST_F(HttpGuards, a_paired_panel_is_served) {
    const HttpAnswer answer = once(post("/api/v1/rpc", kEcho));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("content-type"), "application/json");
    EXPECT_EQ(answer.body, R"({"jsonrpc":"2.0","id":7,"result":"status"})");
    EXPECT_EQ(machine_.served(), 1U);
}

TEST_F(HttpGuards, without_a_session_nothing_is_done) {
    session_.clear();
    for (const char* path : {"/api/v1/rpc", "/api/v1/stop", "/api/v1/unpair"}) {
        EXPECT_EQ(once(post(path, kEcho)).status, 401) << path;
    }
    EXPECT_EQ(once(get("/metrics")).status, 401);
    EXPECT_EQ(once(upgrade(host() + origin())).status, 401);
    session_ = std::string(43, 'A');
    EXPECT_EQ(once(post("/api/v1/rpc", kEcho)).status, 401);
    EXPECT_EQ(machine_.served(), 0U);
    EXPECT_EQ(machine_.stops(), 0);
}

TEST_F(HttpGuards, a_foreign_host_is_misdirected) {
    for (const std::string& host : std::vector<std::string>{
             "attacker.example:" + port(), std::string("attacker.example"), "127.0.0.1.attacker.example:" + port(),
             "localhost.:" + port(), "127.0.0.1.:" + port(), "2130706433:" + port(), "0x7f.1:" + port(),
             "0.0.0.0:" + port(), "[::1]:" + port(), "127.0.0.1:1", "127.0.0.1", "localhost",
             "localhost:" + port() + "0", "deck.studio.lan.:" + port(), "user@localhost:" + port(),
             "deck.studio.lan:80", "proxy.studio.lan", std::string()}) {
        for (const std::string path : {"/", "/api/v1/health"}) {
            RawClient client = connect();
            EXPECT_EQ(ask(client, "GET " + path + " HTTP/1.1\r\n" + host_line(host) + "\r\n").status, 421)
                << host << path;
        }
        EXPECT_EQ(rpc(headers(host_line(host), origin())), 421) << host;
    }
    EXPECT_EQ(machine_.served(), 0U);
}

TEST_F(HttpGuards, rebinding_has_its_name_in_both_places) {
    const std::string name = "rebound.attacker.example:" + port();
    EXPECT_EQ(rpc(headers(host_line(name), origin_line("http://" + name))), 421);
    EXPECT_EQ(once(upgrade(host_line(name) + origin_line("http://" + name) + cookie())).status, 421);
    EXPECT_EQ(machine_.served(), 0U);
}

TEST_F(HttpGuards, exactly_one_host) {
    EXPECT_EQ(once("GET / HTTP/1.1\r\n\r\n").status, 400);
    EXPECT_EQ(once("GET / HTTP/1.1\r\n" + host() + host_line("attacker.example") + "\r\n").status, 400);
    EXPECT_EQ(once("GET / HTTP/1.1\r\n" + host_line("attacker.example") + host() + "\r\n").status, 400);
}

TEST_F(HttpGuards, our_own_names_are_right) {
    for (const std::string& name :
         {"localhost:" + port(), "LocalHost:" + port(), "127.0.0.1:" + port(), "deck.studio.lan:" + port(),
          std::string("deck.studio.lan"), std::string("proxy.studio.lan:8443")}) {
        EXPECT_EQ(rpc(headers(host_line(name), origin())), 200) << name;
    }
}

TEST_F(HttpGuards, a_foreign_origin_is_forbidden) {
    for (const std::string& from :
         {std::string("null"), std::string("http://attacker.example"), "http://attacker.example:" + port(),
          "https://127.0.0.1:" + port(), std::string("http://127.0.0.1"), "http://127.0.0.1:" + port() + "0",
          "http://127.0.0.1:" + port() + "/", "http://localhost:" + port() + ".attacker.example",
          std::string("http://localhost:3000"), std::string("file://"), std::string()}) {
        EXPECT_EQ(rpc(headers(host(), origin_line(from))), 403) << from;
        EXPECT_EQ(once(upgrade(host() + origin_line(from) + cookie())).status, 403) << from;
        EXPECT_EQ(once(post("/api/v1/stop", "{}", headers(host(), origin_line(from)))).status, 403) << from;
        EXPECT_EQ(once(post("/api/v1/pair", token_body("x"), headers(host(), origin_line(from)))).status, 403) << from;
        EXPECT_EQ(rpc(headers(host(), origin_line(from)) + "Authorization: Bearer " + session_ + "\r\n"), 403) << from;
    }
    EXPECT_EQ(rpc(headers(host(), origin() + origin_line("http://attacker.example"))), 403) << "two, one of them ours";
    EXPECT_EQ(machine_.served(), 0U);
    EXPECT_EQ(machine_.stops(), 0);
}

TEST_F(HttpGuards, our_own_origins_are_right) {
    for (const std::string& from :
         {"http://127.0.0.1:" + port(), "http://localhost:" + port(), "http://deck.studio.lan:" + port(),
          std::string("https://deck.studio.lan"), std::string("https://proxy.studio.lan:8443")}) {
        EXPECT_EQ(rpc(headers(host(), origin_line(from))), 200) << from;
    }
}

TEST_F(HttpGuards, without_an_origin_only_a_bearer_may) {
    EXPECT_EQ(rpc(headers(host(), "")), 403) << "a cookie alone";
    EXPECT_EQ(once(upgrade(host() + cookie())).status, 403);
    EXPECT_EQ(machine_.served(), 0U);
    const std::string key = "Authorization: Bearer " + session_ + "\r\n";
    const std::string wrong = "Authorization: Bearer " + std::string(43, 'A') + "\r\n";
    EXPECT_EQ(rpc(headers(host(), "") + wrong), 401) << "a wrong key is not helped by a good cookie";
    EXPECT_EQ(rpc(headers(host(), "") + "Authorization: Basic " + session_ + "\r\n"), 403);
    session_.clear();
    EXPECT_EQ(rpc(headers(host(), "") + key), 200);
    EXPECT_EQ(once(upgrade(host() + key)).status, 101);
    EXPECT_EQ(once(get("/metrics", key)).body, "overbias_up 1\n");
}

TEST_F(HttpGuards, other_sites_pages_are_refused) {
    for (const char* site : {"cross-site", "same-site", "nonsense"}) {
        const std::string line = std::string("Sec-Fetch-Site: ") + site + "\r\n";
        EXPECT_EQ(rpc(headers(host(), origin()) + line), 403) << site;
        EXPECT_EQ(once(get("/api/v1/health", line)).status, 403) << site;
        EXPECT_EQ(once(upgrade(host() + origin() + cookie() + line)).status, 403) << site;
    }
    EXPECT_EQ(rpc(headers(host(), origin()) + "Sec-Fetch-Site: none\r\n"), 200);
    EXPECT_EQ(once(get("/", "Sec-Fetch-Site: cross-site\r\n")).status, 200) << "a link may lead to the panel";
    EXPECT_EQ(machine_.served(), 1U);
}

TEST_F(HttpGuards, a_post_is_json_or_nothing) {
    for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                             "text/plain; application/json", "application/jsonp", "application/json-patch+json", ""}) {
        EXPECT_EQ(rpc(headers(host(), origin(), type)), 415) << type;
        EXPECT_EQ(once(post("/api/v1/stop", "{}", headers(host(), origin(), type))).status, 415) << type;
    }
    EXPECT_EQ(once(post("/api/v1/rpc", kEcho, host() + origin() + cookie())).status, 415) << "no type";
    EXPECT_EQ(machine_.served(), 0U);
    EXPECT_EQ(machine_.stops(), 0);
    EXPECT_EQ(rpc(headers(host(), origin(), "Application/JSON ; charset=utf-8")), 200);
}

TEST_F(HttpGuards, get_changes_nothing) {
    for (const char* path : {"/api/v1/rpc", "/api/v1/stop", "/api/v1/pair", "/api/v1/unpair"}) {
        for (const char* method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "POS", "post"}) {
            const HttpAnswer answer =
                once(std::string(method) + " " + path + " HTTP/1.1\r\n" + panel_headers() + "\r\n");
            EXPECT_EQ(answer.status, 405) << method << path;
            EXPECT_EQ(answer.header("allow"), "POST");
        }
    }
    EXPECT_EQ(once(post("/", "{}")).status, 405);
    EXPECT_EQ(once(get("/api/v1/nothing", cookie())).status, 404);
    EXPECT_EQ(machine_.served(), 0U);
    EXPECT_EQ(machine_.stops(), 0);
}

TEST_F(HttpGuards, stop_by_post) {
    EXPECT_EQ(once(post("/api/v1/stop", "")).status, 204);
    EXPECT_EQ(machine_.stops(), 1);
    const HttpAnswer by_name = once(post("/api/v1/rpc", R"({"jsonrpc":"2.0","id":1,"method":"stop","at":0})"));
    EXPECT_THAT(by_name.body, HasSubstr(R"("result":{"status":"accepted"})"));
    EXPECT_EQ(machine_.stops(), 2) << "a stop is never too old";
    EXPECT_EQ(machine_.served(), 0U) << "and goes past the commands";
}

TEST_F(HttpGuards, what_a_proxy_says_about_us_is_not_believed) {
    const std::string says = "X-Forwarded-Host: " + authority() +
                             "\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: https\r\n"
                             "Forwarded: for=127.0.0.1;host=" +
                             authority() + "\r\nX-Real-IP: 127.0.0.1\r\n";
    EXPECT_EQ(rpc(headers(host_line("attacker.example"), origin()) + says), 421);
    session_.clear();
    EXPECT_EQ(rpc(headers(host(), origin()) + says), 401);
}

TEST_F(HttpGuards, health_is_for_everybody_and_says_no_more_than_it_must) {
    const json::value mine = json::parse(once(get("/api/v1/health", cookie())).body);
    EXPECT_EQ(mine.at("status").as_string(), "ok");
    EXPECT_EQ(mine.at("version").as_string(), "9.9");
    EXPECT_TRUE(mine.at("paired").as_bool());
    EXPECT_GT(mine.at("server_time_ms").as_int64(), 0);
    EXPECT_FALSE(json::parse(once(get("/api/v1/health")).body).at("paired").as_bool());
}

TEST_F(HttpGuards, the_browser_is_told_to_guard_too) {
    for (const std::string& request :
         {get("/"), get("/api/v1/health"), get("/nothing"), post("/api/v1/rpc", kEcho), post("/api/v1/stop", "")}) {
        const HttpAnswer answer = once(request);
        const std::string policy = answer.header("content-security-policy");
        for (const char* part :
             {"script-src 'self';", "style-src 'self';", "img-src 'self' data:;", "connect-src 'self';",
              "frame-ancestors 'none';", "base-uri 'none';", "form-action 'self'"}) {
            EXPECT_THAT(policy, HasSubstr(part));
        }
        EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
        EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
        EXPECT_EQ(answer.header("referrer-policy"), "no-referrer");
        EXPECT_EQ(answer.header("cross-origin-resource-policy"), "same-origin");
        EXPECT_EQ(answer.header("access-control-allow-origin"), "");
    }
}

TEST_F(HttpGuards, many_requests_on_one_connection) {
    RawClient client = connect();
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(ask(client, post("/api/v1/rpc", kEcho)).status, 200);
        EXPECT_EQ(ask(client, get("/")).status, 200);
    }
    client.send(post("/api/v1/rpc", kEcho) + post("/api/v1/rpc", kEcho)); // both at once
    EXPECT_EQ(ask(client, "").status, 200);
    EXPECT_EQ(ask(client, "").status, 200);
}

TEST_F(HttpGuards, a_command_without_an_id_is_run_and_not_answered) {
    EXPECT_EQ(once(post("/api/v1/rpc", R"({"jsonrpc":"2.0","method":"status"})")).status, 204);
    EXPECT_EQ(machine_.served(), 1U);
}

} // namespace
} // namespace overbias::web_ui
