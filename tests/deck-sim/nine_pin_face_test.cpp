// SPDX-License-Identifier: Apache-2.0
// The deck's 9-pin socket: frames from published descriptions of the protocol, byte by byte; and on a real pseudo
// terminal.
#include "base/async/simulated_timeline.hpp"
#include "base/async/steady_timeline.hpp"
#include "deck-sim/faces/nine_pin_face.hpp"
#include "deck-sim/process/pty.hpp"

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <future>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <termios.h>
#include <thread>
#include <unistd.h>

namespace overbias::deck_sim {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;
using Key = NinePinDeck::Key;

class FakeDeck : public NinePinDeck {
  public:
    void press(Key key) override { pressed.push_back(key); }
    void enable_local_keys(bool enable) override { local_keys = enable; }
    [[nodiscard]] State state() const override { return now; }
    bool shuttle(double times_play_speed) override {
        shuttled = times_play_speed;
        now.shuttling = able;
        return able;
    }
    bool cue_up(double counter_s) override {
        cued_to_s = counter_s;
        return able;
    }

    bool able = true; ///< has shuttle and locator
    double shuttled = 99, cued_to_s = 99;
    std::vector<Key> pressed;
    bool local_keys = true;
    State now;
};

class NinePin : public testing::Test {
  protected:
    Bytes ask(const Bytes& bytes) {
        sent.clear();
        face.receive(bytes);
        return sent;
    }
    Bytes status(std::uint8_t window) {
        return ask({0x61, 0x20, window, static_cast<std::uint8_t>(0x61 + 0x20 + window)});
    }

    SimulatedTimeline timeline;
    FakeDeck deck;
    Bytes sent;
    NinePinFace face{timeline, deck, NinePinSettings{{0xF0, 0x21}, 25}, [this](std::span<const std::uint8_t> bytes) {
                         sent.insert(sent.end(), bytes.begin(), bytes.end());
                     }};
};

const Bytes kAck{0x10, 0x01, 0x11};

TEST_F(NinePin, WithoutMainsItHearsNothingAndSaysNothing) {
    EXPECT_EQ(ask({0x20}), Bytes{}) << "half a question";
    deck.now.powered = false;
    EXPECT_EQ(ask({0x01, 0x21}), Bytes{});
    EXPECT_EQ(ask({0x20, 0x01, 0x21}), Bytes{});
    timeline.run_for(100ms);
    EXPECT_TRUE(sent.empty()) << "no time-out of the half question either";
    EXPECT_TRUE(deck.pressed.empty());
    deck.now.powered = true;
    EXPECT_EQ(ask({0x20, 0x01, 0x21}), kAck);
}

TEST(NinePinMains, ThatFailWhileItThinksLeaveTheQuestionUnanswered) {
    SimulatedTimeline timeline;
    FakeDeck deck;
    Bytes sent;
    NinePinSettings settings;
    settings.answer_after = 9ms;
    NinePinFace face(timeline, deck, settings,
                     [&](std::span<const std::uint8_t> bytes) { sent.insert(sent.end(), bytes.begin(), bytes.end()); });
    face.receive(Bytes{0x20, 0x01, 0x21});
    timeline.run_for(5ms);
    deck.now.powered = false;
    timeline.run_for(20ms);
    EXPECT_TRUE(sent.empty());
}

TEST_F(NinePin, TransportCommandsAreAcknowledgedAndPressed) {
    EXPECT_EQ(ask({0x20, 0x00, 0x20}), kAck);
    EXPECT_EQ(ask({0x20, 0x01, 0x21}), kAck);
    EXPECT_EQ(ask({0x20, 0x02, 0x22}), kAck);
    EXPECT_EQ(ask({0x20, 0x10, 0x30}), kAck);
    EXPECT_EQ(ask({0x20, 0x20, 0x40}), kAck);
    EXPECT_EQ(deck.pressed, (std::vector<Key>{Key::Stop, Key::Play, Key::Record, Key::FastForward, Key::Rewind}));
}

TEST_F(NinePin, LocalKeysAndDeviceType) {
    EXPECT_EQ(ask({0x00, 0x0C, 0x0C}), kAck);
    EXPECT_FALSE(deck.local_keys);
    EXPECT_EQ(ask({0x00, 0x1D, 0x1D}), kAck);
    EXPECT_TRUE(deck.local_keys);
    EXPECT_EQ(ask({0x00, 0x11, 0x11}), (Bytes{0x12, 0x11, 0xF0, 0x21, 0x34}));
}

TEST_F(NinePin, StatusShowsTheLampsNotTheKeys) {
    deck.now.stopped = true;
    EXPECT_EQ(status(0x0A), (Bytes{0x7A, 0x20, 0x00, 0x20, 0x02, 0, 0, 0, 0, 0, 0, 0, 0xBC}));
    (void)ask({0x20, 0x01, 0x21});
    EXPECT_EQ(status(0x11), (Bytes{0x71, 0x20, 0x20, 0xB1})) << "the deck has not begun to play";
    deck.now = {};
    deck.now.playing = deck.now.recording = deck.now.servo_locked = true;
    deck.now.still = false;
    // record and play, servo lock, and in byte 4 the edit bit that follows record
    EXPECT_EQ(status(0x14), (Bytes{0x74, 0x20, 0x03, 0x80, 0x00, 0x10, 0x27}));
    deck.now = {};
    deck.now.rewinding = deck.now.backward = true;
    deck.now.still = false;
    EXPECT_EQ(status(0x12), (Bytes{0x72, 0x20, 0x08, 0x04, 0x9E}));
    deck.now = {};
    deck.now.fast_forwarding = deck.now.tape_out = deck.now.local = true;
    EXPECT_EQ(status(0x02), (Bytes{0x72, 0x20, 0x21, 0x04, 0xB7}));
    deck.now = {};
    deck.now.record_inhibited = deck.now.end_of_tape = deck.now.near_end = true;
    EXPECT_EQ(status(0x81), (Bytes{0x71, 0x20, 0x31, 0xC2}));
}

TEST_F(NinePin, TimeComesFromTheRollerCounter) {
    deck.now.counter_s = 1 * 3600 + 23 * 60 + 45 + 0.48; // 12 frames
    EXPECT_EQ(ask({0x61, 0x0C, 0x04, 0x71}), (Bytes{0x74, 0x00, 0x12, 0x45, 0x23, 0x01, 0xEF})) << "timer-1";
    EXPECT_EQ(ask({0x61, 0x0C, 0x03, 0x70}), (Bytes{0x74, 0x14, 0x12, 0x45, 0x23, 0x01, 0x03}))
        << "asked for time code: interpolated";
    deck.now.counter_s = -0.04;
    EXPECT_EQ(ask({0x61, 0x0C, 0x04, 0x71}), (Bytes{0x74, 0x00, 0x24, 0x59, 0x59, 0x23, 0x6D}));
    EXPECT_EQ(ask({0x61, 0x0C, 0x10, 0x7D}), (Bytes{0x11, 0x12, 0x01, 0x24})) << "there are no user bits";
    deck.now.counter_s = 100;
    EXPECT_EQ(ask({0x40, 0x08, 0x48}), kAck) << "timer-1 reset";
    deck.now.counter_s = 103;
    EXPECT_EQ(ask({0x61, 0x0C, 0x04, 0x71}), (Bytes{0x74, 0x00, 0x00, 0x03, 0x00, 0x00, 0x77}));
}

TEST_F(NinePin, RefusesWhatItDoesNotKnowAndWhatCameWrong) {
    EXPECT_EQ(ask({0x20, 0x34, 0x54}), (Bytes{0x11, 0x12, 0x01, 0x24})) << "sync play";
    EXPECT_EQ(ask({0x20, 0x02, 0x23}), (Bytes{0x11, 0x12, 0x04, 0x27})) << "checksum";
    EXPECT_TRUE(deck.pressed.empty()) << "a damaged RECORD must not record";
    EXPECT_EQ(ask({0x20, 0x00, 0x20}), kAck);
}

TEST_F(NinePin, AFrameMayComeInPiecesButNotSlowly) {
    EXPECT_EQ(ask({0x20}), Bytes{});
    timeline.run_for(9ms);
    EXPECT_EQ(ask({0x01}), Bytes{});
    timeline.run_for(9ms);
    EXPECT_EQ(ask({0x21}), kAck);
    deck.pressed.clear();

    EXPECT_EQ(ask({0x20, 0x02}), Bytes{});
    timeline.run_for(11ms);
    EXPECT_EQ(sent, (Bytes{0x11, 0x12, 0x80, 0xA3})) << "timeout";
    EXPECT_EQ(ask({0x20, 0x01, 0x21}), kAck) << "and the next frame begins anew";
    EXPECT_EQ(deck.pressed, std::vector<Key>{Key::Play});
    EXPECT_EQ(ask({0x20, 0x00, 0x20, 0x20, 0x01, 0x21}), (Bytes{0x10, 0x01, 0x11, 0x10, 0x01, 0x11})) << "two at once";
}

// 20 hex is a tenth of play speed, 40 play speed, 60 ten times, 76 48.7 times; 0 stands still.
TEST_F(NinePin, ShuttleJogAndVarAtASpeed) {
    EXPECT_EQ(ask({0x21, 0x13, 0x40, 0x74}), kAck);
    EXPECT_NEAR(deck.shuttled, 1.0, 1e-9);
    EXPECT_EQ(status(0x21), (Bytes{0x71, 0x20, 0x22, 0xB3})) << "shuttle, and still: it has not begun";
    EXPECT_EQ(ask({0x21, 0x23, 0x60, 0xA4}), kAck);
    EXPECT_NEAR(deck.shuttled, -10.0, 1e-9);
    EXPECT_EQ(ask({0x21, 0x11, 0x20, 0x52}), kAck);
    EXPECT_NEAR(deck.shuttled, 0.1, 1e-9);
    EXPECT_EQ(status(0x21), (Bytes{0x71, 0x20, 0x12, 0xA3})) << "jog";
    EXPECT_EQ(ask({0x22, 0x22, 0x40, 0x80, 0x04}), kAck);
    EXPECT_NEAR(deck.shuttled, -1.0373, 1e-4) << "half way to the next step";
    EXPECT_EQ(status(0x21), (Bytes{0x71, 0x20, 0x0A, 0x9B})) << "var";
    EXPECT_EQ(ask({0x21, 0x13, 0x00, 0x34}), kAck);
    EXPECT_EQ(deck.shuttled, 0.0);
    EXPECT_EQ(ask({0x21, 0x13, 0x76, 0xAA}), kAck);
    EXPECT_NEAR(deck.shuttled, 48.7, 0.05);
    EXPECT_EQ(ask({0x20, 0x13, 0x33}), (Bytes{0x11, 0x12, 0x01, 0x24})) << "without a speed";
    deck.able = false;
    EXPECT_EQ(ask({0x21, 0x13, 0x40, 0x74}), (Bytes{0x11, 0x12, 0x01, 0x24})) << "a deck without shuttle";
}

TEST_F(NinePin, CuesUpByItsCounter) {
    EXPECT_EQ(ask({0x24, 0x31, 0x00, 0x00, 0x03, 0x00, 0x58}), kAck);
    EXPECT_DOUBLE_EQ(deck.cued_to_s, 180.0);
    EXPECT_EQ(ask({0x24, 0x31, 0x24, 0x59, 0x59, 0x23, 0x4E}), kAck);
    EXPECT_NEAR(deck.cued_to_s, -0.04, 1e-9) << "a frame before zero";
    deck.now.counter_s = 100;
    EXPECT_EQ(ask({0x40, 0x08, 0x48}), kAck) << "timer-1 reset";
    EXPECT_EQ(ask({0x24, 0x31, 0x00, 0x10, 0x00, 0x00, 0x65}), kAck);
    EXPECT_DOUBLE_EQ(deck.cued_to_s, 110.0);
    deck.now.cued_up = true;
    EXPECT_EQ(status(0x21), (Bytes{0x71, 0x20, 0x03, 0x94}));
}

TEST_F(NinePin, ADamagedFrameIsRefusedAndNotObeyed) {
    sent.clear();
    face.receive(Bytes{0x20, 0x02});
    face.receive(Bytes{0x22}, true);
    EXPECT_EQ(sent, (Bytes{0x11, 0x12, 0x10, 0x33})) << "parity error";
    EXPECT_TRUE(deck.pressed.empty());
    EXPECT_EQ(ask({0x20, 0x00, 0x20}), kAck) << "and the next one is sound";
}

TEST_F(NinePin, AnswersAndShowsItsStateAsLateAsItIsSet) {
    NinePinSettings slow;
    slow.answer_after = 5ms;
    slow.status_lag = 200ms;
    Bytes heard;
    NinePinFace late(timeline, deck, slow, [&](std::span<const std::uint8_t> bytes) {
        heard.insert(heard.end(), bytes.begin(), bytes.end());
    });
    timeline.run_for(500ms);
    late.receive(Bytes{0x20, 0x01, 0x21});
    timeline.run_for(4ms);
    EXPECT_TRUE(heard.empty());
    timeline.run_for(1ms);
    EXPECT_EQ(heard, kAck);
    deck.now.playing = true;
    const auto shown = [&] {
        heard.clear();
        late.receive(Bytes{0x61, 0x20, 0x11, 0x92});
        timeline.run_for(5ms);
        return (heard.at(2) & 1) != 0;
    };
    timeline.run_for(180ms);
    EXPECT_FALSE(shown());
    timeline.run_for(40ms);
    EXPECT_TRUE(shown());
}

TEST_F(NinePin, ItsTroubles) {
    face.trouble().mute = true;
    EXPECT_EQ(ask({0x20, 0x01, 0x21}), Bytes{});
    EXPECT_EQ(deck.pressed.size(), 1U) << "it obeys, and says nothing";
    face.trouble() = {};
    face.trouble().wrong_checksum = true;
    EXPECT_EQ(ask({0x20, 0x01, 0x21}), (Bytes{0x10, 0x01, 0x12}));
    face.trouble() = {};
    face.trouble().half_answers = true;
    EXPECT_EQ(status(0x0A).size(), 6U);
    face.trouble() = {};
    for (unsigned bit = 0; bit < 8; ++bit) {
        const auto bits = static_cast<std::uint8_t>(1U << bit);
        const auto refusal = Bytes{0x11, 0x12, bits, static_cast<std::uint8_t>(0x23 + bits)};
        face.trouble().refuses = bits;
        EXPECT_EQ(status(0x0A), refusal);
        face.trouble().refuses.reset();
        face.trouble().refuses_keys = bits;
        EXPECT_EQ(ask({0x20, 0x00, 0x20}), refusal);
        EXPECT_EQ(status(0x0A).size(), 13U);
    }
    EXPECT_EQ(deck.pressed.size(), 2U);
}

TEST_F(NinePin, RefusesAFrameRateNobodyHas) {
    EXPECT_THROW(NinePinFace(timeline, deck, NinePinSettings{{0, 0}, 0}, {}), std::invalid_argument);
}

// A program at the other end of the line: the settings of a real one, then bytes.
class OnALine : public testing::Test {
  protected:
    OnALine() {
        std::string pattern = std::filesystem::temp_directory_path() / "nine-pin-test.XXXXXX";
        folder = ::mkdtemp(pattern.data());
        pty = std::make_unique<Pty>(timeline.io_context(), folder / "nine-pin");
        face = std::make_unique<NinePinFace>(timeline, deck, NinePinSettings{},
                                             [this](std::span<const std::uint8_t> bytes) { pty->write(bytes); });
        pty->on_bytes([this](std::span<const std::uint8_t> bytes) { face->receive(bytes); });
        thread = std::thread([this] { timeline.run(); });
    }
    ~OnALine() override {
        timeline.stop();
        thread.join();
        face.reset();
        pty.reset();
        EXPECT_FALSE(std::filesystem::is_symlink(folder / "nine-pin")) << "the link goes with the socket";
        std::filesystem::remove_all(folder);
    }
    [[nodiscard]] int open() const {
        const int fd = ::open((folder / "nine-pin").c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
        termios settings{};
        ::tcgetattr(fd, &settings);
        ::cfmakeraw(&settings);
        settings.c_cflag |= PARENB | PARODD | CREAD | CLOCAL;
        ::cfsetspeed(&settings, B38400);
        EXPECT_EQ(::tcsetattr(fd, TCSAFLUSH, &settings), 0);
        return fd;
    }
    static Bytes ask(int fd, const Bytes& bytes, std::size_t length) {
        EXPECT_EQ(::write(fd, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
        Bytes answer;
        pollfd wait{fd, POLLIN, 0};
        while (answer.size() < length && ::poll(&wait, 1, 5000) == 1) {
            std::array<std::uint8_t, 64> buffer{};
            const ssize_t got = ::read(fd, buffer.data(), buffer.size());
            if (got <= 0) {
                break;
            }
            answer.insert(answer.end(), buffer.begin(), buffer.begin() + got);
        }
        return answer;
    }

    std::filesystem::path folder;
    SteadyTimeline timeline;
    FakeDeck deck;
    std::unique_ptr<Pty> pty;
    std::unique_ptr<NinePinFace> face;
    std::thread thread;
};

TEST_F(OnALine, BytesPassUnchangedAndProgramsComeAndGo) {
    for (int program = 0; program < 3; ++program) {
        const int fd = open();
        ASSERT_GE(fd, 0);
        EXPECT_EQ(ask(fd, {0x20, 0x01, 0x21}, 3), kAck);
        // 0x11 and 0x13 are XON and XOFF to a terminal that is not raw, 0x0C and 0x0D are rewritten
        EXPECT_EQ(ask(fd, {0x00, 0x11, 0x11}, 5), (Bytes{0x12, 0x11, 0xF0, 0x00, 0x13}));
        EXPECT_EQ(ask(fd, {0x00, 0x0C, 0x0D}, 4), (Bytes{0x11, 0x12, 0x04, 0x27}));
        ::close(fd);
    }
    std::promise<std::size_t> pressed;
    timeline.post([&] { pressed.set_value(deck.pressed.size()); });
    EXPECT_EQ(pressed.get_future().get(), 3U);
}

TEST_F(OnALine, IsRawBeforeAProgramHasSetAnything) {
    const int fd = ::open((folder / "nine-pin").c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    EXPECT_EQ(ask(fd, {0x20, 0x01, 0x21}, 3), kAck);
    ::close(fd);
}

TEST_F(OnALine, AProgramThatSaysNothingLeavesNoTraceInTheSettings) {
    ::close(open());
    const int fd = ::open((folder / "nine-pin").c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    termios settings{};
    do {
        ASSERT_EQ(::tcgetattr(fd, &settings), 0);
        ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "odd parity is still set";
    } while ((settings.c_cflag & PARODD) != 0);
    ::close(fd);
}

TEST_F(OnALine, AnAnswerComesWithinTheNineMilliseconds) {
    const int fd = open();
    std::vector<std::chrono::nanoseconds> took;
    for (int i = 0; i < 200; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        ASSERT_EQ(ask(fd, {0x61, 0x20, 0x0A, 0x8B}, 13).size(), 13U);
        took.push_back(std::chrono::steady_clock::now() - begin);
    }
    ::close(fd);
    std::nth_element(took.begin(), took.begin() + 100, took.end());
    EXPECT_LT(took[100], 9ms) << "median: a busy machine may delay a few";
}

TEST(PtyTest, LeavesAFileOfThatNameAlone) {
    SteadyTimeline timeline;
    const auto file = std::filesystem::temp_directory_path() / ("nine-pin-file." + std::to_string(::getpid()));
    std::ofstream(file) << "precious";
    EXPECT_THROW(Pty(timeline.io_context(), file), std::runtime_error);
    EXPECT_TRUE(std::filesystem::is_regular_file(file));
    std::filesystem::remove(file);
}

} // namespace
} // namespace overbias::deck_sim
