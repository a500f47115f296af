// SPDX-License-Identifier: Apache-2.0
// DeckWiring: the loom between a GPIO chip and the deck's remote socket, with the heartbeat relay in it. Levels at the
// chip are raw (high, low); every line is active high. It knows no chip: whoever makes it carries levels both ways.
// Thread: the timeline's.
#pragma once

#include "deck-sim/process/heartbeat_relay.hpp"
#include "deck-sim/simulated_deck.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::deck_sim {

class DeckWiring {
  public:
    struct Events {
        /// A contact of the remote socket closes or opens, by its line's name.
        std::function<void(const std::string& line, bool closed, DeckTime at)> contact;
        /// The heartbeat relay picks up or drops.
        std::function<void(bool closed, DeckTime at)> heartbeat;
    };
    /// `drive`: the deck drives a line of the chip (offset in names()). Every input has been driven once when the
    /// constructor returns.
    DeckWiring(Timeline& timeline, SimulatedDeck& deck, bool heartbeat_contact,
               std::function<void(unsigned offset, bool high, DeckTime at)> drive, Events events);
    ~DeckWiring();
    DeckWiring(const DeckWiring&) = delete;
    DeckWiring& operator=(const DeckWiring&) = delete;

    /// Names of the chip's lines by offset: outputs of the daemon first.
    [[nodiscard]] static const std::vector<std::string>& names();
    /// The chip's output has this level from now on.
    void output(unsigned offset, bool high);
    /// The deck's serial remote presses a key (wires.hpp, in the order of kOutputWires) or lets it go.
    void serial_key(unsigned key, bool closed);
    /// "closed", "dropped" or "absent".
    [[nodiscard]] const char* heartbeat_state() const noexcept;

  private:
    /// Who can press a key: contacts side by side, and what one presses the others do not let go.
    enum Source : unsigned { kRelay = 1, kHeartbeatContact = 2, kSerial = 4 };
    struct Output {
        transport::LineId deck_line;
        unsigned pressed_by = 0; ///< of Source
    };
    struct Relay {
        transport::LineId deck_line;
        bool high = false;
    };
    void press(unsigned key, Source source, bool closed, DeckTime at);

    Timeline& timeline_;
    SimulatedDeck& deck_;
    std::function<void(unsigned, bool, DeckTime)> drive_;
    Events events_;
    std::vector<Output> outputs_; ///< by offset; without the heartbeat line
    std::vector<Relay> more_;     ///< kMoreOutputWires
    std::map<int, unsigned> input_offsets_;
    bool heartbeat_high_ = false;
    std::unique_ptr<HeartbeatRelay> relay_;
};

} // namespace overbias::deck_sim
