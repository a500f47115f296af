// SPDX-License-Identifier: Apache-2.0
// The configuration's section [files]: where sound files may come from. Plain data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace overbias {
class TomlSection;
}

namespace overbias::controller {

struct FilesConfig {
    /// What a panel may name files in; absolute. Empty: uploads only. A local caller may name any file.
    std::vector<std::filesystem::path> roots;
    std::filesystem::path decoder; ///< empty: beside overbiasd
    bool uploads = true;
    std::int64_t upload_quota_bytes = 20'000'000'000;    ///< of all uploads together, unfinished ones in full
    std::int64_t upload_largest_bytes = 8'000'000'000;   ///< one file
    std::int64_t upload_keep_free_bytes = 2'000'000'000; ///< of the file system: nothing is taken beyond
    double upload_unfinished_h = 24.0;                   ///< without a byte; then it is thrown away
};

/// Reads [files] of `root`.
void read_files(TomlSection& root, FilesConfig& files);

} // namespace overbias::controller
