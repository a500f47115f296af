// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/process/gpio_connection.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace overbias::deck_sim {

namespace {

// the least the kernel gives: of what has once gone into the socket nothing can be dropped any more
void least_room(int fd) {
    const int room = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
}

std::chrono::nanoseconds read_clock(clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

} // namespace

std::size_t edges_in_flight() {
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        return 1;
    }
    least_room(pair[0]);
    const std::array<std::byte, sizeof(gpio_v2_line_event)> record{};
    std::size_t count = 0;
    while (::send(pair[0], record.data(), record.size(), MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
        ++count;
    }
    ::close(pair[0]);
    ::close(pair[1]);
    return std::max<std::size_t>(count, 1);
}

GpioConnection::GpioConnection(boost::asio::io_context& io, int fd, int answers, std::size_t in_flight, Handler handler,
                               Gone gone)
    : stream_(io, fd), answers_(answers), in_flight_(in_flight), handler_(std::move(handler)), gone_(std::move(gone)) {
    least_room(fd);
    ucred who{};
    socklen_t length = sizeof who;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &length) == 0) {
        pid_ = who.pid;
    }
}

void GpioConnection::start() {
    wait_readable();
}

void GpioConnection::close() noexcept {
    boost::system::error_code ignored;
    stream_.close(ignored);
    waiting_.clear();
}

void GpioConnection::wait_readable() {
    stream_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                       [self = shared_from_this()](boost::system::error_code error) {
                           if (error || !self->stream_.is_open()) {
                               return;
                           }
                           while (self->read_one()) {
                           }
                           if (self->stream_.is_open()) {
                               self->wait_readable();
                           }
                       });
}

// One question and its answer; false when there is none, or when the program has gone.
bool GpioConnection::read_one() {
    if (!stream_.is_open()) {
        return false;
    }
    // a question is sent in one piece, so all of it is there when its head is
    gpio_wire::Request head{};
    const ssize_t got = ::recv(stream_.native_handle(), &head, sizeof head, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return errno == EINTR;
    }
    alignas(8) std::array<std::byte, gpio_wire::kMaxArgument> argument;
    const bool known =
        got == static_cast<ssize_t>(sizeof head) && head.magic == gpio_wire::kMagic && head.size <= argument.size();
    if (!known || ::recv(stream_.native_handle(), argument.data(), head.size, MSG_DONTWAIT) !=
                      static_cast<ssize_t>(head.size)) { // end of file, or not the shim
        const auto alive = shared_from_this();
        close();
        gone_(*this);
        return false;
    }
    gpio_wire::Answer answer;
    answer.size = head.size;
    answer.error = handler_(*this, head.ioctl, std::span(argument).first(head.size));
    iovec back[2]{{&answer, sizeof answer}, {argument.data(), head.size}};
    msghdr reply{};
    reply.msg_iov = back;
    reply.msg_iovlen = 2;
    sockaddr_un mailbox{};
    mailbox.sun_family = AF_UNIX;
    std::memcpy(mailbox.sun_path + 1, head.mailbox.data(), gpio_wire::kMailboxDigits);
    reply.msg_name = &mailbox;
    reply.msg_namelen = sizeof mailbox.sun_family + 1 + gpio_wire::kMailboxDigits;
    (void)::sendmsg(answers_, &reply, MSG_DONTWAIT | MSG_NOSIGNAL); // whoever asked may have died since
    return true;
}

void GpioConnection::holds(const GpioRequest& request) {
    kind_ = request.kind;
    lines_ = request.offsets.size();
    places_ = request.edge_places > in_flight_ ? request.edge_places - in_flight_ : 1;
}

void GpioConnection::edge(const GpioEdge& edge) {
    const std::chrono::nanoseconds at =
        edge.realtime ? edge.at + (read_clock(CLOCK_REALTIME) - read_clock(CLOCK_MONOTONIC)) : edge.at;
    Record record{};
    const auto time = static_cast<std::uint64_t>(at.count());
    // numbers count every edge, also those that are lost: that is how the reader learns of it
    const std::uint32_t seqno = ++seqno_, line_seqno = ++line_seqno_[edge.index];
    if (kind_ == GpioRequest::Kind::V2) {
        gpio_v2_line_event event{};
        event.timestamp_ns = time;
        event.id = edge.active ? GPIO_V2_LINE_EVENT_RISING_EDGE : GPIO_V2_LINE_EVENT_FALLING_EDGE;
        event.offset = edge.offset;
        event.seqno = seqno;
        event.line_seqno = line_seqno;
        std::memcpy(record.bytes.data(), &event, sizeof event);
        record.size = sizeof event;
    } else {
        gpioevent_data event{};
        event.timestamp = time;
        event.id = edge.active ? GPIOEVENT_EVENT_RISING_EDGE : GPIOEVENT_EVENT_FALLING_EDGE;
        std::memcpy(record.bytes.data(), &event, sizeof event);
        record.size = sizeof event;
    }
    pump();
    if (waiting_.size() >= places_) {
        if (kind_ != GpioRequest::Kind::V2) {
            return; // version 1 drops the new edge, version 2 the oldest
        }
        waiting_.pop_front();
    }
    waiting_.push_back(record);
    pump();
}

void GpioConnection::pump() {
    while (!waiting_.empty() && stream_.is_open()) {
        const Record& next = waiting_.front();
        const ssize_t sent = ::send(stream_.native_handle(), next.bytes.data(), next.size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent == static_cast<ssize_t>(next.size)) {
            waiting_.pop_front();
        } else if (sent < 0 && errno == EINTR) {
            continue;
        } else if (sent < 0 && errno == EAGAIN) {
            if (!std::exchange(wants_room_, true)) {
                stream_.async_wait(boost::asio::posix::stream_descriptor::wait_write,
                                   [self = shared_from_this()](boost::system::error_code error) {
                                       self->wants_room_ = false;
                                       if (!error) {
                                           self->pump();
                                       }
                                   });
            }
            return;
        } else {
            waiting_.clear(); // the reader has gone; the end of file that follows says so
        }
    }
}

} // namespace overbias::deck_sim
