// SPDX-License-Identifier: Apache-2.0
#include "transport/io/gpio_names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

namespace overbias::transport {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

GpioChipListing header_chip() {
    return {"/dev/gpiochip0",
            "gpiochip0",
            "pinctrl-bcm2711",
            {{"RELAY_PLAY", "", false}, {"RELAY_STOP", "gpioset", true}, {"", "", false}, {"TACH_A", "", true}}};
}
GpioChipListing expander() {
    return {"/dev/gpiochip1", "gpiochip1", "pcf8575", {{"TALLY_PLAY", "", false}, {"RELAY_PLAY", "", false}}};
}

std::string error_of(const std::vector<GpioChipListing>& chips, std::string_view chip, std::string_view line) {
    const auto found = find_free_gpio_line(chips, chip, line);
    return found ? "found" : found.error().message;
}

TEST(GpioNames, FindsALineOnWhicheverChipItIs) {
    const auto found = find_free_gpio_line({header_chip(), expander()}, "", "TALLY_PLAY");
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(found->chip, 1u);
    EXPECT_EQ(found->offset, 0u);
}

TEST(GpioNames, AnUnknownNameIsAnsweredWithTheNearest) {
    const std::string error = error_of({header_chip(), expander()}, "", "TALY_PLAY");
    EXPECT_THAT(error, HasSubstr("\"TALY_PLAY\""));
    EXPECT_THAT(error, HasSubstr("gpiochip0 [pinctrl-bcm2711], gpiochip1 [pcf8575]"));
    EXPECT_THAT(error, HasSubstr("the nearest name is \"TALLY_PLAY\""));
    EXPECT_THAT(error_of({expander()}, "", "quite different"), HasSubstr("there are TALLY_PLAY, RELAY_PLAY"));
    EXPECT_THAT(error_of({{"/dev/gpiochip2", "gpiochip2", "", {{}, {}}}}, "", "X"), HasSubstr("gpio-line-names"));
    EXPECT_THAT(error_of({header_chip()}, "", ""), Not(HasSubstr("found"))); // nameless lines are not a line ""
}

TEST(GpioNames, ALineThatIsThereTwiceIsNotChosenBetween) {
    const std::string error = error_of({header_chip(), expander()}, "", "RELAY_PLAY");
    EXPECT_THAT(error, HasSubstr("line 0 of gpiochip0 [pinctrl-bcm2711], line 1 of gpiochip1 [pcf8575]"));
    EXPECT_THAT(error, HasSubstr("gpio.chip"));
    auto doubled = expander();
    doubled.lines[0].name = "RELAY_PLAY";
    EXPECT_THAT(error_of({doubled}, "pcf8575", "RELAY_PLAY"), HasSubstr("names of their own"));
    EXPECT_THAT(error_of({expander(), header_chip()}, "twins", "RELAY_PLAY"), HasSubstr("gpio.chip as a path"));
}

TEST(GpioNames, ABusyLineSaysWhoHoldsIt) {
    EXPECT_THAT(error_of({header_chip()}, "", "RELAY_STOP"), HasSubstr("\"gpioset\" holds it"));
    EXPECT_THAT(error_of({header_chip()}, "", "TACH_A"), HasSubstr("somebody who gives no name"));
}

TEST(GpioNames, AChipIsMeantByPathNameOrLabel) {
    for (const char* chip : {"", "/dev/gpiochip1", "gpiochip1", "pcf8575"}) {
        EXPECT_TRUE(is_gpio_chip(expander(), chip)) << chip;
    }
    EXPECT_FALSE(is_gpio_chip(expander(), "gpiochip"));
    EXPECT_FALSE(is_gpio_chip(expander(), "pcf857"));
    EXPECT_EQ(gpio_device_paths("/dev/deck-lines"), std::vector<std::string>{"/dev/deck-lines"});
}

TEST(GpioNames, NoChipSaysWhichThereAreAndWhatWasWrong) {
    EXPECT_THAT(no_gpio_chip("pcf8574", {header_chip(), expander()}, {}),
                HasSubstr("there is gpiochip0 [pinctrl-bcm2711], gpiochip1 [pcf8575]"));
    EXPECT_THAT(no_gpio_chip("", {}, {"/dev/gpiochip0: " + gpio_error_text(EACCES)}), HasSubstr("group"));
    EXPECT_THAT(no_gpio_chip("", {}, {}), HasSubstr("no /dev/gpiochip*"));
}

} // namespace

} // namespace overbias::transport
