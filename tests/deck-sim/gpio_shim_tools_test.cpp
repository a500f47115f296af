// SPDX-License-Identifier: Apache-2.0
// The tools of libgpiod, as Debian ships them (1.6 or 2), on the simulated chip.
#include "gpio_shim_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::deck_sim {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

class GpioTools : public testing::Test {
  protected:
    void SetUp() override {
        Program asked({"gpiodetect", "--version"}, {});
        const std::string version = asked.all();
        if (asked.status() == 127) {
            GTEST_SKIP() << "gpiodetect is not installed (package gpiod)";
        }
        two_ = version.find("(libgpiod) v2.") != std::string::npos;
    }
    Program tool(std::vector<std::string> one, std::vector<std::string> two) {
        return Program(two_ ? std::move(two) : std::move(one), rig_.environment());
    }
    GpioRig rig_;
    bool two_ = false;
};

TEST_F(GpioTools, DetectAndInfo) {
    Program detect({"gpiodetect"}, rig_.environment());
    EXPECT_THAT(detect.all(), HasSubstr("gpiochip0 [overbias-decksim] (6 lines)"));
    EXPECT_EQ(detect.status(), 0);
    Program info({"gpioinfo"}, rig_.environment());
    const std::string said = info.all();
    EXPECT_EQ(info.status(), 0);
    EXPECT_THAT(said, ContainsRegex("line +0:[ \t]+\"?RELAY_PLAY\"?.*input"));
    EXPECT_THAT(said, HasSubstr("TACH_B"));
}

TEST_F(GpioTools, SetHoldsALineAndGivesItBack) {
    Program set = tool({"gpioset", "--mode=wait", "gpiochip0", "1=1"}, {"gpioset", "-t0", "RELAY_RECORD=1"});
    EXPECT_TRUE(rig_.wait_for([](const auto& outputs, const auto&) {
        return !outputs.empty() && outputs[0] == GpioRig::Output{GpioRig::kRecord, true};
    }));
    if (!two_) {
        set.tell(""); // ENTER ends it
    }
    EXPECT_EQ((void(set.all()), set.status()), 0);
    EXPECT_TRUE(rig_.wait_for_outputs({{GpioRig::kRecord, true}, {GpioRig::kRecord, false}}));
}

TEST_F(GpioTools, GetReadsWhatIsDriven) {
    rig_.drive(GpioRig::kTallyPlay, true);
    Program get = tool({"gpioget", "gpiochip0", "3", "4"}, {"gpioget", "--numeric", "TALLY_PLAY", "TACH_A"});
    EXPECT_EQ(get.all(), "1 0\n");
}

TEST_F(GpioTools, MonSeesEdges) {
    Program mon = tool({"gpiomon", "--num-events=4", "--format=%e %o %n", "gpiochip0", "4"},
                       {"gpiomon", "--num-events=4", "--format=%e %o %S", "TACH_A"});
    Program info({OVERBIAS_GPIO_CLIENT}, rig_.environment());
    ASSERT_EQ(info.ask("open"), "ok");
    const auto deadline = monotonic_now() + std::chrono::seconds(10);
    while (info.ask("v1-info 4").find("TACH_A gpiomon") == std::string::npos) {
        ASSERT_LT(monotonic_now(), deadline) << "gpiomon never asked for the line";
    }
    for (int i = 0; i < 4; ++i) {
        rig_.drive(GpioRig::kTachA, i % 2 == 0);
    }
    const std::string said = mon.all();
    EXPECT_EQ(mon.status(), 0) << said;
    EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 4) << said;
}

} // namespace
} // namespace overbias::deck_sim
