// SPDX-License-Identifier: Apache-2.0
// DeckMeasurements: what is measured of the deck by hand and counter: edges a metre by a length of tape, slip by a
// chalk mark; and what the reels tell. Commands: calibrate_tach, slip_test, reels. Thread: the timeline's.
#pragma once

#include "controller/machine_commands.hpp"
#include "transport/deck.hpp"
#include "transport/position/reels.hpp"
#include "transport/position/slip_test.hpp"
#include "transport/position/tach_calibration.hpp"

#include <optional>

namespace overbias::controller {

class DeckMeasurements {
  public:
    struct Settings {
        double edges_per_metre = 0.0;                    ///< 0: the deck has no tach
        bool counts_itself = false;                      ///< the edges are those of the deck's own counter
        std::optional<transport::ReelGeometry> geometry; ///< absent: hub or thickness is not known
        double tape_length_m = 0.0;
    };
    DeckMeasurements(const Settings& settings, transport::Deck& deck);

    /// Every control tick.
    void tick(const transport::MachineState& state, DeckTime now);
    /// The registry keeps a copy of `machine`; this must outlive the registry.
    void add_commands(CommandRegistry& registry, const MachineCommands& machine);
    /// What is wound on the reels; null where hub or thickness is not known.
    [[nodiscard]] const std::optional<transport::ReelGeometry>& geometry() const noexcept { return settings_.geometry; }
    /// What the reels tell by themselves; null so too.
    [[nodiscard]] const transport::ReelReport* reel_report() const noexcept {
        return watch_ ? &watch_->report() : nullptr;
    }

  private:
    using Json = boost::json::object;
    Reply calibrate(const Json& given, const transport::MachineState& state);
    Reply slip(const Json& given, const transport::MachineState& state);
    [[nodiscard]] Reply reels(const transport::MachineState& state) const;

    Settings settings_;
    transport::Deck& deck_;
    std::optional<transport::TachCalibration> calibration_;
    std::optional<transport::SlipTest> slip_;
    std::optional<transport::ReelWatch> watch_;
};

} // namespace overbias::controller
