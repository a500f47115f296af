// SPDX-License-Identifier: Apache-2.0
// DeckProcess: the simulated deck with its remote socket on a GPIO chip, its sound card in shared memory, its serial
// sockets on ptys and a control socket for whoever wants the truth. It lives in real time, outlives its clients, and
// latches as decks do. Thread: the timeline's.
#pragma once

#include "base/async/steady_timeline.hpp"
#include "deck-sim/faces/studer_face.hpp"
#include "deck-sim/faults.hpp"
#include "deck-sim/process/deck_files.hpp"
#include "deck-sim/process/gpio_server.hpp"
#include "deck-sim/settings.hpp"

#include <memory>
#include <vector>

namespace overbias::deck_sim {

struct DeckProcessConfig {
    DeckDirectory directory;
    Settings settings;
    std::vector<Fault> faults;
    GpioChip::OnRelease gpio_release = GpioChip::OnRelease::PullDown;
    bool heartbeat_contact = false; ///< the relay that presses STOP when the heartbeat ends is fitted
    StuderFaceSettings studer;      ///< what its ASCII socket understands
    bool patch_cable = false;       ///< a cable in place of the deck
};

struct CardBridgeConfig;
/// The card as it is wired to the machine's line input and output.
[[nodiscard]] CardBridgeConfig card_bridge_config(const DeckProcessConfig& config);

class DeckProcess {
  public:
    /// Opens every socket and writes every file. Throws with the reason.
    DeckProcess(SteadyTimeline& timeline, DeckProcessConfig config);
    ~DeckProcess();
    DeckProcess(const DeckProcess&) = delete;
    DeckProcess& operator=(const DeckProcess&) = delete;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::deck_sim
