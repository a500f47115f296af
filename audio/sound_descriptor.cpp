// SPDX-License-Identifier: Apache-2.0
#include "audio/sound_descriptor.hpp"

#include "base/sha256.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace overbias::audio {

namespace {

constexpr std::size_t kHashChunk = 1 << 18;
constexpr const char* kIrregular = "is not a regular file; name a WAV, RF64 or FLAC file";

/// It is the daemon that reads, and it may run as another user than the one who asks.
std::string right_to_read() {
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    const uid_t user = ::geteuid();
    ::getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found);
    return "give user '" + (found != nullptr ? std::string(found->pw_name) : std::to_string(user)) +
           "' the right to read it, and to enter its folder";
}

} // namespace

std::size_t read_at(int descriptor, std::uint64_t at, std::span<std::byte> out) noexcept {
    std::size_t done = 0;
    errno = 0;
    while (done < out.size()) {
        const ssize_t got = ::pread(descriptor, out.data() + done, out.size() - done, static_cast<off_t>(at + done));
        if (got < 0 && errno == EINTR) {
            errno = 0;
            continue;
        }
        if (got <= 0) {
            break;
        }
        done += static_cast<std::size_t>(got);
    }
    return done;
}

Result<SoundDescriptor> SoundDescriptor::open(const std::filesystem::path& path) {
    const auto fault = [&path](const std::string& what) { return Error{path.string() + ": " + what}; };
    // looked at before it is opened: opening a device may do something
    struct stat before {};
    if (::stat(path.c_str(), &before) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return fault("no such file; check the name and the folder");
        }
        const std::string why = std::strerror(errno);
        return fault("cannot be looked at (" + why + "); " + right_to_read());
    }
    if (S_ISDIR(before.st_mode)) {
        return fault("is a directory; name a sound file in it (WAV, RF64 or FLAC)");
    }
    if (!S_ISREG(before.st_mode)) {
        return fault(kIrregular);
    }
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0) {
        const std::string why = std::strerror(errno);
        return fault("cannot be read (" + why + "); " + right_to_read());
    }
    return adopt(descriptor, path);
}

Result<SoundDescriptor> SoundDescriptor::adopt(int descriptor, const std::filesystem::path& path) {
    SoundDescriptor opened(descriptor, path, {});
    struct stat now {};
    if (::fstat(descriptor, &now) != 0 || !S_ISREG(now.st_mode)) {
        return Error{path.string() + ": " + kIrregular};
    }
    if (now.st_size == 0) {
        return Error{path.string() + ": is empty (0 bytes); copy or export it again"};
    }
    opened.identity_ = {.device = now.st_dev,
                        .inode = now.st_ino,
                        .bytes = now.st_size,
                        .modified_ns = now.st_mtim.tv_sec * std::int64_t{1'000'000'000} + now.st_mtim.tv_nsec};
    return opened;
}

Result<SoundDescriptor> SoundDescriptor::duplicate() const {
    const int copy = ::fcntl(descriptor_, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) {
        return Error{path_.string() + ": cannot be opened once more (" + std::strerror(errno) + "); close other files"};
    }
    return SoundDescriptor(copy, path_, identity_);
}

SoundDescriptor& SoundDescriptor::operator=(SoundDescriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(path_, other.path_);
    std::swap(identity_, other.identity_);
    return *this;
}

SoundDescriptor::~SoundDescriptor() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

std::string SoundDescriptor::bytes_at(std::uint64_t at, std::size_t count) const {
    std::string bytes(count, '\0');
    bytes.resize(read_at(descriptor_, at, std::as_writable_bytes(std::span(bytes))));
    return bytes;
}

Result<std::string> SoundDescriptor::sha256() const {
    Sha256 hash;
    std::vector<std::byte> chunk(kHashChunk);
    for (std::uint64_t at = 0;;) {
        const std::size_t got = read_at(descriptor_, at, chunk);
        if (got < chunk.size() && errno != 0) {
            return Error{path_.string() + ": cannot be read further (" + std::strerror(errno) +
                         "); check the disk, copy it again"};
        }
        hash.update(std::span(chunk).first(got));
        at += got;
        if (got < chunk.size()) {
            return hash.hex();
        }
    }
}

} // namespace overbias::audio
