// SPDX-License-Identifier: Apache-2.0
// What is told of a transfer that runs, as JSON (docs/api.md). Pure; any thread.
#pragma once

#include "mastering/transfer/transfer_recorder.hpp"

#include <boost/json/fwd.hpp>
#include <filesystem>
#include <string>

namespace overbias::controller {

[[nodiscard]] boost::json::object transfer_json(const std::string& id, const std::filesystem::path& file,
                                                const mastering::TransferLive& live);

} // namespace overbias::controller
