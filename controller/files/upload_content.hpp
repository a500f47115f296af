// SPDX-License-Identifier: Apache-2.0
// The bytes of one upload on disk, hashed while they come. Thread: one at a time.
#pragma once

#include "base/result.hpp"
#include "base/sha256.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace overbias::controller {

class UploadContent {
  public:
    explicit UploadContent(std::filesystem::path file) : file_(std::move(file)) {}
    ~UploadContent();
    UploadContent(const UploadContent&) = delete;
    UploadContent& operator=(const UploadContent&) = delete;

    /// Opens the file with `bytes` bytes that count; what is behind them is cut off. Reads them for the hash, unless
    /// they came through this object.
    [[nodiscard]] Result<void> open(std::int64_t bytes);
    [[nodiscard]] Result<void> append(std::int64_t at, std::span<const std::byte> bytes);
    /// What was written survives a power cut.
    [[nodiscard]] Result<void> sync();
    void close() noexcept;
    /// Everything is there: SHA-256 of what was written, after the disk has given the same back.
    [[nodiscard]] Result<std::string> finish();

  private:
    [[nodiscard]] Error failed(const std::string& what) const;
    [[nodiscard]] Result<std::string> read_back();
    std::filesystem::path file_;
    int descriptor_ = -1;
    std::int64_t bytes_ = 0;
    std::unique_ptr<Sha256> hash_; ///< of the first bytes_
};

/// Makes what happened in `folder` (a new file, a new name) survive a power cut.
void sync_folder(const std::filesystem::path& folder) noexcept;
/// Bytes that an ordinary user may still write there.
[[nodiscard]] Result<std::int64_t> free_bytes(const std::filesystem::path& folder);

} // namespace overbias::controller
