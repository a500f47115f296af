// SPDX-License-Identifier: Apache-2.0
// Tach: signed edges of the tape roller. Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"

#include <cstdint>

namespace overbias::transport {

struct TachReading {
    std::int64_t edges = 0;        ///< signed count since the back end was made; forward (play direction) is positive
    DeckTime last_edge{};          ///< when the last edge came
    std::uint64_t lost = 0;        ///< gaps seen in the sequence numbers so far: the count is doubtful from there on
    bool direction_known = true;   ///< false for a single-phase tach: the sign is inferred from the command
};

class Tach {
  public:
    Tach() = default;
    Tach(const Tach&) = delete;
    Tach& operator=(const Tach&) = delete;
    virtual ~Tach() = default;
    /// Everything counted up to now.
    [[nodiscard]] virtual TachReading read() = 0;
};

} // namespace overbias::transport
