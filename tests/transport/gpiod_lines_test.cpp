// SPDX-License-Identifier: Apache-2.0
#include "gpio_rig.hpp"
#include "transport/io/gpiod_lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fcntl.h>
#include <memory>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace overbias::transport {

namespace {

using test::GpioRig;
using test::monotonic;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

struct GpiodLinesTest : ::testing::Test {
    GpioRig rig;
    GpioLinesConfig config;
    std::unique_ptr<GpiodLines> lines;
    std::vector<LineEdge> edges;

    GpiodLinesTest() {
        config.outputs = {{"stop", "RELAY_STOP"}, {"play", "RELAY_PLAY"}};
        config.inputs = {{"tally_stop", "TALLY_STOP"}, {"tally_play", "TALLY_PLAY"}};
    }
    void open() {
        lines = std::make_unique<GpiodLines>(rig.timeline, config);
        lines->on_edge([this](const LineEdge& edge) { edges.push_back(edge); });
    }
    std::string refusal() {
        try {
            const GpiodLines refused(rig.timeline, config);
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        return "not refused";
    }
    LineId output(const char* name) { return lines->find_output(name).value(); }
    LineId input(const char* name) { return lines->find_input(name).value(); }
};

TEST_F(GpiodLinesTest, SaysWhichLibraryItIs) {
    EXPECT_THAT(GpiodLines::library(), ::testing::MatchesRegex("libgpiod [12]\\.[0-9.]+"));
}

TEST_F(GpiodLinesTest, DrivesOutputsAndReadsInputsByName) {
    for (const char* chip : {"", "gpiochip0", "/dev/gpiochip0", "overbias-decksim"}) {
        config.chip = chip;
        open();
        EXPECT_FALSE(rig.level(GpioRig::kRelayPlay)) << chip;
        lines->set(output("play"), true);
        EXPECT_TRUE(rig.level(GpioRig::kRelayPlay)) << chip;
        EXPECT_FALSE(rig.level(GpioRig::kRelayStop)) << chip;
        lines->set(output("play"), false);
        EXPECT_FALSE(rig.level(GpioRig::kRelayPlay)) << chip;
        rig.drive(GpioRig::kTallyPlay, true);
        EXPECT_TRUE(lines->get(input("tally_play"))) << chip;
        EXPECT_FALSE(lines->get(input("tally_stop"))) << chip;
        rig.drive(GpioRig::kTallyPlay, false);
        EXPECT_FALSE(lines->get(input("tally_play"))) << chip;
        lines.reset();
    }
}

TEST_F(GpiodLinesTest, AnActiveLowOutputIsHighUnlessPressed) {
    config.outputs[1].active_low = true;
    std::vector<bool> levels;
    rig.on_server([&](deck_sim::GpioServer& server) {
        server.on_output([&](unsigned offset, bool high) {
            if (offset == GpioRig::kRelayPlay) {
                levels.push_back(high);
            }
        });
    });
    open();
    EXPECT_TRUE(rig.level(GpioRig::kRelayPlay));
    lines->set(output("play"), true);
    EXPECT_FALSE(rig.level(GpioRig::kRelayPlay));
    lines.reset();
    EXPECT_TRUE(rig.level(GpioRig::kRelayPlay));               // the chip keeps what it was left with
    EXPECT_EQ(levels, (std::vector<bool>{true, false, true})); // and never a moment pressed by mistake
}

TEST_F(GpiodLinesTest, OutputsAreInactiveWhenGivenBack) {
    open();
    lines->set(output("play"), true);
    lines->set(output("stop"), true);
    lines.reset();
    EXPECT_FALSE(rig.level(GpioRig::kRelayPlay));
    EXPECT_FALSE(rig.level(GpioRig::kRelayStop));
}

TEST_F(GpiodLinesTest, TellsEdgesInOrderWithTheKernelsTime) {
    config.inputs[0].active_low = true;
    rig.drive(GpioRig::kTallyStop, true);
    open();
    EXPECT_FALSE(lines->get(input("tally_stop")));
    const auto start = monotonic();
    rig.drive(GpioRig::kTallyPlay, true, start + 1us);
    rig.drive(GpioRig::kTallyStop, false, start + 2us);
    rig.drive(GpioRig::kTallyPlay, false, start + 3us);
    rig.drive(GpioRig::kTallyPlay, true, start + 4us);
    rig.drive(GpioRig::kTallyStop, true, start + 5us);
    ASSERT_TRUE(rig.run_until([&] { return edges.size() >= 5; }));
    rig.settle();
    ASSERT_EQ(edges.size(), 5u);
    const bool active[] = {true, true, false, true, false};
    const char* line[] = {"tally_play", "tally_stop", "tally_play", "tally_play", "tally_stop"};
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_EQ(edges[i].line, input(line[i])) << i;
        EXPECT_EQ(edges[i].active, active[i]) << i;
        EXPECT_EQ(edges[i].at, rig.timeline.at_monotonic(start + 1us * (i + 1))) << i;
    }
}

TEST_F(GpiodLinesTest, AListenerHearsOnlyWhatComesAfterIt) {
    open();
    rig.drive(GpioRig::kTallyPlay, true);
    lines->on_edge([this](const LineEdge& edge) { edges.push_back(edge); });
    rig.settle();
    EXPECT_TRUE(edges.empty());
    rig.drive(GpioRig::kTallyPlay, false);
    ASSERT_TRUE(rig.run_until([&] { return !edges.empty(); }));
    EXPECT_FALSE(edges[0].active);
    lines->on_edge({});
    rig.drive(GpioRig::kTallyPlay, true);
    rig.settle();
    EXPECT_EQ(edges.size(), 1u);
}

TEST_F(GpiodLinesTest, LostEdgesDoNotLeaveAStaleState) {
    open();
    bool level = false;
    // an even and an odd count: whatever the ring holds, after one of them its last edge is not how the line stands
    for (const int count : {2001, 2002}) {
        edges.clear();
        const bool before = level;
        rig.on_server([&](deck_sim::GpioServer& server) { // more than any ring holds, and nobody reads
            for (int i = 0; i < count; ++i) {
                level = !level;
                server.drive(GpioRig::kTallyPlay, level, monotonic());
            }
        });
        for (int i = 0; i < 4; ++i) { // what the chip could not send before we read comes when it has its turn
            rig.settle();
            (void)rig.level(GpioRig::kTallyPlay);
        }
        rig.settle();
        ASSERT_FALSE(edges.empty());
        ASSERT_EQ(lines->get(input("tally_play")), level) << count;
        ASSERT_EQ(edges.back().active, level) << count;
        EXPECT_LT(edges.size(), 2001u);
        for (std::size_t i = 0; i < edges.size(); ++i) {
            ASSERT_EQ(edges[i].active, (i % 2 == 0) != before) << i; // each is a change
            ASSERT_TRUE(i == 0 || edges[i].at >= edges[i - 1].at) << i;
        }
    }
}

TEST_F(GpiodLinesTest, AListenerMayDestroyTheLines) {
    lines = std::make_unique<GpiodLines>(rig.timeline, config);
    int heard = 0;
    lines->on_edge([&](const LineEdge&) {
        ++heard;
        lines.reset();
    });
    rig.drive(GpioRig::kTallyPlay, true);
    rig.drive(GpioRig::kTallyStop, true);
    ASSERT_TRUE(rig.run_until([&] { return lines == nullptr; }));
    rig.settle();
    EXPECT_EQ(heard, 1);
    open(); // and everything was given back
}

TEST_F(GpiodLinesTest, EveryLineThatCannotBeHadIsToldAtOnce) {
    config.outputs[0].line = "RELAY_STPO";
    config.inputs[0].line = "TALLY_PLAY";
    config.inputs.push_back({"tally_play", "TACH_A"});
    config.inputs.push_back({"record", "SOMETHING_ELSE_ENTIRELY"});
    const std::string error = refusal();
    EXPECT_THAT(error, HasSubstr("stop: GPIO line \"RELAY_STPO\" is not on gpiochip0 [overbias-decksim]: the nearest "
                                 "name is \"RELAY_STOP\""));
    EXPECT_THAT(error, HasSubstr("tally_play: GPIO line \"TALLY_PLAY\" is already in use as tally_stop"));
    EXPECT_THAT(error, HasSubstr("a GPIO line is called \"tally_play\""));
    EXPECT_THAT(error, HasSubstr("record: GPIO line \"SOMETHING_ELSE_ENTIRELY\""));
    EXPECT_THAT(rig.released(), ::testing::IsEmpty()); // nothing was touched
}

TEST_F(GpiodLinesTest, AChipThatIsNotThereIsAnsweredWithThoseThatAre) {
    config.chip = "pcf8575";
    EXPECT_THAT(refusal(), AllOf(HasSubstr("\"pcf8575\""), HasSubstr("gpiochip0 [overbias-decksim]")));
    config.chip = "/dev/gpiochip7";
    EXPECT_THAT(refusal(), AllOf(HasSubstr("/dev/gpiochip7"), HasSubstr("No such file")));
    config.chip = "/dev/null";
    EXPECT_THAT(refusal(), HasSubstr("/dev/null"));
}

TEST_F(GpiodLinesTest, TwoLinesOfOneNameAreNotChosenBetween) {
    auto chip = GpioRig::default_chip();
    chip.lines[GpioRig::kNameless] = "RELAY_PLAY";
    rig.on_server([](deck_sim::GpioServer& server) { server.unplug(); });
    GpioRig twins(chip);
    EXPECT_THAT(refusal(), HasSubstr("line 1 of gpiochip0 [overbias-decksim], line 4 of gpiochip0"));
}

TEST_F(GpiodLinesTest, UnknownNamesAreAnsweredWithThoseThereAre) {
    open();
    const auto output = lines->find_output("record");
    ASSERT_FALSE(output.ok());
    EXPECT_THAT(output.error().message, AllOf(HasSubstr("\"record\""), HasSubstr("stop, play")));
    const auto input = lines->find_input("play");
    ASSERT_FALSE(input.ok());
    EXPECT_THAT(input.error().message, HasSubstr("tally_stop, tally_play"));
    EXPECT_THROW(lines->set(lines->find_input("tally_play").value(), true), std::invalid_argument);
    EXPECT_THROW((void)lines->get(lines->find_output("play").value()), std::invalid_argument);
    EXPECT_THROW(lines->set(LineId{}, true), std::invalid_argument);
}

TEST_F(GpiodLinesTest, AChipThatIsPulledOffIsToldOnceAndNothingThrows) {
    open();
    std::vector<std::string> lost;
    lines->on_lost([&](const std::string& what) { lost.push_back(what); });
    rig.settle();
    EXPECT_TRUE(lost.empty());
    rig.drive(GpioRig::kTallyPlay, true);
    ASSERT_TRUE(rig.run_until([&] { return !edges.empty(); }));
    rig.on_server([](deck_sim::GpioServer& server) { server.unplug(); });
    ASSERT_TRUE(rig.run_until([&] { return !lost.empty(); }));
    for (int i = 0; i < 3; ++i) {
        lines->set(output("stop"), true);
        EXPECT_TRUE(lines->get(input("tally_play"))); // as it stood last
        rig.settle();
    }
    ASSERT_EQ(lost.size(), 1u);
    EXPECT_THAT(lost[0], AllOf(HasSubstr("TALLY_"), HasSubstr("gpiochip0"), HasSubstr("the chip is gone")));
    lines.reset();
}

TEST_F(GpiodLinesTest, AnOutputThatCannotBeSetIsToldLaterNotThrown) {
    config.inputs.clear(); // nothing that would notice by itself
    open();
    rig.on_server([](deck_sim::GpioServer& server) { server.unplug(); });
    EXPECT_NO_THROW(lines->set(output("stop"), true));
    EXPECT_NO_THROW(lines->set(output("play"), true));
    std::vector<std::string> lost; // also who listens afterwards hears of it
    lines->on_lost([&](const std::string& what) { lost.push_back(what); });
    EXPECT_TRUE(lost.empty());
    ASSERT_TRUE(rig.run_until([&] { return !lost.empty(); }));
    rig.settle();
    ASSERT_EQ(lost.size(), 1u);
    EXPECT_THAT(lost[0], HasSubstr("RELAY_STOP"));
}

TEST_F(GpiodLinesTest, AHolderThatIsKilledLosesItsLines) {
    int says[2];
    ASSERT_EQ(::pipe2(says, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, says[1], STDOUT_FILENO);
    char program[] = "/proc/self/exe", argument[] = "--hold";
    char* arguments[] = {program, argument, nullptr};
    pid_t holder = -1;
    ASSERT_EQ(::posix_spawn(&holder, program, &actions, nullptr, arguments, environ), 0);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(says[1]);
    char word[5]{};
    ASSERT_EQ(::read(says[0], word, sizeof word), 5); // "held"
    ::close(says[0]);

    EXPECT_TRUE(rig.level(GpioRig::kRelayPlay));
    EXPECT_THAT(refusal(), AllOf(HasSubstr("play: GPIO line \"RELAY_PLAY\" (line 1 of gpiochip0"),
                                 HasSubstr("\"holder\" holds it"), Not(HasSubstr("RELAY_STOP"))));
    ASSERT_EQ(::kill(holder, SIGKILL), 0);
    ASSERT_EQ(::waitpid(holder, nullptr, 0), holder);
    ASSERT_TRUE(rig.run_until([&] { return !rig.released().empty(); }));
    EXPECT_EQ(rig.released()[0].first, std::vector<unsigned>{GpioRig::kRelayPlay});
    EXPECT_EQ(rig.released()[0].second, holder);
    EXPECT_TRUE(rig.level(GpioRig::kRelayPlay)); // released is not stopped: this chip goes on pressing
    open();
    EXPECT_FALSE(rig.level(GpioRig::kRelayPlay)); // the next owner begins with nothing pressed
}

} // namespace

} // namespace overbias::transport
