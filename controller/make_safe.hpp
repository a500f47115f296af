// SPDX-License-Identifier: Apache-2.0
// `overbiasd --make-safe`: record off and stop without a daemon, after it has died (ExecStopPost). A deck latches: when
// its daemon is gone it goes on recording, and only an active stop ends that.
#pragma once

#include "base/async/steady_timeline.hpp"
#include "base/async/task.hpp"
#include "transport/deck.hpp"

#include <functional>
#include <memory>
#include <string>

namespace overbias::controller {

/// What there is of a deck without a daemon.
class BareDeck {
  public:
    BareDeck() = default;
    BareDeck(const BareDeck&) = delete;
    BareDeck& operator=(const BareDeck&) = delete;
    virtual ~BareDeck() = default;
    [[nodiscard]] virtual transport::Deck& deck() = 0;
    /// Opens what only watches (the tach). Called when STOP is already pressed; the error is told, not fatal.
    [[nodiscard]] virtual Result<void> open_watch() = 0;
};

struct MakeSafeResult {
    bool seen_safe = false; ///< out of record and still, as the deck's tallies and tach say
    std::string told;       ///< for the operator: what was seen, or what stands in the way
};

/// Presses STOP before its first wait and watches until the deck is out of record and still, for `patience` at most.
/// STOP is pressed once more each second that a tally still says record or motion.
[[nodiscard]] Task<MakeSafeResult> stop_and_watch(Timeline& timeline, BareDeck& bare, DeckDuration patience);

/// The whole command. `open` gives the deck, or throws why not; it is tried again for a second, since the kernel may
/// not have given the dead daemon's lines back yet. Prints what it did; 0: seen safe, 4: not.
[[nodiscard]] int make_safe(const std::function<std::unique_ptr<BareDeck>(SteadyTimeline&)>& open,
                            DeckDuration patience);

} // namespace overbias::controller
