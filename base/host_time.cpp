// SPDX-License-Identifier: Apache-2.0
#include "base/host_time.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <fstream>

namespace overbias {

namespace {

std::int64_t read_clock(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

const std::string& boot_id() {
    static const std::string id = [] {
        std::ifstream file("/proc/sys/kernel/random/boot_id");
        std::string text;
        std::getline(file, text);
        return text;
    }();
    return id;
}

} // namespace

HostStamp host_now() {
    return {.utc_ns = read_clock(CLOCK_REALTIME), .monotonic_ns = read_clock(CLOCK_MONOTONIC), .boot_id = boot_id()};
}

std::string utc_text(std::int64_t utc_ns) {
    const auto whole = static_cast<std::time_t>(utc_ns / 1'000'000'000);
    const auto milliseconds = static_cast<int>(utc_ns / 1'000'000 % 1000);
    std::tm parts{};
    gmtime_r(&whole, &parts);
    std::array<char, 80> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900,
                  parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, milliseconds);
    return text.data();
}

} // namespace overbias
