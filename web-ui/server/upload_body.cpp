// SPDX-License-Identifier: Apache-2.0
#include "web-ui/server/upload_body.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/json.hpp>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace overbias::web_ui {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::beast::error_code;

namespace {

constexpr std::size_t kPieceBytes = 1 << 16;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t value = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && value >= 0 ? std::optional(value) : std::nullopt;
}

} // namespace

UploadBody::UploadBody(ServerCore& core, UploadBackend& backend, std::shared_ptr<void> door,
                       boost::beast::tcp_stream& stream, boost::beast::flat_buffer& buffer, HeadParser&& head,
                       std::string id, Finish finish)
    : core_(core), backend_(backend), door_(std::move(door)), stream_(stream), buffer_(buffer),
      parser_(std::move(head)), id_(std::move(id)), finish_(std::move(finish)) {
}

UploadBackend::Done UploadBody::then(void (UploadBody::*next)(UploadAnswer)) {
    return [io = core_.io, self = shared_from_this(), next](UploadAnswer answer) mutable {
        // the last owner of the door must be the server's thread
        asio::post(*io, [self = std::move(self), next, answer = std::move(answer)]() mutable {
            ((*self).*next)(std::move(answer));
        });
    };
}

void UploadBody::refuse(int status, const std::string& why) {
    UploadAnswer answer;
    answer.status = status;
    answer.json = boost::json::serialize(boost::json::object{{"error", why}});
    finish_(std::move(answer), false);
}

void UploadBody::start() {
    const auto length = parser_.content_length();
    if (!length) {
        return refuse(411, "Content-Length is expected: how many bytes come now");
    }
    const auto field = parser_.get()["Upload-Offset"];
    const auto offset = whole_number({field.data(), field.size()});
    if (!offset) {
        return refuse(400, "Upload-Offset is expected: where in the file these bytes begin");
    }
    if (*length > static_cast<std::uint64_t>(backend_.part_bytes())) {
        return refuse(413, "one request may bring " + std::to_string(backend_.part_bytes()) +
                               " bytes; send the file in parts");
    }
    offset_ = *offset;
    stream_.expires_never();
    backend_.begin(id_, offset_, static_cast<std::int64_t>(*length), then(&UploadBody::begun));
}

void UploadBody::begun(UploadAnswer answer) {
    if (answer.status != 200) {
        return finish_(std::move(answer), false);
    }
    piece_.resize(kPieceBytes);
    parser_.body_limit(static_cast<std::uint64_t>(backend_.part_bytes()));
    const auto expected = parser_.get()[http::field::expect];
    if (!boost::beast::iequals(expected, "100-continue")) {
        return read_piece();
    }
    stream_.expires_after(core_.config.request_time);
    asio::async_write(stream_, asio::buffer(kContinue),
                      [self = shared_from_this()](const error_code& error, std::size_t) {
                          if (error) {
                              self->broken_ = true;
                              return self->give_back();
                          }
                          self->read_piece();
                      });
}

void UploadBody::read_piece() {
    if (parser_.is_done()) {
        return give_back();
    }
    auto& body = parser_.get().body();
    body.data = piece_.data();
    body.size = piece_.size();
    body.more = true;
    stream_.expires_after(core_.config.request_time);
    http::async_read(stream_, buffer_, parser_, [self = shared_from_this()](error_code error, std::size_t) {
        const std::size_t got = self->piece_.size() - self->parser_.get().body().size;
        if (error && error != http::error::need_buffer) {
            self->broken_ = true; // what came before is kept
        }
        self->stream_.expires_never();
        if (got == 0) {
            return self->broken_ ? self->give_back() : self->read_piece();
        }
        self->backend_.append(self->id_, self->offset_, std::string(self->piece_.data(), got),
                              self->then(&UploadBody::written));
        self->offset_ += static_cast<std::int64_t>(got);
    });
}

void UploadBody::written(UploadAnswer answer) {
    if (answer.status != 200) {
        failed_ = std::move(answer);
        return give_back();
    }
    broken_ ? give_back() : read_piece();
}

void UploadBody::give_back() {
    backend_.end(id_, then(&UploadBody::ended));
}

void UploadBody::ended(UploadAnswer answer) {
    if (broken_) {
        answer = {};
        answer.status = 0;
        return finish_(std::move(answer), false);
    }
    finish_(failed_ ? std::move(*failed_) : std::move(answer), parser_.is_done());
}

} // namespace overbias::web_ui
