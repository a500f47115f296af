// SPDX-License-Identifier: Apache-2.0
// One HTTP connection: who may ask, what is asked, the answer.
#include "web-ui/server/command_gate.hpp"
#include "web-ui/server/http_parts.hpp"
#include "web-ui/server/request_guards.hpp"
#include "web-ui/server/upload_body.hpp"
#include "web-ui/server/web_audio.hpp"
#include "web-ui/server/web_socket.hpp"

#include <array>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/json.hpp>
#include <optional>
#include <utility>
#include <vector>

namespace overbias::web_ui {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace json = boost::json;
using beast::error_code;

namespace {

constexpr std::uint32_t kHeaderBytes = 8192;
constexpr std::size_t kMostDrained = 1 << 20; ///< bytes read on after a refusal, so that the answer is not lost

class HttpDoor : public Peer, public std::enable_shared_from_this<HttpDoor> {
  public:
    HttpDoor(ServerCore& core, asio::ip::tcp::socket socket, const std::string& address, std::string local)
        : Peer(address), core_(core), stream_(std::move(socket)), local_(std::move(local)) {}

    void start(bool admitted) {
        if (!admitted) {
            request_.keep_alive(false);
            return refuse(http::status::service_unavailable,
                          "there are too many connections already; close a window of the panel");
        }
        read_headers(core_.config.request_time);
    }
    [[nodiscard]] bool waits() const override { return waits_; }
    void drop() override {
        if (const auto listening = std::exchange(listening_, {})) {
            listening->leave();
        }
        stream_.close();
        core_.peers.erase(shared_from_this());
    }

  private:
    void read_headers(std::chrono::milliseconds patience) {
        waits_ = true;
        since_ = std::chrono::steady_clock::now();
        parser_.emplace();
        parser_->header_limit(kHeaderBytes);
        parser_->body_limit(boost::none); // which one holds is known after the headers
        stream_.expires_after(patience);
        http::async_read_header(stream_, buffer_, *parser_,
                                [self = shared_from_this()](const error_code& error, std::size_t) {
                                    self->waits_ = false;
                                    if (error) {
                                        return self->bad_request(error);
                                    }
                                    self->read_body();
                                });
    }

    void read_body() {
        // judged before a byte of the body is taken
        request_.base() = parser_->get().base();
        request_.keep_alive(parser_->get().keep_alive());
        admission_ = admit(head_of(request_), core_, address(), local_);
        if (admission_.refused != 0) {
            request_.keep_alive(false);
            return refuse(static_cast<http::status>(admission_.refused), admission_.why);
        }
        if (admission_.upload && request_.method() == http::verb::patch) {
            return take_upload();
        }
        if (parser_->content_length().value_or(0) > core_.config.message_bytes) {
            return bad_request(http::error::body_limit);
        }
        parser_->body_limit(core_.config.message_bytes);
        stream_.expires_after(core_.config.request_time);
        http::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](const error_code& error, std::size_t) {
            if (error) {
                return self->bad_request(error);
            }
            self->request_ = self->parser_->release();
            self->stream_.expires_never();
            self->serve();
        });
    }

    /// The one body that may be long.
    void take_upload() {
        UploadBackend* const uploads = core_.backend.uploads();
        if (uploads == nullptr || !core_.sessions.may_command(*admission_.session)) {
            request_.keep_alive(false);
            return uploads == nullptr ? no_uploads() : too_many();
        }
        most_drained_ = static_cast<std::size_t>(uploads->part_bytes());
        std::make_shared<UploadBody>(core_, *uploads, shared_from_this(), stream_, buffer_, std::move(*parser_),
                                     *admission_.upload,
                                     [this](UploadAnswer answer, bool taken) {
                                         if (answer.status == 0) {
                                             return drop();
                                         }
                                         request_.keep_alive(request_.keep_alive() && taken);
                                         upload_answer(std::move(answer));
                                     })
            ->start();
    }
    void serve_upload() {
        UploadBackend* const uploads = core_.backend.uploads();
        if (uploads == nullptr || !core_.sessions.may_command(*admission_.session)) {
            return uploads == nullptr ? no_uploads() : too_many();
        }
        auto answer = [io = core_.io, door = weak_from_this()](UploadAnswer given) {
            asio::post(*io, [door, given = std::move(given)]() mutable {
                if (const auto self = door.lock()) {
                    self->upload_answer(std::move(given));
                }
            });
        };
        if (request_.method() == http::verb::post) {
            return uploads->create(std::move(request_.body()), std::move(answer));
        }
        if (request_.method() == http::verb::delete_) {
            return uploads->remove(*admission_.upload, std::move(answer));
        }
        uploads->look(*admission_.upload, std::move(answer));
    }
    void upload_answer(UploadAnswer answer) {
        send(uploads_answer(std::move(answer), admission_.path, request_));
    }
    /// An answer without an end.
    void listen() {
        AudioBackend* const audio = core_.backend.audio();
        if (audio == nullptr || !core_.sessions.may_command(*admission_.session)) {
            return audio == nullptr ? refuse(http::status::not_found, "there is nothing to listen to here")
                                    : too_many();
        }
        const bool chunked = request_.version() >= 11;
        listening_ = std::make_shared<WebAudio>(core_, stream_, weak_from_this(), chunked, [this] { drop(); });
        const std::string what = query_value(std::string(view(request_.target())), "what");
        AudioOpening opening = audio->open(what.empty() ? "ab" : what, listening_->wake());
        if (!opening.listener) {
            listening_.reset();
            return refuse(static_cast<http::status>(opening.status), opening.why);
        }
        listening_->start(std::move(opening.listener), endless_head("audio/flac", chunked, request_));
    }
    void no_uploads() { refuse(http::status::not_found, "uploads are off here (files.uploads)"); }
    void too_many() { refuse(http::status::too_many_requests, "too many requests a second; wait a moment"); }

    void bad_request(const error_code& error) {
        request_ = {};
        request_.version(11);
        request_.keep_alive(false);
        if (error == http::error::body_limit) {
            return refuse(http::status::payload_too_large,
                          "a body may have " + std::to_string(core_.config.message_bytes) + " bytes");
        }
        if (error == http::error::header_limit) {
            return refuse(http::status::request_header_fields_too_large,
                          "headers may have " + std::to_string(kHeaderBytes) + " bytes");
        }
        if (error.category() == http::make_error_code(http::error::bad_method).category() &&
            error != http::error::end_of_stream && error != http::error::partial_message) {
            return refuse(http::status::bad_request, "this is not an HTTP request: " + error.message());
        }
        drop(); // it went away, or took too long
    }

    void tell(const std::string& what) { core_.tell_refusal(address(), what); }

    void serve() {
        if (admission_.file) {
            return serve_file();
        }
        if (admission_.path == "/api/v1/health") {
            return serve_health();
        }
        if (admission_.path == "/metrics") {
            return respond(http::status::ok, core_.backend.metrics_text(), "text/plain; version=0.0.4; charset=utf-8");
        }
        if (admission_.path == "/api/v1/stop") {
            core_.backend.stop();
            return respond(http::status::no_content, {}, {});
        }
        if (admission_.path == "/api/v1/pair") {
            return pair();
        }
        if (admission_.path == "/api/v1/unpair") {
            core_.sessions.forget(*admission_.session);
            Response response = answer_base(http::status::no_content, request_);
            response.set(http::field::set_cookie,
                         std::string(kSessionCookie) + "=; Max-Age=0; HttpOnly; SameSite=Strict; Path=/");
            return send(std::move(response));
        }
        if (admission_.path == "/api/v1/rpc") {
            return rpc();
        }
        if (admission_.upload) {
            return serve_upload();
        }
        if (admission_.path == kListenPath) {
            return listen();
        }
        web_socket();
    }

    void serve_file() {
        send(file_answer(std::move(*admission_.file), request_));
    }

    void serve_health() {
        error_code error;
        json::value health = json::parse(core_.backend.health_json(), error);
        json::object told = !error && health.is_object() ? std::move(health.as_object()) : json::object{};
        told["version"] = core_.config.version;
        told["paired"] = admission_.session.has_value();
        told["server_time_ms"] = server_time_ms();
        respond(http::status::ok, json::serialize(told), "application/json");
    }

    void pair() {
        const auto token = token_of(request_.body());
        if (!token) {
            return refuse(http::status::bad_request, R"(expected {"token":"..."})");
        }
        std::string value;
        switch (core_.sessions.pair(*token, value)) {
        case Sessions::Pairing::TooMany:
            tell("more than " + std::to_string(core_.config.pairing_tries_per_minute) + " pairing tries a minute");
            return refuse(http::status::too_many_requests, "too many tries; wait a minute");
        case Sessions::Pairing::Wrong:
            tell("a wrong or used pairing token");
            return refuse(http::status::unauthorized,
                          "the token is wrong, used or too old; each is good for one browser: ask for a new one");
        case Sessions::Pairing::Paired:
            break;
        }
        // behind a proxy that speaks TLS the cookie must never travel without it
        const bool tls = view(request_[http::field::origin]).starts_with("https://");
        Response response = answer_base(http::status::no_content, request_);
        response.set(http::field::set_cookie, std::string(kSessionCookie) + "=" + value +
                                                  "; Max-Age=" + std::to_string(core_.config.session_life.count()) +
                                                  "; HttpOnly; SameSite=Strict; Path=/" + (tls ? "; Secure" : ""));
        send(std::move(response));
    }

    void rpc() {
        const GateVerdict verdict = judge(request_.body(), server_time_ms(), false, core_.config);
        if (verdict.kind == GateVerdict::Kind::Stop) { // before any bound is looked at
            core_.backend.stop();
            return rpc_answer(verdict.id.empty() ? "" : rpc_result(verdict.id, R"({"status":"accepted"})"));
        }
        if (!core_.sessions.may_command(*admission_.session)) {
            return rpc_answer(rpc_error(verdict.id.empty() ? "null" : verdict.id, kRefused,
                                        "more than " + std::to_string(static_cast<int>(core_.config.commands_per_s)) +
                                            " commands a second; this one was not carried out"));
        }
        if (verdict.kind == GateVerdict::Kind::Refused) {
            return rpc_answer(verdict.answer);
        }
        if (verdict.kind != GateVerdict::Kind::Command) {
            return rpc_answer(verdict.id.empty() ? "" : rpc_result(verdict.id, time_json()));
        }
        core_.backend.serve(std::move(request_.body()), [io = core_.io, door = weak_from_this()](std::string answer) {
            asio::post(*io, [door, answer = std::move(answer)]() mutable {
                if (const auto self = door.lock()) {
                    self->rpc_answer(std::move(answer));
                }
            });
        });
        request_.body().clear();
    }

    void rpc_answer(std::string answer) {
        answer.empty() ? respond(http::status::no_content, {}, {})
                       : respond(http::status::ok, std::move(answer), "application/json");
    }

    void web_socket() {
        if (!beast::websocket::is_upgrade(request_)) {
            return refuse(http::status::upgrade_required, "a WebSocket is expected here");
        }
        if (!offers(request_, kSubprotocol)) {
            return refuse(http::status::bad_request, std::string("subprotocol ") + kSubprotocol + " is expected");
        }
        if (buffer_.size() > 0) {
            request_.keep_alive(false);
            return refuse(http::status::bad_request, "nothing may be sent before the answer to the upgrade");
        }
        const auto self = shared_from_this(); // this place is given to the WebSocket
        core_.peers.erase(self);
        open_web_socket(core_, std::move(stream_), request_, address(), *admission_.session);
    }

    void refuse(http::status status, const std::string& why) {
        send(refusal(status, why, request_));
    }

    void respond(http::status status, std::string body, const char* content_type) {
        Response response = answer_base(status, request_);
        if (content_type != nullptr && !body.empty()) {
            response.set(http::field::content_type, content_type);
        }
        response.body() = std::move(body);
        send(std::move(response));
    }

    void send(Response response) {
        const bool bodiless =
            response.result() == http::status::no_content || response.result() == http::status::not_modified;
        if (!bodiless) {
            response.content_length(response.body().size());
        }
        if (request_.method() == http::verb::head) {
            http::response<http::empty_body> head;
            head.base() = response.base();
            return write(std::move(head));
        }
        write(std::move(response));
    }

    template <typename Message>
    void write(Message message) {
        const bool goes_on = message.keep_alive() && !core_.ending;
        const auto kept = std::make_shared<Message>(std::move(message));
        stream_.expires_after(core_.config.request_time); // for a reader that does not read
        http::async_write(stream_, *kept,
                          [self = shared_from_this(), kept, goes_on](const error_code& error, std::size_t) {
                              if (error) {
                                  return self->drop();
                              }
                              if (!goes_on) {
                                  return self->say_goodbye();
                              }
                              self->read_headers(self->core_.config.idle_time);
                          });
    }

    /// Closing with bytes unread would reset the connection, and the answer with it.
    void say_goodbye() {
        error_code ignored;
        stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
        stream_.expires_after(core_.config.closing_time);
        waits_ = true;
        drain(0);
    }
    void drain(std::size_t drained) {
        stream_.async_read_some(asio::buffer(rest_),
                                [self = shared_from_this(), drained](const error_code& error, std::size_t bytes) {
                                    if (error || drained + bytes > self->most_drained_) {
                                        return self->drop();
                                    }
                                    self->drain(drained + bytes);
                                });
    }

    ServerCore& core_;
    beast::tcp_stream stream_;
    std::string local_; ///< numeric, the address it came in at
    beast::flat_buffer buffer_{kHeaderBytes + 65536};
    std::optional<http::request_parser<http::string_body>> parser_;
    Request request_;
    Admission admission_;
    std::shared_ptr<WebAudio> listening_; ///< once this connection is a listener's
    std::array<char, 4096> rest_{};
    std::size_t most_drained_ = kMostDrained;
    bool waits_ = false;
};

} // namespace

void open_http(ServerCore& core, asio::ip::tcp::socket socket, bool admitted) {
    error_code error;
    const auto remote = socket.remote_endpoint(error);
    const auto local = socket.local_endpoint(error);
    if (error) {
        return; // gone already
    }
    const auto door =
        std::make_shared<HttpDoor>(core, std::move(socket), numeric(remote.address()), numeric(local.address()));
    core.peers.insert(door);
    door->start(admitted);
}

} // namespace overbias::web_ui
