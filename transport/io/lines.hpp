// SPDX-License-Identifier: Apache-2.0
// Lines: the named contacts and tallies between us and a deck. A line is found by its name, never by a number. Polarity belongs to the
// back end's configuration: here `true` always means "pressed", "lit", "tape out". Outputs go to their safe value (inactive) when the
// object is destroyed; that is *released*, which on a latching deck is not *stopped* (see Deck::make_safe).
// Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"
#include "base/result.hpp"

#include <functional>
#include <string_view>

namespace overbias::transport {

/// A line of one Lines object.
struct LineId {
    int value = -1;
    [[nodiscard]] bool operator==(const LineId&) const = default;
};

struct LineEdge {
    LineId line;
    bool active = false;
    DeckTime at; ///< when the back end saw it (kernel timestamp on real hardware)
};

class Lines {
  public:
    Lines() = default;
    Lines(const Lines&) = delete;
    Lines& operator=(const Lines&) = delete;
    virtual ~Lines() = default;

    /// The line called `name`; the error lists the names there are.
    [[nodiscard]] virtual Result<LineId> find_output(std::string_view name) = 0;
    [[nodiscard]] virtual Result<LineId> find_input(std::string_view name) = 0;
    /// Drives an output. Takes effect before it returns.
    virtual void set(LineId output, bool active) = 0;
    /// The level of an input now (raw: debounce is the driver's).
    [[nodiscard]] virtual bool get(LineId input) const = 0;
    /// Every input edge from now on, in order. One listener; an empty function removes it.
    virtual void on_edge(std::function<void(const LineEdge&)> listener) = 0;
};

} // namespace overbias::transport
