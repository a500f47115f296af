// SPDX-License-Identifier: Apache-2.0
// The panel's files: built in, or from a folder.
#include "server_fixture.hpp"
#include "web-ui/server/panel_files.hpp"

#include <algorithm>
#include <fstream>
#include <map>

namespace overbias::web_ui {
namespace {

using testing::HasSubstr;

std::string content(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

class Files : public ServerTest {
  protected:
    void make(const std::string& path, const std::string& text) {
        const auto file = folder() / "dist" / path;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << text;
    }
    void open_folder() {
        make("index.html", "<!doctype html>");
        config_.panel_dir = folder() / "dist";
        open();
    }
};

TEST_F(Files, every_built_in_file_is_served_as_it_is) {
    open();
    const std::filesystem::path dist = std::filesystem::path(std::getenv("OVERBIAS_SOURCE_DIR")) / "web-ui/panel/dist";
    const std::map<std::string, std::string> kTypes{{".html", "text/html; charset=utf-8"},
                                                    {".js", "text/javascript; charset=utf-8"},
                                                    {".css", "text/css; charset=utf-8"},
                                                    {".svg", "image/svg+xml"}};
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dist)) {
        if (!entry.is_regular_file()) {
            continue;
        }
        ++files;
        const std::string path = "/" + std::filesystem::relative(entry.path(), dist).string();
        const HttpAnswer answer = once(get(path));
        EXPECT_EQ(answer.status, 200) << path;
        EXPECT_TRUE(answer.body == content(entry.path())) << path << ": the program was built with other bytes";
        EXPECT_EQ(answer.header("cache-control"),
                  path.starts_with("/assets/") ? "public, max-age=31536000, immutable" : "no-cache");
        // a part of the panel that is fetched on demand runs only with its right type
        EXPECT_EQ(answer.header("content-type"), kTypes.at(entry.path().extension().string())) << path;
        EXPECT_EQ(answer.header("x-content-type-options"), "nosniff") << path;
        EXPECT_THAT(answer.header("content-security-policy"), HasSubstr("script-src 'self'; style-src 'self'")) << path;
    }
    EXPECT_EQ(files, embedded_panel().size());
    EXPECT_TRUE(once(get("/")).body == content(dist / "index.html"));
    EXPECT_EQ(once(get("/?from=bookmark")).status, 200);
    EXPECT_EQ(once(get("/")).header("content-type"), "text/html; charset=utf-8");
}

TEST_F(Files, a_part_of_an_older_panel_is_not_there_and_that_is_not_kept) {
    open();
    const HttpAnswer answer = once(get("/assets/align_view-00000000.js"));
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.header("cache-control"), "no-store");
    EXPECT_EQ(answer.header("content-type"), "application/json");
}

TEST_F(Files, what_has_not_changed_is_not_sent_again) {
    open();
    const HttpAnswer first = once(get("/"));
    const std::string etag = first.header("etag");
    ASSERT_GE(etag.size(), 18U);
    EXPECT_TRUE(etag.starts_with('"') && etag.ends_with('"'));
    const HttpAnswer again = once(get("/", "If-None-Match: " + etag + "\r\n"));
    EXPECT_EQ(again.status, 304);
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(again.header("etag"), etag);
    EXPECT_EQ(again.header("content-type"), "");
    EXPECT_EQ(once(get("/", "If-None-Match: \"other\", " + etag + "\r\n")).status, 304);
    EXPECT_EQ(once(get("/", "If-None-Match: \"other\"\r\n")).status, 200);
}

TEST_F(Files, head_is_get_without_the_body) {
    open();
    const HttpAnswer all = once(get("/"));
    RawClient client = connect();
    const std::string request = "HEAD / HTTP/1.1\r\n" + host() + "\r\n";
    const HttpAnswer head = ask(client, request, true);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.headers, all.headers);
    EXPECT_EQ(ask(client, request, true).status, 200) << "no body was in between";
}

TEST_F(Files, a_folder_is_served_as_it_changes) {
    open_folder();
    make("assets/app.js", "one");
    EXPECT_EQ(once(get("/assets/app.js")).body, "one");
    const std::string etag = once(get("/assets/app.js")).header("etag");
    make("assets/app.js", "two");
    const HttpAnswer changed = once(get("/assets/app.js", "If-None-Match: " + etag + "\r\n"));
    EXPECT_EQ(changed.body, "two");
    EXPECT_EQ(changed.header("content-type"), "text/javascript; charset=utf-8");
    EXPECT_EQ(changed.header("cache-control"), "no-cache");
}

TEST_F(Files, nothing_outside_the_folder_and_nothing_hidden) {
    open_folder();
    std::ofstream(folder() / "secret.txt") << "secret";
    make(".hidden", "secret");
    make("assets/a.js", "");
    std::filesystem::create_symlink(folder() / "secret.txt", folder() / "dist" / "link.txt");
    std::filesystem::create_directory_symlink(folder(), folder() / "dist" / "up");
    for (const char* path :
         {"/../secret.txt", "/assets/../../secret.txt", "/assets/..%2f..%2fsecret.txt", "/%2e%2e/secret.txt",
          "/..%5csecret.txt", "/assets//../../secret.txt", "//secret.txt", "/link.txt", "/up/secret.txt", "/.hidden",
          "/assets", "/assets/", "/./index.html", "/index.html%00.js", "/nothing"}) {
        EXPECT_EQ(once(get(path)).status, 404) << path;
    }
    const std::string absolute = (folder() / "secret.txt").string();
    EXPECT_EQ(once(get(absolute)).status, 404);
    EXPECT_EQ(once(get("/" + absolute)).status, 404);
}

TEST_F(Files, a_folder_without_a_panel_is_an_error_at_the_start) {
    config_.panel_dir = folder();
    try {
        open();
        FAIL();
    } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(), HasSubstr(folder().string()));
        EXPECT_THAT(error.what(), HasSubstr("index.html"));
    }
}

} // namespace
} // namespace overbias::web_ui
