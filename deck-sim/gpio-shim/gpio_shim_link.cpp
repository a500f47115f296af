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

// A socket of its own for one answer, under a name that the kernel chooses.
int open_mailbox(gpio_wire::Request& head) noexcept {
    const int mailbox = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (mailbox < 0) {
        return -1;
    }
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    socklen_t length = sizeof name.sun_family;
    const bool bound = ::bind(mailbox, reinterpret_cast<const sockaddr*>(&name), length) == 0;
    length = sizeof name;
    if (!bound || ::getsockname(mailbox, reinterpret_cast<sockaddr*>(&name), &length) != 0 ||
        length != sizeof name.sun_family + 1 + gpio_wire::kMailboxDigits) {
        const int error = bound ? EPROTO : errno;
        ::close(mailbox);
        errno = error;
        return -1;
    }
    std::memcpy(head.mailbox.data(), name.sun_path + 1, gpio_wire::kMailboxDigits);
    return mailbox;
}

// 0 when an answer is there; a server that is stopped must not hold the program for ever.
int wait_for_answer(int mailbox, int connection) noexcept {
    constexpr int kPatience_ms = 10000;
    pollfd sides[2]{{mailbox, POLLIN, 0}, {connection, 0, 0}}; // of the connection only its end
    int ready = -1;
    do {
        ready = ::poll(sides, 2, kPatience_ms);
    } while (ready < 0 && errno == EINTR);
    if (ready < 0) {
        return errno;
    }
    if (ready == 0) {
        return ETIMEDOUT;
    }
    if ((sides[0].revents & POLLIN) == 0) { // the end, unless the answer came just before it
        ready = ::poll(sides, 1, 0);
    }
    return (sides[0].revents & POLLIN) != 0 ? 0 : ENODEV;
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
    gpio_wire::Request head;
    head.ioctl = static_cast<std::uint32_t>(request);
    head.size = static_cast<std::uint32_t>(size);
    const int mailbox = open_mailbox(head);
    if (mailbox < 0) {
        return -1;
    }
    iovec parts[2]{{&head, sizeof head}, {argument, size}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    ssize_t moved = -1;
    do {
        moved = ::sendmsg(fd, &message, MSG_NOSIGNAL);
    } while (moved < 0 && errno == EINTR);
    if (moved != static_cast<ssize_t>(sizeof head + size)) {
        const int error = errno;
        ::close(mailbox);
        if (moved < 0 && error != EPIPE && error != ECONNRESET && error != ENOTCONN) {
            errno = error;
            return -1;
        }
        return gone();
    }

    gpio_wire::Answer answer;
    alignas(8) char argument_back[gpio_wire::kMaxArgument];
    iovec back[2]{{&answer, sizeof answer}, {argument_back, sizeof argument_back}};
    msghdr reply{};
    reply.msg_iov = back;
    reply.msg_iovlen = 2;
    if (const int error = wait_for_answer(mailbox, fd); error != 0) {
        ::close(mailbox);
        errno = error;
        return -1;
    }
    moved = ::recvmsg(mailbox, &reply, MSG_DONTWAIT);
    ::close(mailbox);
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
