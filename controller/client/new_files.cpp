// SPDX-License-Identifier: Apache-2.0
#include "controller/client/new_files.hpp"

#include "controller/client/print_command.hpp"
#include "controller/client/words.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace overbias::controller {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void unusable(std::string_view option, const std::string& file, const std::string& what) {
    throw UnusableArgument(std::string(option) + " " + printable(file) + ": " + what);
}

std::string reason(int number) {
    return std::generic_category().message(number);
}

bool write_all(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(file, bytes.data(), bytes.size());
        if (count < 0 && errno != EINTR) {
            return false;
        }
        bytes.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
    }
    return true;
}

/// As a file that is made in the usual way would have it.
::mode_t usual_mode() {
    const ::mode_t mask = ::umask(0);
    ::umask(mask);
    return 0666 & ~mask;
}

/// 0, or the number of the error; EEXIST where something is there and is not to be written over.
int put_in_place(const std::string& from, const std::string& to, bool overwrite) {
    if (!overwrite) {
        if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
            return 0;
        }
        if (errno != EINVAL && errno != ENOSYS) {
            return errno;
        }
        struct ::stat there {}; // a file system that can't do both in one
        if (::lstat(to.c_str(), &there) == 0) {
            return EEXIST;
        }
    }
    return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

constexpr const char* kThere = "is there already; name another file, or say --force to write over it";

} // namespace

NewFiles::~NewFiles() {
    for (const Written& each : written_) {
        ::unlink(each.temporary.c_str());
    }
}

void NewFiles::add(std::string_view option, const std::string& file, std::string_view bytes) {
    std::error_code unknown;
    fs::path path = fs::absolute(file, unknown).lexically_normal();
    const fs::file_type there = fs::symlink_status(path, unknown).type();
    const bool is_there = there != fs::file_type::not_found && there != fs::file_type::none;
    if (fs::is_directory(path, unknown) || !path.has_filename()) {
        unusable(option, file, "expected the name of a file, got a folder");
    }
    if (is_there && !overwrite_) {
        unusable(option, file, kThere);
    }
    if (is_there && !fs::is_regular_file(path, unknown)) {
        unusable(option, file, "expected an ordinary file to write over, got something else; name another");
    }
    if (is_there) {
        path = fs::canonical(path, unknown); // what a link leads to, not the link
    }
    const std::string folder = path.parent_path().string();
    for (const Written& each : written_) {
        if (each.file == path.string()) {
            unusable(option, file, "is the file of " + each.option + " too; name another");
        }
    }
    std::string temporary = folder + "/.overbias-XXXXXX";
    const int handle = ::mkostemp(temporary.data(), O_CLOEXEC);
    if (handle < 0) {
        const int number = errno;
        unusable(option, file,
                 "cannot write into the folder '" + printable(folder) + "': " + reason(number) +
                     "; name one that is there and can be written to");
    }
    written_.push_back({std::string(option), path.string(), temporary});
    const bool whole = write_all(handle, bytes) && ::fchmod(handle, usual_mode()) == 0 && ::fsync(handle) == 0;
    const int number = errno;
    if (::close(handle) != 0 || !whole) {
        unusable(option, file,
                 "cannot be written: " + reason(whole ? errno : number) + "; nothing is left behind: make room, or " +
                     "name another place");
    }
}

void NewFiles::keep() {
    std::string there;
    while (!written_.empty()) {
        const Written& next = written_.front();
        if (const int number = put_in_place(next.temporary, next.file, overwrite_); number != 0) {
            unusable(next.option, next.file,
                     (number == EEXIST ? kThere : "cannot be written: " + reason(number)) +
                         (there.empty() ? "" : "; written before: " + there));
        }
        const std::string folder = fs::path(next.file).parent_path().string();
        if (const int handle = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); handle >= 0) {
            ::fsync(handle); // best effort: some file systems refuse it
            ::close(handle);
        }
        there += (there.empty() ? "" : ", ") + printable(next.file);
        written_.erase(written_.begin());
    }
}

} // namespace overbias::controller
