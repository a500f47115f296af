// SPDX-License-Identifier: Apache-2.0
#include "controller/files/upload_json.hpp"

#include <boost/json.hpp>

namespace overbias::controller {

boost::json::object upload_json(const Upload& upload) {
    return {{"id", upload.id},
            {"name", upload.name},
            {"size", upload.size},
            {"offset", upload.received},
            {"complete", upload.complete},
            {"sha256", upload.sha256},
            {"part_bytes", kUploadPartBytes}};
}

} // namespace overbias::controller
