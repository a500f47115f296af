// SPDX-License-Identifier: Apache-2.0
// The body of a PATCH to an upload, taken in pieces: the next one is read when the last one is written, so one request
// keeps a piece in memory and no more. Inside web-ui/server only. Thread: the server's.
#pragma once

#include "web-ui/server/server_core.hpp"
#include "web-ui/server/upload_backend.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace overbias::web_ui {

class UploadBody : public std::enable_shared_from_this<UploadBody> {
  public:
    using HeadParser = boost::beast::http::request_parser<boost::beast::http::string_body>;
    /// What became of it. `taken`: the body was read to its end. Status 0: the connection broke, nobody can be told.
    using Finish = std::function<void(UploadAnswer answer, bool taken)>;

    /// `head`: the headers have been read with it, the body has not. `stream` and `buffer` are `door`'s.
    UploadBody(ServerCore& core, UploadBackend& backend, std::shared_ptr<void> door, boost::beast::tcp_stream& stream,
               boost::beast::flat_buffer& buffer, HeadParser&& head, std::string id, Finish finish);
    void start();

  private:
    /// `next` on the server's thread, with what the backend answers.
    UploadBackend::Done then(void (UploadBody::*next)(UploadAnswer));
    void refuse(int status, const std::string& why);
    void begun(UploadAnswer answer);
    void read_piece();
    void written(UploadAnswer answer);
    void give_back();
    void ended(UploadAnswer answer);

    ServerCore& core_;
    UploadBackend& backend_;
    std::shared_ptr<void> door_; ///< kept alive, with stream and buffer
    boost::beast::tcp_stream& stream_;
    boost::beast::flat_buffer& buffer_;
    boost::beast::http::request_parser<boost::beast::http::buffer_body> parser_;
    std::string id_;
    Finish finish_;
    std::vector<char> piece_;
    std::int64_t offset_ = 0;
    std::optional<UploadAnswer> failed_; ///< why it was not taken to its end
    bool broken_ = false;
};

} // namespace overbias::web_ui
