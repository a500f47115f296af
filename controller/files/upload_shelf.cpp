// SPDX-License-Identifier: Apache-2.0
// Uploads on the disk: read at the start, completed, shared, thrown away.
#include "controller/files/upload_shelf.hpp"

#include "base/journal.hpp"
#include "base/uuid.hpp"

#include <algorithm>
#include <system_error>

namespace overbias::controller {

namespace fs = std::filesystem;

void UploadStore::Impl::load() {
    for (const auto& item : fs::directory_iterator(folder)) {
        const std::string id = item.path().filename().string();
        if (!item.is_directory() || !is_uuid(id)) {
            continue; // not ours
        }
        auto record = read_record(item.path());
        std::string wrong = record ? "" : record.error().message;
        std::error_code error;
        const auto there = static_cast<std::int64_t>(fs::file_size(item.path() / kUploadContent, error));
        if (record) {
            Upload& upload = record->upload;
            upload.name = shown_name(upload.name);
            const bool sound = upload.id == id && upload.size > 0 && upload.received >= 0 &&
                               upload.received <= upload.size && (error ? 0 : there) >= upload.received &&
                               (!upload.complete || there == upload.size);
            wrong = sound ? "" : "'" + item.path().string() + "' does not hold what its " + kUploadRecord + " says";
        }
        if (!wrong.empty()) {
            journal(JournalLevel::Warning, "uploads", wrong + "; it is thrown away, upload the file again");
            fs::remove_all(item.path(), error);
            continue;
        }
        uploads[id] = std::make_shared<Entry>(std::move(record).value(), item.path());
    }
}

void UploadStore::Impl::locked_drop(const std::string& id) {
    if (const Shared entry = locked_find(id)) {
        entry->gone = true;
        uploads.erase(id);
    }
    std::error_code error;
    fs::remove_all(folder_of(id), error);
}

void UploadStore::Impl::locked_expire() {
    std::vector<std::string> old;
    for (const auto& [id, entry] : uploads) {
        const Upload& upload = entry->record.upload;
        if (!upload.complete && !entry->written_to &&
            static_cast<double>(now_s() - upload.changed_s) > limits.unfinished_h * 3600.0) {
            old.push_back(id);
        }
    }
    for (const std::string& id : old) {
        journal(JournalLevel::Notice, "uploads", "upload " + id + " was never finished and is thrown away");
        locked_drop(id);
    }
}

/// With its disk locked.
UploadOutcome UploadStore::Impl::complete(const Shared& entry) {
    const auto hash = entry->content.finish();
    entry->content.close();
    const std::lock_guard lock(mutex);
    Upload upload = entry->record.upload;
    if (entry->gone) {
        return unknown(upload.id);
    }
    const std::string& promised = entry->record.promised_hash;
    if (!hash || (!promised.empty() && *hash != promised)) {
        std::string why = hash ? "upload: SHA-256 of what came is " + *hash + ", " + promised +
                                     " was promised; it is thrown away, upload the file again"
                               : hash.error().message;
        locked_drop(upload.id);
        return refuse(UploadRefusal::Damaged, std::move(why), upload);
    }
    upload.complete = true;
    upload.sha256 = *hash;
    std::error_code ignored;
    fs::permissions(folder_of(upload.id) / kUploadContent, fs::perms::owner_read, ignored);
    (void)share(upload);
    UploadRecord record = entry->record;
    record.upload = upload;
    if (const auto written = write_record(folder_of(upload.id), record); !written) {
        locked_drop(upload.id);
        return refuse(UploadRefusal::Disk, "upload: " + written.error().message + "; then upload the file again",
                      upload);
    }
    entry->record = std::move(record);
    return {UploadRefusal::None, {}, upload};
}

/// In place of its own file it gets the one of another upload with the same content. False: it keeps its own.
bool UploadStore::Impl::share(const Upload& done) const {
    const auto same = std::ranges::find_if(uploads, [&done](const auto& other) {
        const Upload& upload = other.second->record.upload;
        return upload.complete && upload.sha256 == done.sha256 && upload.id != done.id;
    });
    if (same == uploads.end()) {
        return false;
    }
    const fs::path own = folder_of(done.id) / kUploadContent;
    const fs::path linked = folder_of(done.id) / "shared";
    std::error_code error;
    fs::create_hard_link(folder_of(same->first) / kUploadContent, linked, error);
    if (!error) {
        fs::rename(linked, own, error);
    }
    sync_folder(folder_of(done.id));
    return !error;
}

} // namespace overbias::controller
