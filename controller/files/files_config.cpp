// SPDX-License-Identifier: Apache-2.0
#include "controller/files/files_config.hpp"

#include "base/toml/strict_toml.hpp"

#include <string>

namespace overbias::controller {

namespace {

constexpr double kGigabyte = 1e9;

std::int64_t gigabytes(TomlSection& table, const char* key, std::int64_t otherwise, double least) {
    const double given = table.number(key, static_cast<double>(otherwise) / kGigabyte, {.min = least, .max = 100000.0});
    return static_cast<std::int64_t>(given * kGigabyte);
}

} // namespace

void read_files(TomlSection& root, FilesConfig& files) {
    TomlSection table = root.section("files");
    for (const std::string& one : table.texts("roots")) {
        const std::filesystem::path folder(one);
        if (!folder.is_absolute() || folder.lexically_normal() == "/") {
            table.error("roots", "expected absolute paths of folders with sound files, and not the whole disk; got \"" +
                                     one + "\"");
            continue;
        }
        files.roots.push_back(folder.lexically_normal()); // it may be mounted later
    }
    if (const auto program = table.optional_text("decoder")) {
        files.decoder = *program;
        if (!files.decoder.is_absolute()) {
            table.error("decoder", "expected an absolute path, got \"" + *program + "\"");
        }
    }
    files.uploads = table.boolean("uploads", files.uploads);
    files.upload_quota_bytes = gigabytes(table, "upload_quota_gb", files.upload_quota_bytes, 0.001);
    files.upload_largest_bytes = gigabytes(table, "upload_largest_gb", files.upload_largest_bytes, 0.001);
    files.upload_keep_free_bytes = gigabytes(table, "upload_keep_free_gb", files.upload_keep_free_bytes, 0.0);
    files.upload_unfinished_h =
        table.number("upload_unfinished_h", files.upload_unfinished_h, {.min = 0.1, .max = 8760.0});
}

} // namespace overbias::controller
