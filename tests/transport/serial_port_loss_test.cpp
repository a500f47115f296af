// SPDX-License-Identifier: Apache-2.0
// SerialPort when its device goes away: closed at once, told, and opened again with growing pauses at no cost.
#include "serial_port_rig.hpp"

#include <chrono>
#include <future>
#include <gmock/gmock.h>
#include <memory>
#include <sys/resource.h>

namespace overbias::transport {
namespace {

using namespace std::chrono_literals;
using test::Master;
using test::SerialPortTest;
using testing::HasSubstr;

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
    EXPECT_EQ(second.read(3), (test::Bytes{0x20, 0x00, 0x20}));
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

} // namespace
} // namespace overbias::transport
