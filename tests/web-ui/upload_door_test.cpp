// SPDX-License-Identifier: Apache-2.0
// Bytes on their way to an upload: who may bring them, how many, and what is answered.
#include "server_fixture.hpp"

#include <thread>

namespace overbias::web_ui {
namespace {

using testing::HasSubstr;

constexpr const char* kId = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";
constexpr std::int64_t kPart = 1 << 20;

/// One upload in memory. Answers on a thread of its own, as a store on a disk would.
class NotingUploads : public UploadBackend {
  public:
    ~NotingUploads() override {
        for (std::thread& one : threads_) {
            one.join();
        }
    }
    void create(std::string body, Done done) override {
        answer(
            [this, body] {
                created_ = body;
                return state(201);
            },
            std::move(done));
    }
    void look(std::string id, Done done) override {
        answer([this, id] { return id == kId ? state(200) : state(404); }, std::move(done));
    }
    void remove(std::string, Done done) override {
        answer(
            [this] {
                ++removed_;
                UploadAnswer gone;
                gone.status = 204;
                return gone;
            },
            std::move(done));
    }
    void begin(std::string, std::int64_t offset, std::int64_t bytes, Done done) override {
        answer(
            [this, offset, bytes] {
                announced_ = bytes;
                return state(offset == static_cast<std::int64_t>(content_.size()) ? 200 : 409);
            },
            std::move(done));
    }
    void append(std::string, std::int64_t offset, std::string bytes, Done done) override {
        answer(
            [this, offset, bytes] {
                EXPECT_EQ(offset, static_cast<std::int64_t>(content_.size()));
                largest_ = std::max(largest_, bytes.size());
                content_ += bytes;
                return state(content_.size() > full_ ? 507 : 200);
            },
            std::move(done));
    }
    void end(std::string, Done done) override {
        answer(
            [this] {
                ++ended_;
                changed_.notify_all();
                return state(200);
            },
            std::move(done));
    }
    std::int64_t part_bytes() const override { return kPart; }

    std::string content() {
        const std::lock_guard lock(mutex_);
        return content_;
    }
    bool wait_ended(int count) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, kPatience, [&] { return ended_ >= count; });
    }
    std::string created_;
    std::string content_;
    std::size_t full_ = 1 << 30, largest_ = 0;
    std::int64_t announced_ = -1;
    int removed_ = 0, ended_ = 0;

  private:
    void answer(std::function<UploadAnswer()> work, Done done) {
        const std::lock_guard starting(starting_);
        threads_.emplace_back([this, work = std::move(work), done = std::move(done)] {
            UploadAnswer given;
            {
                const std::lock_guard lock(mutex_);
                given = work();
            }
            done(std::move(given));
        });
    }
    [[nodiscard]] UploadAnswer state(int status) const {
        UploadAnswer given;
        given.status = status;
        given.id = kId;
        given.json = R"({"status":)" + std::to_string(status) + "}";
        given.offset = static_cast<std::int64_t>(content_.size());
        given.size = 5'000'000;
        return given;
    }
    std::mutex mutex_, starting_;
    std::condition_variable changed_;
    std::vector<std::thread> threads_;
};

class UploadDoor : public ServerTest {
  protected:
    UploadDoor() { machine_.take_uploads(&uploads_); }
    ~UploadDoor() override { server_.reset(); }

    [[nodiscard]] std::string request(const std::string& method, const std::string& headers = "",
                                      const std::string& path = std::string("/api/v1/uploads/") + kId) const {
        return method + " " + path + " HTTP/1.1\r\n" + host() + origin() + "Sec-Fetch-Site: same-origin\r\n" +
               cookie() + headers + "\r\n";
    }
    [[nodiscard]] std::string patch(const std::string& body, const std::string& offset) const {
        return patch_head(body.size(), offset) + body;
    }
    [[nodiscard]] std::string patch_head(std::size_t bytes, const std::string& offset) const {
        return request("PATCH", "Content-Type: application/octet-stream\r\nUpload-Offset: " + offset +
                                    "\r\nContent-Length: " + std::to_string(bytes) + "\r\n");
    }
    static std::string wild_bytes(std::size_t count) {
        std::string bytes(count, '\0');
        std::uint32_t state = 4711;
        for (char& byte : bytes) {
            state = state * 1664525U + 1013904223U;
            byte = static_cast<char>(state >> 24U);
        }
        return bytes;
    }
    NotingUploads uploads_;
};

TEST_F(UploadDoor, begins_looks_and_removes) {
    open();
    pair();
    const HttpAnswer created = once(post("/api/v1/uploads", R"({"name":"a.wav","size":5})"));
    EXPECT_EQ(created.status, 201);
    EXPECT_EQ(created.header("location"), std::string("/api/v1/uploads/") + kId);
    EXPECT_EQ(uploads_.created_, R"({"name":"a.wav","size":5})");
    const HttpAnswer looked = once(request("GET"));
    EXPECT_EQ(looked.status, 200);
    EXPECT_EQ(looked.body, R"({"status":200})");
    const HttpAnswer head = once(request("HEAD"));
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("upload-offset"), "0");
    EXPECT_EQ(head.header("upload-length"), "5000000");
    EXPECT_EQ(once(request("DELETE")).status, 204);
    EXPECT_EQ(uploads_.removed_, 1);
}

TEST_F(UploadDoor, bytes_arrive_as_they_were_sent_piece_by_piece) {
    open();
    pair();
    const std::string bytes = wild_bytes(700'001);
    RawClient client = connect();
    const HttpAnswer first = ask(client, patch(bytes, "0"));
    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(first.header("upload-offset"), "700001");
    EXPECT_EQ(ask(client, patch(bytes, "700001")).status, 200) << "the same connection goes on";
    EXPECT_TRUE(uploads_.content() == bytes + bytes);
    EXPECT_EQ(uploads_.announced_, 700'001);
    EXPECT_LE(uploads_.largest_, 65536U) << "never more in memory";
    EXPECT_EQ(uploads_.ended_, 2);
}

TEST_F(UploadDoor, what_came_before_the_connection_broke_is_kept) {
    open();
    pair();
    const std::string bytes = wild_bytes(300'000);
    {
        RawClient client = connect();
        client.send(patch_head(bytes.size(), "0") + bytes.substr(0, 200'000));
        const auto until = std::chrono::steady_clock::now() + kPatience;
        while (uploads_.content().size() < 131'072 && std::chrono::steady_clock::now() < until) {
            std::this_thread::yield();
        }
    }
    ASSERT_TRUE(uploads_.wait_ended(1));
    const std::string kept = uploads_.content();
    EXPECT_GE(kept.size(), 131'072U);
    EXPECT_TRUE(bytes.starts_with(kept));
    EXPECT_EQ(once(patch(bytes.substr(kept.size()), std::to_string(kept.size()))).status, 200);
    EXPECT_TRUE(uploads_.content() == bytes);
}

TEST_F(UploadDoor, a_wrong_place_is_refused_with_the_right_one) {
    open();
    pair();
    RawClient client = connect();
    const HttpAnswer answer = ask(client, patch(wild_bytes(500'000), "17"));
    EXPECT_EQ(answer.status, 409);
    EXPECT_EQ(answer.header("upload-offset"), "0");
    client.wait_closed();
    EXPECT_FALSE(client.was_reset()) << "or the answer would not reach every client";
    EXPECT_EQ(uploads_.ended_, 0) << "it had not begun";
}

TEST_F(UploadDoor, a_full_disk_ends_it) {
    open();
    pair();
    uploads_.full_ = 100'000;
    EXPECT_EQ(once(patch(wild_bytes(400'000), "0")).status, 507);
    EXPECT_LE(uploads_.content().size(), 170'000U);
    EXPECT_TRUE(uploads_.wait_ended(1));
}

TEST_F(UploadDoor, a_part_has_its_bound_and_its_headers) {
    open();
    pair();
    EXPECT_EQ(once(patch_head(kPart + 1, "0")).status, 413);
    EXPECT_EQ(once(patch_head(99'999'999'999, "0")).status, 413);
    EXPECT_EQ(once(patch("x", "-1")).status, 400);
    EXPECT_EQ(once(patch("x", "")).status, 400);
    EXPECT_EQ(once(patch("x", "1e3")).status, 400);
    EXPECT_EQ(once(request("PATCH", "Content-Type: application/octet-stream\r\nUpload-Offset: 0\r\n"
                                    "Transfer-Encoding: chunked\r\n") +
                   "1\r\nx\r\n0\r\n\r\n")
                  .status,
              411);
    EXPECT_EQ(
        once(request("PATCH", "Content-Type: text/plain\r\nUpload-Offset: 0\r\nContent-Length: 1\r\n") + "x").status,
        415);
    EXPECT_EQ(uploads_.content(), "");
}

TEST_F(UploadDoor, a_client_that_waits_for_leave_gets_it) {
    open();
    pair();
    RawClient client = connect();
    std::string head = patch_head(3, "0");
    head.insert(head.size() - 2, "Expect: 100-continue\r\n");
    client.send(head);
    EXPECT_EQ(client.take_until("\r\n\r\n"), "HTTP/1.1 100 Continue");
    EXPECT_EQ(ask(client, "abc").status, 200);
    EXPECT_EQ(uploads_.content(), "abc");
}

TEST_F(UploadDoor, nobody_else_may) {
    open();
    EXPECT_EQ(once(patch("x", "0")).status, 401);
    pair();
    EXPECT_EQ(once(request("PUT")).status, 405);
    EXPECT_EQ(once(request("GET", "", "/api/v1/uploads")).status, 405);
    for (const char* const path :
         {"/api/v1/uploads/", "/api/v1/uploads/../rpc", "/api/v1/uploads/x", "/api/v1/uploadsx"}) {
        EXPECT_EQ(once(request("GET", "", path)).status, 404) << path;
    }
    for (const char* const method : {"PATCH", "DELETE"}) {
        const std::string line = std::string(method) + " /api/v1/uploads/" + kId + " HTTP/1.1\r\n";
        const std::string rest = "Content-Type: application/octet-stream\r\nUpload-Offset: 0\r\nContent-Length: 1\r\n";
        EXPECT_EQ(once(line + host() + cookie() + rest + "\r\nx").status, 403) << "no Origin";
        EXPECT_EQ(once(line + host() + "Origin: http://evil.example\r\n" + cookie() + rest + "\r\nx").status, 403);
        EXPECT_EQ(once(line + host() + origin() + "Sec-Fetch-Site: cross-site\r\n" + cookie() + rest + "\r\nx").status,
                  403);
    }
    EXPECT_EQ(uploads_.content(), "");
    EXPECT_EQ(uploads_.removed_, 0);
}

TEST_F(UploadDoor, a_body_that_does_not_come_is_not_waited_for) {
    config_.request_time = std::chrono::milliseconds(200);
    open();
    pair();
    RawClient client = connect();
    client.send(patch_head(1000, "0") + "only this");
    client.wait_closed();
    EXPECT_TRUE(uploads_.wait_ended(1));
    EXPECT_EQ(uploads_.content(), "only this");
}

TEST_F(UploadDoor, without_a_store_there_is_no_door) {
    machine_.take_uploads(nullptr);
    open();
    pair();
    EXPECT_EQ(once(request("GET")).status, 404);
    EXPECT_EQ(once(patch("x", "0")).status, 404);
}

} // namespace
} // namespace overbias::web_ui
