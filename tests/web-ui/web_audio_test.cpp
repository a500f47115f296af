// SPDX-License-Identifier: Apache-2.0
// Streams to listen to: who may, what comes, and what becomes of who does not read.
#include "server_fixture.hpp"
#include "web-ui/server/web_audio.hpp"
#include "web-ui/server/web_audio_backend.hpp"

#include <thread>

namespace overbias::web_ui {
namespace {

using testing::HasSubstr;

/// What one listener gets, put there by the test on its own thread.
struct Stream {
    std::mutex mutex;
    std::condition_variable changed;
    std::string waiting, why;
    std::function<void()> wake;
    bool gone = false;

    void add(const std::string& bytes) {
        {
            const std::lock_guard lock(mutex);
            waiting += bytes;
        }
        wake();
    }
    void end(const std::string& reason) {
        {
            const std::lock_guard lock(mutex);
            why = reason;
        }
        wake();
    }
    [[nodiscard]] std::size_t waits() {
        const std::lock_guard lock(mutex);
        return waiting.size();
    }
    bool wait_gone() {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, kPatience, [this] { return gone; });
    }
};

class StreamListener final : public AudioListener {
  public:
    explicit StreamListener(std::shared_ptr<Stream> stream) : stream_(std::move(stream)) {}
    ~StreamListener() override {
        const std::lock_guard lock(stream_->mutex);
        stream_->gone = true;
        stream_->changed.notify_all();
    }
    std::string take() override {
        const std::lock_guard lock(stream_->mutex);
        return std::exchange(stream_->waiting, {});
    }
    [[nodiscard]] std::string ended() const override {
        const std::lock_guard lock(stream_->mutex);
        return stream_->why;
    }

  private:
    std::shared_ptr<Stream> stream_;
};

class NotingAudio final : public AudioBackend {
  public:
    AudioOpening open(const std::string& what, std::function<void()> wake) override {
        const std::lock_guard lock(mutex_);
        asked_.push_back(what);
        if (what == "nothing") {
            return {404, "browsers get no sound here", nullptr};
        }
        stream_ = std::make_shared<Stream>();
        stream_->wake = std::move(wake);
        return {200, "", std::make_shared<StreamListener>(stream_)};
    }
    [[nodiscard]] std::shared_ptr<Stream> stream() {
        const std::lock_guard lock(mutex_);
        return stream_;
    }
    [[nodiscard]] std::vector<std::string> asked() {
        const std::lock_guard lock(mutex_);
        return asked_;
    }

  private:
    std::mutex mutex_;
    std::vector<std::string> asked_;
    std::shared_ptr<Stream> stream_;
};

class SoundingMachine final : public NotingMachine {
  public:
    AudioBackend* audio() override { return &audio_; }
    NotingAudio audio_;
};

class WebAudioTest : public ServerTest {
  protected:
    WebAudioTest() { server_ = std::make_unique<WebServer>(config_, sounding_); }
    ~WebAudioTest() override { server_.reset(); }
    NotingAudio& audio() { return sounding_.audio_; }
    /// Sends the request and reads the head of the answer.
    std::string listen(RawClient& client, const std::string& what = "?what=tape") {
        EXPECT_TRUE(client.send(get("/api/v1/listen.flac" + what, cookie())));
        return client.take_until("\r\n\r\n").value_or("");
    }
    static std::string chunk(RawClient& client) {
        const auto size = client.take_until("\r\n");
        if (!size) {
            return "(ended)";
        }
        auto bytes = client.take(std::stoul(*size, nullptr, 16));
        EXPECT_EQ(client.take(2), "\r\n");
        return bytes.value_or("(ended)");
    }

    SoundingMachine sounding_;
};

TEST_F(WebAudioTest, OnlyWhoIsPairedAndFromOurPagesListens) {
    EXPECT_EQ(once(get("/api/v1/listen.flac?what=tape")).status, 401);
    pair();
    EXPECT_EQ(once(get("/api/v1/listen.flac", cookie() + "Origin: http://evil.example\r\n")).status, 403);
    EXPECT_EQ(once(get("/api/v1/listen.flac", cookie() + "Sec-Fetch-Site: cross-site\r\n")).status, 403);
    EXPECT_EQ(once(post("/api/v1/listen.flac", "{}")).status, 405);
    EXPECT_TRUE(audio().asked().empty());
}

TEST_F(WebAudioTest, ARefusalSaysWhy) {
    pair();
    const HttpAnswer answer = once(get("/api/v1/listen.flac?x=1&what=nothing&y=2", cookie()));
    EXPECT_EQ(answer.status, 404);
    EXPECT_THAT(answer.body, HasSubstr("browsers get no sound here"));
    EXPECT_THAT(audio().asked(), testing::ElementsAre("nothing"));
}

TEST_F(ServerTest, WithoutAnythingToListenToItIsNotFound) {
    open();
    pair();
    const HttpAnswer answer = once(get("/api/v1/listen.flac", cookie()));
    EXPECT_EQ(answer.status, 404);
    EXPECT_THAT(answer.body, HasSubstr("nothing to listen to"));
}

TEST_F(WebAudioTest, ChunksComeAsTheyAreMade) {
    pair();
    RawClient client = connect();
    const std::string head = listen(client);
    EXPECT_THAT(head, HasSubstr("HTTP/1.1 200"));
    EXPECT_THAT(head, HasSubstr("Content-Type: audio/flac"));
    EXPECT_THAT(head, HasSubstr("Transfer-Encoding: chunked"));
    EXPECT_THAT(head, HasSubstr("Cache-Control: no-store"));
    EXPECT_THAT(head, testing::Not(HasSubstr("Content-Length")));
    EXPECT_THAT(audio().asked(), testing::ElementsAre("tape"));
    audio().stream()->add("fLaC");
    EXPECT_EQ(chunk(client), "fLaC");
    const std::string large(100000, 'x');
    audio().stream()->add(large);
    EXPECT_EQ(chunk(client), large);
    audio().stream()->end("the daemon is ending");
    EXPECT_EQ(client.rest(), "");
    EXPECT_TRUE(audio().stream()->wait_gone());
}

TEST_F(WebAudioTest, WithoutAWordItIsWhatTheMonitorsHear) {
    pair();
    RawClient client = connect();
    listen(client, "");
    EXPECT_THAT(audio().asked(), testing::ElementsAre("ab"));
}

TEST_F(WebAudioTest, WhoGoesAwayIsSeenThoughNothingIsSent) {
    pair();
    {
        RawClient client = connect();
        EXPECT_THAT(listen(client), HasSubstr("200"));
    }
    EXPECT_TRUE(audio().stream()->wait_gone());
}

TEST_F(WebAudioTest, WhoDoesNotReadHoldsUpNobody) {
    pair();
    RawClient slow = connect(4096);
    EXPECT_THAT(listen(slow), HasSubstr("200"));
    const auto stream = audio().stream();
    // as much as fits on the way, until some of it stays in the listener's queue
    for (int i = 0; i < 400 && stream->waits() < 1'000'000; ++i) {
        stream->add(std::string(65536, 'x'));
    }
    EXPECT_GE(stream->waits(), 1'000'000U);
    EXPECT_EQ(once(get("/api/v1/health")).status, 200); // the others are served
    stream->end("too slow");
    server_.reset(); // and the end does not wait for it
    EXPECT_TRUE(stream->wait_gone());
}

TEST(QueryValue, IsTheNamedOne) {
    EXPECT_EQ(query_value("/p?what=tape", "what"), "tape");
    EXPECT_EQ(query_value("/p?a=1&what=ab&b", "what"), "ab");
    EXPECT_EQ(query_value("/p?somewhat=tape", "what"), "");
    EXPECT_EQ(query_value("/p?what", "what"), "");
    EXPECT_EQ(query_value("/p", "what"), "");
    EXPECT_EQ(query_value("/what=tape", "what"), "");
}

} // namespace
} // namespace overbias::web_ui
