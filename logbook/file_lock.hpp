// SPDX-License-Identifier: Apache-2.0
// One daemon a logbook: the lock file beside it. Private to logbook/.
#pragma once

#include <filesystem>
#include <string>

namespace overbias::logbook {

/// Held for as long as a daemon has the logbook open: a second one would take the first one's open session for
/// interrupted.
class FileLock {
  public:
    explicit FileLock(const std::filesystem::path& logbook);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;
    /// Why it is not held; empty: it is.
    [[nodiscard]] const std::string& error() const noexcept { return error_; }

  private:
    int file_ = -1;
    std::string error_;
};

} // namespace overbias::logbook
