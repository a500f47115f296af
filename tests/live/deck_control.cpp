// SPDX-License-Identifier: Apache-2.0
#include "deck_control.hpp"

#include "base/json/json_text.hpp"
#include "child_process.hpp"

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

namespace overbias::live {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;

namespace {

DeckHappening happening(const json::value& event) {
    return {event.at("n").to_number<std::uint64_t>(), event.at("at_ns").to_number<std::int64_t>(),
            json::value_to<std::string>(event.at("what")), event.as_object()};
}

} // namespace

DeckControl::DeckControl(const std::filesystem::path& socket) {
    socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, socket.c_str(), sizeof address.sun_path - 1);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::system_error(errno, std::generic_category(), socket.string());
    }
}

DeckControl::~DeckControl() {
    ::close(socket_);
}

std::string DeckControl::read_line(Clock::time_point deadline) {
    while (true) {
        const std::size_t end = heard_.find('\n');
        if (end != std::string::npos) {
            const std::string line = heard_.substr(0, end);
            heard_.erase(0, end + 1);
            return line;
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
        pollfd wanted{socket_, POLLIN, 0};
        if (left <= 0 || ::poll(&wanted, 1, static_cast<int>(left)) == 0) {
            throw std::runtime_error("the simulated deck does not answer");
        }
        std::array<char, 65536> chunk{};
        const ssize_t got = ::read(socket_, chunk.data(), chunk.size());
        if (got == 0 || (got < 0 && errno != EINTR)) {
            throw std::runtime_error("the simulated deck is gone");
        }
        heard_.append(chunk.data(), got > 0 ? static_cast<std::size_t>(got) : 0U);
    }
}

json::object DeckControl::ask(const json::object& request, std::chrono::seconds patience) {
    const std::string line = json_line(request) + "\n";
    if (::send(socket_, line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size())) {
        throw std::runtime_error("the simulated deck is gone");
    }
    json::object answer = json::parse(read_line(Clock::now() + patience)).as_object();
    if (const json::value* error = answer.if_contains("error")) {
        throw std::runtime_error("the simulated deck answers " + line + json::value_to<std::string>(*error));
    }
    return answer;
}

std::vector<DeckHappening> DeckControl::events(std::uint64_t after) {
    std::vector<DeckHappening> all;
    const json::object answer = ask({{"cmd", "events"}, {"after", after}});
    for (const json::value& event : answer.at("events").as_array()) {
        all.push_back(happening(event));
    }
    return all;
}

std::uint64_t DeckControl::last_event() {
    const auto all = events();
    return all.empty() ? 0 : all.back().n;
}

std::optional<DeckHappening> DeckControl::wait_for(const std::string& what, std::uint64_t after,
                                                   std::chrono::milliseconds patience) {
    const json::object answer =
        ask({{"cmd", "wait"},
             {"what", what},
             {"after", after},
             {"timeout_s", std::chrono::duration<double>(patience).count()}},
            std::chrono::duration_cast<std::chrono::seconds>(patience) + std::chrono::seconds(10));
    const json::value& event = answer.at("event");
    return event.is_null() ? std::nullopt : std::optional(happening(event));
}

void DeckControl::wait_until(std::int64_t until_ns) {
    const auto left = std::chrono::nanoseconds(until_ns - monotonic_ns());
    ask({{"cmd", "wait"}, {"what", "nothing"}, {"until_ns", until_ns}},
        std::max(std::chrono::duration_cast<std::chrono::seconds>(left), std::chrono::seconds(0)) +
            std::chrono::seconds(10));
}

std::vector<std::string> DeckControl::digest(double from_m, double to_m, double piece_m) {
    return json::value_to<std::vector<std::string>>(
        ask({{"cmd", "digest"}, {"from_m", from_m}, {"to_m", to_m}, {"piece_m", piece_m}}, std::chrono::seconds(60))
            .at("pieces"));
}

} // namespace overbias::live
