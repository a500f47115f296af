// SPDX-License-Identifier: Apache-2.0
#include "web-ui/server/web_socket.hpp"

#include "base/journal.hpp"
#include "web-ui/server/command_gate.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <utility>

namespace overbias::web_ui {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using beast::error_code;

namespace {

class WebSocket : public Peer, public std::enable_shared_from_this<WebSocket> {
  public:
    WebSocket(ServerCore& core, beast::tcp_stream stream, const std::string& address, const SessionId& session)
        : Peer(address), core_(core), socket_(std::move(stream)), timer_(*core.io), session_(session),
          lanes_(core.config.waiting_messages, core.config.waiting_bytes) {}

    void start(const http::request<http::string_body>& upgrade) {
        beast::get_lowest_layer(socket_).expires_never(); // it keeps its own time from here on
        socket_.set_option(websocket::stream_base::timeout{
            .handshake_timeout = core_.config.request_time,
            .idle_timeout = 2 * core_.config.ping_interval, // asked (ping) after half of it
            .keep_alive_pings = true});
        socket_.set_option(websocket::stream_base::decorator([](websocket::response_type& response) {
            response.set(http::field::sec_websocket_protocol, kSubprotocol);
        }));
        socket_.read_message_max(core_.config.message_bytes);
        socket_.auto_fragment(false);
        socket_.control_callback([this](websocket::frame_type kind, beast::string_view) {
            leaving_ = leaving_ || kind == websocket::frame_type::close;
        });
        socket_.async_accept(upgrade, [self = shared_from_this()](const error_code& error) {
            if (error || self->core_.ending) {
                return self->drop();
            }
            self->open();
        });
    }

    void notify(const std::string& topic, const SharedText& text) override {
        if (open_ && !lanes_.notify(topic, text)) {
            overflow();
        }
        write();
    }
    void meter(const MeterFrame& frame, std::uint32_t sequence) override {
        if (open_) {
            lanes_.meter(frame, sequence, std::chrono::steady_clock::now());
            write();
        }
    }
    void picture(PictureSource source, const SharedText& frame) override {
        if (open_ && source == pictures_) {
            lanes_.picture(frame, std::chrono::steady_clock::now());
            write();
        }
    }
    [[nodiscard]] PictureSource pictures() const override { return open_ ? pictures_ : PictureSource::None; }
    /// One that says goodbye may go on the spot when its place is needed.
    [[nodiscard]] bool waits() const override { return leaving_ || closing_; }
    void finish() override { close_after_all({websocket::close_code::going_away, "the daemon is ending"}); }
    void drop() override {
        open_ = false;
        gone_ = true;
        timer_.cancel();
        beast::get_lowest_layer(socket_).close();
        core_.peers.erase(shared_from_this());
    }

  private:
    void open() {
        open_ = true;
        const std::string version = core_.config.version;
        send(rpc_event("hello", R"({"server_time_ms":)" + std::to_string(server_time_ms()) + R"(,"version":")" +
                                    version + "\"}"));
        for (const auto& [topic, text] : core_.latest) {
            notify(topic, text);
        }
        read();
        watch_session();
    }

    /// A session that was ended or has expired takes its sockets with it.
    void watch_session() {
        timer_.expires_after(core_.config.ping_interval);
        timer_.async_wait([self = shared_from_this()](const error_code& aborted) {
            if (aborted || !self->open_) {
                return;
            }
            if (!self->core_.sessions.alive(self->session_, false)) {
                return self->close({websocket::close_code::policy_error, "the session has ended; pair again"});
            }
            self->watch_session();
        });
    }

    void read() {
        socket_.async_read(buffer_, [self = shared_from_this()](const error_code& error, std::size_t) {
            if (error) {
                return self->drop(); // a message too long was answered with 1009 by Beast
            }
            if (self->open_) {
                self->take();
            }
            self->buffer_.consume(self->buffer_.size());
            self->read();
        });
    }

    void take() {
        if (!core_.sessions.alive(session_, true)) {
            return close({websocket::close_code::policy_error, "the session has ended; pair again"});
        }
        if (!socket_.got_text()) {
            return close({websocket::close_code::unknown_data, "messages are JSON text"});
        }
        const std::string_view message(static_cast<const char*>(buffer_.data().data()), buffer_.size());
        const GateVerdict verdict = judge(message, server_time_ms(), true, core_.config);
        if (verdict.kind == GateVerdict::Kind::Stop) { // before any bound is looked at
            core_.backend.stop();
            if (!verdict.id.empty()) {
                send(rpc_result(verdict.id, R"({"status":"accepted"})"));
            }
            return;
        }
        if (!core_.sessions.may_command(session_)) {
            return refuse(verdict.id, "more than " + std::to_string(static_cast<int>(core_.config.commands_per_s)) +
                                          " commands a second; this one was not carried out");
        }
        switch (verdict.kind) {
        case GateVerdict::Kind::Stop:
            return;
        case GateVerdict::Kind::Ping:
            return verdict.id.empty() ? void() : send(rpc_result(verdict.id, time_json()));
        case GateVerdict::Kind::Seen:
            lanes_.seen(verdict.sequence, std::chrono::steady_clock::now());
            return verdict.id.empty() ? void() : send(rpc_result(verdict.id, "true"));
        case GateVerdict::Kind::Pictures:
            pictures_ = verdict.pictures;
            lanes_.forget_picture(); // of the source before
            return verdict.id.empty() ? void() : send(rpc_result(verdict.id, "true"));
        case GateVerdict::Kind::Refused:
            return send(verdict.answer);
        case GateVerdict::Kind::Command:
            return command(std::string(message), verdict.id);
        }
    }

    void command(std::string message, const std::string& id) {
        if (unanswered_ >= core_.config.unanswered) {
            return refuse(id, std::to_string(unanswered_) + " commands of this panel wait for their answer already");
        }
        ++unanswered_;
        core_.backend.serve(std::move(message), [io = core_.io, socket = weak_from_this()](std::string answer) {
            asio::post(*io, [socket, answer = std::move(answer)]() mutable {
                if (const auto self = socket.lock()) {
                    --self->unanswered_;
                    if (!answer.empty()) {
                        self->send(std::move(answer));
                    }
                }
            });
        });
    }

    void refuse(const std::string& id, const std::string& why) {
        send(rpc_error(id.empty() ? "null" : id, kRefused, why));
    }

    void send(std::string text) {
        if (!open_) {
            return;
        }
        if (!lanes_.push(std::make_shared<const std::string>(std::move(text)))) {
            return overflow();
        }
        write();
    }

    void overflow() {
        if (open_) {
            journal(JournalLevel::Warning, "web", "a panel at " + address() + " does not read; it is cut off");
            close({websocket::close_code::try_again_later, "answers were not read"});
        }
    }

    void write() {
        if (writing_ || gone_) {
            return;
        }
        auto next = lanes_.next(std::chrono::steady_clock::now());
        if (!next) {
            if (closing_) {
                send_close();
            }
            return;
        }
        writing_ = true;
        socket_.binary(next->binary);
        const auto buffer = asio::buffer(*next->text);
        socket_.async_write(
            buffer, [self = shared_from_this(), text = std::move(next->text)](const error_code& error, std::size_t) {
                self->writing_ = false;
                if (error) {
                    return self->drop();
                }
                self->write();
            });
    }

    /// Nothing more but the reason.
    void close(const websocket::close_reason& reason) {
        lanes_.clear();
        close_after_all(reason);
    }

    void close_after_all(const websocket::close_reason& reason) {
        if (gone_ || closing_) {
            return;
        }
        open_ = false;
        closing_ = true;
        reason_ = reason;
        // who does not take even that is cut off
        timer_.expires_after(core_.config.closing_time);
        timer_.async_wait([self = shared_from_this()](const error_code& aborted) {
            if (!aborted) {
                self->drop();
            }
        });
        write();
    }

    void send_close() {
        if (!close_sent_) {
            close_sent_ = true;
            socket_.async_close(reason_, [self = shared_from_this()](const error_code&) { self->drop(); });
        }
    }

    ServerCore& core_;
    websocket::stream<beast::tcp_stream> socket_;
    asio::steady_timer timer_;
    SessionId session_;
    Lanes lanes_;
    beast::flat_buffer buffer_;
    websocket::close_reason reason_;
    std::size_t unanswered_ = 0;
    PictureSource pictures_ = PictureSource::None;
    bool open_ = false, writing_ = false, closing_ = false, close_sent_ = false, gone_ = false, leaving_ = false;
};

} // namespace

void open_web_socket(ServerCore& core, beast::tcp_stream stream, const http::request<http::string_body>& upgrade,
                     const std::string& address, const SessionId& session) {
    const auto socket = std::make_shared<WebSocket>(core, std::move(stream), address, session);
    core.peers.insert(socket);
    socket->start(upgrade);
}

} // namespace overbias::web_ui
