// SPDX-License-Identifier: Apache-2.0
// SerialSockets: the deck's serial sockets side by side, Sony 9-pin and Studer ASCII, each a link in the deck's
// directory. Thread: the timeline's.
#pragma once

#include "deck-sim/faces/nine_pin_face.hpp"
#include "deck-sim/faces/studer_face.hpp"
#include "deck-sim/faces/studer_remote.hpp"
#include "deck-sim/process/deck_files.hpp"
#include "deck-sim/process/nine_pin_socket.hpp"
#include "deck-sim/process/serial_socket.hpp"

#include <boost/json/object.hpp>
#include <string>
#include <vector>

namespace overbias::deck_sim {

/// Commands of the ASCII socket beside those of simulated_studer(), each `NAME=TEXT`: NAME is record, record_exit,
/// fast_forward, rewind, edit, leave_edit, library_forward, library_rewind, lifters_off, lifters_on, status, timer,
/// memory, or a speed like 15ips; TEXT is what the deck understands for it. Throws std::invalid_argument for anything
/// else.
[[nodiscard]] StuderFaceSettings studer_settings(const std::vector<std::string>& commands);

class SerialSockets {
  public:
    SerialSockets(boost::asio::io_context& io, Timeline& timeline, SimulatedDeck& deck, DeckWiring& wiring,
                  const DeckDirectory& directory, StuderFaceSettings studer);

    /// A request of the control socket: `socket` is "nine_pin" or "studer", the rest is for SerialSocket::obey().
    void obey(const boost::json::object& request);

  private:
    NinePinSocket nine_pin_deck_;
    SerialPair nine_pin_line_;
    SerialSocket nine_pin_socket_;
    NinePinFace nine_pin_;
    StuderRemote studer_deck_;
    SerialPair studer_line_;
    SerialSocket studer_socket_;
    StuderFace studer_;
};

} // namespace overbias::deck_sim
