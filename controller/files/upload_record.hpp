// SPDX-License-Identifier: Apache-2.0
// upload.json: what an upload is and how much of it is safely on disk. Thread: any.
#pragma once

#include "base/result.hpp"
#include "controller/files/upload_store.hpp"

#include <filesystem>
#include <string>

namespace overbias::controller {

struct UploadRecord {
    Upload upload;             ///< received: bytes that are safely on disk
    std::string promised_hash; ///< SHA-256 that the sender told; empty: none
};

inline constexpr const char* kUploadRecord = "upload.json";
inline constexpr const char* kUploadContent = "content";

/// `folder`: of this one upload.
[[nodiscard]] Result<void> write_record(const std::filesystem::path& folder, const UploadRecord& record);
/// The error says what is wrong with it.
[[nodiscard]] Result<UploadRecord> read_record(const std::filesystem::path& folder);

} // namespace overbias::controller
