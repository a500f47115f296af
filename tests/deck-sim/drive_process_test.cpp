// SPDX-License-Identifier: Apache-2.0
// The process of the machine with three motors: its serial link, its control socket and its files, in real time. The
// frames are those of vedderb/bldc.
#include "base/async/steady_timeline.hpp"
#include "deck-sim/process/drive_process.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <fcntl.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <thread>
#include <unistd.h>

namespace overbias::deck_sim {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using testing::HasSubstr;
using Bytes = std::vector<std::uint8_t>;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

const Bytes kGetValues{0x02, 0x01, 0x04, 0x40, 0x84, 0x03};

class DriveProcessTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::path(testing::TempDir()) / "overbias-drive.XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        config.directory.dir = pattern;
        process = std::make_unique<DriveProcess>(timeline, config);
        thread = std::thread([this] { timeline.run(); });
        client.connect(asio::local::stream_protocol::endpoint(config.directory.control_socket().string()));
        fd = ::open(config.directory.vesc().c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK);
        ASSERT_GE(fd, 0);
    }
    void TearDown() override {
        ::close(fd);
        timeline.stop();
        thread.join();
        process.reset();
        std::filesystem::remove_all(config.directory.dir);
    }
    json::object ask(const json::object& request) {
        asio::write(client, asio::buffer(json::serialize(request) + "\n"));
        const std::size_t bytes = asio::read_until(client, asio::dynamic_buffer(heard), '\n');
        json::object answer = json::parse(heard.substr(0, bytes - 1)).as_object();
        heard.erase(0, bytes);
        return answer;
    }
    Bytes talk(const Bytes& question, std::size_t count, milliseconds patience = milliseconds(3000)) {
        EXPECT_EQ(::write(fd, question.data(), question.size()), static_cast<ssize_t>(question.size()));
        Bytes answer;
        const auto end = steady_clock::now() + patience;
        while (answer.size() < count && steady_clock::now() < end) {
            pollfd waiting{fd, POLLIN, 0};
            ::poll(&waiting, 1, 10);
            std::array<std::uint8_t, 256> buffer{};
            const ssize_t got = ::read(fd, buffer.data(), buffer.size());
            answer.insert(answer.end(), buffer.begin(), buffer.begin() + std::max<ssize_t>(got, 0));
        }
        return answer;
    }

    SteadyTimeline timeline;
    DeckProcessConfig config;
    std::unique_ptr<DriveProcess> process;
    std::thread thread;
    asio::io_context io;
    asio::local::stream_protocol::socket client{io};
    std::string heard;
    int fd = -1;
};

TEST_F(DriveProcessTest, ItsControllersAnswerOverTheirLine) {
    const Bytes answer = talk(kGetValues, 79);
    ASSERT_EQ(answer.size(), 79U) << "2 + 74 + 3";
    EXPECT_EQ(answer[0], 0x02);
    EXPECT_EQ(answer[1], 74);
    EXPECT_EQ(answer[2], 0x04);
    EXPECT_EQ(answer.back(), 0x03);
    EXPECT_TRUE(ask({{"cmd", "serial"}, {"socket", "vesc"}, {"cut_after", 5}}).empty());
    EXPECT_EQ(talk(kGetValues, 5).size(), 5U);
    EXPECT_TRUE(ask({{"cmd", "serial"}, {"socket", "vesc"}, {"silent", true}}).empty());
    EXPECT_TRUE(talk(kGetValues, 1, milliseconds(100)).empty());
}

TEST_F(DriveProcessTest, TellsTheTruthAndThreadsAndBreaksItsTape) {
    json::object truth = ask({{"cmd", "truth"}});
    EXPECT_TRUE(truth.at("still").as_bool());
    EXPECT_TRUE(truth.at("supply").at("brake_holds").as_bool()) << "springs hold it";
    EXPECT_TRUE(ask({{"cmd", "thread"}, {"place_m", 300.0}}).empty());
    EXPECT_NEAR(ask({{"cmd", "truth"}}).at("place_m").to_number<double>(), 300.0, 0.1);
    EXPECT_TRUE(ask({{"cmd", "thread"}, {"place_m", 3000.0}}).contains("error"));
    EXPECT_TRUE(ask({{"cmd", "break_tape"}}).empty());
    const json::object told =
        ask({{"cmd", "wait"}, {"what", "input_on"}, {"timeout_s", 3.0}}); // the sensor sees no tape
    EXPECT_EQ(told.at("event").at("name").as_string(), "tape_out");
    truth = ask({{"cmd", "truth"}});
    EXPECT_TRUE(truth.at("tape_broken").as_bool());
}

TEST_F(DriveProcessTest, LeavesAConfigurationForADaemon) {
    std::ifstream file(config.directory.configuration());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    EXPECT_THAT(text, HasSubstr("profile = \"simulated-direct-drive\""));
    EXPECT_THAT(text, HasSubstr("[serial]\ndevice = \"" + config.directory.vesc().string() + "\""));
    EXPECT_THAT(text, HasSubstr("heartbeat = \"heartbeat\""));
}

} // namespace
} // namespace overbias::deck_sim
