// SPDX-License-Identifier: Apache-2.0
// What a job says while it waits for the deck to come to a motion. Any thread.
#pragma once

#include "transport/transport.hpp"

#include <string>
#include <string_view>

namespace overbias::transport {

/// Why `what` can't be waited for any longer: the machine's fault, or that `timeout_s` are over. Empty: it may still
/// come.
[[nodiscard]] std::string why_wait_no_longer(const MachineState& state, std::string_view what, double timeout_s,
                                             bool time_is_over);

} // namespace overbias::transport
