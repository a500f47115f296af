// SPDX-License-Identifier: Apache-2.0
// A sound file opened once: what is checked, hashed and decoded is then the same file, whatever becomes of its name.
// Thread: any one an object; const calls on any. Blocks on the disk.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>

namespace overbias::audio {

/// Which file it is (stat(2)); all zero: not known.
struct FileIdentity {
    std::uint64_t device = 0, inode = 0;
    std::int64_t bytes = 0, modified_ns = 0;
    [[nodiscard]] bool known() const noexcept { return inode != 0; }
    friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

class SoundDescriptor {
  public:
    /// A regular file with something in it, for reading; never waits (a FIFO, a device). The error is one line that
    /// names the file and what to do.
    [[nodiscard]] static Result<SoundDescriptor> open(const std::filesystem::path& path);
    /// The same of a descriptor that is open already, and is this object's from now on; `path` is its name in messages.
    [[nodiscard]] static Result<SoundDescriptor> adopt(int descriptor, const std::filesystem::path& path);
    SoundDescriptor(SoundDescriptor&& other) noexcept
        : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)), identity_(other.identity_) {
    }
    SoundDescriptor& operator=(SoundDescriptor&& other) noexcept;
    ~SoundDescriptor();

    /// Another descriptor of the same open file.
    [[nodiscard]] Result<SoundDescriptor> duplicate() const;

    [[nodiscard]] int get() const noexcept { return descriptor_; }
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    [[nodiscard]] const FileIdentity& identity() const noexcept { return identity_; }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return static_cast<std::uint64_t>(identity_.bytes); }

    /// Up to `count` bytes from `at`; shorter at the end of the file, and where it cannot be read.
    [[nodiscard]] std::string bytes_at(std::uint64_t at, std::size_t count) const;
    /// Of the whole file, lower-case hexadecimal.
    [[nodiscard]] Result<std::string> sha256() const;

  private:
    SoundDescriptor(int descriptor, std::filesystem::path path, FileIdentity identity) noexcept
        : descriptor_(descriptor), path_(std::move(path)), identity_(identity) {}
    int descriptor_ = -1;
    std::filesystem::path path_;
    FileIdentity identity_;
};

/// As much of `out` as there is from `at` of an open file, past interruptions; shorter at the end or where it cannot be
/// read (errno then is not 0).
[[nodiscard]] std::size_t read_at(int descriptor, std::uint64_t at, std::span<std::byte> out) noexcept;

} // namespace overbias::audio
