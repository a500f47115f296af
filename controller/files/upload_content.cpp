// SPDX-License-Identifier: Apache-2.0
#include "controller/files/upload_content.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace overbias::controller {

namespace {

constexpr std::size_t kChunk = 1 << 18;

/// Everything up to `bytes`, or to the end; false with errno.
template <typename Take>
bool read_all(int descriptor, std::int64_t bytes, Take&& take) {
    std::vector<std::byte> chunk(kChunk);
    for (std::int64_t at = 0; at < bytes;) {
        const auto part = std::min<std::int64_t>(static_cast<std::int64_t>(chunk.size()), bytes - at);
        const ssize_t got = ::pread(descriptor, chunk.data(), static_cast<std::size_t>(part), at);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            errno = got == 0 ? ENODATA : errno;
            return false;
        }
        take(std::span<const std::byte>(chunk).first(static_cast<std::size_t>(got)));
        at += got;
    }
    return true;
}

} // namespace

UploadContent::~UploadContent() {
    close();
}

void UploadContent::close() noexcept {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
        descriptor_ = -1;
    }
}

Error UploadContent::failed(const std::string& what) const {
    const std::string why = std::generic_category().message(errno);
    return {"upload: '" + file_.string() + "' cannot be " + what + ": " + why +
            "; check that the disk works and is not full"};
}

Result<void> UploadContent::open(std::int64_t bytes) {
    close();
    descriptor_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor_ < 0) {
        return failed("opened");
    }
    if (::ftruncate(descriptor_, bytes) != 0) {
        return failed("cut to what counts");
    }
    if (hash_ && bytes_ == bytes) {
        return {};
    }
    bytes_ = bytes;
    hash_ = std::make_unique<Sha256>();
    if (!read_all(descriptor_, bytes, [this](std::span<const std::byte> part) { hash_->update(part); })) {
        hash_.reset();
        return failed("read");
    }
    return {};
}

Result<void> UploadContent::append(std::int64_t at, std::span<const std::byte> bytes) {
    if (at != bytes_) {
        errno = ESPIPE;
        return failed("written at byte " + std::to_string(at));
    }
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t written =
            ::pwrite(descriptor_, bytes.data() + done, bytes.size() - done, at + static_cast<std::int64_t>(done));
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return failed("written"); // open() cuts off what came too much
        }
        done += static_cast<std::size_t>(written);
    }
    hash_->update(bytes);
    bytes_ += static_cast<std::int64_t>(bytes.size());
    return {};
}

Result<void> UploadContent::sync() {
    if (descriptor_ >= 0 && ::fdatasync(descriptor_) != 0) {
        return failed("brought to the disk");
    }
    return {};
}

Result<std::string> UploadContent::read_back() {
    ::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_DONTNEED); // so that it is the disk that answers
    Sha256 again;
    if (!read_all(descriptor_, bytes_, [&again](std::span<const std::byte> part) { again.update(part); })) {
        return failed("read back");
    }
    return again.hex();
}

Result<std::string> UploadContent::finish() {
    if (::fsync(descriptor_) != 0) {
        return failed("brought to the disk");
    }
    auto back = read_back();
    if (!back) {
        return back.error();
    }
    const std::string written = std::exchange(hash_, nullptr)->hex();
    if (*back != written) {
        return Error{"upload: the disk gives back other bytes than were written to '" + file_.string() +
                     "'; check the disk, then upload the file again"};
    }
    return written;
}

void sync_folder(const std::filesystem::path& folder) noexcept {
    if (const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); opened >= 0) {
        ::fsync(opened); // best effort: some file systems refuse it
        ::close(opened);
    }
}

Result<std::int64_t> free_bytes(const std::filesystem::path& folder) {
    struct statvfs space {};
    if (::statvfs(folder.c_str(), &space) != 0) {
        return Error{"upload: the room in '" + folder.string() +
                     "' cannot be told: " + std::generic_category().message(errno) + "; check the disk"};
    }
    return static_cast<std::int64_t>(space.f_bavail) * static_cast<std::int64_t>(space.f_frsize);
}

} // namespace overbias::controller
