// SPDX-License-Identifier: Apache-2.0
// GpioConnection: one descriptor that a program holds: the chip itself, or a request for lines with its edges.
// Thread: that of the io_context.
#pragma once

#include "deck-sim/gpio-shim/gpio_wire.hpp"
#include "deck-sim/process/gpio_lines.hpp"

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <span>

namespace overbias::deck_sim {

class GpioConnection final : public GpioLines::Holder, public std::enable_shared_from_this<GpioConnection> {
  public:
    /// Answers an ioctl: 0 or an errno; `argument` goes back as it was left.
    using Handler = std::function<int(GpioConnection&, std::uint32_t ioctl, std::span<std::byte> argument)>;
    using Gone = std::function<void(GpioConnection&)>;

    /// Takes over `fd`; `answers` is the datagram socket that answers are sent from, and must outlive it. `in_flight`
    /// is how many edges the socket holds (edges_in_flight()).
    GpioConnection(boost::asio::io_context& io, int fd, int answers, std::size_t in_flight, Handler handler, Gone gone);
    ~GpioConnection() = default;
    GpioConnection(const GpioConnection&) = delete;
    GpioConnection& operator=(const GpioConnection&) = delete;

    void start();
    /// The program sees a hang-up.
    void close() noexcept;
    [[nodiscard]] int pid() const noexcept { return pid_; }

    /// It has become a request for lines.
    void holds(const GpioRequest& request);
    [[nodiscard]] bool holds_lines() const noexcept { return lines_ != 0; }
    [[nodiscard]] std::size_t lines() const noexcept { return lines_; }
    [[nodiscard]] GpioRequest::Kind kind() const noexcept { return kind_; }
    void edge(const GpioEdge& edge) override;

  private:
    struct Record {
        std::array<std::byte, sizeof(gpio_v2_line_event)> bytes;
        std::size_t size;
    };
    void wait_readable();
    bool read_one();
    void pump();

    boost::asio::posix::stream_descriptor stream_;
    int answers_;
    std::size_t in_flight_;
    Handler handler_;
    Gone gone_;
    int pid_ = 0;
    GpioRequest::Kind kind_ = GpioRequest::Kind::V2;
    std::size_t lines_ = 0;
    std::uint32_t seqno_ = 0;
    std::array<std::uint32_t, GPIO_V2_LINES_MAX> line_seqno_{};
    std::size_t places_ = 16;
    std::deque<Record> waiting_; ///< edges that the socket has no room for
    bool wants_room_ = false;
};

/// How many edges a connection's socket takes before its reader has read one; measured, since it is the kernel's to
/// say.
[[nodiscard]] std::size_t edges_in_flight();

} // namespace overbias::deck_sim
