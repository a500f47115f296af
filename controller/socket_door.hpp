// SPDX-License-Identifier: Apache-2.0
// The UNIX socket door: JSON-RPC 2.0, one message a line (controller/rpc.hpp). It lives on a host thread of its own and
// knows neither machine nor timeline: a parsed request is handed to `serve`, which posts it to the timeline and answers
// from there.
//
// Bounds, so that no client can stall or fill the daemon: number of clients, length of a line, unanswered requests of
// one client (it is not read further until they are answered), bytes waiting to be read by it (it is cut off).
// Notifications: "state", "position" and "progress" are latest-value (a slow client misses the old ones), everything
// else is kept in order.
#pragma once

#include "controller/command_registry.hpp"
#include "controller/rpc.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace overbias::controller {

struct SocketDoorLimits {
    std::size_t clients = 32;
    std::size_t line_bytes = 65536;
    std::size_t unanswered = 64;
    std::size_t waiting_bytes = 262144;
};

class SocketDoor {
  public:
    /// Called on the door's thread; `answer` may be called from any thread, and after the door is gone.
    using Serve = std::function<void(RpcRequest request, Caller caller, Answer answer)>;

    /// Opens the door; only the socket's owner can connect (mode 0600). A socket file that nobody listens on is
    /// replaced. Throws std::runtime_error when a daemon answers there, when the path is another kind of file, or can't
    /// be made.
    SocketDoor(std::filesystem::path path, Serve serve, SocketDoorLimits limits = {});
    /// Sends what waits for at most 200 ms, closes every connection and removes the socket file.
    ~SocketDoor();
    SocketDoor(const SocketDoor&) = delete;
    SocketDoor& operator=(const SocketDoor&) = delete;

    /// Sends a notification to every client that subscribed to `topic`; `parameters` is JSON text. Any thread.
    void notify(const std::string& topic, const std::string& parameters);
    [[nodiscard]] const std::filesystem::path& path() const noexcept;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::controller
