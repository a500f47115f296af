// SPDX-License-Identifier: Apache-2.0
// From the parameters of the command transfer to a request; pure but for looking whether names are taken.
#pragma once

#include "base/result.hpp"
#include "controller/command_registry.hpp"
#include "controller/transferring/transfer_config.hpp"
#include "mastering/transfer/transfer_request.hpp"

#include <boost/json/fwd.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace overbias::controller {

struct TransferPlaces {
    std::filesystem::path folder; ///< of files that are named without one
    double play_speed_ips = 15.0;
    std::string now_utc; ///< "2026-11-23T16:30:05.123Z", for files without a name
};

/// The parameters of the command.
[[nodiscard]] std::vector<Parameter> transfer_parameters();
/// The error says what can't be used. A caller from elsewhere may name files in the folder only.
[[nodiscard]] Result<mastering::TransferRequest> read_transfer_request(const boost::json::object& given, bool local,
                                                                       const TransferConfig& config,
                                                                       const TransferPlaces& places);

} // namespace overbias::controller
