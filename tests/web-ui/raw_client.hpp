// SPDX-License-Identifier: Apache-2.0
// An HTTP and WebSocket client of a few lines, written from RFC 9112 and RFC 6455 and nothing of the server's, so that
// it can send what no proper client would. It waits for what must come, or for the end of the connection.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace overbias::web_ui {

inline constexpr std::chrono::seconds kPatience{15}; ///< a test that needs it has failed

class RawClient {
  public:
    /// Connects to 127.0.0.1. `receive_bytes`: size of the kernel's buffer for what the server sends (0: its own).
    explicit RawClient(std::uint16_t port, int receive_bytes = 0);
    RawClient(RawClient&& other) noexcept;
    ~RawClient();

    /// Sends everything, or until the other end has closed: then false.
    bool send(std::string_view bytes) const;
    /// More input; false at the end of the connection. Throws std::runtime_error when nothing comes.
    bool fill();
    /// Exactly so many bytes; nothing when the connection ends before.
    std::optional<std::string> take(std::size_t bytes);
    /// Up to and without `end`, which is thrown away.
    std::optional<std::string> take_until(std::string_view end);
    /// Everything up to the end of the connection.
    std::string rest();
    /// Waits for the end of the connection.
    void wait_closed() { rest(); }
    /// The connection did not end, it was torn down: what was on its way may be lost.
    [[nodiscard]] bool was_reset() const noexcept { return reset_; }

  private:
    int socket_ = -1;
    std::string input_;
    bool reset_ = false;
};

struct HttpAnswer {
    int status = 0;                                  ///< 0: the connection ended without an answer
    std::multimap<std::string, std::string> headers; ///< names in lower case
    std::string body;
    [[nodiscard]] std::string header(const std::string& name) const;
};

/// Sends a request and reads its answer. `head`: the answer has no body whatever its headers say.
HttpAnswer ask(RawClient& client, std::string_view request, bool head = false);

struct WsMessage {
    int opcode = -1; ///< 1 text, 2 binary, 8 close, 9 ping, 10 pong; -1: the connection ended
    std::string payload;
    /// Of a close.
    [[nodiscard]] int code() const {
        return payload.size() < 2
                   ? 0
                   : static_cast<unsigned char>(payload[0]) * 256 + static_cast<unsigned char>(payload[1]);
    }
};

/// A masked frame as a client sends it.
std::string ws_frame(int opcode, std::string_view payload);
/// The next message, whatever it is.
WsMessage ws_message(RawClient& client);

} // namespace overbias::web_ui
