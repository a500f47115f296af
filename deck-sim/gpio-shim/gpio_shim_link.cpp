// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/gpio-shim/gpio_shim_link.hpp"

#include "deck-sim/gpio-shim/gpio_wire.hpp"

#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace overbias::gpio_shim {

namespace {

sockaddr_un server{}; // an empty path: not configured

// the server binds the canonical name; ours must be the same letter by letter, since it tells our descriptors
__attribute__((constructor)) void read_environment() noexcept {
    const char* named = std::getenv(gpio_wire::kSocketVariable);
    if (named == nullptr || *named == '\0') {
        return;
    }
    char folder[PATH_MAX], canonical[PATH_MAX];
    const char* slash = std::strrchr(named, '/');
    const char* file = slash == nullptr ? named : slash + 1;
    const auto folder_length = slash == nullptr ? std::size_t{0} : static_cast<std::size_t>(slash - named);
    if (folder_length >= sizeof folder) {
        return;
    }
    std::memcpy(folder, named, folder_length);
    folder[folder_length] = '\0';
    const char* where = slash == nullptr ? "." : slash == named ? "/" : folder;
    static constinit Next<char*(const char*, char*)> next_realpath("realpath");
    if (next_realpath(where, static_cast<char*>(canonical)) == nullptr) {
        std::strcpy(canonical, folder); // the folder is not there (yet): take the name as it stands
    }
    const bool root = std::strcmp(canonical, "/") == 0;
    const std::size_t length = (root ? 0 : std::strlen(canonical)) + 1 + std::strlen(file);
    if (length >= sizeof server.sun_path) {
        constexpr const char message[] = "gpio shim: OVERBIAS_GPIO_SOCKET is longer than 107 characters, which a UNIX "
                                         "socket can't have; move the simulated deck's folder\n";
        (void)!::write(STDERR_FILENO, message, sizeof message - 1);
        std::strcpy(server.sun_path, "?"); // ours, and with no family it is never there
        server.sun_family = AF_UNSPEC;
        return;
    }
    server.sun_family = AF_UNIX;
    std::strcpy(server.sun_path, root ? "" : canonical);
    std::strcat(server.sun_path, "/");
    std::strcat(server.sun_path, file);
}

// what the program sees when the server has gone: the chip was pulled off
int gone() noexcept {
    errno = ENODEV;
    return -1;
}

} // namespace

bool configured() noexcept {
    return server.sun_path[0] != '\0';
}

int dial(int flags) noexcept {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | ((flags & O_CLOEXEC) != 0 ? SOCK_CLOEXEC : 0), 0);
    if (fd < 0) {
        return -1;
    }
    int connected = -1;
    do {
        connected = ::connect(fd, reinterpret_cast<const sockaddr*>(&server), sizeof server);
    } while (connected != 0 && errno == EINTR);
    if (connected != 0) {
        ::close(fd);
        errno = errno == EACCES || errno == EPERM ? EACCES : ENOENT;
        return -1;
    }
    if ((flags & O_NONBLOCK) != 0) {
        ::fcntl(fd, F_SETFL, O_NONBLOCK);
    }
    return fd;
}

bool present() noexcept {
    const int before = errno;
    const int fd = dial(O_CLOEXEC);
    if (fd >= 0) {
        ::close(fd);
    }
    errno = before;
    return fd >= 0;
}

bool ours(int fd) noexcept {
    if (!configured()) {
        return false;
    }
    const int before = errno;
    sockaddr_un peer{};
    socklen_t length = sizeof peer;
    const bool same = ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &length) == 0 &&
                      peer.sun_family == AF_UNIX && length > sizeof peer.sun_family &&
                      std::strncmp(peer.sun_path, server.sun_path, sizeof peer.sun_path) == 0;
    errno = before;
    return same;
}

bool alive(int fd) noexcept {
    pollfd state{fd, 0, 0};
    return ::poll(&state, 1, 0) == 0 || (state.revents & (POLLHUP | POLLERR)) == 0;
}

int ask(int fd, unsigned long request, void* argument) noexcept {
    const std::size_t size = _IOC_SIZE(request);
    if (size > gpio_wire::kMaxArgument) {
        errno = EINVAL;
        return -1;
    }
    if (argument == nullptr) {
        errno = EFAULT;
        return -1;
    }
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        return -1;
    }
    const timeval patience{10, 0}; // a server that is stopped must not hold the program for ever
    ::setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);

    gpio_wire::Request head;
    head.ioctl = static_cast<std::uint32_t>(request);
    head.size = static_cast<std::uint32_t>(size);
    iovec parts[2]{{&head, sizeof head}, {argument, size}};
    alignas(cmsghdr) char ancillary[CMSG_SPACE(sizeof(int))]{};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    message.msg_control = ancillary;
    message.msg_controllen = sizeof ancillary;
    cmsghdr* rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(rights), &pair[1], sizeof(int));
    ssize_t moved = -1;
    do {
        moved = ::sendmsg(fd, &message, MSG_NOSIGNAL);
    } while (moved < 0 && errno == EINTR);
    ::close(pair[1]);
    if (moved != static_cast<ssize_t>(sizeof head + size)) {
        ::close(pair[0]);
        return gone();
    }

    gpio_wire::Answer answer;
    alignas(8) char argument_back[gpio_wire::kMaxArgument];
    iovec back[2]{{&answer, sizeof answer}, {argument_back, sizeof argument_back}};
    msghdr reply{};
    reply.msg_iov = back;
    reply.msg_iovlen = 2;
    do {
        moved = ::recvmsg(pair[0], &reply, 0);
    } while (moved < 0 && errno == EINTR);
    const int failed = moved < 0 ? errno : 0;
    ::close(pair[0]);
    if (failed == EAGAIN) {
        errno = ETIMEDOUT;
        return -1;
    }
    if (moved != static_cast<ssize_t>(sizeof answer + size)) {
        return gone();
    }
    if (answer.error != 0) {
        errno = answer.error;
        return -1;
    }
    std::memcpy(argument, argument_back, size);
    return 0;
}

} // namespace overbias::gpio_shim
