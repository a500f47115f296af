// SPDX-License-Identifier: Apache-2.0
#include "transport/io/heartbeat.hpp"

#include <utility>

namespace overbias::transport {

Heartbeat::Heartbeat(Timeline& timeline, Lines& lines, LineId line, DeckDuration half_period,
                     std::function<bool()> may_beat)
    : lines_(lines), line_(line), may_beat_(std::move(may_beat)), timer_(timeline, half_period, [this] { tick(); }) {
}

/// When it may not beat the line stays as it is: setting it would be one more edge, and hold the contact longer.
void Heartbeat::tick() {
    beating_ = may_beat_();
    if (beating_) {
        active_ = !active_;
        lines_.set(line_, active_);
    }
}

} // namespace overbias::transport
