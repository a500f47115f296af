// SPDX-License-Identifier: Apache-2.0
// The deck's serial sockets as a program finds them: by their paths, in real time.
#include "base/async/steady_timeline.hpp"
#include "deck-sim/process/serial_sockets.hpp"

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <future>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <termios.h>
#include <thread>
#include <unistd.h>

namespace overbias::deck_sim {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using Bytes = std::vector<std::uint8_t>;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

const Bytes kStop{0x20, 0x00, 0x20}, kAck{0x10, 0x01, 0x11};

class SerialSocketsTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::path(testing::TempDir()) / "overbias-serial.XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        directory.dir = pattern;
        StuderFaceSettings studer = studer_settings({});
        studer.ready_after = milliseconds(50);
        studer.first_line_fails = false;
        sockets = std::make_unique<SerialSockets>(timeline.io_context(), timeline, deck, wiring, directory, studer);
        thread = std::thread([this] { timeline.run(); });
    }
    void TearDown() override {
        drop();
        timeline.stop();
        thread.join();
        sockets.reset();
        std::filesystem::remove_all(directory.dir);
    }
    /// On the timeline's thread.
    template <typename Action>
    auto there(Action action) {
        std::packaged_task<decltype(action())()> task(std::move(action));
        auto done = task.get_future();
        timeline.post([&task] { task(); });
        return done.get();
    }
    void wrong(json::object request) {
        there([&] {
            sockets->obey(request);
            return 0;
        });
    }
    bool open(const std::filesystem::path& path) {
        drop();
        fd = ::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK);
        if (fd < 0) {
            return false;
        }
        termios settings{};
        ::tcgetattr(fd, &settings);
        ::cfmakeraw(&settings);
        ::tcsetattr(fd, TCSANOW, &settings);
        return true;
    }
    void drop() {
        if (fd >= 0) {
            ::close(std::exchange(fd, -1));
        }
    }
    void say(const Bytes& bytes) { ASSERT_EQ(::write(fd, bytes.data(), bytes.size()), ssize_t(bytes.size())); }
    void say(const std::string& text) { say(Bytes(text.begin(), text.end())); }
    /// Until there are so many bytes, the line has ended, or the time is over.
    Bytes hear(std::size_t count, milliseconds patience = milliseconds(3000)) {
        Bytes heard;
        const auto end = steady_clock::now() + patience;
        while (heard.size() < count && steady_clock::now() < end) {
            pollfd waiting{fd, POLLIN, 0};
            ::poll(&waiting, 1, 10);
            std::array<std::uint8_t, 256> buffer{};
            const ssize_t got = ::read(fd, buffer.data(), std::min(buffer.size(), count - heard.size()));
            if (got > 0) {
                heard.insert(heard.end(), buffer.begin(), buffer.begin() + got);
            } else if (got == 0 || errno != EAGAIN) {
                ended = true;
                return heard;
            }
        }
        return heard;
    }
    std::string hear_line() {
        const Bytes bytes = hear_until('\n');
        return {bytes.begin(), bytes.end()};
    }
    Bytes hear_until(std::uint8_t last) {
        Bytes all;
        while (all.empty() || all.back() != last) {
            const Bytes one = hear(1);
            if (one.empty()) {
                break;
            }
            all.push_back(one.front());
        }
        return all;
    }

    SteadyTimeline timeline;
    SimulatedDeck deck{timeline, Settings{}, {}};
    DeckWiring wiring{timeline,
                      deck,
                      false,
                      [](unsigned, bool, DeckTime) {},
                      {[](const std::string&, bool, DeckTime) {}, [](bool, DeckTime) {}}};
    DeckDirectory directory;
    std::unique_ptr<SerialSockets> sockets;
    std::thread thread;
    int fd = -1;
    bool ended = false;
};

TEST_F(SerialSocketsTest, BothAnswerAndMoveTheDeck) {
    ASSERT_TRUE(open(directory.nine_pin()));
    say(Bytes{0x20, 0x01, 0x21});
    EXPECT_EQ(hear(3), kAck);
    EXPECT_EQ(there([&] { return deck.truth().mode; }), Truth::Mode::Playing);
    ASSERT_TRUE(open(directory.studer()));
    for (int tries = 0; tries < 100; ++tries) { // until it is ready
        say(std::string("STA?\r"));
        if (!hear(1, milliseconds(100)).empty()) {
            (void)hear_until('\n');
            break;
        }
    }
    say(std::string("STP\r"));
    EXPECT_EQ(hear_line(), "\r\n");
    EXPECT_EQ(there([&] { return deck.truth().mode; }), Truth::Mode::Stopped);
    say(std::string("XYZ\r"));
    EXPECT_THAT(hear_line(), HasSubstr("?"));
}

TEST_F(SerialSocketsTest, ASilentCutOrFloodedLineIsWhatTheProgramHears) {
    ASSERT_TRUE(open(directory.nine_pin()));
    wrong({{"socket", "nine_pin"}, {"cut_after", 1}});
    say(kStop);
    EXPECT_EQ(hear(1), Bytes{0x10});
    wrong({{"socket", "nine_pin"}, {"cut_after", nullptr}, {"silent", true}});
    say(kStop);
    wrong({{"socket", "nine_pin"}, {"noise", 0x42}}); // lost as well
    EXPECT_TRUE(hear(1, milliseconds(100)).empty());
    wrong({{"socket", "nine_pin"}, {"silent", false}, {"echo", true}});
    say(kStop);
    EXPECT_EQ(hear(6), (Bytes{0x20, 0x00, 0x20, 0x10, 0x01, 0x11}));
    wrong({{"socket", "nine_pin"}, {"echo", false}, {"flood", true}});
    EXPECT_EQ(hear(500), Bytes(500, 0xFF));
    wrong({{"socket", "nine_pin"}, {"flood", false}});
}

TEST_F(SerialSocketsTest, DamagedBytesAreRefusedByTheDeck) {
    ASSERT_TRUE(open(directory.nine_pin()));
    wrong({{"socket", "nine_pin"}, {"wrong_parity", true}});
    say(kStop);
    const Bytes nak = hear(4);
    ASSERT_EQ(nak.size(), 4U);
    EXPECT_EQ(nak[0], 0x11);
    EXPECT_EQ(nak[1], 0x12);
    EXPECT_NE(nak[2] & 0x10, 0) << "parity";
}

TEST_F(SerialSocketsTest, APulledAdapterEndsTheFileAndIsThereAgainByItsPath) {
    ASSERT_TRUE(open(directory.nine_pin()));
    wrong({{"socket", "nine_pin"}, {"plugged", false}});
    (void)hear(1);
    EXPECT_TRUE(ended);
    EXPECT_FALSE(open(directory.nine_pin()));
    wrong({{"socket", "nine_pin"}, {"plugged", true}});
    ASSERT_TRUE(open(directory.nine_pin()));
    say(kStop);
    EXPECT_EQ(hear(3), kAck);
}

TEST_F(SerialSocketsTest, WithoutMainsNobodyAnswers) {
    ASSERT_TRUE(open(directory.nine_pin()));
    there([&] {
        deck.power(false);
        return 0;
    });
    say(kStop);
    EXPECT_TRUE(hear(1, milliseconds(100)).empty());
    there([&] {
        deck.power(true);
        return 0;
    });
    say(kStop);
    EXPECT_EQ(hear(3), kAck);
}

TEST_F(SerialSocketsTest, RequestsThatSayNothingAreRefused) {
    EXPECT_THROW(wrong({{"socket", "vesc"}}), std::invalid_argument);
    EXPECT_THROW(wrong({{"socket", "studer"}}), std::invalid_argument);
    EXPECT_THROW(wrong({{"socket", "studer"}, {"flood", 1}}), std::invalid_argument);
    EXPECT_THROW(wrong({{"socket", "studer"}, {"noise", 256}}), std::invalid_argument);
}

TEST(StuderSettings, TakesCommandsBySayingWhatTheyDo) {
    const StuderFaceSettings settings = studer_settings({"rewind=ZZR", "7.5ips=ZZS", "timer=ZZT?"});
    EXPECT_EQ(settings.keys.at("ZZR"), StuderDeck::Key::Rewind);
    EXPECT_EQ(settings.speeds_ips.at("ZZS"), 7.5);
    EXPECT_EQ(settings.timer_query, "ZZT?");
    EXPECT_THROW((void)studer_settings({"rewind"}), std::invalid_argument);
    EXPECT_THROW((void)studer_settings({"locate=LOC"}), std::invalid_argument);
}

} // namespace
} // namespace overbias::deck_sim
