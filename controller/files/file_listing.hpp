// SPDX-License-Identifier: Apache-2.0
// Folders and sound files below the roots, as JSON for the panel. Thread: a worker's; blocks on the disk.
#pragma once

#include "base/result.hpp"
#include "controller/files/file_roots.hpp"

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <string>

namespace overbias::controller {

inline constexpr std::size_t kFilesAPage = 100;

/// {"roots": [{"root", "name", "path", "there"}]}
[[nodiscard]] boost::json::object roots_json(const FileRoots& roots);
/// {"root", "path", "folders": [names], "files": [{"name", "file", "bytes", "container", "sample_rate_hz", "channels",
/// "duration_s"}], "from", "of", "next": index or null}: what lies in the folder `path` of root number `root`, folders
/// first, by name, from number `from` on, a page of it. Only names that end like a sound file's; hidden ones are left
/// out. The figures are the header's (sound_probe.hpp), null where it says nothing.
[[nodiscard]] Result<boost::json::object> folder_json(const FileRoots& roots, std::size_t root, const std::string& path,
                                                      std::size_t from);

} // namespace overbias::controller
