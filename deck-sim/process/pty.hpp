// SPDX-License-Identifier: Apache-2.0
// Pty: a serial socket that programs open by a stable path, a symbolic link to a pseudo terminal. The socket stays
// while programs come and go. A pseudo terminal carries bytes only: it has no baud rate, and no parity that could be
// wrong. Thread: that of the io_context.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>

namespace boost::asio {
class io_context;
}

namespace overbias::deck_sim {

class Pty {
  public:
    /// Throws std::runtime_error when there is no pseudo terminal to be had or the link can't be made (a file that is
    /// no link is in its place).
    Pty(boost::asio::io_context& io, std::filesystem::path link);
    /// Takes the link away.
    ~Pty();
    Pty(const Pty&) = delete;
    Pty& operator=(const Pty&) = delete;

    /// What programs write.
    void on_bytes(std::function<void(std::span<const std::uint8_t>)> listener);
    /// Bytes that a program does not read are lost when the terminal is full, as on a line without handshake.
    void write(std::span<const std::uint8_t> bytes);

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

} // namespace overbias::deck_sim
