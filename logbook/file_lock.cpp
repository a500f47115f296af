// SPDX-License-Identifier: Apache-2.0
#include "logbook/file_lock.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

namespace overbias::logbook {

FileLock::FileLock(const std::filesystem::path& logbook) {
    const std::string path = logbook.string() + ".lock";
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file_ < 0) {
        error_ = path + ": cannot be opened: " + std::generic_category().message(errno) +
                 "; the logbook's directory must exist and be writable";
    } else if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
        error_ = logbook.string() +
                 ": in use by another overbiasd; stop that one, or give this one a state directory of its own";
    }
}

FileLock::~FileLock() {
    if (file_ >= 0) {
        ::close(file_);
    }
}

} // namespace overbias::logbook
