// SPDX-License-Identifier: Apache-2.0
#include "gpio_rig.hpp"
#include "transport/io/tach_gpio.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <sys/syscall.h>
#include <unistd.h>

namespace overbias::transport {

namespace {

using test::GpioRig;
using test::monotonic;
using ::testing::AllOf;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

int stopper[2] = {-1, -1}; // a thread that gets SIGUSR1 waits here until the test writes

extern "C" void stand_still(int) {
    char word = 0;
    (void)!::read(stopper[0], &word, 1);
}

/// Holds the counting thread, as a busy processor would.
class HeldThread {
  public:
    explicit HeldThread(const char* name) {
        EXPECT_EQ(::pipe(stopper), 0);
        struct sigaction action {};
        action.sa_handler = stand_still;
        ::sigaction(SIGUSR1, &action, nullptr);
        for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
            std::string comm;
            std::getline(std::ifstream(task.path() / "comm"), comm);
            if (comm == name) {
                thread_ = std::stoi(task.path().filename().string());
            }
        }
        EXPECT_GT(thread_, 0) << "no thread is called " << name;
        ::syscall(SYS_tgkill, ::getpid(), thread_, SIGUSR1);
        // it stands when it has left poll() for the read of the handler
        const auto limit = std::chrono::steady_clock::now() + 10s;
        while (system_call() != SYS_read && std::chrono::steady_clock::now() < limit) {
        }
        EXPECT_EQ(system_call(), SYS_read);
    }
    ~HeldThread() {
        EXPECT_EQ(::write(stopper[1], "", 1), 1);
        ::close(stopper[1]);
    }

  private:
    [[nodiscard]] long system_call() const {
        std::string number;
        std::ifstream("/proc/self/task/" + std::to_string(thread_) + "/syscall") >> number;
        return number.empty() || number == "running" ? -1 : std::stol(number);
    }
    int thread_ = 0;
};

struct TachGpioTest : ::testing::Test {
    GpioRig rig;
    TachGpioConfig config{"", TachKind::Quadrature, "TACH_A", "TACH_B"};
    int quarter = 0;
    std::chrono::nanoseconds last{};

    /// The roller's two contacts, a quarter turn on or back; a leads b forward. On the server's thread.
    void turn(deck_sim::GpioServer& server, int steps) {
        static constexpr std::array<std::array<bool, 2>, 4> kContacts{
            {{false, false}, {true, false}, {true, true}, {false, true}}};
        for (int i = 0; i < std::abs(steps); ++i) {
            quarter += steps > 0 ? 1 : -1;
            last = monotonic();
            server.drive(GpioRig::kTachA, kContacts[static_cast<std::size_t>(quarter & 3)][0], last);
            server.drive(GpioRig::kTachB, kContacts[static_cast<std::size_t>(quarter & 3)][1], last);
        }
    }
    /// In pieces, each when the one before has been counted.
    void turn_and_wait(TachGpio& tach, int steps) {
        constexpr int kPiece = 100;
        const int sign = steps > 0 ? 1 : -1;
        for (int left = std::abs(steps); left > 0; left -= kPiece) {
            const auto before = tach.read().edges;
            const int piece = sign * std::min(left, kPiece);
            const auto expected = before + (config.reversed ? -piece : piece);
            rig.on_server([&](deck_sim::GpioServer& server) { turn(server, piece); });
            ASSERT_TRUE(rig.run_until([&] { return tach.read().edges == expected; }))
                << tach.read().edges << " instead of " << expected << ", lost " << tach.read().lost;
        }
    }
    std::string refusal() {
        try {
            const TachGpio refused(rig.timeline, config);
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        return "not refused";
    }
};

TEST_F(TachGpioTest, CountsEachOf3000EdgesBothWays) {
    TachGpio tach(rig.timeline, config);
    EXPECT_EQ(tach.read().edges, 0);
    EXPECT_EQ(tach.read().last_edge, DeckTime{});
    turn_and_wait(tach, 3000);
    EXPECT_EQ(tach.read().edges, 3000);
    turn_and_wait(tach, -6000);
    EXPECT_EQ(tach.read().edges, -3000);
    EXPECT_EQ(tach.read().lost, 0u);
    EXPECT_TRUE(tach.read().direction_known);
    EXPECT_EQ(tach.read().last_edge, rig.timeline.at_monotonic(last));
    EXPECT_EQ(tach.lost(), "");
}

TEST_F(TachGpioTest, ReversedAndActiveLowAreWhatTheySay) {
    config.reversed = true;
    {
        TachGpio tach(rig.timeline, config);
        turn_and_wait(tach, -7);
        EXPECT_EQ(tach.read().edges, 7);
    }
    config.reversed = false;
    config.active_low = true; // both phases turned round: the same way
    TachGpio tach(rig.timeline, config);
    turn_and_wait(tach, 9);
    EXPECT_EQ(tach.read().edges, 9);
}

TEST_F(TachGpioTest, BeginsWhereverTheRollerStands) {
    for (int start = 0; start < 4; ++start) {
        TachGpio tach(rig.timeline, config);
        turn_and_wait(tach, 5);
        EXPECT_EQ(tach.read().edges, 5);
        EXPECT_EQ(tach.read().lost, 0u);
    }
}

TEST_F(TachGpioTest, MoreEdgesThanTheRingHoldsAreLostAndSaidToBe) {
    TachGpio tach(rig.timeline, config);
    turn_and_wait(tach, 10);
    constexpr int kTurned = 5000;
    {
        const HeldThread held("tach");
        rig.on_server([&](deck_sim::GpioServer& server) { turn(server, kTurned); });
        EXPECT_EQ(tach.read().edges, 10); // and read() does not wait for the thread
    }
    // those that were not lost are counted; each gap may mislead by the first edge of each line
    ASSERT_TRUE(rig.run_until([&] {
        const TachReading reading = tach.read();
        return reading.last_edge == rig.timeline.at_monotonic(last);
    }));
    const TachReading reading = tach.read();
    EXPECT_GE(reading.lost, kTurned - 1100u); // the ring has 1024 places
    EXPECT_LE(reading.lost, kTurned - 900u);
    EXPECT_NEAR(static_cast<double>(reading.edges) + static_cast<double>(reading.lost), 10.0 + kTurned, 8.0);
    const std::int64_t before = reading.edges;
    turn_and_wait(tach, 200); // the count goes on
    EXPECT_EQ(tach.read().edges, before + 200);
    EXPECT_EQ(tach.read().lost, reading.lost);
}

TEST_F(TachGpioTest, ASinglePhaseDoesNotKnowItsDirection) {
    config = {"", TachKind::Single, "TACH_A", ""};
    TachGpio tach(rig.timeline, config);
    rig.on_server([&](deck_sim::GpioServer& server) { turn(server, -40); });
    ASSERT_TRUE(rig.run_until([&] { return tach.read().edges == 20; })) << tach.read().edges;
    EXPECT_FALSE(tach.read().direction_known);
}

TEST_F(TachGpioTest, PulsesCountTheWayTheOtherLineSays) {
    config.kind = TachKind::PulseDirection;
    config.active_low = true;
    rig.drive(GpioRig::kTachA, true);
    rig.drive(GpioRig::kTachB, false); // active: forward
    TachGpio tach(rig.timeline, config);
    const auto pulses = [&](int count) {
        for (int i = 0; i < count; ++i) {
            rig.drive(GpioRig::kTachA, false);
            rig.drive(GpioRig::kTachA, true);
        }
    };
    pulses(12);
    ASSERT_TRUE(rig.run_until([&] { return tach.read().edges == 12; })) << tach.read().edges;
    rig.drive(GpioRig::kTachB, true);
    pulses(20);
    ASSERT_TRUE(rig.run_until([&] { return tach.read().edges == -8; })) << tach.read().edges;
    EXPECT_EQ(tach.read().lost, 0u);
}

TEST_F(TachGpioTest, AChipThatIsPulledOffStopsTheCountAndSaysSo) {
    TachGpio tach(rig.timeline, config);
    turn_and_wait(tach, 3);
    rig.on_server([](deck_sim::GpioServer& server) { server.unplug(); });
    ASSERT_TRUE(rig.run_until([&] { return !tach.lost().empty(); }));
    EXPECT_THAT(tach.lost(), AllOf(HasSubstr("\"TACH_A\" and \"TACH_B\""), HasSubstr("the chip is gone")));
    EXPECT_EQ(tach.read().edges, 3);
}

TEST_F(TachGpioTest, LinesThatCannotBeHadAreBothNamed) {
    config.line_a = "TACHO_A";
    config.line_b = "nothing like it";
    EXPECT_THAT(refusal(), AllOf(HasSubstr("nearest name is \"TACH_A\""), HasSubstr("\"nothing like it\"")));
    config.line_a = config.line_b = "TACH_A";
    EXPECT_THAT(refusal(), HasSubstr("two lines of one chip"));
    config.line_b = "TACH_B";
    const TachGpio holder(rig.timeline, config);
    EXPECT_THAT(refusal(), AllOf(HasSubstr("\"TACH_B\""), HasSubstr("\"overbias tach\" holds it")));
    config.chip = "elsewhere";
    EXPECT_THAT(refusal(), AllOf(HasSubstr("tach: there is no GPIO chip \"elsewhere\""), HasSubstr("gpiochip0")));
}

} // namespace

} // namespace overbias::transport
