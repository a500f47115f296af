// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/process/gpio_server.hpp"

#include "deck-sim/process/gpio_connection.hpp"
#include "deck-sim/process/gpio_lines.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <unordered_set>

namespace overbias::deck_sim {

namespace {

template <typename T>
T read_as(std::span<const std::byte> argument) {
    T value{};
    std::memcpy(&value, argument.data(), std::min(argument.size(), sizeof value));
    return value;
}
template <typename T>
void write_back(std::span<std::byte> argument, const T& value) {
    std::memcpy(argument.data(), &value, std::min(argument.size(), sizeof value));
}

sockaddr_un address_of(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.native().size() >= sizeof address.sun_path) {
        throw std::runtime_error("GPIO socket " + path.string() + ": expected a path of at most 107 characters, got " +
                                 std::to_string(path.native().size()) + "; put the simulated deck's folder elsewhere");
    }
    std::memcpy(address.sun_path, path.c_str(), path.native().size());
    return address;
}

} // namespace

struct GpioServer::Impl {
    Impl(boost::asio::io_context& context, std::filesystem::path path, GpioChip which)
        : io(context), chip(std::move(which)), lines(chip),
          // the shim knows its descriptors by this name, so there must be only one way to write it
          socket(std::filesystem::weakly_canonical(std::filesystem::absolute(path))), listener(io), pause(io),
          answers(io, ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)), in_flight(edges_in_flight()) {}

    boost::asio::io_context& io;
    GpioChip chip;
    GpioLines lines;
    std::filesystem::path socket;
    boost::asio::posix::stream_descriptor listener;
    boost::asio::steady_timer pause;
    boost::asio::posix::stream_descriptor answers; ///< owns the socket that answers go out from
    std::size_t in_flight;
    std::shared_ptr<int> life = std::make_shared<int>(0); ///< handlers that are still queued must not outlive us
    std::unordered_set<std::shared_ptr<GpioConnection>> connections;
    std::function<void(unsigned, bool)> output_listener;
    std::function<void(const std::vector<unsigned>&, int)> release_listener;

    void listen();
    void wait_for_clients();
    void accept_all();
    void shut() noexcept;
    int handle(GpioConnection& from, std::uint32_t ioctl, std::span<std::byte> argument);
    int handle_chip(GpioConnection& from, std::uint32_t ioctl, std::span<std::byte> argument);
    int handle_lines(GpioConnection& from, std::uint32_t ioctl, std::span<std::byte> argument);
    int take(GpioConnection& from, const GpioRequest& request);
    void gone(GpioConnection& who);
    void tell(const GpioLines::Changes& changes) {
        for (const GpioLines::Change& change : changes) {
            if (output_listener) {
                output_listener(change.offset, change.high);
            }
        }
    }
};

void GpioServer::Impl::listen() {
    const sockaddr_un address = address_of(socket);
    const auto fail = [&](const char* what) {
        const int error = errno;
        boost::system::error_code ignored;
        listener.close(ignored);
        throw std::system_error(error, std::generic_category(), "GPIO socket " + socket.string() + ": " + what);
    };
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        fail("can't be made");
    }
    listener.assign(fd);
    const auto* where = reinterpret_cast<const sockaddr*>(&address);
    const bool bound = ::bind(fd, where, sizeof address) == 0;
    if (!bound && errno == EADDRINUSE) {
        const int asked = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        struct stat file {};
        const bool deserted = ::lstat(address.sun_path, &file) == 0 && S_ISSOCK(file.st_mode) &&
                              ::connect(asked, where, sizeof address) != 0 && errno == ECONNREFUSED;
        ::close(asked);
        if (!deserted) {
            listener.close();
            throw std::runtime_error("GPIO socket " + socket.string() +
                                     ": expected a free name, but another simulated deck listens there, or it is no "
                                     "socket; end it or choose another folder");
        }
        ::unlink(address.sun_path); // left by one that was killed
        if (::bind(fd, where, sizeof address) != 0) {
            fail("can't be bound");
        }
    } else if (!bound) {
        fail("can't be bound");
    }
    // before listen(), so that at no time anybody else can connect
    if (::chmod(address.sun_path, 0600) != 0 || ::listen(fd, 64) != 0) {
        fail("can't be listened on");
    }
    wait_for_clients();
}

void GpioServer::Impl::wait_for_clients() {
    listener.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                        [this, watch = std::weak_ptr(life)](boost::system::error_code error) {
                            if (!error && !watch.expired()) {
                                accept_all();
                            }
                        });
}

void GpioServer::Impl::accept_all() {
    while (listener.is_open()) {
        const int fd = ::accept4(listener.native_handle(), nullptr, nullptr, SOCK_CLOEXEC);
        if (fd >= 0) {
            auto connection = std::make_shared<GpioConnection>(
                io, fd, answers.native_handle(), in_flight,
                [this](GpioConnection& from, std::uint32_t ioctl, std::span<std::byte> argument) {
                    return handle(from, ioctl, argument);
                },
                [this](GpioConnection& who) { gone(who); });
            connections.insert(connection);
            connection->start();
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            pause.expires_after(std::chrono::milliseconds(100)); // the caller stays in the queue meanwhile
            pause.async_wait([this, watch = std::weak_ptr(life)](boost::system::error_code error) {
                if (!error && !watch.expired() && listener.is_open()) {
                    wait_for_clients();
                }
            });
            return;
        } else if (errno == EAGAIN) {
            return wait_for_clients();
        } // else that one client gave up: to the next
    }
}

void GpioServer::Impl::shut() noexcept {
    if (listener.is_open()) {
        ::unlink(socket.c_str());
        boost::system::error_code ignored;
        listener.close(ignored);
        pause.cancel();
    }
}

int GpioServer::Impl::take(GpioConnection& from, const GpioRequest& request) {
    GpioLines::Changes changes;
    if (const int error = lines.request(from, request, changes)) {
        return error;
    }
    from.holds(request);
    tell(changes);
    return 0;
}

void GpioServer::Impl::gone(GpioConnection& who) {
    const auto alive = who.shared_from_this();
    connections.erase(alive);
    GpioLines::Changes changes;
    const std::vector<unsigned> held = lines.release(who, changes);
    if (!held.empty() && release_listener) {
        release_listener(held, who.pid());
    }
    tell(changes);
}

int GpioServer::Impl::handle(GpioConnection& from, std::uint32_t ioctl, std::span<std::byte> argument) {
    return from.holds_lines() ? handle_lines(from, ioctl, argument) : handle_chip(from, ioctl, argument);
}

int GpioServer::Impl::handle_chip(GpioConnection& from, std::uint32_t ioctl, std::span<std::byte> argument) {
    GpioRequest request;
    switch (ioctl) {
    case GPIO_GET_CHIPINFO_IOCTL: {
        gpiochip_info info{};
        std::strncpy(info.name, chip.name.c_str(), sizeof info.name - 1);
        std::strncpy(info.label, chip.label.c_str(), sizeof info.label - 1);
        info.lines = static_cast<std::uint32_t>(lines.size());
        write_back(argument, info);
        return 0;
    }
    case GPIO_V2_GET_LINEINFO_IOCTL: {
        const auto asked = read_as<gpio_v2_line_info>(argument);
        const auto info = lines.info(asked.offset);
        if (!info || asked.padding[0] != 0 || asked.padding[1] != 0 || asked.padding[2] != 0 || asked.padding[3] != 0) {
            return EINVAL;
        }
        write_back(argument, *info);
        return 0;
    }
    case GPIO_GET_LINEINFO_IOCTL: {
        const auto info = lines.info(read_as<gpioline_info>(argument).line_offset);
        if (!info) {
            return EINVAL;
        }
        gpioline_info answer{};
        answer.line_offset = info->offset;
        answer.flags = v1_info_flags(info->flags);
        std::memcpy(answer.name, info->name, sizeof answer.name);
        std::memcpy(answer.consumer, info->consumer, sizeof answer.consumer);
        write_back(argument, answer);
        return 0;
    }
    case GPIO_V2_GET_LINE_IOCTL: {
        const int error =
            read_request(read_as<gpio_v2_line_request>(argument), lines.size(), chip.edge_places, request);
        return error != 0 ? error : take(from, request);
    }
    case GPIO_GET_LINEHANDLE_IOCTL: {
        const int error = read_request(read_as<gpiohandle_request>(argument), lines.size(), request);
        return error != 0 ? error : take(from, request);
    }
    case GPIO_GET_LINEEVENT_IOCTL: {
        const int error = read_request(read_as<gpioevent_request>(argument), lines.size(), request);
        return error != 0 ? error : take(from, request);
    }
    case GPIO_V2_GET_LINEINFO_WATCH_IOCTL:
    case GPIO_GET_LINEINFO_WATCH_IOCTL:
    case GPIO_GET_LINEINFO_UNWATCH_IOCTL:
        return ENOTTY; // nobody who drives a deck watches who else does
    default:
        return EINVAL;
    }
}

int GpioServer::Impl::handle_lines(GpioConnection& from, std::uint32_t ioctl, std::span<std::byte> argument) {
    const bool v2 = from.kind() == GpioRequest::Kind::V2;
    const bool v1_handle = from.kind() == GpioRequest::Kind::V1Handle;
    std::vector<GpioLineSetup> setups;
    GpioLines::Changes changes;
    int error = EINVAL;
    if (v2 && ioctl == GPIO_V2_LINE_GET_VALUES_IOCTL) {
        auto values = read_as<gpio_v2_line_values>(argument);
        const std::uint64_t known = from.lines() == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << from.lines()) - 1;
        if ((values.mask & known) == 0) {
            return EINVAL;
        }
        values.bits = lines.get(from) & values.mask;
        write_back(argument, values);
        return 0;
    }
    if (!v2 && ioctl == GPIOHANDLE_GET_LINE_VALUES_IOCTL) {
        gpiohandle_data data{};
        const std::uint64_t bits = lines.get(from);
        for (std::size_t i = 0; i < from.lines(); ++i) {
            data.values[i] = static_cast<std::uint8_t>((bits >> i) & 1);
        }
        write_back(argument, data);
        return 0;
    }
    if (v2 && ioctl == GPIO_V2_LINE_SET_VALUES_IOCTL) {
        const auto values = read_as<gpio_v2_line_values>(argument);
        error = lines.set(from, values.mask, values.bits, changes);
    } else if (v1_handle && ioctl == GPIOHANDLE_SET_LINE_VALUES_IOCTL) {
        const auto data = read_as<gpiohandle_data>(argument);
        std::uint64_t bits = 0;
        for (std::size_t i = 0; i < from.lines(); ++i) {
            bits |= data.values[i] != 0 ? std::uint64_t{1} << i : 0;
        }
        error = lines.set(from, ~std::uint64_t{0}, bits, changes);
    } else if (v2 && ioctl == GPIO_V2_LINE_SET_CONFIG_IOCTL) {
        error = read_config(read_as<gpio_v2_line_config>(argument), from.lines(), setups);
    } else if (v1_handle && ioctl == GPIOHANDLE_SET_CONFIG_IOCTL) {
        error = read_config(read_as<gpiohandle_config>(argument), from.lines(), setups);
    }
    if (error == 0 && !setups.empty()) {
        lines.configure(from, setups, changes);
    }
    tell(changes);
    return error;
}

GpioServer::GpioServer(boost::asio::io_context& io, std::filesystem::path socket, GpioChip chip)
    : impl_(std::make_unique<Impl>(io, std::move(socket), std::move(chip))) {
    impl_->listen();
}

GpioServer::~GpioServer() {
    impl_->output_listener = nullptr;
    impl_->release_listener = nullptr;
    unplug();
}

void GpioServer::drive(unsigned offset, bool high, std::chrono::nanoseconds at) {
    impl_->lines.drive(offset, high, at);
}
bool GpioServer::level(unsigned offset) const {
    return impl_->lines.level(offset);
}
void GpioServer::on_output(std::function<void(unsigned, bool)> listener) {
    impl_->output_listener = std::move(listener);
}
void GpioServer::on_release(std::function<void(const std::vector<unsigned>&, int)> listener) {
    impl_->release_listener = std::move(listener);
}

void GpioServer::unplug() {
    impl_->shut();
    GpioLines::Changes changes;
    for (const auto& connection : std::exchange(impl_->connections, {})) {
        impl_->lines.release(*connection, changes);
        connection->close();
    }
    impl_->tell(changes);
}

void GpioServer::plug_in() {
    if (!impl_->listener.is_open()) {
        impl_->listen();
    }
}

} // namespace overbias::deck_sim
