// SPDX-License-Identifier: Apache-2.0
// SerialPair: a serial line on deck time, without any host behind it. The driver has one end, a transport::SerialLink;
// the device's face has the other. Bytes take as long as their bits do on a real line, so that deadlines mean
// something, and arrive one by one, each at the end of its stop bit. What can go wrong with a line can be made to go
// wrong at any time. Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"
#include "transport/io/serial_link.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

namespace overbias::deck_sim {

/// Of one direction; each may be changed while bytes are under way.
struct LineFaults {
    bool silent = false;                  ///< bytes are sent and never arrive
    std::optional<std::size_t> cut_after; ///< of what is given to one send() only this many bytes are sent
    bool wrong_parity = false;            ///< the receiver finds every byte damaged; the bytes themselves are right
};

class SerialPair {
  public:
    /// `settings.device` is the line's name in messages. Throws std::invalid_argument when the baud rate is not
    /// positive.
    SerialPair(Timeline& timeline, transport::SerialSettings settings);
    ~SerialPair();
    SerialPair(const SerialPair&) = delete;
    SerialPair& operator=(const SerialPair&) = delete;

    /// The driver's end. With `xon_xoff` it heeds the device's XOFF and XON and keeps them to itself, as the line
    /// discipline of a host does.
    [[nodiscard]] transport::SerialLink& link() noexcept;

    // --- the device's end
    /// Puts the bytes on the line, behind those that wait there. Lost while the cable is cut.
    void send(std::span<const std::uint8_t> bytes);
    /// Every byte that arrives at the device; `damaged`: its receiver found wrong parity. One listener.
    void on_bytes(std::function<void(std::span<const std::uint8_t> bytes, bool damaged)> listener);
    /// All that was given to send() has left the device.
    [[nodiscard]] bool sent() const noexcept;

    // --- what goes wrong
    enum class Way { ToDriver, ToDevice };
    [[nodiscard]] LineFaults& faults(Way way) noexcept;
    /// The driver's receiver hears 0xFF without a pause, and nothing else: an open or swapped pair of wires.
    void flood(bool on);
    /// What the driver sends comes back to it, beside what the device says.
    void echo(bool on) noexcept;
    /// A byte out of nowhere, on its way from now on.
    void noise(Way way, std::uint8_t byte);
    /// The adapter is pulled out of the driver's host (end of file there; what was under way is lost), and put back.
    /// Until an attempt to open it again succeeds the link stays down.
    void unplug();
    void plug_in();
    /// unplug(), and plug_in() after that time.
    void unplug_for(DeckDuration away);

    /// Start, eight data, parity and stop bit at the baud rate.
    [[nodiscard]] DeckDuration byte_time() const noexcept;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::deck_sim
