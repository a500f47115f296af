// SPDX-License-Identifier: Apache-2.0
// What the operator is told of a fault: what happened, where on the tape, what was expected, what to do. Private to
// transport/.
#pragma once

#include "transport/machine.hpp"

#include <string>

namespace overbias::transport {

struct FaultContext {
    bool recording = false;
    bool link_lost_in_record = false; ///< and it has not been known since what the deck does
    bool has_tach = true;
    bool motion_seen = false; ///< the tape moved in the direction it was told to
    bool proof_by_tally = true;
    double position_m = 0.0;
    double speed_ips = 0.0;
    double expected_ips = 0.0;
    std::string link_problem;
    std::string refusal; ///< Deck::refusal()
};

[[nodiscard]] std::string fault_message(Event event, const FaultContext& context);
/// "12.34 m"
[[nodiscard]] std::string metres_text(double value_m);

} // namespace overbias::transport
