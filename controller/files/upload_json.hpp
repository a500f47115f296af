// SPDX-License-Identifier: Apache-2.0
// An upload as it is told everywhere (docs/api.md).
#pragma once

#include "controller/files/upload_store.hpp"

#include <boost/json/fwd.hpp>
#include <cstdint>

namespace overbias::controller {

inline constexpr std::int64_t kUploadPartBytes = 16 << 20; ///< longest body of one request

/// {"id", "name", "size", "offset", "complete", "sha256", "part_bytes"}
[[nodiscard]] boost::json::object upload_json(const Upload& upload);

} // namespace overbias::controller
