// SPDX-License-Identifier: Apache-2.0
// ManualAdjust: nothing on the deck is wired to us; the answer says what the operator must turn. Thread: the
// timeline's.
#pragma once

#include "transport/deck_adjust.hpp"

namespace overbias::transport {

class ManualAdjust final : public DeckAdjust {
  public:
    [[nodiscard]] DeckAdjustCapabilities capabilities() const noexcept override { return {.monitor_select = false}; }
    Result<void> select_monitor(MonitorSelect select) override {
        switch (select) {
        case MonitorSelect::Input:
            return Error{"no monitor relays: turn the deck's output selector to INPUT by hand"};
        case MonitorSelect::Sync:
            return Error{"no monitor relays: turn the deck's output selector to SYNC by hand"};
        case MonitorSelect::Repro:
            break;
        }
        return Error{"no monitor relays: turn the deck's output selector to REPRO (TAPE) by hand"};
    }
};

} // namespace overbias::transport
