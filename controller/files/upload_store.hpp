// SPDX-License-Identifier: Apache-2.0
// Uploaded sound files in STATE_DIR/uploads/ID/: upload.json (what it is to be) and "content" (the bytes so far, and
// then all). Written in order, hashed while they come (SHA-256), complete only when the disk has them and gives the
// same hash back. Complete files with one hash share one file (hard link). Thread: any; blocks on the disk, so the
// timeline and the web server call it on a Worker.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::controller {

struct UploadLimits {
    std::int64_t quota_bytes = 0, largest_bytes = 0, keep_free_bytes = 0;
    double unfinished_h = 24.0;
    std::size_t most = 1000; ///< uploads at a time
};

struct Upload {
    std::string id;   ///< UUID
    std::string name; ///< as the browser called it, cleaned; only shown
    std::int64_t size = 0, received = 0;
    bool complete = false;
    std::string sha256;         ///< of a complete one
    std::int64_t changed_s = 0; ///< host time since 1970
};

/// Why something is refused; the web server makes an HTTP status of it.
enum class UploadRefusal {
    None,
    Unusable, ///< a figure or name that makes no sense
    Unknown,  ///< there is no such upload
    Conflict, ///< not these bytes now
    TooLarge,
    NoRoom, ///< quota or disk
    Busy,   ///< somebody else writes
    Damaged,
    Disk
};

struct UploadOutcome {
    UploadRefusal refusal = UploadRefusal::None;
    std::string why; ///< in words, with what to do
    Upload upload;   ///< as it stands now; of a conflict too
    [[nodiscard]] bool ok() const noexcept { return refusal == UploadRefusal::None; }
};

class UploadStore {
  public:
    /// Reads what is there and throws expired uploads away. `now_s`: host time since 1970. Throws std::runtime_error
    /// when the folder cannot be made.
    UploadStore(std::filesystem::path folder, UploadLimits limits, std::function<std::int64_t()> now_s);
    ~UploadStore();
    UploadStore(const UploadStore&) = delete;
    UploadStore& operator=(const UploadStore&) = delete;

    /// `sha256`: what the whole file has to have; empty: not known beforehand.
    [[nodiscard]] UploadOutcome create(std::string_view name, std::int64_t size, std::string_view sha256);
    /// The one with this content: a complete one, or one that was promised to have it and waits for its rest. Unknown:
    /// there is none.
    [[nodiscard]] UploadOutcome find_content(std::int64_t size, std::string_view sha256) const;
    /// Before `bytes` from `offset` are written: are they welcome? From then on the upload is this writer's.
    [[nodiscard]] UploadOutcome begin(const std::string& id, std::int64_t offset, std::int64_t bytes);
    /// `offset` must be what has been received. With the last byte the upload is completed: on disk, read back and
    /// compared; Damaged throws it away.
    [[nodiscard]] UploadOutcome append(const std::string& id, std::int64_t offset, std::span<const std::byte> bytes);
    /// The writer goes. What it has written is on disk then, and survives whatever comes.
    UploadOutcome end(const std::string& id);
    [[nodiscard]] UploadOutcome find(const std::string& id) const;
    [[nodiscard]] UploadOutcome remove(const std::string& id);
    [[nodiscard]] std::vector<Upload> list() const; ///< newest first
    [[nodiscard]] std::int64_t used_bytes() const;  ///< of the quota
    [[nodiscard]] const UploadLimits& limits() const noexcept;
    /// Throws away what has waited for its rest too long.
    void expire();

    /// The file of a complete upload.
    [[nodiscard]] Result<std::filesystem::path> file_of(const std::string& id) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// A file's name as it may be shown: no folders, no control characters, valid UTF-8, not long, never empty.
[[nodiscard]] std::string shown_name(std::string_view name);

} // namespace overbias::controller
