// SPDX-License-Identifier: Apache-2.0
// SerialPort while its device is there: bytes, settings, flow control, and whom it refuses.
#include "base/async/simulated_timeline.hpp"
#include "serial_port_rig.hpp"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <gmock/gmock.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <thread>
#include <type_traits>

namespace overbias::transport {
namespace {

using namespace std::chrono_literals;
using test::Bytes;
using test::Master;
using test::SerialPortTest;
using testing::HasSubstr;

static_assert(!std::is_constructible_v<SerialPort, SimulatedTimeline&, SerialSettings>,
              "a tty lives in real time: simulated time can't be given to it");

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
