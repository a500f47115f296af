// SPDX-License-Identifier: Apache-2.0
// RelayAdjust: the deck's output switch through two relays, monitor_input and monitor_sync; both off is repro, so that
// a lost daemon leaves the tape return where the comparison needs it. Break before make. Thread: the timeline's.
#pragma once

#include "transport/deck_adjust.hpp"
#include "transport/io/lines.hpp"

#include <string_view>

namespace overbias::transport {

class RelayAdjust final : public DeckAdjust {
  public:
    /// Throws std::invalid_argument naming the lines that are missing. Leaves the relays as the back end made them
    /// (off: repro).
    explicit RelayAdjust(Lines& lines, std::string_view input_line = "monitor_input",
                         std::string_view sync_line = "monitor_sync");
    [[nodiscard]] DeckAdjustCapabilities capabilities() const noexcept override { return {.monitor_select = true}; }
    Result<void> select_monitor(MonitorSelect select) override;

  private:
    Lines& lines_;
    LineId input_, sync_;
};

} // namespace overbias::transport
