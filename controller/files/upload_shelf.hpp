// SPDX-License-Identifier: Apache-2.0
// What the upload store has: an entry for each upload, and what becomes of one on the disk. Private to it.
#pragma once

#include "controller/files/upload_content.hpp"
#include "controller/files/upload_record.hpp"
#include "controller/files/upload_store.hpp"

#include <map>
#include <mutex>
#include <set>
#include <utility>

namespace overbias::controller {

struct UploadStore::Impl {
    struct Entry {
        Entry(UploadRecord its_record, const std::filesystem::path& folder)
            : record(std::move(its_record)), content(folder / kUploadContent) {}
        UploadRecord record;     ///< with `mutex`
        bool written_to = false; ///< with `mutex`: somebody has begun
        bool gone = false;       ///< with `mutex`: removed
        std::mutex disk;         ///< around the content
        UploadContent content;
    };
    using Shared = std::shared_ptr<Entry>;

    std::filesystem::path folder;
    UploadLimits limits;
    std::function<std::int64_t()> now_s;
    mutable std::mutex mutex;
    std::map<std::string, Shared> uploads;

    [[nodiscard]] std::filesystem::path folder_of(const std::string& id) const { return folder / id; }

    [[nodiscard]] Shared locked_find(const std::string& id) const {
        const auto found = uploads.find(id);
        return found == uploads.end() ? nullptr : found->second;
    }
    /// Files that are shared count once, unfinished ones in full.
    [[nodiscard]] std::int64_t locked_used() const {
        std::int64_t used = 0;
        std::set<std::string> counted;
        for (const auto& [id, entry] : uploads) {
            const Upload& upload = entry->record.upload;
            used += !upload.complete || counted.insert(upload.sha256).second ? upload.size : 0;
        }
        return used;
    }
    /// Still to come, of all.
    [[nodiscard]] std::int64_t locked_missing() const {
        std::int64_t missing = 0;
        for (const auto& [id, entry] : uploads) {
            missing += entry->record.upload.size - entry->record.upload.received;
        }
        return missing;
    }

    void load();
    void locked_drop(const std::string& id);
    void locked_expire();
    [[nodiscard]] UploadOutcome complete(const Shared& entry);
    [[nodiscard]] bool share(const Upload& done) const;

    static UploadOutcome refuse(UploadRefusal refusal, std::string why, Upload upload = {}) {
        return {refusal, std::move(why), std::move(upload)};
    }
    static UploadOutcome unknown(const std::string& id) {
        return refuse(UploadRefusal::Unknown, "upload: there is no upload '" + shown_name(id) +
                                                  "'; it may have been removed, or waited for its rest too long");
    }
};

} // namespace overbias::controller
