// SPDX-License-Identifier: Apache-2.0
// SerialLink: bytes to and from a deck's serial socket. The port, and nothing of any protocol. Back ends: a tty of the
// host (serial_port.hpp), and an in-process pair for simulated time (deck-sim).
//
// A link that fails (end of file, EIO, unplugged adapter) closes at once, says so through on_state(), and is opened
// again by itself with growing pauses (0.1 s, doubling, 5 s at most); it never spins. Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace overbias::transport {

enum class SerialParity { None, Odd, Even };

struct SerialSettings {
    std::string device; ///< a stable path: /dev/serial/by-id/..., a pty's link
    int baud = 38400;
    SerialParity parity = SerialParity::None;
    bool xon_xoff = false; ///< software handshake, by the host's line discipline
};

class SerialLink {
  public:
    SerialLink() = default;
    SerialLink(const SerialLink&) = delete;
    SerialLink& operator=(const SerialLink&) = delete;
    virtual ~SerialLink() = default;

    /// Takes the bytes to send, in order; they are under way when it returns, without waiting for the line. An Error
    /// when the link is down, or more than 4096 bytes wait to be sent (the other side holds us with XOFF).
    virtual Result<void> send(std::span<const std::uint8_t> bytes) = 0;
    /// Bytes as they come, in order, with the time at which they were seen; one listener. `damaged`: the host found
    /// wrong parity, a framing error or an overrun in them.
    virtual void
    on_bytes(std::function<void(std::span<const std::uint8_t> bytes, bool damaged, DeckTime at)> listener) = 0;
    /// Told when the link goes up or down, after is_up() has changed; one listener.
    virtual void on_state(std::function<void()> listener) = 0;
    [[nodiscard]] virtual bool is_up() const noexcept = 0;
    /// While down: what happened and what is being done ("/dev/...: end of file; trying again in 0.8 s").
    [[nodiscard]] virtual std::string problem() const = 0;
    /// "/dev/serial/by-id/..." for messages.
    [[nodiscard]] virtual std::string name() const = 0;
};

/// Every frame that goes either way, for `overbias deck lines`; a driver calls it when it is set.
using SerialTrace = std::function<void(bool sent, std::span<const std::uint8_t> bytes, DeckTime at)>;

} // namespace overbias::transport
