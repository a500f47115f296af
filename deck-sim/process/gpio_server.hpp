// SPDX-License-Identifier: Apache-2.0
// GpioServer: a GPIO chip behind a UNIX socket, reached by unmodified programs through the preload shim
// (deck-sim/gpio-shim/), which answers the v1 and v2 ioctls of /dev/gpiochipN with it. A request is a connection: when
// its process dies the connection ends, and the lines do what the policy says. Thread: that of the io_context, also for
// the listeners, which run before the program's call returns.
//
// Edges are numbered and lost as in the kernel, with one difference: of a reader that stands still the first few edges
// (what a socket holds, about six) are kept and the gap comes after them, where the kernel keeps the newest only.
// Not there: debounce by the chip (EOPNOTSUPP) and watching line infos (ENOTTY).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace overbias::deck_sim {

struct GpioChip {
    std::string name = "gpiochip0"; ///< as the chip calls itself; the shim shows it as /dev/gpiochip0 in any case
    std::string label = "overbias-decksim";
    std::vector<std::string> lines; ///< kernel names by offset; empty: a line without a name
    /// What an output does when its owner gives it back or dies.
    enum class OnRelease {
        PullDown, ///< falls back to its pull: 0
        KeepLast, ///< goes on driving what it drove
    } on_release = OnRelease::PullDown;
    std::size_t edge_places = 1024; ///< most a v2 request can have; v1 has 16
};

class GpioServer {
  public:
    /// Throws std::runtime_error when the socket can't be bound: a path of more than 107 characters, another server
    /// that listens there, a file that is no socket. One left behind by a killed server is replaced.
    GpioServer(boost::asio::io_context& io, std::filesystem::path socket, GpioChip chip);
    ~GpioServer();
    GpioServer(const GpioServer&) = delete;
    GpioServer& operator=(const GpioServer&) = delete;

    /// The outside drives an input line: an edge goes to whoever asked for it, with its kernel timestamp
    /// (CLOCK_MONOTONIC). Throws std::out_of_range for a line that is not there, as level() does.
    void drive(unsigned offset, bool high, std::chrono::nanoseconds at);
    /// The level of a line now, whoever drives it.
    [[nodiscard]] bool level(unsigned offset) const;
    /// Every change of an output's level.
    void on_output(std::function<void(unsigned offset, bool high)> listener);
    /// A client has gone that held lines (gave them back, or died).
    void on_release(std::function<void(const std::vector<unsigned>& offsets, int pid)> listener);
    /// The chip is pulled off (an expander's cable): open requests hang up, calls fail with ENODEV, the outputs do what
    /// the policy says; on_release is not called, the program still lives. And put back: throws as the constructor.
    void unplug();
    void plug_in();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::deck_sim
