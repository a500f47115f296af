// SPDX-License-Identifier: Apache-2.0
// Deck: what a kind of deck can be told and what it tells. A driver does not decide anything: the machine (machine.hpp)
// does. Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"
#include "base/result.hpp"
#include "transport/io/tach.hpp"
#include "transport/key.hpp"

#include <functional>
#include <optional>
#include <string>

namespace overbias::transport {

/// What the deck says of itself; absent when this kind of deck has no such tally.
struct Tallies {
    std::optional<bool> stop, play, record, fast_forward, rewind;
    std::optional<bool> tape_out;
    [[nodiscard]] bool operator==(const Tallies&) const = default;
};

struct DeckCapabilities {
    std::string kind; ///< driver name, e.g. "parallel-remote"
    bool tallies = false;
    bool tach = false;
    bool senses_motion_itself = false; ///< the deck holds play back until the tape is still
    std::string made_safe_by;          ///< how make_safe() stops it, in words for the operator
    bool heartbeat_contact = false;    ///< a dropped heartbeat presses STOP and opens record-enable
};

class Deck {
  public:
    Deck() = default;
    Deck(const Deck&) = delete;
    Deck& operator=(const Deck&) = delete;
    virtual ~Deck() = default;

    [[nodiscard]] virtual const DeckCapabilities& capabilities() const noexcept = 0;
    /// Presses a key (for a momentary contact: starts the pulse; the driver releases it). Never two motion lines at
    /// once: a new key first releases the one before. The error names the line or frame that failed.
    virtual Result<void> press(Key key) = 0;
    [[nodiscard]] virtual Tallies tallies() const = 0;
    [[nodiscard]] virtual TachReading tach() = 0;
    /// Called after every debounced change of a tally; one listener.
    virtual void on_change(std::function<void()> listener) = 0;
    /// The active stop: everything needed to end record and motion, begun before it returns. Safe at any time, any
    /// number of times.
    virtual void make_safe() noexcept = 0;
};

} // namespace overbias::transport
