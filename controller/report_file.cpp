// SPDX-License-Identifier: Apache-2.0
#include "controller/report_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <system_error>
#include <unistd.h>

namespace overbias::controller {

namespace {

Error failed(const std::string& what, const std::filesystem::path& path, int number) {
    return {"cannot " + what + " '" + path.string() + "': " + std::generic_category().message(number) +
            "; check that the folder can be written and the disk is not full"};
}

bool write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(file, text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            return false;
        }
        text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    return true;
}

} // namespace

Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view text) {
    const std::filesystem::path folder = path.parent_path();
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
        return failed("make folder", folder, error.value());
    }
    const std::filesystem::path temporary = path.string() + ".tmp";
    const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) {
        return failed("write", temporary, errno);
    }
    const bool written = write_all(file, text) && ::fsync(file) == 0;
    const int written_errno = errno;
    if (::close(file) != 0 || !written) {
        const int number = written ? errno : written_errno;
        ::unlink(temporary.c_str());
        return failed("write", temporary, number);
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        const int number = errno;
        ::unlink(temporary.c_str());
        return failed("write", path, number);
    }
    if (const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); directory >= 0) {
        ::fsync(directory); // best effort: some file systems refuse it, and the file itself is safe
        ::close(directory);
    }
    return {};
}

} // namespace overbias::controller
