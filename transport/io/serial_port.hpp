// SPDX-License-Identifier: Apache-2.0
// SerialPort: a SerialLink on a tty of the host: UART, USB adapter, pseudo terminal. Raw, 8 data bits, 1 stop bit, what
// arrives damaged marked by the terminal itself (PARMRK), no other program beside us (TIOCEXCL and an advisory lock).
//
// It opens the path anew each time, so a link such as /dev/serial/by-id/... finds an adapter that was plugged in again
// under another number. Pauses between attempts: 0.1 s, doubling to 5 s; they begin anew after the link has lived for a
// second. Thread: the timeline's.
#pragma once

#include "base/async/steady_timeline.hpp"
#include "transport/io/serial_link.hpp"

#include <memory>

namespace overbias::transport {

class SerialPort final : public SerialLink {
  public:
    /// Opens at once; a device that is not there is tried again. Real time only: a simulated timeline does not convert.
    /// Throws std::invalid_argument for an empty path or a baud rate that a terminal does not have.
    SerialPort(SteadyTimeline& timeline, SerialSettings settings);
    /// Bytes not yet taken by the host are lost; those it has taken may need a moment on a held line (0.1 s at most).
    ~SerialPort() override;

    Result<void> send(std::span<const std::uint8_t> bytes) override;
    void
    on_bytes(std::function<void(std::span<const std::uint8_t> bytes, bool damaged, DeckTime at)> listener) override;
    void on_state(std::function<void()> listener) override;
    [[nodiscard]] bool is_up() const noexcept override;
    [[nodiscard]] std::string problem() const override;
    [[nodiscard]] std::string name() const override;

    /// Attempts to open the device so far.
    [[nodiscard]] int attempts() const noexcept;

    static constexpr std::size_t kSendQueue = 4096;
    static constexpr DeckDuration kFirstPause = std::chrono::milliseconds(100);
    static constexpr DeckDuration kLongestPause = std::chrono::seconds(5);
    static constexpr DeckDuration kLived = std::chrono::seconds(1);

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

} // namespace overbias::transport
