// SPDX-License-Identifier: Apache-2.0
#include "web-ui/server/web_audio.hpp"

#include "base/journal.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <cstdio>
#include <string_view>
#include <utility>

namespace overbias::web_ui {

namespace asio = boost::asio;
using boost::system::error_code;

std::string query_value(const std::string& target, const std::string& name) {
    const std::size_t mark = target.find('?');
    std::string_view rest = mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
    while (!rest.empty()) {
        const std::string_view one = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), one.size() + 1));
        if (one.size() > name.size() && one.substr(0, name.size()) == name && one[name.size()] == '=') {
            return std::string(one.substr(name.size() + 1));
        }
    }
    return {};
}

WebAudio::WebAudio(ServerCore& core, boost::beast::tcp_stream& stream, std::weak_ptr<void> door, bool chunked,
                   std::function<void()> finish)
    : core_(core), stream_(stream), door_(std::move(door)), chunked_(chunked), finish_(std::move(finish)) {
}

std::function<void()> WebAudio::wake() {
    // weak, or the listener would keep alive what keeps it alive
    return [io_there = std::weak_ptr(core_.io), self = weak_from_this()] {
        if (const auto io = io_there.lock()) {
            asio::post(*io, [self] {
                if (const auto there = self.lock()) {
                    there->pump();
                }
            });
        }
    };
}

void WebAudio::start(std::shared_ptr<AudioListener> listener, std::string head) {
    listener_ = std::move(listener);
    stream_.expires_never();
    watch();
    send(std::move(head));
}

/// A reader that goes away is seen even while nothing is sent. What it says is nothing to us.
void WebAudio::watch() {
    stream_.async_read_some(asio::buffer(rest_),
                            [self = shared_from_this(), door = door_.lock()](const error_code& error, std::size_t) {
                                if (error) {
                                    return self->end();
                                }
                                self->watch();
                            });
}

void WebAudio::send(std::string bytes) {
    sending_ = std::move(bytes);
    writing_ = true;
    stream_.expires_after(core_.config.request_time); // of this write: the reading never ends
    asio::async_write(stream_, asio::buffer(sending_),
                      [self = shared_from_this(), door = door_.lock()](const error_code& error, std::size_t) {
                          self->writing_ = false;
                          if (error) {
                              return self->end();
                          }
                          self->pump();
                      });
}

void WebAudio::pump() {
    if (writing_ || !listener_) {
        return;
    }
    std::string bytes = listener_->take();
    if (!bytes.empty()) {
        if (chunked_) {
            std::array<char, 24> size{};
            std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
            bytes = size.data() + bytes + "\r\n";
        }
        return send(std::move(bytes));
    }
    if (const std::string why = listener_->ended(); !why.empty()) {
        journal(JournalLevel::Notice, "web", "a listener's stream has ended: " + why);
        end();
    }
}

void WebAudio::end() {
    listener_.reset();
    if (finish_) {
        std::exchange(finish_, {})();
    }
}

} // namespace overbias::web_ui
