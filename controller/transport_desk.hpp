// SPDX-License-Identifier: Apache-2.0
// TransportDesk: what an operator's desk has above the machine's keys: cue points and autolocator, measurements of the
// deck, the muting of a loud cue, and the place of the tape kept over a restart. Thread: the timeline's.
#pragma once

#include "controller/back_ends.hpp"
#include "controller/config.hpp"
#include "controller/cue_mute.hpp"
#include "controller/cue_mute_relay.hpp"
#include "controller/deck_measurements.hpp"
#include "controller/deck_wires.hpp"
#include "controller/notices.hpp"
#include "controller/place_keeper.hpp"
#include "transport/position/autolocator.hpp"
#include "transport/position/cue_points.hpp"
#include "transport/transport.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace overbias::controller {

class TransportDesk {
  public:
    struct Parts {
        const Config& config;
        BackEnds& back_ends;
        transport::Transport& transport;
        Worker& worker;
        Notices& notices;
        transport::StoredCuePoints cues;       ///< from before the restart
        transport::LocatorMemory learned = {}; ///< so too
    };
    explicit TransportDesk(const Parts& parts);

    /// An operator's command or a fault: the autolocator ends what it does.
    void let_go(const std::string& why);
    void add_commands(CommandRegistry& registry, const MachineCommands& machine);
    /// {"locator": {...}} as the command locator answers, {"routes": {...}} (deck_offers.hpp).
    void add_status(boost::json::object& status) const;
    /// Every control tick.
    void tick();
    /// What came off tape since the last tick, left and right side by side, full scale 2^31.
    void tape_return(std::span<const std::int32_t> frames);
    [[nodiscard]] const DeckMeasurements& measurements() const noexcept { return measurements_; }

  private:
    void tell();
    [[nodiscard]] boost::json::object locator() const;

    Timeline& timeline_;
    transport::Transport& transport_;
    Notices& notices_;
    CueMuteRelay patch_; ///< before what drives it
    transport::CuePoints cues_;
    transport::Autolocator autolocator_;
    DeckMeasurements measurements_;
    DeckWires wires_;
    PlaceKeeper place_;
    CueMute cue_mute_;
};

/// The transport as it was left: its configuration with the place it was at, which is Doubtful.
[[nodiscard]] transport::TransportConfig with_kept_place(transport::TransportConfig config,
                                                         const std::optional<KeptPlace>& kept);

} // namespace overbias::controller
