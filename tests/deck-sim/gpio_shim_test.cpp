// SPDX-License-Identifier: Apache-2.0
// The simulated GPIO chip as a program sees it: through the ioctls of linux/gpio.h on /dev/gpiochip0.
#include "gpio_shim_rig.hpp"

#include <boost/asio/steady_timer.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/gpio.h>

namespace overbias::deck_sim {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

constexpr auto kInput = GPIO_V2_LINE_FLAG_INPUT;
constexpr auto kOutput = GPIO_V2_LINE_FLAG_OUTPUT;
constexpr auto kBoth = GPIO_V2_LINE_FLAG_EDGE_RISING | GPIO_V2_LINE_FLAG_EDGE_FALLING;

class GpioShim : public testing::Test {
  protected:
    GpioRig rig;
    Program client{{OVERBIAS_GPIO_CLIENT}, rig.environment()};

    static std::string v2(std::uint64_t flags, unsigned places, unsigned values, const std::string& rest) {
        return "v2 " + std::to_string(flags) + " " + std::to_string(places) + " " + std::to_string(values) + " " + rest;
    }
};

struct Edge {
    unsigned id, offset, seqno, line_seqno;
    std::int64_t at_ns;
};

std::vector<Edge> edges_of(const std::string& text) {
    std::vector<Edge> edges;
    std::istringstream in(text);
    char colon = 0;
    for (Edge edge{}; in >> edge.id >> colon >> edge.offset >> colon >> edge.seqno >> colon >> edge.line_seqno >>
                      colon >> edge.at_ns;) {
        edges.push_back(edge);
    }
    return edges;
}

TEST_F(GpioShim, ChipAndLinesAreFoundByName) {
    ASSERT_EQ(client.ask("open"), "ok");
    EXPECT_EQ(client.ask("chip"), "gpiochip0 overbias-decksim 6");
    EXPECT_EQ(client.ask("stat"), "chr 254:0 chr /sys/bus/gpio");
    EXPECT_EQ(client.ask("v2-info 4"), "TACH_A - " + std::to_string(kInput));
    EXPECT_EQ(client.ask("v1-info 1"), "RELAY_RECORD - 0");
    EXPECT_EQ(client.ask("v2-info 6"), "errno EINVAL");
    EXPECT_EQ(client.ask("v1-info 6"), "errno EINVAL");
}

TEST_F(GpioShim, V2OutputsReachTheDeckAndComeBackWhenReleased) {
    ASSERT_EQ(client.ask("open"), "ok");
    ASSERT_EQ(client.ask(v2(kOutput, 0, 2, "overbias 0 1")), "1");
    EXPECT_TRUE(rig.wait_for_outputs({{GpioRig::kRecord, true}}));
    EXPECT_EQ(client.ask("set 1 3 1"), "ok");
    EXPECT_TRUE(rig.level(GpioRig::kPlay));
    EXPECT_FALSE(rig.level(GpioRig::kRecord));
    EXPECT_EQ(client.ask("set 1 2 3"), "ok"); // the mask keeps line 0 out of it
    EXPECT_EQ(client.ask("get 1"), "3");
    EXPECT_EQ(client.ask("v2-info 0"), "RELAY_PLAY overbias " + std::to_string(kOutput | GPIO_V2_LINE_FLAG_USED));
    EXPECT_EQ(client.ask("close 1"), "ok");
    EXPECT_TRUE(rig.wait_for([](const auto&, const auto& releases) { return releases.size() == 1; }));
    EXPECT_FALSE(rig.level(GpioRig::kPlay));
    EXPECT_EQ(client.ask("v2-info 0"), "RELAY_PLAY - " + std::to_string(kOutput)); // given back, still an output
}

TEST_F(GpioShim, V1HandlesAndActiveLow) {
    ASSERT_EQ(client.ask("open"), "ok");
    ASSERT_EQ(
        client.ask("v1 " + std::to_string(GPIOHANDLE_REQUEST_OUTPUT | GPIOHANDLE_REQUEST_ACTIVE_LOW) + " 0 old 0"),
        "1");
    EXPECT_TRUE(rig.level(GpioRig::kPlay)) << "inactive, so high";
    EXPECT_EQ(client.ask("set 1 1 1"), "ok");
    EXPECT_FALSE(rig.level(GpioRig::kPlay));
    EXPECT_EQ(client.ask("get 1"), "1");
    EXPECT_EQ(client.ask("v1-info 0"), "RELAY_PLAY old " + std::to_string(GPIOLINE_FLAG_KERNEL | GPIOLINE_FLAG_IS_OUT |
                                                                          GPIOLINE_FLAG_ACTIVE_LOW));
    ASSERT_EQ(
        client.ask("v1 " + std::to_string(GPIOHANDLE_REQUEST_INPUT | GPIOHANDLE_REQUEST_BIAS_PULL_UP) + " 0 in 3"),
        "2");
    EXPECT_EQ(client.ask("get 2"), "0");
    rig.drive(GpioRig::kTallyPlay, true);
    EXPECT_EQ(client.ask("get 2"), "1");
    EXPECT_EQ(client.ask("set 2 1 1"), "errno EPERM");
}

TEST_F(GpioShim, AHeldLineIsBusyForOthers) {
    ASSERT_EQ(client.ask("open"), "ok");
    ASSERT_EQ(client.ask(v2(kOutput, 0, 0, "first 0 1")), "1");
    Program other({OVERBIAS_GPIO_CLIENT}, rig.environment());
    ASSERT_EQ(other.ask("open"), "ok");
    EXPECT_EQ(other.ask(v2(kOutput, 0, 4, "second 2 1")), "errno EBUSY");
    EXPECT_FALSE(rig.level(GpioRig::kHeartbeat)) << "a refused request must leave every line alone";
    EXPECT_EQ(other.ask("v1 1 0 second 0"), "errno EBUSY");
    EXPECT_EQ(other.ask("v2-info 0"), "RELAY_PLAY first " + std::to_string(kOutput | GPIO_V2_LINE_FLAG_USED));
    EXPECT_EQ(client.ask("close 1"), "ok");
    EXPECT_TRUE(rig.wait_for([](const auto&, const auto& releases) { return releases.size() == 1; }));
    EXPECT_EQ(other.ask(v2(kOutput, 0, 0, "second 2 1")), "1");
}

TEST_F(GpioShim, WrongFlagsAreRefusedAsTheKernelDoes) {
    ASSERT_EQ(client.ask("open"), "ok");
    EXPECT_EQ(client.ask(v2(kInput | kOutput, 0, 0, "x 0")), "errno EINVAL");
    EXPECT_EQ(client.ask(v2(kOutput | kBoth, 0, 0, "x 0")), "errno EINVAL");
    EXPECT_EQ(client.ask(v2(kInput | GPIO_V2_LINE_FLAG_OPEN_DRAIN, 0, 0, "x 0")), "errno EINVAL");
    EXPECT_EQ(client.ask(v2(GPIO_V2_LINE_FLAG_BIAS_PULL_UP, 0, 0, "x 0")), "errno EINVAL");
    EXPECT_EQ(client.ask(v2(kInput | GPIO_V2_LINE_FLAG_BIAS_PULL_UP | GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN, 0, 0, "x 0")),
              "errno EINVAL");
    EXPECT_EQ(client.ask(v2(kInput | (std::uint64_t{1} << 40), 0, 0, "x 0")), "errno EINVAL");
    EXPECT_EQ(client.ask(v2(kInput, 0, 0, "x 6")), "errno EINVAL");
    EXPECT_EQ(client.ask(v2(kInput, 0, 0, "x")), "errno EINVAL") << "no line at all";
    EXPECT_EQ(client.ask("v1 3 0 x 0"), "errno EINVAL");
    EXPECT_EQ(client.ask("v1-event 2 3 4"), "errno EINVAL") << "edges of an output";
    EXPECT_EQ(client.ask(v2(kOutput | GPIO_V2_LINE_FLAG_OPEN_DRAIN, 0, 0, "x 0")), "1");
    EXPECT_EQ(client.ask(v2(kInput | GPIO_V2_LINE_FLAG_BIAS_PULL_UP, 0, 0, "x 3")), "2");
    EXPECT_EQ(client.ask("set 2 1 1"), "errno EPERM");
    EXPECT_EQ(client.ask("set 1 2 1"), "errno EINVAL") << "a mask that names no line";
}

TEST_F(GpioShim, EveryEdgeOfAWindingTachArrivesWithItsNumbersAndTimes) {
    constexpr int kEdges = 3000;
    constexpr std::chrono::microseconds kApart{125}; // 8000 a second: a roller at 500 ips
    ASSERT_EQ(client.ask("open"), "ok");
    ASSERT_EQ(client.ask(v2(kInput | kBoth, 1024, 0, "tach 4 5")), "1");
    client.tell("read 1 3000 2000");
    const auto begin = monotonic_now();
    boost::asio::steady_timer timer(rig.io());
    int sent = 0;
    std::function<void(boost::system::error_code)> turn = [&](boost::system::error_code) {
        // a machine that holds the thread up must not make one great burst of what was due meanwhile
        for (int burst = 0; burst < 256 && sent < kEdges && begin + sent * kApart <= monotonic_now(); ++burst) {
            const unsigned line = sent % 2 == 0 ? GpioRig::kTachA : GpioRig::kTachB;
            rig.server().drive(line, sent / 2 % 2 == 0, begin + sent * kApart);
            ++sent;
        }
        if (sent < kEdges) {
            timer.expires_after(std::chrono::milliseconds(1));
            timer.async_wait(turn);
        }
    };
    boost::asio::post(rig.io(), [&] { turn({}); });
    const auto edges = edges_of(client.line());
    rig.on_server([](GpioServer&) {}); // the last turn is over
    ASSERT_EQ(edges.size(), kEdges);
    for (std::size_t i = 0; i < edges.size(); ++i) {
        ASSERT_EQ(edges[i].seqno, i + 1);
        ASSERT_EQ(edges[i].line_seqno, i / 2 + 1);
        ASSERT_EQ(edges[i].offset, i % 2 == 0 ? GpioRig::kTachA : GpioRig::kTachB);
        ASSERT_EQ(edges[i].id, i / 2 % 2 == 0 ? GPIO_V2_LINE_EVENT_RISING_EDGE : GPIO_V2_LINE_EVENT_FALLING_EDGE);
        ASSERT_EQ(edges[i].at_ns, (begin + static_cast<int>(i) * kApart).count());
    }
}

// The reader stands still while 100 edges come; then it reads `count` of them, and there is no more.
std::vector<Edge> edges_after_a_pause(GpioRig& rig, Program& client, const std::string& request, int count) {
    EXPECT_EQ(client.ask("open"), "ok");
    EXPECT_EQ(client.ask(request), "1");
    rig.on_server([](GpioServer& server) {
        for (int i = 0; i < 100; ++i) {
            server.drive(GpioRig::kTachA, i % 2 == 0, std::chrono::nanoseconds(i + 1));
        }
    });
    auto edges = edges_of(client.ask("read 1 " + std::to_string(count) + " 5000"));
    EXPECT_EQ(client.ask("poll 1 50"), "nothing");
    return edges;
}

TEST_F(GpioShim, V2OverflowLosesTheOldestAndTheNumbersShowIt) {
    const auto edges = edges_after_a_pause(rig, client, v2(kInput | kBoth, 0, 0, "tach 4"), 16);
    ASSERT_EQ(edges.size(), 16U) << "places of one line by default";
    EXPECT_EQ(edges.back().line_seqno, 100U) << "the newest is kept";
    EXPECT_EQ(edges.back().at_ns, 100);
    int gaps = 0;
    for (std::size_t i = 1; i < edges.size(); ++i) {
        ASSERT_GT(edges[i].line_seqno, edges[i - 1].line_seqno);
        gaps += edges[i].line_seqno != edges[i - 1].line_seqno + 1;
    }
    EXPECT_EQ(gaps, 1);
}

TEST_F(GpioShim, V2KeepsAsManyAsWereAskedFor) {
    const auto edges = edges_after_a_pause(rig, client, v2(kInput | kBoth, 128, 0, "tach 4"), 100);
    ASSERT_EQ(edges.size(), 100U);
    for (std::size_t i = 0; i < edges.size(); ++i) {
        ASSERT_EQ(edges[i].line_seqno, i + 1);
    }
}

TEST_F(GpioShim, V1OverflowLosesTheNewestUnseen) {
    const auto edges = edges_after_a_pause(rig, client, "v1-event 1 3 4", 16);
    ASSERT_EQ(edges.size(), 16U);
    EXPECT_EQ(edges.front().at_ns, 1);
    EXPECT_EQ(edges.back().at_ns, 16);
}

TEST_F(GpioShim, OnlyTheEdgesAskedForAndActiveLowTurnsThem) {
    ASSERT_EQ(client.ask("open"), "ok");
    const auto flags = kInput | GPIO_V2_LINE_FLAG_EDGE_RISING | GPIO_V2_LINE_FLAG_ACTIVE_LOW;
    ASSERT_EQ(client.ask(v2(flags, 0, 0, "tach 4")), "1");
    rig.drive(GpioRig::kTachA, true);
    rig.drive(GpioRig::kTachA, true); // no edge
    rig.drive(GpioRig::kTachA, false);
    const auto edges = edges_of(client.ask("read 1 1 2000"));
    ASSERT_EQ(edges.size(), 1U);
    EXPECT_EQ(edges[0].id, GPIO_V2_LINE_EVENT_RISING_EDGE);
    EXPECT_EQ(edges[0].line_seqno, 1U) << "falling ones are not counted";
    EXPECT_EQ(client.ask("poll 1 50"), "nothing");
    ASSERT_EQ(client.ask("config 1 " + std::to_string(kInput | kBoth)), "ok");
    rig.drive(GpioRig::kTachA, true);
    rig.drive(GpioRig::kTachA, false);
    EXPECT_EQ(edges_of(client.ask("read 1 2 2000")).size(), 2U);
    EXPECT_EQ(client.ask("get 1"), "0") << "asked while edges are on";
}

TEST_F(GpioShim, CopiesForksAndThreadsShareTheRequest) {
    ASSERT_EQ(client.ask("open"), "ok");
    ASSERT_EQ(client.ask(v2(kOutput, 0, 2, "x 0 1")), "1");
    ASSERT_EQ(client.ask("dup 1"), "2");
    EXPECT_EQ(client.ask("close 1"), "ok");
    EXPECT_EQ(client.ask("set 2 1 1"), "ok");
    EXPECT_TRUE(rig.level(GpioRig::kPlay)) << "held while a copy is open";
    EXPECT_EQ(client.ask("set 2 1 0"), "ok");
    EXPECT_EQ(client.ask("fork 2"), "ok");
    EXPECT_TRUE(rig.level(GpioRig::kPlay));
    EXPECT_EQ(client.ask("threads 2 2000"), "0") << "failures";
}

void expect_after_kill(GpioChip::OnRelease policy, bool play_stays) {
    GpioRig rig(policy);
    Program client({OVERBIAS_GPIO_CLIENT}, rig.environment());
    ASSERT_EQ(client.ask("open"), "ok");
    ASSERT_EQ(client.ask("v2 " + std::to_string(kOutput) + " 0 1 overbias 0 1"), "1");
    ASSERT_TRUE(rig.level(GpioRig::kPlay));
    const int pid = client.pid();
    const auto killed = monotonic_now();
    client.kill();
    ASSERT_TRUE(rig.wait_for([](const auto&, const auto& releases) { return !releases.empty(); }));
    const auto took = monotonic_now() - killed;
    EXPECT_TRUE(rig.wait_for([&](const auto&, const auto& releases) {
        return releases.size() == 1 && releases[0].pid == pid && releases[0].offsets == std::vector<unsigned>{0, 1};
    }));
    EXPECT_LT(took, std::chrono::milliseconds(250));
    EXPECT_EQ(rig.level(GpioRig::kPlay), play_stays);
    EXPECT_FALSE(rig.level(GpioRig::kRecord));
}

TEST(GpioShimDeath, AKilledOwnersLinesFallBackToTheirPull) {
    expect_after_kill(GpioChip::OnRelease::PullDown, false);
}
TEST(GpioShimDeath, AKilledOwnersLinesStayWhereTheControllerKeepsThem) {
    expect_after_kill(GpioChip::OnRelease::KeepLast, true);
}

TEST_F(GpioShim, AnUnpluggedChipHangsUpAndIsThereAgainWhenPluggedIn) {
    ASSERT_EQ(client.ask("open"), "ok");
    ASSERT_EQ(client.ask(v2(kInput | kBoth, 0, 0, "tach 4")), "1");
    ASSERT_EQ(client.ask(v2(kOutput, 0, 1, "x 0")), "2");
    client.tell("poll 1 10000");
    rig.on_server([](GpioServer& server) { server.unplug(); });
    EXPECT_EQ(client.line(), "hang-up");
    EXPECT_EQ(client.ask("read 1 1 1000"), "errno ENODEV ");
    EXPECT_EQ(client.ask("set 2 1 1"), "errno ENODEV");
    EXPECT_EQ(client.ask("chip"), "errno ENODEV");
    EXPECT_EQ(client.ask("stat"), "errno ENOENT");
    EXPECT_FALSE(rig.level(GpioRig::kPlay));
    rig.on_server([](GpioServer& server) { server.plug_in(); });
    EXPECT_EQ(client.ask(v2(kOutput, 0, 1, "x 0")), "errno ENODEV") << "the old descriptor stays dead";
    EXPECT_EQ(client.ask("open"), "ok");
    EXPECT_EQ(client.ask(v2(kOutput, 0, 1, "x 0")), "3");
    EXPECT_TRUE(rig.level(GpioRig::kPlay));
}

TEST_F(GpioShim, EdgesNotYetReadAreStillThereAfterTheUnplug) {
    ASSERT_EQ(client.ask("open"), "ok");
    ASSERT_EQ(client.ask(v2(kInput | kBoth, 0, 0, "tach 4")), "1");
    rig.drive(GpioRig::kTachA, true);
    rig.on_server([](GpioServer& server) { server.unplug(); });
    const std::string said = client.ask("read 1 5 1000");
    EXPECT_EQ(edges_of(said).size(), 1U);
    EXPECT_THAT(said, HasSubstr("errno ENODEV"));
}

TEST(GpioShimAbsent, WithoutAServerThereIsNoChip) {
    const std::string nowhere = "OVERBIAS_GPIO_SOCKET=/nonexistent/gpio.sock";
    Program client({OVERBIAS_GPIO_CLIENT}, {"LD_PRELOAD=" OVERBIAS_GPIO_SHIM, nowhere});
    EXPECT_EQ(client.ask("open"), "errno ENOENT");
    EXPECT_EQ(client.ask("stat"), "errno ENOENT");
}

TEST(GpioServer, SaysWhoSitsOnItsSocket) {
    GpioRig rig;
    boost::asio::io_context io;
    EXPECT_THAT([&] { GpioServer(io, rig.socket(), {}); },
                testing::ThrowsMessage<std::runtime_error>(HasSubstr("another simulated deck listens there")));
    const auto file = rig.folder() / "precious";
    std::ofstream(file) << "text";
    EXPECT_THROW(GpioServer(io, file, {}), std::runtime_error);
    EXPECT_TRUE(std::filesystem::is_regular_file(file));
    EXPECT_THAT([&] { GpioServer(io, rig.folder() / std::string(120, 'x'), {}); },
                testing::ThrowsMessage<std::runtime_error>(HasSubstr("107 characters")));
}

} // namespace
} // namespace overbias::deck_sim
