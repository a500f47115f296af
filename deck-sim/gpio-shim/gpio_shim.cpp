// SPDX-License-Identifier: Apache-2.0
// Preloaded (LD_PRELOAD) into an unmodified program, this makes /dev/gpiochip0 the simulated deck's GPIO chip: the
// calls on the chip's descriptors. What the program can learn of the file without opening it is in gpio_shim_files.cpp.
//
// Every line request is a connection of its own, so read(), poll(), close(), dup() and fork() are the kernel's; what
// must be ours is ioctl(), open() and the error that read() gives when the chip has gone.
#include "deck-sim/gpio-shim/gpio_shim_files.hpp"
#include "deck-sim/gpio-shim/gpio_shim_link.hpp"

#include <cerrno>
#include <cstdarg>
#include <fcntl.h>
#include <linux/gpio.h>
#include <sys/ioctl.h>
#include <sys/types.h>
#include <unistd.h>

namespace {

using namespace overbias::gpio_shim;

constexpr unsigned kGpioIoctls = 0xB4; // linux/gpio.h

// A request for lines makes a new descriptor: it is asked on the connection that is to become it.
template <typename LineRequest>
int request_lines(int chip, unsigned long request, LineRequest* lines) noexcept {
    if (!alive(chip)) {
        errno = ENODEV;
        return -1;
    }
    const int fd = dial(O_CLOEXEC);
    if (fd < 0) {
        errno = errno == ENOENT ? ENODEV : errno;
        return -1;
    }
    if (ask(fd, request, lines) != 0) {
        const int error = errno;
        ::close(fd);
        errno = error;
        return -1;
    }
    lines->fd = fd;
    return 0;
}

int gpio_ioctl(int fd, unsigned long request, void* argument) noexcept {
    if (argument == nullptr) {
        errno = EFAULT;
        return -1;
    }
    switch (request) {
    case GPIO_V2_GET_LINE_IOCTL:
        return request_lines(fd, request, static_cast<gpio_v2_line_request*>(argument));
    case GPIO_GET_LINEHANDLE_IOCTL:
        return request_lines(fd, request, static_cast<gpiohandle_request*>(argument));
    case GPIO_GET_LINEEVENT_IOCTL:
        return request_lines(fd, request, static_cast<gpioevent_request*>(argument));
    default:
        return ask(fd, request, argument);
    }
}

bool takes_mode(int flags) noexcept {
    return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

int open_at(int folder, const char* path, int flags, mode_t mode) noexcept {
    int fd = -1;
    if (open_simulated(path, flags, fd)) {
        return fd;
    }
    static constinit Next<int(int, const char*, int, ...)> next("openat64");
    return next(folder, path, flags, mode);
}

constinit Next<ssize_t(int, void*, size_t)> next_read("read");
constinit Next<int(int, unsigned long, ...)> next_ioctl("ioctl");

} // namespace

extern "C" {

int ioctl(int fd, unsigned long request, ...) noexcept {
    va_list rest;
    va_start(rest, request);
    void* argument = va_arg(rest, void*);
    va_end(rest);
    // only GPIO's own requests are looked at: everybody else's pass at the price of a comparison
    return _IOC_TYPE(request) == kGpioIoctls && ours(fd) ? gpio_ioctl(fd, request, argument)
                                                         : next_ioctl(fd, request, argument);
}

// A line request whose chip has gone says ENODEV, where a socket would say end of file.
ssize_t read(int fd, void* buffer, size_t size) {
    const ssize_t got = next_read(fd, buffer, size);
    if ((got == 0 || (got < 0 && errno == ECONNRESET)) && size >= sizeof(gpioevent_data) && ours(fd)) {
        errno = ENODEV;
        return -1;
    }
    return got;
}
ssize_t __read_chk(int fd, void* buffer, size_t size, size_t room) {
    if (size > room) {
        static constinit Next<ssize_t(int, void*, size_t, size_t)> next("__read_chk"); // ends the program
        return next(fd, buffer, size, room);
    }
    return read(fd, buffer, size);
}

#define OPENS(NAME)                                                                                                    \
    int NAME(const char* path, int flags, ...) {                                                                       \
        mode_t mode = 0;                                                                                               \
        if (takes_mode(flags)) {                                                                                       \
            va_list rest;                                                                                              \
            va_start(rest, flags);                                                                                     \
            mode = va_arg(rest, mode_t);                                                                               \
            va_end(rest);                                                                                              \
        }                                                                                                              \
        return open_at(AT_FDCWD, path, flags, mode);                                                                   \
    }
OPENS(open)
OPENS(open64)

#define OPENS_AT(NAME)                                                                                                 \
    int NAME(int folder, const char* path, int flags, ...) {                                                           \
        mode_t mode = 0;                                                                                               \
        if (takes_mode(flags)) {                                                                                       \
            va_list rest;                                                                                              \
            va_start(rest, flags);                                                                                     \
            mode = va_arg(rest, mode_t);                                                                               \
            va_end(rest);                                                                                              \
        }                                                                                                              \
        return open_at(folder, path, flags, mode);                                                                     \
    }
OPENS_AT(openat)
OPENS_AT(openat64)

// what open() becomes in programs built with _FORTIFY_SOURCE
int __open_2(const char* path, int flags) {
    return open_at(AT_FDCWD, path, flags, 0);
}
int __open64_2(const char* path, int flags) {
    return open_at(AT_FDCWD, path, flags, 0);
}
int __openat_2(int folder, const char* path, int flags) {
    return open_at(folder, path, flags, 0);
}
int __openat64_2(int folder, const char* path, int flags) {
    return open_at(folder, path, flags, 0);
}

} // extern "C"
