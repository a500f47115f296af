// SPDX-License-Identifier: Apache-2.0
#include "controller/client/rpc_client.hpp"

#include "controller/default_places.hpp"
#include "controller/rpc.hpp"

#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <cstdlib>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

namespace overbias::controller {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;

namespace {

constexpr const char* kStartIt = "; start one with 'overbiasd --simulate', or name its socket with --socket";
constexpr const char* kGone =
    "the daemon has gone, and what the deck does is not known: look whether it stands still and is out of record, "
    "press its STOP if not; then start overbiasd again and see 'overbias log'";

std::string words_of(int number) {
    return std::generic_category().message(number);
}

/// Somebody listens there and we may talk to them.
bool answers(const std::filesystem::path& socket) {
    try {
        const RpcClient probe(socket);
        return true;
    } catch (const ConnectionLost&) {
        return false;
    }
}

} // namespace

RpcClient::RpcClient(const std::filesystem::path& socket) : socket_path_(socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = socket.string();
    if (name.size() >= sizeof(address.sun_path)) {
        throw ConnectionLost("the socket's path '" + name + "' is too long for a UNIX socket; give a shorter --socket");
    }
    name.copy(address.sun_path, sizeof(address.sun_path) - 1);
    socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket_ < 0) {
        throw ConnectionLost("cannot make a socket: " + words_of(errno));
    }
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        const int number = errno;
        ::close(socket_);
        if (number == EACCES || number == EPERM) {
            throw ConnectionLost("the daemon's socket '" + name +
                                 "' belongs to another user; run this command as the user that runs overbiasd");
        }
        throw ConnectionLost("no daemon answers at '" + name + "' (" + words_of(number) + ")" + kStartIt);
    }
}

RpcClient::~RpcClient() {
    ::close(socket_);
}

void RpcClient::send(std::string_view text) {
    while (!text.empty()) {
        const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno == EINTR) {
                continue; // a request is sent whole or not at all
            }
            throw ConnectionLost(kGone);
        }
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
}

std::optional<json::value> RpcClient::read_message(Clock::time_point until) {
    while (true) {
        if (const auto end = input_.find('\n'); end != std::string::npos) {
            boost::system::error_code error;
            json::value message = json::parse(std::string_view(input_).substr(0, end), error);
            input_.erase(0, end + 1);
            if (error || !message.is_object()) {
                throw ConnectionLost("what answers at '" + socket_path_.string() + "' is not an overbias daemon");
            }
            return message;
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
        pollfd waiting{socket_, POLLIN, 0};
        const int ready = ::poll(&waiting, 1, left > 0 ? static_cast<int>(std::min<long long>(left, 3'600'000)) : 0);
        if (ready < 0 && errno == EINTR) {
            throw Interrupted();
        }
        if (ready == 0) {
            if (Clock::now() >= until) {
                return std::nullopt;
            }
            continue;
        }
        std::array<char, 65536> chunk{};
        const ssize_t got = ::recv(socket_, chunk.data(), chunk.size(), 0);
        if (got <= 0) {
            throw ConnectionLost(kGone);
        }
        input_.append(chunk.data(), static_cast<std::size_t>(got));
    }
}

json::value RpcClient::call(const std::string& method, const json::value& parameters, Duration patience) {
    const int id = next_id_++;
    send(rpc_request(method, parameters.is_null() ? std::string() : json::serialize(parameters), std::to_string(id)));
    const auto until = Clock::now() + patience;
    while (auto message = read_message(until)) {
        json::object& object = message->as_object();
        if (object.contains("method")) {
            notifications_.push_back({json::value_to<std::string>(object.at("method")), object["params"]});
            continue;
        }
        const json::value* answered = object.if_contains("id");
        if (answered == nullptr || (!answered->is_null() && *answered != id)) {
            continue;
        }
        if (const json::value* error = object.if_contains("error")) {
            throw RpcFailure(error->at("code").to_number<int>(), json::value_to<std::string>(error->at("message")));
        }
        return std::move(object["result"]);
    }
    throw ConnectionLost("the daemon at '" + socket_path_.string() + "' did not answer '" + method + "' within " +
                         std::to_string(patience.count() / 1000) +
                         " s; it hangs: stop the deck by hand, then restart overbiasd");
}

std::optional<Notification> RpcClient::next_notification(Duration patience) {
    const auto until = Clock::now() + patience;
    while (notifications_.empty()) {
        auto message = read_message(until);
        if (!message) {
            return std::nullopt;
        }
        json::object& object = message->as_object();
        if (object.contains("method")) {
            notifications_.push_back({json::value_to<std::string>(object.at("method")), object["params"]});
        }
    }
    Notification first = std::move(notifications_.front());
    notifications_.pop_front();
    return first;
}

std::filesystem::path default_socket() {
    // the client has one thread
    if (const char* given = std::getenv("OVERBIAS_SOCKET");
        given != nullptr && *given != '\0') { // NOLINT(concurrency-mt-unsafe)
        return given;
    }
    const std::filesystem::path service = kServiceSocket;
    std::error_code error;
    const std::filesystem::path own = simulated_state_dir() / kSocketName;
    if (answers(service) || (std::filesystem::exists(service, error) && !std::filesystem::exists(own, error))) {
        return service;
    }
    return own;
}

} // namespace overbias::controller
