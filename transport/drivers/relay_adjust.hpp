// SPDX-License-Identifier: Apache-2.0
// RelayAdjust: the deck's output switch through two relays, monitor_input and monitor_sync (both off is repro, so that
// a lost daemon leaves the tape return where the comparison needs it), and the relays of the patch (Route), all off at
// rest. Break before make, between input and sync and between the two that feed the deck, source and oscillator.
// Thread: the timeline's.
#pragma once

#include "transport/deck_adjust.hpp"
#include "transport/io/lines.hpp"

#include <array>
#include <optional>
#include <string>

namespace overbias::transport {

/// Names of the relays' lines; an empty name: there is no such relay.
struct RelayLines {
    std::string monitor_input{}, monitor_sync{}; ///< both or neither
    std::string source{}, oscillator{}, tape_return{}, mute{}, mono{};
    [[nodiscard]] bool any() const noexcept {
        return !(monitor_input + monitor_sync + source + oscillator + tape_return + mute + mono).empty();
    }
};

class RelayAdjust final : public DeckAdjust {
  public:
    /// Throws std::invalid_argument naming the lines that are missing. Leaves the relays as the back end made them
    /// (off).
    explicit RelayAdjust(Lines& lines, const RelayLines& relays = output_switch());
    /// Every relay of the patch off.
    ~RelayAdjust() override;
    [[nodiscard]] DeckAdjustCapabilities capabilities() const noexcept override;
    Result<void> select_monitor(MonitorSelect select) override;
    Result<void> set_route(Route route, bool on) override;
    [[nodiscard]] bool route(Route route) const override;

    /// The two relays of the deck's output switch, by their usual names, and no other.
    [[nodiscard]] static RelayLines output_switch();

  private:
    struct Relay {
        std::optional<LineId> line;
        bool on = false;
    };
    static constexpr std::size_t kRoutes = 5;
    void set(Relay& relay, bool on);

    Lines& lines_;
    Relay input_, sync_;
    std::array<Relay, kRoutes> routes_; ///< in the order of Route
};

} // namespace overbias::transport
