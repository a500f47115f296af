// SPDX-License-Identifier: Apache-2.0
// The bare program, in 60 lines: Beast reads a WebSocket message, Boost.JSON parses it, an eventfd hops to another
// thread, and that one makes the ioctl (in `edge`). No session, no check of anything, no answer.
#pragma once

#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <boost/json.hpp>
#include <functional>
#include <sys/eventfd.h>
#include <thread>
#include <unistd.h>

namespace overbias::bench {

class BareProgram {
  public:
    explicit BareProgram(const std::function<void()>& edge) {
        control_ = std::thread([this, edge] {
            for (eventfd_t what = 0; eventfd_read(hop_, &what) == 0 && what < kEnd;) {
                edge();
            }
        });
        acceptor_.async_accept(stream_.next_layer(), [this](const boost::beast::error_code&) {
            stream_.async_accept([this](const boost::beast::error_code&) { read(); });
        });
        reader_ = std::thread([this] { io_.run(); });
    }
    ~BareProgram() {
        io_.stop();
        reader_.join();
        eventfd_write(hop_, kEnd);
        control_.join();
        ::close(hop_);
    }
    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  private:
    void read() {
        buffer_.clear();
        stream_.async_read(buffer_, [this](const boost::beast::error_code& error, std::size_t size) {
            if (!error) {
                const auto request = boost::json::parse({static_cast<const char*>(buffer_.cdata().data()), size});
                if (request.at("method").as_string() == "play") {
                    eventfd_write(hop_, 1);
                }
                read();
            }
        });
    }
    static constexpr eventfd_t kEnd = 1000;
    int hop_ = eventfd(0, 0);
    boost::asio::io_context io_{1};
    boost::asio::ip::tcp::acceptor acceptor_{io_, {boost::asio::ip::address_v4::loopback(), 0}};
    boost::beast::websocket::stream<boost::asio::ip::tcp::socket> stream_{io_};
    boost::beast::flat_buffer buffer_;
    std::thread control_, reader_;
};

} // namespace overbias::bench
