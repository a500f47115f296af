// SPDX-License-Identifier: Apache-2.0
#include "controller/files/file_roots.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string_view>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace overbias::controller {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kUpload = "upload:";

std::string error_text(int number) {
    return std::generic_category().message(number);
}

/// Where an open descriptor leads, without any link.
std::string place_of(int descriptor) {
    std::array<char, 4096> place{};
    const auto link = "/proc/self/fd/" + std::to_string(descriptor);
    const ssize_t length = ::readlink(link.c_str(), place.data(), place.size());
    return length > 0 ? std::string(place.data(), static_cast<std::size_t>(length)) : std::string();
}

} // namespace

FileRoots::FileRoots(std::vector<fs::path> roots, std::function<Result<fs::path>(const std::string& id)> upload)
    : roots_(std::move(roots)), upload_(std::move(upload)) {
    for (fs::path& root : roots_) {
        root = root.lexically_normal();
        if (!root.has_filename() && root.has_relative_path()) {
            root = root.parent_path(); // "/srv/masters/"
        }
    }
}

Result<int> FileRoots::open_below(std::size_t root, const fs::path& relative, int flags) const {
    if (root >= roots_.size()) {
        return Error{"there is no root " + std::to_string(root) + "; files.roots has " + std::to_string(roots_.size())};
    }
    const fs::path whole = relative.empty() ? roots_[root] : roots_[root] / relative;
    const int folder = ::open(roots_[root].c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        return Error{roots_[root].string() + ": this folder of files.roots cannot be opened (" + error_text(errno) +
                     "); check that it is there and that the daemon may enter it"};
    }
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    const std::string name = relative.empty() ? "." : relative.string();
    const long opened = ::syscall(SYS_openat2, folder, name.c_str(), &how, sizeof how);
    const int number = errno;
    ::close(folder);
    if (opened >= 0) {
        return static_cast<int>(opened);
    }
    if (number == EXDEV || number == ELOOP || name.starts_with('/')) {
        return Error{whole.string() +
                     ": leads out of its folder of files.roots; a link in it must be relative and stay "
                     "inside. Name the file itself, or add its folder to files.roots"};
    }
    if (number == ENOENT || number == ENOTDIR) {
        return Error{whole.string() + ": no such file; check the name and the folder"};
    }
    return Error{whole.string() + ": cannot be opened (" + error_text(number) +
                 "); give the daemon's user the right to read it"};
}

Result<fs::path> FileRoots::resolve(const std::string& file, bool local) const {
    if (file.starts_with(kUpload)) {
        if (!upload_) {
            return Error{file + ": uploads are off (files.uploads); name a file by its path"};
        }
        return upload_(file.substr(kUpload.size()));
    }
    if (file.find('\0') != std::string::npos || !file.starts_with('/')) {
        return Error{"'" + std::string(file.c_str()) +
                     "' is not an absolute path; the daemon does not know your folder. Name the file by its whole "
                     "path, or by upload:ID"};
    }
    if (local) {
        return fs::path(file);
    }
    for (std::size_t root = 0; root < roots_.size(); ++root) {
        const std::string prefix = roots_[root] == "/" ? "/" : roots_[root].string() + "/";
        if (!file.starts_with(prefix)) {
            continue;
        }
        fs::path relative = file.substr(prefix.size());
        while (relative.is_absolute()) { // "//"
            relative = relative.relative_path();
        }
        const auto opened = open_below(root, relative, O_PATH);
        if (!opened) {
            return opened.error();
        }
        const std::string place = place_of(*opened);
        ::close(*opened);
        if (place.empty()) {
            return Error{file + ": its place cannot be told; /proc must be mounted"};
        }
        return fs::path(place);
    }
    return Error{file + ": is not in a folder that files may come from; choose one of files.roots (" +
                 (roots_.empty() ? std::string("there is none") : std::to_string(roots_.size()) + " there") +
                 "), or upload it"};
}

} // namespace overbias::controller
