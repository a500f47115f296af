// SPDX-License-Identifier: Apache-2.0
// What may be set on a deck besides its transport: routing now, bias, level and EQ per track where a deck offers them.
// Thread: the timeline's.
#pragma once

#include "base/result.hpp"

namespace overbias::transport {

/// The deck's output switch: what its line output carries.
enum class MonitorSelect { Input, Sync, Repro };

struct DeckAdjustCapabilities {
    bool monitor_select = false; ///< false: the operator turns the switch, we can only ask
};

class DeckAdjust {
  public:
    virtual ~DeckAdjust() = default;
    [[nodiscard]] virtual DeckAdjustCapabilities capabilities() const noexcept = 0;
    /// Sets the output switch; the error says what the operator must do by hand.
    virtual Result<void> select_monitor(MonitorSelect select) = 0;
};

} // namespace overbias::transport
