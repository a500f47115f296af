// SPDX-License-Identifier: Apache-2.0
// One listener's connection: an answer that does not end, in chunks, one write under way at a time. What the reader
// does not take waits in the listener's own queue, which cuts it off. Inside web-ui/server only. Thread: the server's.
#pragma once

#include "web-ui/server/server_core.hpp"
#include "web-ui/server/web_audio_backend.hpp"

#include <array>
#include <boost/beast/core/tcp_stream.hpp>
#include <functional>
#include <memory>
#include <string>

namespace overbias::web_ui {

inline constexpr const char* kListenPath = "/api/v1/listen.flac";

/// Value of `name` in a request's query, undecoded; empty: it is not there.
[[nodiscard]] std::string query_value(const std::string& target, const std::string& name);

class WebAudio : public std::enable_shared_from_this<WebAudio> {
  public:
    /// `stream` is the door's, which holds this; `lock` keeps the door alive. `chunked`: HTTP/1.1. `finish`: the
    /// connection is at its end; called once.
    WebAudio(ServerCore& core, boost::beast::tcp_stream& stream, std::weak_ptr<void> door, bool chunked,
             std::function<void()> finish);
    /// To be given to the backend.
    [[nodiscard]] std::function<void()> wake();
    /// `head`: the answer's, ready to be sent.
    void start(std::shared_ptr<AudioListener> listener, std::string head);
    /// The connection was closed: nobody listens any more.
    void leave() {
        listener_.reset();
        finish_ = {};
    }

  private:
    void watch();
    void send(std::string bytes);
    void pump();
    void end();

    ServerCore& core_;
    boost::beast::tcp_stream& stream_;
    std::weak_ptr<void> door_;
    bool chunked_;
    std::function<void()> finish_;
    std::shared_ptr<AudioListener> listener_;
    std::string sending_;
    bool writing_ = false;
    std::array<char, 256> rest_{};
};

} // namespace overbias::web_ui
