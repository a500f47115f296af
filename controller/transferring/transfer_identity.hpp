// SPDX-License-Identifier: Apache-2.0
// What a transfer is made on, from what the installation knows. Pure.
#pragma once

#include "controller/config.hpp"
#include "controller/identity.hpp"
#include "mastering/transfer/transfer_request.hpp"
#include "tape/history.hpp"

#include <string>

namespace overbias::controller {

/// `play_speed_ips`: what the deck is switched to; equalisation, level and alignment are those of tape.speed_ips and
/// left out at another. The session is left empty.
[[nodiscard]] mastering::TransferIdentity transfer_identity(const Config& config, const Identity& identity,
                                                            const std::string& reel_uuid,
                                                            const tape::AlignmentHistory& alignments,
                                                            double play_speed_ips, const std::string& card);

} // namespace overbias::controller
