// SPDX-License-Identifier: Apache-2.0
// Which file a caller means, and whether he may: a local caller (UNIX socket: the daemon's own user on this machine)
// any absolute path, everybody else what lies below a configured root, symbolic links followed, or an upload. Thread:
// any; what it holds never changes. Blocks on the disk.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace overbias::controller {

class FileRoots {
  public:
    /// `upload`: the file of a complete upload by its id; empty: there are none.
    FileRoots(std::vector<std::filesystem::path> roots,
              std::function<Result<std::filesystem::path>(const std::string& id)> upload);

    /// `file`: "/absolute/path" or "upload:ID". Of a caller who is not local the result has no symbolic link in it, and
    /// errors do not tell whether a file outside the roots exists. They name the file and what to do.
    [[nodiscard]] Result<std::filesystem::path> resolve(const std::string& file, bool local) const;

    [[nodiscard]] const std::vector<std::filesystem::path>& roots() const noexcept { return roots_; }
    /// `relative` (empty: the root itself) below root number `root` and nowhere else (openat2(2), RESOLVE_BENEATH),
    /// opened with `flags`: a descriptor for the caller to close.
    [[nodiscard]] Result<int> open_below(std::size_t root, const std::filesystem::path& relative, int flags) const;

  private:
    std::vector<std::filesystem::path> roots_;
    std::function<Result<std::filesystem::path>(const std::string& id)> upload_;
};

} // namespace overbias::controller
