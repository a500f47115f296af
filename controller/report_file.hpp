// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string_view>

namespace overbias::controller {

/// Writes a whole file so that it is there complete or not at all, also after a power cut: a temporary file beside it,
/// fsync, rename, fsync of the folder. Makes the folder. May wait on the disk: never on the timeline's thread.
[[nodiscard]] Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view text);

} // namespace overbias::controller
