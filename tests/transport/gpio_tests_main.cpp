// SPDX-License-Identifier: Apache-2.0
// These tests talk to a simulated chip by libgpiod and by ioctls as they are; the preload shim makes the chip. So the
// program starts itself once more with the shim in front, and is then the test.
#include "transport/io/gpiod_lines.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <unistd.h>

namespace {

/// Again, preloaded; returns only when that can't be done.
int run_preloaded(char** argv) {
    std::string folder = (std::filesystem::temp_directory_path() / "overbias-gpio-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) {
        std::perror("gpio_tests: no folder for the socket");
        return 2;
    }
    // NOLINTBEGIN(concurrency-mt-unsafe): there is one thread yet
    ::setenv("OVERBIAS_GPIO_SOCKET", (folder + "/gpio.sock").c_str(), 1);
    ::setenv("LD_PRELOAD", OVERBIAS_GPIO_SHIM, 1);
#ifdef OVERBIAS_SANITIZED
    const char* options = std::getenv("ASAN_OPTIONS"); // the shim comes before the sanitiser
    ::setenv("ASAN_OPTIONS",
             ((options == nullptr ? std::string() : options + std::string(":")) + "verify_asan_link_order=0").c_str(),
             1);
#endif
    // NOLINTEND(concurrency-mt-unsafe)
    ::execv("/proc/self/exe", argv);
    std::perror("gpio_tests: can't run itself again");
    return 2;
}

/// Holds RELAY_PLAY pressed until it is killed; says so when it has it.
int hold() {
    overbias::SteadyTimeline timeline;
    overbias::transport::GpioLinesConfig config;
    config.consumer = "holder";
    config.outputs = {{"play", "RELAY_PLAY"}};
    overbias::transport::GpiodLines lines(timeline, config);
    lines.set(lines.find_output("play").value(), true);
    if (::write(STDOUT_FILENO, "held\n", 5) != 5) {
        return 1;
    }
    timeline.run();
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    const char* socket = std::getenv("OVERBIAS_GPIO_SOCKET"); // NOLINT(concurrency-mt-unsafe): there is one thread yet
    if (socket == nullptr) {
        return run_preloaded(argv);
    }
    if (argc > 1 && argv[1] == std::string("--hold")) {
        return hold();
    }
    const auto folder = std::filesystem::path(socket).parent_path();
    ::testing::InitGoogleTest(&argc, argv);
    const int status = RUN_ALL_TESTS();
    std::error_code error;
    std::filesystem::remove_all(folder, error);
    return status;
}
