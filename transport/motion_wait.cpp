// SPDX-License-Identifier: Apache-2.0
#include "transport/motion_wait.hpp"

#include "base/figure.hpp"

namespace overbias::transport {

std::string why_wait_no_longer(const MachineState& state, std::string_view what, double timeout_s, bool time_is_over) {
    if (!state.fault.empty() || !time_is_over) {
        return state.fault;
    }
    return std::string(what) + " did not happen within " + figure(timeout_s, 0) +
           " s; check that the deck is on and in remote, and its tape threaded";
}

} // namespace overbias::transport
