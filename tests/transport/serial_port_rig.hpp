// SPDX-License-Identifier: Apache-2.0
// SerialPort on real pseudo terminals. The timeline runs on a thread of its own, as in the daemon; the test waits for
// conditions, never for time.
#pragma once

#include "timeline_thread.hpp"
#include "transport/io/serial_port.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <gtest/gtest.h>
#include <optional>
#include <poll.h>
#include <pty.h>
#include <span>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace overbias::transport::test {

using Bytes = std::vector<std::uint8_t>;

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
    TimelineThread control;
    SteadyTimeline& timeline = control.timeline;
    std::optional<SerialPort> port;
    Bytes heard;
    bool any_damaged = false;
    std::vector<bool> states;
};

} // namespace overbias::transport::test
