// SPDX-License-Identifier: Apache-2.0
// SerialPort on real pseudo terminals. The timeline runs on a thread of its own, as in the daemon; the test waits for
// conditions, never for time.
#include "base/async/simulated_timeline.hpp"
#include "timeline_thread.hpp"
#include "transport/io/serial_port.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <future>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <poll.h>
#include <pty.h>
#include <string>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <termios.h>
#include <thread>
#include <type_traits>
#include <unistd.h>
#include <vector>

namespace overbias::transport {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using Bytes = std::vector<std::uint8_t>;

static_assert(!std::is_constructible_v<SerialPort, SimulatedTimeline&, SerialSettings>,
              "a tty lives in real time: simulated time can't be given to it");

/// The other end of the line: the master of a pseudo terminal.
class Master {
  public:
    Master() {
        std::array<char, 128> name{};
        int slave = -1;
        if (::openpty(&fd_, &slave, name.data(), nullptr, nullptr) != 0) {
            throw std::runtime_error("no pseudo terminal");
        }
        path_ = name.data();
        ::close(slave);
        ::fcntl(fd_, F_SETFD, FD_CLOEXEC);
    }
    ~Master() { hang_up(); }
    Master(const Master&) = delete;
    Master& operator=(const Master&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] int fd() const { return fd_; }
    void hang_up() {
        if (fd_ >= 0) {
            ::close(std::exchange(fd_, -1));
        }
    }
    void write(const Bytes& bytes) const {
        EXPECT_EQ(::write(fd_, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    }
    /// What arrives, until there are so many bytes.
    [[nodiscard]] Bytes read(std::size_t count) const {
        Bytes all;
        pollfd wait{fd_, POLLIN, 0};
        while (all.size() < count && ::poll(&wait, 1, 20'000) == 1) {
            std::array<std::uint8_t, 4096> part{};
            const ssize_t got = ::read(fd_, part.data(), std::min(part.size(), count - all.size()));
            if (got <= 0) {
                break;
            }
            all.insert(all.end(), part.begin(), part.begin() + got);
        }
        return all;
    }

  private:
    int fd_ = -1;
    std::string path_;
};

class SerialPortTest : public testing::Test {
  protected:
    SerialPortTest() {
        std::string pattern = std::filesystem::temp_directory_path() / "serial-port-test.XXXXXX";
        folder = ::mkdtemp(pattern.data());
    }
    ~SerialPortTest() override {
        control.call([this] { port.reset(); });
        std::filesystem::remove_all(folder);
    }
    template <typename Action>
    auto on_timeline(Action action) {
        return control.call(action);
    }
    template <typename Condition>
    [[nodiscard]] bool comes_true(Condition condition) {
        return control.comes_true(condition);
    }
    void open(const std::string& device, bool xon_xoff = false, SerialParity parity = SerialParity::Odd,
              int baud = 38400) {
        on_timeline([&] {
            port.emplace(timeline, SerialSettings{device, baud, parity, xon_xoff});
            port->on_bytes([this](std::span<const std::uint8_t> bytes, bool damaged, DeckTime) {
                heard.insert(heard.end(), bytes.begin(), bytes.end());
                any_damaged = any_damaged || damaged;
            });
            port->on_state([this] { states.push_back(port->is_up()); });
        });
    }
    [[nodiscard]] bool is_up() {
        return on_timeline([this] { return port->is_up(); });
    }
    [[nodiscard]] std::string problem() {
        return on_timeline([this] { return port->problem(); });
    }
    Result<void> send(const Bytes& bytes) {
        return on_timeline([&] { return port->send(bytes); });
    }

    std::filesystem::path folder;
    test::TimelineThread control;
    SteadyTimeline& timeline = control.timeline;
    std::optional<SerialPort> port;
    Bytes heard;
    bool any_damaged = false;
    std::vector<bool> states;
};

/// Every value a byte can have.
Bytes all_bytes() {
    Bytes all(256);
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i] = static_cast<std::uint8_t>(i);
    }
    return all;
}

TEST_F(SerialPortTest, EveryByteGoesBothWaysUnchanged) {
    const Master master;
    open(master.path());
    ASSERT_TRUE(is_up()) << problem();
    EXPECT_EQ(problem(), "");
    ASSERT_TRUE(send(all_bytes()));
    EXPECT_EQ(master.read(256), all_bytes());
    master.write(all_bytes()); // FF too, which a marking terminal doubles
    ASSERT_TRUE(comes_true([this] { return heard.size() >= 256; }));
    EXPECT_EQ(heard, all_bytes());
    EXPECT_FALSE(any_damaged);
    EXPECT_TRUE(states.empty()) << "up from the beginning: nothing has changed";
}

TEST_F(SerialPortTest, SetsTheLineAsAsked) {
    const Master master;
    open(master.path(), true, SerialParity::Odd, 9600);
    ASSERT_TRUE(is_up()) << problem();
    termios settings{};
    ASSERT_EQ(::tcgetattr(master.fd(), &settings), 0); // of the pair; parity itself a pseudo terminal does not take
    EXPECT_EQ(::cfgetospeed(&settings), static_cast<speed_t>(B9600));
    EXPECT_EQ(::cfgetispeed(&settings), static_cast<speed_t>(B9600));
    EXPECT_EQ(settings.c_cflag & CSIZE, static_cast<tcflag_t>(CS8));
    EXPECT_EQ(settings.c_cflag & (CSTOPB | CRTSCTS), 0U);
    EXPECT_NE(settings.c_cflag & PARODD, 0U);
    EXPECT_EQ(settings.c_iflag & (INPCK | PARMRK | IXON | IXOFF), static_cast<tcflag_t>(INPCK | PARMRK | IXON | IXOFF));
    EXPECT_EQ(settings.c_iflag & (IGNPAR | ISTRIP | ICRNL | INLCR | IXANY), 0U);
    EXPECT_EQ(settings.c_oflag & OPOST, 0U);
    EXPECT_EQ(settings.c_lflag & (ICANON | ECHO | ISIG | IEXTEN), 0U);

    open(master.path(), false, SerialParity::None, 115200);
    ASSERT_TRUE(is_up()) << problem();
    ASSERT_EQ(::tcgetattr(master.fd(), &settings), 0);
    EXPECT_EQ(::cfgetospeed(&settings), static_cast<speed_t>(B115200));
    EXPECT_EQ(settings.c_cflag & (PARENB | PARODD), 0U);
    EXPECT_EQ(settings.c_iflag & (IXON | IXOFF), 0U);
}

TEST_F(SerialPortTest, TheSecondProgramThatAsksForOddParityIsServedToo) {
    const Master master;
    const int keeps_it_alive = ::open(master.path().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    for (int program = 0; program < 3; ++program) {
        open(master.path());
        EXPECT_TRUE(is_up()) << problem();
        on_timeline([this] { port.reset(); });
    }
    ::close(keeps_it_alive);
}

TEST_F(SerialPortTest, XoffHoldsWhatWeSendAndXonLetsItGo) {
    const Master master;
    open(master.path(), true);
    master.write({0x13});
    master.write({'!'}); // seen after the XOFF has been
    ASSERT_TRUE(comes_true([this] { return !heard.empty(); }));
    EXPECT_EQ(heard, Bytes{'!'}) << "the terminal keeps XOFF to itself";
    const Bytes part(512, 0x55);
    std::size_t taken = 0;
    Result<void> last;
    while ((last = send(part)) && taken < 100'000) {
        taken += part.size();
    }
    ASSERT_FALSE(last) << "a held line must not be fed for ever";
    EXPECT_THAT(last.error().message, HasSubstr("4096"));
    EXPECT_THAT(last.error().message, HasSubstr(master.path()));
    EXPECT_GE(taken, SerialPort::kSendQueue - part.size());
    EXPECT_TRUE(is_up()) << "held is not lost";
    master.write({0x11});
    EXPECT_EQ(master.read(taken), Bytes(taken, 0x55));
    EXPECT_TRUE(send({1, 2, 3}));
    EXPECT_EQ(master.read(3), (Bytes{1, 2, 3}));
}

TEST_F(SerialPortTest, AMegabyteComesThroughWhole) {
    const Master master;
    open(master.path());
    constexpr std::size_t kMany = 1'000'000;
    Bytes sent(kMany);
    std::uint32_t state = 1;
    for (std::uint8_t& byte : sent) {
        state = state * 1664525U + 1013904223U;
        byte = static_cast<std::uint8_t>(state >> 24U);
    }
    std::thread writer([&] {
        for (std::size_t done = 0; done < kMany;) {
            const ssize_t now = ::write(master.fd(), sent.data() + done, kMany - done);
            ASSERT_GT(now, 0);
            done += static_cast<std::size_t>(now);
        }
    });
    std::atomic<int> beats{0};
    std::optional<PeriodicTimer> beat;
    on_timeline([&] { beat.emplace(timeline, 1ms, [&beats] { ++beats; }); });
    const bool all = comes_true([this] { return heard.size() >= kMany; });
    on_timeline([&] { beat.reset(); });
    writer.join();
    ASSERT_TRUE(all) << heard.size();
    EXPECT_EQ(heard, sent);
    EXPECT_GT(beats.load(), 0) << "timers have their turn in a flood";
}

TEST_F(SerialPortTest, TheOtherSideGoingClosesAtOnceAndIsTold) {
    Master master;
    open(master.path());
    ASSERT_TRUE(is_up());
    const std::string path = master.path();
    master.hang_up();
    ASSERT_TRUE(comes_true([this] { return !port->is_up(); }));
    EXPECT_EQ(states, std::vector<bool>{false});
    EXPECT_THAT(problem(), HasSubstr(path));
    EXPECT_THAT(problem(), HasSubstr("trying again in"));
    const Result<void> sent = send({1});
    ASSERT_FALSE(sent);
    EXPECT_THAT(sent.error().message, HasSubstr(path));
}

TEST_F(SerialPortTest, FindsTheAdapterAgainUnderItsStablePath) {
    Master first;
    const auto link = folder / "deck";
    std::filesystem::create_symlink(first.path(), link);
    open(link);
    ASSERT_TRUE(is_up()) << problem();
    const Master second; // made before the first goes, so that it can't have its number
    ASSERT_NE(first.path(), second.path());
    first.hang_up();
    ASSERT_TRUE(comes_true([this] { return !port->is_up(); }));
    std::filesystem::remove(link);
    std::filesystem::create_symlink(second.path(), link);
    ASSERT_TRUE(comes_true([this] { return port->is_up(); })) << problem();
    EXPECT_EQ(states, (std::vector<bool>{false, true}));
    ASSERT_TRUE(send({0x20, 0x00, 0x20}));
    EXPECT_EQ(second.read(3), (Bytes{0x20, 0x00, 0x20}));
    second.write({0x10, 0x01, 0x11});
    ASSERT_TRUE(comes_true([this] { return heard.size() == 3; }));
}

TEST_F(SerialPortTest, ADeviceThatIsNotThereIsWaitedFor) {
    const auto link = folder / "deck";
    open(link);
    EXPECT_FALSE(is_up());
    EXPECT_THAT(problem(), HasSubstr("no such device"));
    EXPECT_THAT(problem(), HasSubstr(link.string()));
    const Master master;
    std::filesystem::create_symlink(master.path(), link);
    ASSERT_TRUE(comes_true([this] { return port->is_up(); })) << problem();
    EXPECT_EQ(states, std::vector<bool>{true});
}

// What is counted: attempts to open, and the processor time of the whole process, while the device is away and while
// it is there and dead as soon as it is opened.
TEST_F(SerialPortTest, ADeadDeviceCostsNoProcessorTime) {
    const auto used = [] {
        rusage now{};
        ::getrusage(RUSAGE_SELF, &now);
        const auto us = [](const timeval& time) {
            return std::chrono::microseconds(time.tv_sec * 1'000'000 + time.tv_usec);
        };
        return us(now.ru_utime) + us(now.ru_stime);
    };
    Master master;
    open(master.path());
    ASSERT_TRUE(is_up());
    master.hang_up();
    std::promise<std::chrono::microseconds> first, fourth;
    // 0.2 + 0.4 + 0.8 s after the first attempt to open it again comes the fourth
    std::optional<PeriodicTimer> look;
    on_timeline([&] {
        look.emplace(timeline, 10ms, [&, seen = 0]() mutable {
            if (seen == 0 && port->attempts() >= 2) {
                seen = 1;
                first.set_value(used());
            } else if (seen == 1 && port->attempts() >= 5) {
                seen = 2;
                fourth.set_value(used());
            }
        });
    });
    const auto begin = std::chrono::steady_clock::now();
    const auto from = first.get_future().get();
    const auto to = fourth.get_future().get();
    const auto took = std::chrono::steady_clock::now() - begin;
    on_timeline([&] { look.reset(); });
    EXPECT_GE(took, 1300ms) << "the pauses grow";
    EXPECT_LT(to - from, took / 10) << "of the time that passed, "
                                    << std::chrono::duration<double, std::milli>(to - from).count() << " ms were spun";
    RecordProperty("spun_us", static_cast<int>((to - from).count()));
    EXPECT_LE(on_timeline([this] { return port->attempts(); }), 7);
}

TEST_F(SerialPortTest, PausesGrowWhenTheDeviceOpensAndDiesAgain) {
    const auto link = folder / "deck";
    std::vector<std::unique_ptr<Master>> masters;
    masters.push_back(std::make_unique<Master>());
    std::filesystem::create_symlink(masters.back()->path(), link);
    open(link);
    ASSERT_TRUE(is_up());
    const auto begin = std::chrono::steady_clock::now();
    for (int life = 0; life < 4; ++life) { // dies after 0.1, 0.2, 0.4, 0.8 s of pause
        masters.push_back(std::make_unique<Master>());
        std::filesystem::remove(link);
        std::filesystem::create_symlink(masters.back()->path(), link);
        masters[masters.size() - 2]->hang_up();
        ASSERT_TRUE(
            comes_true([&] { return states.size() >= static_cast<std::size_t>(2 * life + 2) && port->is_up(); }));
    }
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 1500ms);
}

TEST_F(SerialPortTest, OneMasterOnly) {
    const Master master;
    open(master.path());
    ASSERT_TRUE(is_up());
    const int another = ::open(master.path().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC); // root may, as the one who asks
    if (another >= 0) {
        int exclusive = 0;
        ASSERT_EQ(::ioctl(another, TIOCGEXCL, &exclusive), 0);
        EXPECT_EQ(exclusive, 1);
        ::close(another);
    } else {
        EXPECT_EQ(errno, EBUSY);
    }
    on_timeline([&] {
        SerialPort second(timeline, SerialSettings{master.path(), 38400, SerialParity::Odd, false});
        EXPECT_FALSE(second.is_up());
        EXPECT_THAT(second.problem(), HasSubstr("in use by"));
        if (another >= 0) {
            EXPECT_THAT(second.problem(), HasSubstr("(pid " + std::to_string(::getpid()) + ")"));
        }
    });
    on_timeline([this] { port.reset(); });
    on_timeline([&] {
        SerialPort next(timeline, SerialSettings{master.path(), 38400, SerialParity::Odd, false});
        EXPECT_TRUE(next.is_up()) << next.problem() << "; what was ours alone has been given up";
    });
}

TEST_F(SerialPortTest, SaysWhatAUserWithoutTheRightMustDo) {
    const Master master;
    // root may everything: the timeline's thread, and with it the open, become nobody for a moment
    const bool root = ::geteuid() == 0;
    if (!root) {
        ::chmod(master.path().c_str(), 0);
    }
    on_timeline([&] {
        if (root) {
            ASSERT_EQ(::seteuid(65534), 0);
        }
        SerialPort refused(timeline, SerialSettings{master.path(), 38400, SerialParity::Odd, false});
        if (root) {
            ASSERT_EQ(::seteuid(0), 0);
        }
        EXPECT_FALSE(refused.is_up());
        EXPECT_THAT(refused.problem(), HasSubstr("permission denied"));
        EXPECT_THAT(refused.problem(), HasSubstr("group"));
    });
}

TEST_F(SerialPortTest, RefusesWhatIsNoSerialPortAndWhatNoLineCanCarry) {
    open("/dev/null");
    EXPECT_FALSE(is_up());
    EXPECT_THAT(problem(), HasSubstr("is no serial port"));
    on_timeline([this] {
        EXPECT_THROW(SerialPort(timeline, SerialSettings{"/dev/null", 12345, SerialParity::None, false}),
                     std::invalid_argument);
        EXPECT_THROW(SerialPort(timeline, SerialSettings{"", 9600, SerialParity::None, false}), std::invalid_argument);
    });
}

TEST_F(SerialPortTest, TheListenerMayEndItsPort) {
    const Master master;
    open(master.path());
    on_timeline([this] {
        port->on_bytes([this](std::span<const std::uint8_t>, bool, DeckTime) {
            heard.push_back(1);
            port.reset();
        });
    });
    master.write(Bytes(100, 0xFF));
    ASSERT_TRUE(comes_true([this] { return !port; }));
    EXPECT_EQ(heard.size(), 1U);
}

} // namespace
} // namespace overbias::transport
