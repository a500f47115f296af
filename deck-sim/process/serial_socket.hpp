// SPDX-License-Identifier: Apache-2.0
// SerialSocket: a serial socket of the deck that programs open by a path: a pseudo terminal on a line with real byte
// times and everything that can be wrong with one. What a pseudo terminal can't carry is parity: bytes that would
// arrive damaged at the program never arrive, as with a terminal that drops them (IGNPAR). Thread: the timeline's.
#pragma once

#include "deck-sim/faces/serial_pair.hpp"
#include "deck-sim/process/pty.hpp"

#include <boost/json/object.hpp>
#include <filesystem>
#include <memory>

namespace overbias::deck_sim {

class SerialSocket {
  public:
    /// Opens the driver's end of `line` to programs, at `link`. Throws as Pty does. The line must outlive it.
    SerialSocket(boost::asio::io_context& io, SerialPair& line, std::filesystem::path link);
    ~SerialSocket();
    SerialSocket(const SerialSocket&) = delete;
    SerialSocket& operator=(const SerialSocket&) = delete;

    /// Pulled out, programs find end of file and no device any more.
    void plug(bool in);
    /// A request of the control socket: sets those of `silent`, `cut_after` (bytes, or null), `flood`, `echo`,
    /// `wrong_parity` (true: of what the deck receives), `noise` (a byte, to the program), `plugged` that it names.
    /// Throws std::invalid_argument for a value of the wrong kind or when it names none.
    void obey(const boost::json::object& request);

  private:
    void open();

    boost::asio::io_context& io_;
    SerialPair& line_;
    std::filesystem::path link_;
    std::unique_ptr<Pty> terminal_; ///< none while it is pulled out
};

} // namespace overbias::deck_sim
