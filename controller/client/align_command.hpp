// SPDX-License-Identifier: Apache-2.0
// `overbias align PROCEDURE`: begins an alignment and is its operator until it ends: what it shows on the terminal, or
// every view and event as a line of JSON; what is said as keys, or as lines (operator_words.hpp).
#pragma once

#include "controller/client/rpc_client.hpp"

#include <optional>
#include <string>

namespace overbias::controller {

struct AlignOptions {
    std::string procedure;
    std::optional<bool> guided; ///< empty: as the deck allows
    std::string stock, batch, operator_name, calibration_tape;
    bool anew = false, print_through = false;
    bool join = false; ///< the one that runs already, whoever began it
    bool json = false;
};

/// Returns the exit status. SIGINT stops the deck and ends the alignment; what was accepted is kept, and it can be gone
/// on with.
[[nodiscard]] int run_align(RpcClient& daemon, const AlignOptions& options);

} // namespace overbias::controller
