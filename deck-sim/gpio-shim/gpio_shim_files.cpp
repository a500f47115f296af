// SPDX-License-Identifier: Apache-2.0
// What a program can learn of the simulated chip's files by name: stat() and its family, access(), readlink(),
// realpath(), and the listing of /dev.
#include "deck-sim/gpio-shim/gpio_shim_files.hpp"

#include "deck-sim/gpio-shim/gpio_shim_link.hpp"
#include "deck-sim/gpio-shim/gpio_wire.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

// stat64 and dirent64 are the same as stat and dirent where file offsets have 64 bits: amd64 and arm64
static_assert(sizeof(off_t) == 8 && sizeof(struct stat) == sizeof(struct stat64));

namespace overbias::gpio_shim {

namespace {

enum class File { Foreign, Node, DeviceNumber, ChipFolder, Subsystem };

// libgpiod 1.6 compares the node's number with /sys/bus/gpio/devices/NAME/dev; libgpiod 2 follows
// /sys/dev/char/MAJOR:MINOR/subsystem
File which(const char* path) noexcept {
    if (!configured() || path == nullptr || path[0] != '/') {
        return File::Foreign;
    }
    if (std::strcmp(path, "/dev/gpiochip0") == 0) {
        return File::Node;
    }
    if (std::strncmp(path, "/sys/", 5) != 0) {
        return File::Foreign;
    }
    if (std::strcmp(path, "/sys/bus/gpio/devices/gpiochip0/dev") == 0) {
        return File::DeviceNumber;
    }
    if (std::strcmp(path, "/sys/bus/gpio/devices/gpiochip0") == 0) {
        return File::ChipFolder;
    }
    return std::strcmp(path, "/sys/dev/char/254:0/subsystem") == 0 ? File::Subsystem : File::Foreign;
}

int there_is_none() noexcept {
    errno = ENOENT;
    return -1;
}

int device_number_file(int flags) noexcept {
    if (!present()) {
        return there_is_none();
    }
    const int fd = ::memfd_create("dev", (flags & O_CLOEXEC) != 0 ? MFD_CLOEXEC : 0U);
    constexpr char text[] = "254:0\n";
    if (fd >= 0 && (::write(fd, text, sizeof text - 1) != sizeof text - 1 || ::lseek(fd, 0, SEEK_SET) != 0)) {
        ::close(fd);
        errno = EIO;
        return -1;
    }
    return fd;
}

mode_t mode_of(File file) noexcept {
    switch (file) {
    case File::Node:
        return S_IFCHR | 0660;
    case File::DeviceNumber:
        return S_IFREG | 0444;
    default:
        return S_IFDIR | 0755;
    }
}

void describe(File file, struct stat& out) noexcept {
    out = {};
    out.st_mode = mode_of(file);
    out.st_nlink = 1;
    out.st_ino = 254'000 + static_cast<ino_t>(file);
    out.st_blksize = 4096;
    out.st_rdev = file == File::Node ? makedev(gpio_wire::kMajor, gpio_wire::kMinor) : 0;
}

bool simulated_stat(const char* path, struct stat* out, int& result) noexcept {
    const File file = which(path);
    if (file == File::Foreign) {
        return false;
    }
    result = present() ? (describe(file, *out), 0) : there_is_none();
    return true;
}

int stat_at(int folder, const char* path, struct stat* out, int flags) noexcept {
    int result = 0;
    if (simulated_stat(path, out, result)) {
        return result;
    }
    static constinit Next<int(int, const char*, struct stat*, int)> next("fstatat64");
    return next(folder, path, out, flags);
}

int stat_open(int fd, struct stat* out) noexcept {
    static constinit Next<int(int, struct stat*)> next("fstat64");
    const int result = next(fd, out);
    if (result == 0 && S_ISSOCK(out->st_mode) && ours(fd)) {
        describe(File::Node, *out);
    }
    return result;
}

int access_at(int folder, const char* path, int mode, int flags) noexcept {
    const File file = which(path);
    if (file != File::Foreign) {
        return present() ? 0 : there_is_none();
    }
    static constinit Next<int(int, const char*, int, int)> next("faccessat");
    return next(folder, path, mode, flags);
}

ssize_t readlink_at(int folder, const char* path, char* out, size_t room) noexcept {
    const File file = which(path);
    if (file == File::Foreign) {
        static constinit Next<ssize_t(int, const char*, char*, size_t)> next("readlinkat");
        return next(folder, path, out, room);
    }
    if (!present()) {
        return there_is_none();
    }
    const char* target = file == File::Subsystem    ? "../../../bus/gpio"
                         : file == File::ChipFolder ? "../../../devices/platform/gpiochip0"
                                                    : nullptr;
    if (target == nullptr) {
        errno = EINVAL; // not a symbolic link
        return -1;
    }
    const size_t length = std::strlen(target) < room ? std::strlen(target) : room;
    std::memcpy(out, target, length);
    return static_cast<ssize_t>(length);
}

char* real_path(const char* path, char* out) noexcept {
    const File file = which(path);
    if (file == File::Foreign) {
        static constinit Next<char*(const char*, char*)> next("realpath");
        return next(path, out);
    }
    if (!present()) {
        there_is_none();
        return nullptr;
    }
    const char* target = file == File::Subsystem ? "/sys/bus/gpio" : path;
    return out == nullptr ? ::strdup(target) : std::strcpy(out, target);
}

// /dev is listed with the chip in the place of its "." entry, which nobody looks for: so no state is kept for a folder
// that is being read.
bool is_dev(DIR* folder) noexcept {
    struct stat here, dev;
    return stat_open(::dirfd(folder), &here) == 0 && stat_at(AT_FDCWD, "/dev", &dev, 0) == 0 &&
           here.st_dev == dev.st_dev && here.st_ino == dev.st_ino;
}

struct dirent* next_entry(DIR* folder) noexcept {
    static constinit Next<struct dirent*(DIR*)> next("readdir64");
    struct dirent* entry = next(folder);
    if (entry == nullptr || !configured()) {
        return entry;
    }
    const bool dot = std::strcmp(entry->d_name, ".") == 0;
    if ((!dot && std::strcmp(entry->d_name, gpio_wire::kChipName) != 0) || !is_dev(folder)) {
        return entry;
    }
    if (!dot) {
        return next(folder); // this machine's own chip of that name is hidden
    }
    if (!present()) {
        return entry;
    }
    thread_local struct dirent chip;
    chip = {};
    chip.d_ino = 254'001;
    chip.d_off = entry->d_off;
    chip.d_reclen = sizeof chip;
    chip.d_type = DT_CHR;
    std::strcpy(chip.d_name, gpio_wire::kChipName);
    return &chip;
}

using Filter = int (*)(const struct dirent*);
using Compare = int (*)(const struct dirent**, const struct dirent**);

int scan(const char* path, struct dirent*** out, Filter filter, Compare compare) noexcept {
    DIR* folder = ::opendir(path);
    if (folder == nullptr) {
        return -1;
    }
    struct dirent** list = nullptr;
    std::size_t count = 0, room = 0;
    while (struct dirent* entry = next_entry(folder)) {
        if (filter != nullptr && filter(entry) == 0) {
            continue;
        }
        if (count == room) {
            room = room == 0 ? 16 : room * 2;
            list = static_cast<struct dirent**>(::realloc(list, room * sizeof *list));
        }
        auto* copy = static_cast<struct dirent*>(::malloc(sizeof *entry));
        if (list == nullptr || copy == nullptr) {
            ::abort(); // out of memory with some dozen names in hand
        }
        std::memcpy(copy, entry, entry->d_reclen < sizeof *copy ? entry->d_reclen : sizeof *copy);
        list[count++] = copy;
    }
    ::closedir(folder);
    if (compare != nullptr && count > 1) {
        ::qsort(list, count, sizeof *list, reinterpret_cast<int (*)(const void*, const void*)>(compare));
    }
    *out = list;
    return static_cast<int>(count);
}

bool names_dev(const char* path) noexcept {
    return configured() && (std::strcmp(path, "/dev") == 0 || std::strcmp(path, "/dev/") == 0);
}

} // namespace

bool open_simulated(const char* path, int flags, int& fd) noexcept {
    switch (which(path)) {
    case File::Node:
        fd = dial(flags);
        return true;
    case File::DeviceNumber:
        fd = device_number_file(flags);
        return true;
    default:
        return false;
    }
}

} // namespace overbias::gpio_shim

using namespace overbias::gpio_shim;

extern "C" {

int stat(const char* path, struct stat* out) noexcept {
    return stat_at(AT_FDCWD, path, out, 0);
}
int lstat(const char* path, struct stat* out) noexcept {
    return stat_at(AT_FDCWD, path, out, AT_SYMLINK_NOFOLLOW);
}
int fstat(int fd, struct stat* out) noexcept {
    return stat_open(fd, out);
}
int fstatat(int folder, const char* path, struct stat* out, int flags) noexcept {
    return path[0] == '\0' && (flags & AT_EMPTY_PATH) != 0 && folder >= 0 ? stat_open(folder, out)
                                                                          : stat_at(folder, path, out, flags);
}
int stat64(const char* path, struct stat64* out) noexcept {
    return stat(path, reinterpret_cast<struct stat*>(out));
}
int lstat64(const char* path, struct stat64* out) noexcept {
    return lstat(path, reinterpret_cast<struct stat*>(out));
}
int fstat64(int fd, struct stat64* out) noexcept {
    return fstat(fd, reinterpret_cast<struct stat*>(out));
}
int fstatat64(int folder, const char* path, struct stat64* out, int flags) noexcept {
    return fstatat(folder, path, reinterpret_cast<struct stat*>(out), flags);
}
// the names that programs built against glibc before 2.33 call; the number says which layout, and there is only one
int __xstat(int, const char* path, struct stat* out) noexcept {
    return stat(path, out);
}
int __lxstat(int, const char* path, struct stat* out) noexcept {
    return lstat(path, out);
}
int __fxstat(int, int fd, struct stat* out) noexcept {
    return fstat(fd, out);
}
int __fxstatat(int, int folder, const char* path, struct stat* out, int flags) noexcept {
    return fstatat(folder, path, out, flags);
}
int __xstat64(int, const char* path, struct stat64* out) noexcept {
    return stat64(path, out);
}
int __lxstat64(int, const char* path, struct stat64* out) noexcept {
    return lstat64(path, out);
}
int __fxstat64(int, int fd, struct stat64* out) noexcept {
    return fstat64(fd, out);
}
int __fxstatat64(int, int folder, const char* path, struct stat64* out, int flags) noexcept {
    return fstatat64(folder, path, out, flags);
}
int statx(int folder, const char* path, int flags, unsigned mask, struct statx* out) noexcept {
    struct stat plain;
    int result = 0;
    if (!simulated_stat(path, &plain, result)) {
        static constinit Next<int(int, const char*, int, unsigned, struct statx*)> next("statx");
        return next(folder, path, flags, mask, out);
    }
    if (result == 0) {
        *out = {};
        out->stx_mask = STATX_TYPE | STATX_MODE | STATX_NLINK | STATX_INO;
        out->stx_mode = static_cast<decltype(out->stx_mode)>(plain.st_mode);
        out->stx_nlink = 1;
        out->stx_ino = plain.st_ino;
        out->stx_blksize = 4096;
        out->stx_rdev_major = major(plain.st_rdev);
        out->stx_rdev_minor = minor(plain.st_rdev);
    }
    return result;
}

int access(const char* path, int mode) noexcept {
    return access_at(AT_FDCWD, path, mode, 0);
}
int faccessat(int folder, const char* path, int mode, int flags) noexcept {
    return access_at(folder, path, mode, flags);
}

ssize_t readlink(const char* path, char* out, size_t room) noexcept {
    return readlink_at(AT_FDCWD, path, out, room);
}
ssize_t readlinkat(int folder, const char* path, char* out, size_t room) noexcept {
    return readlink_at(folder, path, out, room);
}
ssize_t __readlink_chk(const char* path, char* out, size_t room, size_t) {
    return readlink_at(AT_FDCWD, path, out, room);
}
char* realpath(const char* path, char* out) noexcept {
    return real_path(path, out);
}
char* __realpath_chk(const char* path, char* out, size_t) noexcept {
    return real_path(path, out);
}
char* canonicalize_file_name(const char* path) noexcept {
    return real_path(path, nullptr);
}

struct dirent* readdir(DIR* folder) {
    return next_entry(folder);
}
struct dirent64* readdir64(DIR* folder) {
    return reinterpret_cast<struct dirent64*>(next_entry(folder));
}
int scandir(const char* path, struct dirent*** out, Filter filter, Compare compare) {
    if (names_dev(path)) {
        return scan(path, out, filter, compare);
    }
    static constinit Next<int(const char*, struct dirent***, Filter, Compare)> next("scandir");
    return next(path, out, filter, compare);
}
int scandir64(const char* path, struct dirent64*** out, int (*filter)(const struct dirent64*),
              int (*compare)(const struct dirent64**, const struct dirent64**)) {
    return scandir(path, reinterpret_cast<struct dirent***>(out), reinterpret_cast<Filter>(filter),
                   reinterpret_cast<Compare>(compare));
}

} // extern "C"
