// SPDX-License-Identifier: Apache-2.0
// A client of a WebSocket with nothing between it and the socket: what it sends is on the wire when write() returns.
#pragma once

#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace overbias::bench {

class WebClient {
  public:
    explicit WebClient(std::uint16_t port) : host_("127.0.0.1:" + std::to_string(port)), port_(port) { connect(); }
    ~WebClient() { ::close(fd_); }
    WebClient(const WebClient&) = delete;
    WebClient& operator=(const WebClient&) = delete;

    /// Pairs with the panel's door and keeps the session.
    void pair(const std::string& token) {
        const std::string body = R"({"token":")" + token + "\"}";
        write("POST /api/v1/pair HTTP/1.1\r\nHost: " + host_ + "\r\nOrigin: http://" + host_ +
              "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
              body);
        const std::string head = read_head();
        const std::size_t at = head.find("et-Cookie: ");
        if (at == std::string::npos) {
            throw std::runtime_error("pairing was refused: " + head);
        }
        cookie_ = "Cookie: " + head.substr(at + 11, head.find(';', at) - at - 11) + "\r\n";
    }
    void upgrade() {
        write("GET /api/v1/ws HTTP/1.1\r\nHost: " + host_ + "\r\nOrigin: http://" + host_ +
              "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
              "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: overbias.v1\r\n" +
              cookie_ + "\r\n");
        const std::string head = read_head();
        if (head.find(" 101 ") == std::string::npos) {
            throw std::runtime_error("no WebSocket: " + head);
        }
    }
    /// A text message as a client sends it: masked, here with zeros.
    [[nodiscard]] static std::string text_frame(const std::string& text) {
        if (text.size() > 125) {
            throw std::runtime_error("a short message is expected");
        }
        return std::string("\x81") + static_cast<char>(0x80 | text.size()) + std::string(4, '\0') + text;
    }
    void write(const std::string& bytes) const {
        if (::write(fd_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
            throw std::runtime_error("the server does not take what is sent");
        }
    }
    /// Takes what has come and forgets it.
    void drain() const {
        std::array<char, 65536> some{};
        while (::recv(fd_, some.data(), some.size(), MSG_DONTWAIT) > 0) {
        }
    }

  private:
    void connect() {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port_);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const int on = 1;
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
            throw std::runtime_error("nobody listens at " + host_);
        }
    }
    std::string read_head() const {
        std::string head;
        while (!head.ends_with("\r\n\r\n")) {
            char c = 0;
            pollfd ready{fd_, POLLIN, 0};
            if (::poll(&ready, 1, 5000) != 1 || ::recv(fd_, &c, 1, 0) != 1) {
                throw std::runtime_error("no answer from " + host_ + ": " + head);
            }
            head += c;
        }
        return head;
    }
    std::string host_, cookie_;
    std::uint16_t port_;
    int fd_ = -1;
};

} // namespace overbias::bench
