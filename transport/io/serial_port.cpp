// SPDX-License-Identifier: Apache-2.0
#include "transport/io/serial_port.hpp"

#include "transport/io/parity_marks.hpp"
#include "transport/io/serial_open.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/serial_port.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <unistd.h>
#include <utility>
#include <vector>

namespace overbias::transport {

namespace {

constexpr double kDrainSeconds = 0.1;

std::string words_of(const boost::system::error_code& error) {
    if (error == boost::asio::error::eof) {
        return "end of file: the other side is gone";
    }
    return error == boost::system::errc::io_error ? "input/output error: the adapter is gone" : error.message();
}

} // namespace

struct SerialPort::Impl : std::enable_shared_from_this<Impl> {
    Impl(SteadyTimeline& line, SerialSettings given)
        : timeline(line), settings(std::move(given)), port(line.io_context()) {}

    void open();
    void retry();
    void lost(const std::string& what);
    void close(double waits_s);
    void read();
    void take(std::size_t count);
    Result<void> send(std::span<const std::uint8_t> bytes);
    void write_rest();
    void tell_state();

    SteadyTimeline& timeline;
    SerialSettings settings;
    boost::asio::serial_port port;
    bool up = false, ended = false;
    int life = 0; ///< of the port: completions of an earlier one are void
    int attempts = 0;
    DeckTime up_since{}, next_try{};
    DeckDuration pause = kFirstPause;
    std::string what; ///< is wrong
    Timeline::TimerId retry_timer = 0;
    ParityMarks marks;
    std::array<std::uint8_t, 4096> buffer{};
    std::vector<std::uint8_t> waiting; ///< to be sent
    bool writing = false;
    std::function<void(std::span<const std::uint8_t>, bool, DeckTime)> byte_listener;
    std::function<void()> state_listener;
};

void SerialPort::Impl::open() {
    ++attempts;
    const Result<int> opened = open_serial(settings);
    if (!opened) {
        what = opened.error().message;
        return retry();
    }
    boost::system::error_code error;
    port.assign(*opened, error);
    if (error) {
        ::close(*opened);
        what = error.message();
        return retry();
    }
    ++life;
    up = true;
    up_since = timeline.now();
    what.clear();
    marks.reset();
    read();
}

void SerialPort::Impl::retry() {
    next_try = timeline.now() + pause;
    pause = std::min(2 * pause, kLongestPause);
    retry_timer = timeline.call_at(next_try, [this] {
        retry_timer = 0;
        open();
        if (up) {
            tell_state();
        }
    });
}

void SerialPort::Impl::close(double waits_s) {
    if (!up) {
        return;
    }
    up = false;
    waiting.clear();
    writing = false;
    leave_serial(port.native_handle(), waits_s);
    boost::system::error_code ignored;
    port.close(ignored);
}

void SerialPort::Impl::lost(const std::string& why) {
    if (timeline.now() - up_since >= kLived) {
        pause = kFirstPause;
    }
    close(0.0);
    what = why;
    retry();
    tell_state();
}

void SerialPort::Impl::read() {
    port.async_read_some(boost::asio::buffer(buffer),
                         [self = shared_from_this(), now = life](boost::system::error_code error, std::size_t count) {
                             if (self->ended || !self->up || self->life != now) {
                                 return;
                             }
                             if (error) {
                                 return self->lost(words_of(error));
                             }
                             self->take(count);
                             if (!self->ended && self->up && self->life == now) { // the listener may have ended us
                                 self->read();
                             }
                         });
}

void SerialPort::Impl::take(std::size_t count) {
    const DeckTime at = timeline.now();
    marks.take(std::span(buffer).first(count), [this, at](std::span<const std::uint8_t> bytes, bool damaged) {
        if (byte_listener && !ended) {
            byte_listener(bytes, damaged, at);
        }
    });
}

Result<void> SerialPort::Impl::send(std::span<const std::uint8_t> bytes) {
    if (!up) {
        return Error{settings.device + ": " + what};
    }
    if (waiting.size() + bytes.size() > kSendQueue) {
        return Error{settings.device + ": " + std::to_string(waiting.size()) +
                     " bytes wait already, more than 4096 may not: the other side does not take them (XOFF?)"};
    }
    if (waiting.empty()) { // most often the host takes all at once
        const ssize_t taken = ::write(port.native_handle(), bytes.data(), bytes.size());
        if (taken < 0 && errno != EAGAIN && errno != EINTR) {
            const std::string why = std::strerror(errno);
            timeline.post([self = shared_from_this(), now = life, why] {
                if (!self->ended && self->up && self->life == now) {
                    self->lost(why);
                }
            });
            return Error{settings.device + ": " + why};
        }
        bytes = bytes.subspan(static_cast<std::size_t>(std::max<ssize_t>(taken, 0)));
    }
    waiting.insert(waiting.end(), bytes.begin(), bytes.end());
    write_rest();
    return {};
}

void SerialPort::Impl::write_rest() {
    if (writing || waiting.empty()) {
        return;
    }
    writing = true;
    // a copy of its own: `waiting` grows meanwhile
    auto part = std::make_shared<std::vector<std::uint8_t>>(waiting);
    port.async_write_some(boost::asio::buffer(*part), [self = shared_from_this(), part,
                                                       now = life](boost::system::error_code error, std::size_t count) {
        if (self->ended || !self->up || self->life != now) {
            return;
        }
        self->writing = false;
        if (error) {
            return self->lost(words_of(error));
        }
        self->waiting.erase(self->waiting.begin(), self->waiting.begin() + static_cast<std::ptrdiff_t>(count));
        self->write_rest();
    });
}

void SerialPort::Impl::tell_state() {
    if (const auto listener = state_listener) { // a copy: the listener may put another in its place
        listener();
    }
}

SerialPort::SerialPort(SteadyTimeline& timeline, SerialSettings settings) {
    if (settings.device.empty()) {
        throw std::invalid_argument("serial port: expected the path of a device (/dev/serial/by-id/...), got none");
    }
    if (!serial_baud_exists(settings.baud)) {
        throw std::invalid_argument("serial port " + settings.device +
                                    ": expected a baud rate terminals have (9600, 38400, "
                                    "115200 ...), got " +
                                    std::to_string(settings.baud));
    }
    impl_ = std::make_shared<Impl>(timeline, std::move(settings));
    impl_->open();
}

SerialPort::~SerialPort() {
    impl_->ended = true;
    impl_->timeline.cancel(impl_->retry_timer);
    impl_->byte_listener = nullptr;
    impl_->state_listener = nullptr;
    impl_->close(kDrainSeconds);
}

Result<void> SerialPort::send(std::span<const std::uint8_t> bytes) {
    return impl_->send(bytes);
}

void SerialPort::on_bytes(std::function<void(std::span<const std::uint8_t>, bool, DeckTime)> listener) {
    impl_->byte_listener = std::move(listener);
}

void SerialPort::on_state(std::function<void()> listener) {
    impl_->state_listener = std::move(listener);
}

bool SerialPort::is_up() const noexcept {
    return impl_->up;
}

std::string SerialPort::problem() const {
    if (impl_->up) {
        return {};
    }
    std::array<char, 48> when{};
    std::snprintf(when.data(), when.size(), "; trying again in %.1f s",
                  std::max(0.0, seconds(impl_->next_try - impl_->timeline.now())));
    return impl_->settings.device + ": " + impl_->what + when.data();
}

std::string SerialPort::name() const {
    return impl_->settings.device;
}

int SerialPort::attempts() const noexcept {
    return impl_->attempts;
}

} // namespace overbias::transport
