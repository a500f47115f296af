// SPDX-License-Identifier: Apache-2.0
// Who the deck is, for good: whatever is measured is keyed by the UUIDs of deck and head block. They come from the
// configuration, or are made up once and kept in <state_dir>/identity.toml, one entry for each deck profile.
#pragma once

#include "base/result.hpp"

#include <string>

namespace overbias::controller {

struct Config;

struct Identity {
    std::string deck_uuid;
    std::string head_block_uuid;
};

/// Creates the state directory and the file when needed. The error names file or directory. At start-up, one process at
/// a time.
[[nodiscard]] Result<Identity> load_identity(const Config& config);

} // namespace overbias::controller
