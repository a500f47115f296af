// SPDX-License-Identifier: Apache-2.0
// SimulatedMachine: the machine with three motors (direct-drive/) with heads, electronics and a card behind it: what
// SimulatedDeck is for a deck with a logic of its own. Thread: the timeline's.
#pragma once

#include "audio/ports/pcm.hpp"
#include "base/async/timeline.hpp"
#include "deck-sim/direct-drive/drive_settings.hpp"
#include "deck-sim/faults.hpp"
#include "deck-sim/settings.hpp"
#include "transport/io/lines.hpp"
#include "transport/io/serial_link.hpp"
#include "transport/io/tach.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace overbias::deck_sim {

class DriveMachine;
class SerialPair;

class SimulatedMachine {
  public:
    /// One serial line: the supply reel's controller (id 11) at it, those of the take-up reel (12) and the capstan (13)
    /// behind that one on its CAN bus; both tension arms at the first one's ADC inputs.
    /// Throws std::invalid_argument for a fault that sticks a line it does not have.
    SimulatedMachine(Timeline& timeline, const Settings& settings, const DriveSettings& drive,
                     std::vector<Fault> faults, int baud = 115200);
    ~SimulatedMachine();
    SimulatedMachine(const SimulatedMachine&) = delete;
    SimulatedMachine& operator=(const SimulatedMachine&) = delete;

    /// The solenoid board (direct-drive/drive_ports.hpp).
    [[nodiscard]] transport::Lines& lines();
    [[nodiscard]] transport::Tach& tach();
    [[nodiscard]] audio::Pcm& pcm();
    [[nodiscard]] SerialPair& line();
    /// The truth, up to now.
    [[nodiscard]] DriveMachine& machine();
    /// As SimulatedDeck::programme_starts.
    void programme_starts(DeckTime at);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::deck_sim
