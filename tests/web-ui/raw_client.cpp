// SPDX-License-Identifier: Apache-2.0
#include "raw_client.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace overbias::web_ui {

RawClient::RawClient(std::uint16_t port, int receive_bytes)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_bytes > 0) {
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof(receive_bytes));
    }
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
        ::close(socket_);
        throw std::runtime_error("cannot connect to port " + std::to_string(port));
    }
}

RawClient::RawClient(RawClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), input_(std::move(other.input_)) {
}

RawClient::~RawClient() {
    if (socket_ >= 0) {
        ::close(socket_);
    }
}

bool RawClient::send(std::string_view bytes) const {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool RawClient::fill() {
    pollfd waiting{socket_, POLLIN, 0};
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(kPatience).count();
    if (::poll(&waiting, 1, static_cast<int>(ms)) <= 0) {
        throw std::runtime_error("the server sent nothing for " + std::to_string(ms) + " ms");
    }
    std::array<char, 65536> chunk{};
    const ssize_t got = ::recv(socket_, chunk.data(), chunk.size(), 0);
    if (got <= 0) {
        reset_ = got < 0;
        return false;
    }
    input_.append(chunk.data(), static_cast<std::size_t>(got));
    return true;
}

std::optional<std::string> RawClient::take(std::size_t bytes) {
    while (input_.size() < bytes) {
        if (!fill()) {
            return std::nullopt;
        }
    }
    std::string taken = input_.substr(0, bytes);
    input_.erase(0, bytes);
    return taken;
}

std::optional<std::string> RawClient::take_until(std::string_view end) {
    std::size_t at = input_.find(end);
    while (at == std::string::npos) {
        if (!fill()) {
            return std::nullopt;
        }
        at = input_.find(end);
    }
    std::string taken = input_.substr(0, at);
    input_.erase(0, at + end.size());
    return taken;
}

std::string RawClient::rest() {
    while (fill()) {
    }
    return std::exchange(input_, {});
}

std::string HttpAnswer::header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
}

HttpAnswer ask(RawClient& client, std::string_view request, bool head) {
    client.send(request); // the server may close before it has read everything, and still answer
    HttpAnswer answer;
    const auto headers = client.take_until("\r\n\r\n");
    if (!headers || headers->size() < 12) {
        return answer;
    }
    answer.status = std::stoi(headers->substr(9, 3));
    std::size_t at = headers->find("\r\n");
    while (at != std::string::npos) {
        const std::size_t begin = at + 2;
        at = headers->find("\r\n", begin);
        const std::string line = headers->substr(begin, at == std::string::npos ? at : at - begin);
        const std::size_t colon = line.find(": ");
        std::string name = line.substr(0, colon);
        std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        answer.headers.emplace(name, colon == std::string::npos ? "" : line.substr(colon + 2));
    }
    if (const std::string length = answer.header("content-length"); !head && !length.empty()) {
        answer.body = client.take(std::stoul(length)).value_or("(cut off)");
    }
    return answer;
}

std::string ws_frame(int opcode, std::string_view payload) {
    std::string frame(1, static_cast<char>(0x80 | opcode));
    const std::size_t size = payload.size();
    if (size < 126) {
        frame += static_cast<char>(0x80 | size);
    } else {
        const int bytes = size < 65536 ? 2 : 8;
        frame += static_cast<char>(0x80 | (bytes == 2 ? 126 : 127));
        for (int i = bytes - 1; i >= 0; --i) {
            frame += static_cast<char>((size >> (8 * i)) & 0xFF);
        }
    }
    constexpr std::array<char, 4> kMask{0x12, 0x34, 0x56, 0x78};
    frame.append(kMask.data(), kMask.size());
    for (std::size_t i = 0; i < size; ++i) {
        frame += static_cast<char>(payload[i] ^ kMask[i % 4]);
    }
    return frame;
}

WsMessage ws_message(RawClient& client) {
    WsMessage message;
    const auto head = client.take(2);
    if (!head) {
        return message;
    }
    if ((static_cast<unsigned char>((*head)[0]) & 0x80) == 0 || (static_cast<unsigned char>((*head)[1]) & 0x80) != 0) {
        throw std::runtime_error("a frame that is not whole, or masked by a server");
    }
    std::size_t size = static_cast<unsigned char>((*head)[1]);
    if (size >= 126) {
        const auto more = client.take(size == 126 ? 2 : 8);
        if (!more) {
            return message;
        }
        size = 0;
        for (const char byte : *more) {
            size = size << 8 | static_cast<unsigned char>(byte);
        }
    }
    auto payload = client.take(size);
    if (payload) {
        message.opcode = static_cast<unsigned char>((*head)[0]) & 0x0F;
        message.payload = std::move(*payload);
    }
    return message;
}

} // namespace overbias::web_ui
