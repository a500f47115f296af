// SPDX-License-Identifier: Apache-2.0
// A blocking JSON-RPC client on a daemon's UNIX socket. Thread: one.
#pragma once

#include <boost/json/value.hpp>
#include <chrono>
#include <deque>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

namespace overbias::controller {

/// No daemon there, or it went away; the message says what to do.
class ConnectionLost : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The daemon answered with an error; `code` is one of ErrorCode.
class RpcFailure : public std::runtime_error {
  public:
    RpcFailure(int error_code, const std::string& message) : std::runtime_error(message), code_(error_code) {}
    [[nodiscard]] int code() const noexcept { return code_; }

  private:
    int code_;
};

/// A signal came while waiting.
class Interrupted : public std::exception {};

struct Notification {
    std::string topic;
    boost::json::value parameters;
};

class RpcClient {
  public:
    using Duration = std::chrono::milliseconds;

    /// Throws ConnectionLost.
    explicit RpcClient(const std::filesystem::path& socket);
    ~RpcClient();
    RpcClient(const RpcClient&) = delete;
    RpcClient& operator=(const RpcClient&) = delete;

    /// Sends a request and waits for its answer; notifications that come meanwhile are kept. `parameters` null: none.
    /// Throws RpcFailure, ConnectionLost (also when nothing comes within `patience`), Interrupted.
    boost::json::value call(const std::string& method, const boost::json::value& parameters = nullptr,
                            Duration patience = std::chrono::seconds(20));
    /// The next notification; nothing when `patience` is over. Throws ConnectionLost, Interrupted.
    std::optional<Notification> next_notification(Duration patience);

  private:
    [[nodiscard]] std::optional<boost::json::value> read_message(std::chrono::steady_clock::time_point until);
    void send(std::string_view text);

    std::filesystem::path socket_path_;
    int socket_ = -1;
    int next_id_ = 1;
    std::string input_;
    std::deque<Notification> notifications_;
};

/// Where the daemon is looked for when --socket and --state-dir are not given: OVERBIAS_SOCKET, else the service's
/// socket when somebody answers there, else the one of this user's `overbiasd --simulate`.
[[nodiscard]] std::filesystem::path default_socket();

} // namespace overbias::controller
