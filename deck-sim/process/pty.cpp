// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/process/pty.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <fcntl.h>
#include <stdexcept>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <system_error>
#include <termios.h>
#include <unistd.h>

namespace overbias::deck_sim {

struct Pty::Impl : std::enable_shared_from_this<Impl> {
    Impl(boost::asio::io_context& io, std::filesystem::path where)
        : master(io), terminal(io), closings(io), link(std::move(where)) {}

    boost::asio::posix::stream_descriptor master;
    boost::asio::posix::stream_descriptor terminal; ///< kept open, so that the last program's close is no hang-up
    boost::asio::posix::stream_descriptor closings; ///< inotify: tells when a program has closed the terminal
    std::filesystem::path link, target;
    std::function<void(std::span<const std::uint8_t>)> listener;
    std::array<std::uint8_t, 512> buffer{};
    std::array<std::uint8_t, 512> closing{};

    [[noreturn]] void fail(const char* what) const {
        throw std::system_error(errno, std::generic_category(), "serial socket " + link.string() + ": " + what);
    }
    void open();
    void make_link() const;
    void forget_parity();
    void read();
    void watch_closings();
};

void Pty::Impl::open() {
    const int fd = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        fail("no pseudo terminal to be had");
    }
    master.assign(fd);
    std::array<char, PATH_MAX> name{};
    if (::grantpt(fd) != 0 || ::unlockpt(fd) != 0 || ::ptsname_r(fd, name.data(), name.size()) != 0) {
        fail("the pseudo terminal can't be unlocked");
    }
    target = name.data();
    const int other = ::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (other < 0) {
        fail("the pseudo terminal can't be opened");
    }
    terminal.assign(other);
    termios settings{};
    if (::tcgetattr(other, &settings) != 0) {
        fail("the pseudo terminal has no settings");
    }
    ::cfmakeraw(&settings); // else it would echo and turn CR into LF before the program's settings arrive
    if (::tcsetattr(other, TCSANOW, &settings) != 0) {
        fail("the pseudo terminal can't be set raw");
    }
    const int notes = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (notes < 0) {
        fail("no inotify to be had");
    }
    closings.assign(notes);
    if (::inotify_add_watch(notes, name.data(), IN_CLOSE) < 0) {
        fail("the pseudo terminal can't be watched");
    }
}

// A pseudo terminal ignores PARENB, and tcsetattr() fails when of what was asked nothing changed: so the second program
// that asks for odd parity would be refused. PARODD is what does change; each program must find it off.
void Pty::Impl::forget_parity() {
    termios settings{};
    const int fd = terminal.native_handle();
    if (::tcgetattr(fd, &settings) == 0 && (settings.c_cflag & PARODD) != 0) {
        settings.c_cflag &= ~static_cast<tcflag_t>(PARODD);
        ::tcsetattr(fd, TCSANOW, &settings);
    }
}

void Pty::Impl::watch_closings() {
    closings.async_read_some(boost::asio::buffer(closing),
                             [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                                 if (!error && self->terminal.is_open()) {
                                     self->forget_parity();
                                     // nor must a program that was killed keep the next one out: we hold it open
                                     ::ioctl(self->terminal.native_handle(), TIOCNXCL);
                                     self->watch_closings();
                                 }
                             });
}

void Pty::Impl::make_link() const {
    std::error_code error;
    const auto there = std::filesystem::symlink_status(link, error);
    if (std::filesystem::exists(there) && !std::filesystem::is_symlink(there)) {
        throw std::runtime_error("serial socket " + link.string() +
                                 ": expected a free name or an old link, found a file; choose another folder");
    }
    // by renaming, so that at no time there is none
    const std::filesystem::path fresh = link.string() + "." + std::to_string(::getpid());
    std::filesystem::remove(fresh, error);
    std::filesystem::create_symlink(target, fresh);
    std::filesystem::rename(fresh, link);
}

void Pty::Impl::read() {
    master.async_read_some(boost::asio::buffer(buffer),
                           [self = shared_from_this()](boost::system::error_code error, std::size_t count) {
                               if (error || !self->master.is_open()) {
                                   return;
                               }
                               self->forget_parity();
                               if (self->listener) {
                                   self->listener(std::span(self->buffer).first(count));
                               }
                               if (self->master.is_open()) { // the listener may have ended us
                                   self->read();
                               }
                           });
}

Pty::Pty(boost::asio::io_context& io, std::filesystem::path link)
    : impl_(std::make_shared<Impl>(io, std::filesystem::absolute(link))) {
    impl_->open();
    impl_->make_link();
    impl_->read();
    impl_->watch_closings();
}

Pty::~Pty() {
    impl_->listener = nullptr;
    std::error_code error;
    if (std::filesystem::read_symlink(impl_->link, error) == impl_->target) {
        std::filesystem::remove(impl_->link, error);
    }
    boost::system::error_code ignored;
    impl_->master.close(ignored);
    impl_->terminal.close(ignored);
    impl_->closings.close(ignored);
}

void Pty::on_bytes(std::function<void(std::span<const std::uint8_t>)> listener) {
    impl_->listener = std::move(listener);
}

void Pty::write(std::span<const std::uint8_t> bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::write(impl_->master.native_handle(), bytes.data(), bytes.size());
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            return;
        }
        bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
}

} // namespace overbias::deck_sim
