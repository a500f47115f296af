// SPDX-License-Identifier: Apache-2.0
// The control socket over a real socket, its event log, and the tap on what is played.
#include "base/async/simulated_timeline.hpp"
#include "base/json/json_text.hpp"
#include "deck-sim/process/control_door.hpp"
#include "deck-sim/process/event_log.hpp"
#include "deck-sim/process/playback_tap.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/value.hpp>
#include <fstream>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <thread>
#include <unistd.h>

namespace overbias::deck_sim {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

class ControlDoorTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::path(testing::TempDir()) / "overbias-door.XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder = pattern;
        door.emplace(io, folder / "control.sock", [this](const json::object& request, ControlDoor::Answer answer) {
            const auto& cmd = request.at("cmd").as_string();
            if (cmd == "later") {
                late = std::move(answer);
            } else if (cmd == "now") {
                answer({{"done", request.at("n")}});
            } else {
                throw std::invalid_argument("no such thing");
            }
        });
        thread = std::thread([this] { io.run(); });
        client.connect(asio::local::stream_protocol::endpoint((folder / "control.sock").string()));
    }
    void TearDown() override {
        asio::post(io, [this] { door.reset(); });
        thread.join();
        std::filesystem::remove_all(folder);
    }
    void say(const std::string& text) { asio::write(client, asio::buffer(text)); }
    std::string hear() {
        const std::size_t bytes = asio::read_until(client, asio::dynamic_buffer(heard), '\n');
        const std::string line = heard.substr(0, bytes - 1);
        heard.erase(0, bytes);
        return line;
    }

    std::filesystem::path folder;
    asio::io_context io{1};
    std::optional<ControlDoor> door;
    ControlDoor::Answer late;
    std::thread thread;
    asio::io_context client_io;
    asio::local::stream_protocol::socket client{client_io};
    std::string heard;
};

TEST_F(ControlDoorTest, answers_in_order_one_line_each) {
    say("{\"cmd\":\"now\",\"n\":1}\n{\"cmd\":\"now\",\"n\":2}\n{\"cmd\":\"no");
    EXPECT_EQ(hear(), "{\"done\":1}");
    EXPECT_EQ(hear(), "{\"done\":2}");
    say("w\",\"n\":3}\n");
    EXPECT_EQ(hear(), "{\"done\":3}");
}

TEST_F(ControlDoorTest, what_cannot_be_understood_is_answered_and_the_next_line_served) {
    say("hello\n[1]\n{\"cmd\":\"dance\"}\n{\"cmd\":\"now\",\"n\":4}\n");
    EXPECT_NE(hear().find("expected one JSON object"), std::string::npos);
    EXPECT_NE(hear().find("expected one JSON object"), std::string::npos);
    EXPECT_EQ(hear(), "{\"error\":\"no such thing\"}");
    EXPECT_EQ(hear(), "{\"done\":4}");
}

TEST_F(ControlDoorTest, an_answer_may_come_later_and_the_next_request_waits_for_it) {
    say("{\"cmd\":\"later\"}\n{\"cmd\":\"now\",\"n\":5}\n");
    asio::local::stream_protocol::socket other(client_io);
    other.connect(asio::local::stream_protocol::endpoint((folder / "control.sock").string()));
    // the door's thread has taken the first line once it has answered somebody who came after it
    std::string said;
    asio::write(other, asio::buffer(std::string("{\"cmd\":\"now\",\"n\":6}\n")));
    asio::read_until(other, asio::dynamic_buffer(said), '\n');
    asio::post(io, [this] { late({{"late", true}}); });
    EXPECT_EQ(hear(), "{\"late\":true}");
    EXPECT_EQ(hear(), "{\"done\":5}");
}

TEST_F(ControlDoorTest, a_second_deck_in_the_same_directory_is_refused) {
    asio::io_context other;
    try {
        const ControlDoor second(other, folder / "control.sock", {});
        FAIL() << "expected a refusal";
    } catch (const std::runtime_error& failure) {
        EXPECT_NE(std::string(failure.what()).find("another simulated deck runs there"), std::string::npos)
            << failure.what();
    }
}

TEST(EventLogTest, numbers_events_and_gives_those_after_one) {
    EventLog log(std::chrono::nanoseconds(1'000'000'000));
    log.note({DeckEvent::What::Moving, DeckTime(std::chrono::milliseconds(5)), Truth::Mode::Playing, 1.5});
    log.note({DeckEvent::What::RecordOn, DeckTime(std::chrono::milliseconds(7)), Truth::Mode::Playing, 1.5});
    log.note(DeckTime(std::chrono::milliseconds(9)), "contact_closed", {{"name", "stop"}});
    EXPECT_EQ(log.after(0).size(), 3U);
    const json::array last = log.after(2);
    ASSERT_EQ(last.size(), 1U);
    EXPECT_EQ(json_line(last[0]), R"({"n":3,"at_ns":1009000000,"what":"contact_closed","name":"stop"})");
    EXPECT_TRUE(log.after(3).empty());
    EXPECT_EQ(log.find("record_on", 0).at("n").to_number<int>(), 2);
    EXPECT_TRUE(log.find("record_on", 2).is_null());
    EXPECT_TRUE(log.find("record_off", 0).is_null());
    EXPECT_TRUE(log.after(99).empty());
    EXPECT_EQ(log.record_on(), DeckTime(std::chrono::milliseconds(7)));
    EXPECT_FALSE(log.record_off());
    EXPECT_FALSE(log.still_since());
    EXPECT_EQ(log.deck_time(log.monotonic_ns(DeckTime(std::chrono::nanoseconds(12345)))),
              DeckTime(std::chrono::nanoseconds(12345)));
}

TEST(EventLogTest, forgets_the_oldest_and_keeps_the_numbers) {
    EventLog log(std::chrono::nanoseconds(0));
    for (int i = 0; i < 20'001; ++i) {
        log.note(DeckTime(std::chrono::nanoseconds(i)), "tick");
    }
    const json::array kept = log.after(0);
    EXPECT_EQ(kept.size(), 15'001U);
    EXPECT_EQ(kept.front().at("n").to_number<int>(), 5001);
    EXPECT_EQ(kept.back().at("n").to_number<int>(), 20'001);
    EXPECT_EQ(log.after(20'000).size(), 1U);
}

TEST(PlaybackTapTest, writes_what_is_played_word_for_word) {
    SimulatedTimeline timeline;
    SimulatedDeck deck(timeline, Settings{}, {});
    PlaybackTap tap(deck.pcm());
    ASSERT_TRUE(tap.start(1000));
    const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "overbias-tap.raw";
    EXPECT_FALSE(tap.end_recording());
    ASSERT_TRUE(tap.record_to(file));
    EXPECT_FALSE(tap.record_to(file)) << "one at a time";
    std::vector<std::int32_t> sent;
    std::int32_t word = -2147483647;
    for (int block = 0; block < 5; ++block) {
        std::vector<std::int32_t> frames(2 * 480);
        for (std::int32_t& one : frames) {
            one = word += 7919;
        }
        std::int64_t first = 0;
        ASSERT_EQ(tap.playback().rt_write(frames, first), 480U);
        sent.insert(sent.end(), frames.begin(), frames.end());
        timeline.run_for(std::chrono::milliseconds(10));
    }
    const auto frames = tap.end_recording();
    ASSERT_TRUE(frames);
    EXPECT_EQ(*frames, 2400);
    std::vector<std::int32_t> written(sent.size());
    std::ifstream in(file, std::ios::binary);
    in.read(reinterpret_cast<char*>(written.data()), static_cast<std::streamsize>(written.size() * 4));
    EXPECT_EQ(in.gcount(), static_cast<std::streamsize>(written.size() * 4));
    EXPECT_EQ(in.peek(), std::ifstream::traits_type::eof());
    EXPECT_EQ(written, sent);
    std::filesystem::remove(file);
}

} // namespace
} // namespace overbias::deck_sim
