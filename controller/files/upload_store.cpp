// SPDX-License-Identifier: Apache-2.0
// What is asked of the store, and what it refuses. (What becomes of an upload on the disk: upload_shelf.cpp.)
#include "controller/files/upload_store.hpp"

#include "base/uuid.hpp"
#include "controller/files/upload_shelf.hpp"

#include <algorithm>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace overbias::controller {

namespace fs = std::filesystem;

namespace {

std::string megabytes(std::int64_t bytes) {
    return std::to_string((bytes + 999'999) / 1'000'000) + " MB";
}

/// Lower-case hexadecimal of 64 digits; empty: it is not one.
std::string as_hash(std::string_view text) {
    std::string hash(text);
    std::ranges::transform(hash, hash.begin(),
                           [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
    const bool good = hash.size() == 64 && std::ranges::all_of(hash, [](char c) {
                          return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                      });
    return good ? hash : std::string();
}

} // namespace

UploadStore::UploadStore(fs::path folder, UploadLimits limits, std::function<std::int64_t()> now_s)
    : impl_(std::make_unique<Impl>()) {
    impl_->folder = std::move(folder);
    impl_->limits = limits;
    impl_->now_s = std::move(now_s);
    std::error_code error;
    fs::create_directories(impl_->folder, error);
    if (!error) {
        fs::permissions(impl_->folder, fs::perms::owner_all, error);
    }
    if (error) {
        throw std::runtime_error("uploads: cannot use the folder '" + impl_->folder.string() + "': " + error.message() +
                                 "; check the state directory, or switch uploads off (files.uploads = false)");
    }
    impl_->load();
    expire();
}

UploadStore::~UploadStore() = default;

const UploadLimits& UploadStore::limits() const noexcept {
    return impl_->limits;
}

void UploadStore::expire() {
    const std::lock_guard lock(impl_->mutex);
    impl_->locked_expire();
}

UploadOutcome UploadStore::create(std::string_view name, std::int64_t size, std::string_view sha256) {
    const UploadLimits& limits = impl_->limits;
    const std::string hash = as_hash(sha256);
    if (size <= 0) {
        return Impl::refuse(UploadRefusal::Unusable, "upload: a size of " + std::to_string(size) +
                                                         " bytes makes no sense; expected the length of the file");
    }
    if (!sha256.empty() && hash.empty()) {
        return Impl::refuse(UploadRefusal::Unusable, "upload: sha256 is not 64 hexadecimal digits");
    }
    if (size > limits.largest_bytes) {
        return Impl::refuse(UploadRefusal::TooLarge, "upload: the file has " + megabytes(size) + ", one may have " +
                                                         megabytes(limits.largest_bytes) +
                                                         " (files.upload_largest_gb)");
    }
    const auto room = free_bytes(impl_->folder);
    if (!room) {
        return Impl::refuse(UploadRefusal::Disk, room.error().message);
    }
    const std::lock_guard lock(impl_->mutex);
    impl_->locked_expire();
    if (impl_->uploads.size() >= limits.most) {
        return Impl::refuse(UploadRefusal::NoRoom, "upload: there are " + std::to_string(limits.most) +
                                                       " uploads already; remove some that are not needed");
    }
    if (const std::int64_t left = limits.quota_bytes - impl_->locked_used(); size > left) {
        return Impl::refuse(UploadRefusal::NoRoom, "upload: the file has " + megabytes(size) + ", of the quota " +
                                                       megabytes(std::max<std::int64_t>(left, 0)) +
                                                       " are left; remove uploads that are not needed, or raise "
                                                       "files.upload_quota_gb");
    }
    if (*room - impl_->locked_missing() - size < limits.keep_free_bytes) {
        return Impl::refuse(UploadRefusal::NoRoom, "upload: the disk has " + megabytes(*room) + " left, of which " +
                                                       megabytes(limits.keep_free_bytes) +
                                                       " are kept free (files.upload_keep_free_gb); make room on it");
    }
    UploadRecord record;
    record.upload.id = new_uuid();
    record.upload.name = shown_name(name);
    record.upload.size = size;
    record.upload.changed_s = impl_->now_s();
    record.promised_hash = hash;
    const fs::path folder = impl_->folder_of(record.upload.id);
    if (const auto written = write_record(folder, record); !written) {
        return Impl::refuse(UploadRefusal::Disk, "upload: " + written.error().message);
    }
    sync_folder(impl_->folder);
    const Upload upload = record.upload;
    impl_->uploads[upload.id] = std::make_shared<Impl::Entry>(std::move(record), folder);
    return {UploadRefusal::None, {}, upload};
}

UploadOutcome UploadStore::find_content(std::int64_t size, std::string_view sha256) const {
    const std::string hash = as_hash(sha256);
    const std::lock_guard lock(impl_->mutex);
    const Impl::Entry* found = nullptr;
    for (const auto& [id, entry] : impl_->uploads) {
        const Upload& upload = entry->record.upload;
        const bool same = !hash.empty() && upload.size == size &&
                          (upload.complete ? upload.sha256 : entry->record.promised_hash) == hash;
        if (same && (found == nullptr || upload.received > found->record.upload.received)) {
            found = entry.get();
        }
    }
    return found != nullptr ? UploadOutcome{UploadRefusal::None, {}, found->record.upload}
                            : Impl::refuse(UploadRefusal::Unknown, "upload: there is none with this content");
}

UploadOutcome UploadStore::begin(const std::string& id, std::int64_t offset, std::int64_t bytes) {
    Impl::Shared entry;
    {
        const std::lock_guard lock(impl_->mutex);
        entry = impl_->locked_find(id);
        if (!entry) {
            return Impl::unknown(id);
        }
        const Upload& upload = entry->record.upload;
        if (entry->written_to) {
            return Impl::refuse(UploadRefusal::Busy, "upload: another request writes to it; wait for its end", upload);
        }
        if (upload.complete || offset != upload.received) {
            return Impl::refuse(UploadRefusal::Conflict,
                                upload.complete ? std::string("upload: it is complete already")
                                                : "upload: it has " + std::to_string(upload.received) +
                                                      " bytes, and these begin at " + std::to_string(offset) +
                                                      "; go on at its offset",
                                upload);
        }
        if (bytes < 0 || bytes > upload.size - upload.received) {
            return Impl::refuse(UploadRefusal::TooLarge,
                                "upload: " + std::to_string(bytes) + " bytes are offered, " +
                                    std::to_string(upload.size - upload.received) + " are missing",
                                upload);
        }
        entry->written_to = true;
    }
    const std::lock_guard on_disk(entry->disk);
    const auto opened = entry->content.open(offset);
    const std::lock_guard lock(impl_->mutex);
    if (!opened) {
        entry->content.close();
        entry->written_to = false;
        return Impl::refuse(UploadRefusal::Disk, opened.error().message, entry->record.upload);
    }
    return {UploadRefusal::None, {}, entry->record.upload};
}

UploadOutcome UploadStore::append(const std::string& id, std::int64_t offset, std::span<const std::byte> bytes) {
    Impl::Shared entry;
    Upload upload;
    bool begun = false;
    {
        const std::lock_guard lock(impl_->mutex);
        entry = impl_->locked_find(id);
        if (!entry) {
            return Impl::unknown(id);
        }
        upload = entry->record.upload;
        begun = entry->written_to;
    }
    if (!begun || upload.complete || offset != upload.received ||
        static_cast<std::int64_t>(bytes.size()) > upload.size - upload.received) {
        return Impl::refuse(UploadRefusal::Conflict,
                            "upload: these bytes are not what is missing; ask for its offset and go on there", upload);
    }
    const auto room = free_bytes(impl_->folder);
    if (room && *room - static_cast<std::int64_t>(bytes.size()) < impl_->limits.keep_free_bytes) {
        return Impl::refuse(UploadRefusal::NoRoom,
                            "upload: the disk is full but for what is kept free (files.upload_keep_free_gb); make room "
                            "on it and go on",
                            upload);
    }
    const std::lock_guard on_disk(entry->disk);
    if (const auto written = entry->content.append(offset, bytes); !written) {
        entry->content.close(); // what counts is read again
        return Impl::refuse(UploadRefusal::Disk, written.error().message, upload);
    }
    {
        const std::lock_guard lock(impl_->mutex);
        entry->record.upload.received += static_cast<std::int64_t>(bytes.size());
        entry->record.upload.changed_s = impl_->now_s();
        upload = entry->record.upload;
    }
    return upload.received == upload.size ? impl_->complete(entry) : UploadOutcome{UploadRefusal::None, {}, upload};
}

UploadOutcome UploadStore::end(const std::string& id) {
    Impl::Shared entry;
    UploadRecord record;
    {
        const std::lock_guard lock(impl_->mutex);
        entry = impl_->locked_find(id);
        if (!entry) {
            return Impl::unknown(id);
        }
        entry->written_to = false;
        record = entry->record;
    }
    if (record.upload.complete) {
        return {UploadRefusal::None, {}, record.upload};
    }
    const std::lock_guard on_disk(entry->disk);
    auto safe = entry->content.sync();
    entry->content.close(); // one that nobody goes on with holds no descriptor
    const std::lock_guard lock(impl_->mutex);
    if (entry->gone) {
        return Impl::unknown(id);
    }
    if (safe) {
        safe = write_record(impl_->folder_of(id), record);
    }
    return safe ? UploadOutcome{UploadRefusal::None, {}, record.upload}
                : Impl::refuse(UploadRefusal::Disk, safe.error().message, record.upload);
}

UploadOutcome UploadStore::find(const std::string& id) const {
    const std::lock_guard lock(impl_->mutex);
    const Impl::Shared entry = impl_->locked_find(id);
    return entry ? UploadOutcome{UploadRefusal::None, {}, entry->record.upload} : Impl::unknown(id);
}

UploadOutcome UploadStore::remove(const std::string& id) {
    const std::lock_guard lock(impl_->mutex);
    const Impl::Shared entry = impl_->locked_find(id);
    if (!entry) {
        return Impl::unknown(id);
    }
    impl_->locked_drop(id);
    sync_folder(impl_->folder);
    return {UploadRefusal::None, {}, entry->record.upload};
}

std::vector<Upload> UploadStore::list() const {
    std::vector<Upload> all;
    {
        const std::lock_guard lock(impl_->mutex);
        for (const auto& [id, entry] : impl_->uploads) {
            all.push_back(entry->record.upload);
        }
    }
    std::ranges::stable_sort(all, std::greater{}, &Upload::changed_s);
    return all;
}

std::int64_t UploadStore::used_bytes() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->locked_used();
}

Result<fs::path> UploadStore::file_of(const std::string& id) const {
    const UploadOutcome found = find(id);
    if (!found.ok()) {
        return Error{found.why};
    }
    if (!found.upload.complete) {
        return Error{"upload:" + id + ": '" + found.upload.name + "' is not complete, " +
                     std::to_string(found.upload.received) + " of " + std::to_string(found.upload.size) +
                     " bytes are here; finish it first"};
    }
    return impl_->folder_of(id) / kUploadContent;
}

} // namespace overbias::controller
