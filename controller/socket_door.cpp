// SPDX-License-Identifier: Apache-2.0
#include "controller/socket_door.hpp"

#include "base/journal.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <map>
#include <set>
#include <stdexcept>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace overbias::controller {

namespace asio = boost::asio;
using Protocol = asio::local::stream_protocol;
using ErrorCodeOfAsio = boost::system::error_code;

namespace {

bool latest_value_topic(const std::string& topic) {
    return topic == "state" || topic == "position" || topic == "progress" || topic == "locator" || topic == "alignment";
}

/// Removes a socket file that nobody listens on; throws when somebody does, or when the file is something else.
void clear_stale_socket(const std::filesystem::path& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
        return;
    }
    if (!S_ISSOCK(status.st_mode)) {
        throw std::runtime_error("socket '" + path.string() +
                                 "': there is a file of that name which is not a socket; give another path");
    }
    asio::io_context io;
    Protocol::socket probe(io);
    ErrorCodeOfAsio error;
    probe.connect(Protocol::endpoint(path.string()), error);
    if (!error) {
        throw std::runtime_error("socket '" + path.string() +
                                 "': a daemon is already running there; stop it, or give another --socket");
    }
    if (error != asio::error::connection_refused) {
        throw std::runtime_error("socket '" + path.string() + "': " + error.message());
    }
    ::unlink(path.c_str());
}

} // namespace

struct SocketDoor::Impl {
    class Session;

    Impl(std::filesystem::path socket_path, Serve server, SocketDoorLimits bounds)
        : path(std::move(socket_path)), serve(std::move(server)), limits(bounds),
          io(std::make_shared<asio::io_context>(1)), acceptor(*io), retry(*io) {}

    void open();
    void accept();
    void wind_up(std::chrono::steady_clock::time_point deadline);
    void leave(const std::shared_ptr<Session>& session);

    std::filesystem::path path;
    Serve serve;
    SocketDoorLimits limits;
    std::shared_ptr<asio::io_context> io; ///< shared with answers that may come after the door is gone
    Protocol::acceptor acceptor;
    asio::steady_timer retry;
    std::set<std::shared_ptr<Session>> sessions;
    std::thread thread;
};

class SocketDoor::Impl::Session : public std::enable_shared_from_this<Session> {
  public:
    Session(Impl& door, Protocol::socket socket) : door_(door), socket_(std::move(socket)) {}

    void start() { read(); }
    void close() {
        if (open_) {
            open_ = false;
            ErrorCodeOfAsio ignored;
            socket_.close(ignored);
            door_.leave(shared_from_this());
        }
    }
    /// Sends a last line and closes.
    void dismiss(std::string line) {
        end_of_input_ = true;
        send(std::move(line));
    }
    void subscribe(const std::vector<std::string>& topics) { topics_.insert(topics.begin(), topics.end()); }
    void notify(const std::string& topic, const std::string& line) {
        if (!topics_.contains(topic)) {
            return;
        }
        if (latest_value_topic(topic)) {
            latest_[topic] = line;
            write();
        } else {
            // what happened before must not be told after
            for (auto& [name, pending] : latest_) {
                send(std::move(pending));
            }
            latest_.clear();
            send(line);
        }
    }
    [[nodiscard]] bool idle() const { return !writing_ && waiting_.empty() && latest_.empty(); }

  private:
    void read() {
        if (!open_ || reading_ || end_of_input_ || unanswered_ >= door_.limits.unanswered) {
            return;
        }
        reading_ = true;
        socket_.async_read_some(asio::buffer(chunk_),
                                [self = shared_from_this()](const ErrorCodeOfAsio& error, std::size_t bytes) {
                                    self->reading_ = false;
                                    if (error) {
                                        self->end_of_input_ = true;
                                        if (error != asio::error::eof) {
                                            return self->close();
                                        }
                                        return self->close_when_done();
                                    }
                                    self->input_.append(self->chunk_.data(), bytes);
                                    self->take_lines();
                                    self->read();
                                });
    }

    void take_lines() {
        std::size_t begin = 0;
        while (!end_of_input_ && unanswered_ < door_.limits.unanswered) {
            const std::size_t end = input_.find('\n', begin);
            if (end == std::string::npos || end - begin > door_.limits.line_bytes) {
                if (std::min(end, input_.size()) - begin > door_.limits.line_bytes) {
                    dismiss(
                        rpc_answer(Reply::error(ErrorCode::InvalidRequest, "the line is longer than " +
                                                                               std::to_string(door_.limits.line_bytes) +
                                                                               " bytes; the connection is closed"),
                                   "null"));
                    begin = input_.size();
                }
                break;
            }
            std::string_view line(input_.data() + begin, end - begin);
            if (line.ends_with('\r')) {
                line.remove_suffix(1);
            }
            if (!line.empty()) {
                take_line(line);
            }
            begin = end + 1;
        }
        input_.erase(0, begin);
    }

    void take_line(std::string_view line) {
        auto parsed = parse_rpc(line);
        if (auto* const refusal = std::get_if<std::string>(&parsed)) {
            return send(std::move(*refusal));
        }
        auto& request = std::get<RpcRequest>(parsed);
        ++unanswered_;
        const auto in_door = [io = door_.io, self = weak_from_this()](auto action) {
            asio::post(*io, [self, action = std::move(action)] {
                if (const auto session = self.lock()) {
                    action(*session);
                }
            });
        };
        Caller caller;
        caller.subscribe = [in_door](const std::vector<std::string>& topics) {
            in_door([topics](Session& session) { session.subscribe(topics); });
        };
        Answer answer = [in_door, id = request.id, wanted = request.wants_answer](Reply reply) {
            in_door(
                [line = wanted ? rpc_answer(reply, id) : std::string()](Session& session) { session.answered(line); });
        };
        door_.serve(std::move(request), std::move(caller), std::move(answer));
    }

    void answered(const std::string& line) {
        --unanswered_;
        if (!line.empty()) {
            send(line);
        }
        take_lines(); // what was read before and had to wait
        read();
        close_when_done();
    }

    void send(std::string line) {
        if (!open_) {
            return;
        }
        // Counted before the line is added: one answer may be longer than the bound, a client that does not read may
        // not.
        if (waiting_bytes_ > door_.limits.waiting_bytes) {
            journal(JournalLevel::Warning, "socket", "a client does not read its answers; it is cut off");
            return close();
        }
        waiting_bytes_ += line.size();
        waiting_.push_back(std::move(line));
        write();
    }

    void write() {
        if (!open_ || writing_) {
            return;
        }
        if (waiting_.empty() && !latest_.empty()) {
            waiting_.push_back(std::move(latest_.begin()->second));
            latest_.erase(latest_.begin());
            waiting_bytes_ += waiting_.back().size();
        }
        if (waiting_.empty()) {
            return close_when_done();
        }
        writing_ = true;
        asio::async_write(socket_, asio::buffer(waiting_.front()),
                          [self = shared_from_this()](const ErrorCodeOfAsio& error, std::size_t) {
                              self->writing_ = false;
                              if (error) {
                                  return self->close();
                              }
                              self->waiting_bytes_ -= self->waiting_.front().size();
                              self->waiting_.pop_front();
                              self->write();
                          });
    }

    void close_when_done() {
        if (end_of_input_ && unanswered_ == 0 && idle()) {
            close();
        }
    }

    Impl& door_;
    Protocol::socket socket_;
    std::array<char, 8192> chunk_{};
    std::string input_;
    std::deque<std::string> waiting_;
    std::map<std::string, std::string> latest_; ///< topic -> newest line, not yet sent
    std::set<std::string> topics_;
    std::size_t waiting_bytes_ = 0;
    std::size_t unanswered_ = 0;
    bool open_ = true;
    bool reading_ = false;
    bool writing_ = false;
    bool end_of_input_ = false;
};

void SocketDoor::Impl::open() {
    const std::string name = path.string();
    if (name.size() >= sizeof(sockaddr_un::sun_path)) {
        throw std::runtime_error("socket '" + name + "': the path is longer than a UNIX socket's may be (" +
                                 std::to_string(sizeof(sockaddr_un::sun_path) - 1) +
                                 " bytes); give a shorter --socket");
    }
    clear_stale_socket(path);
    try {
        acceptor.open();
        // the socket file is born with its mode; nobody can connect in between
        const mode_t before = ::umask(0177);
        ErrorCodeOfAsio error;
        acceptor.bind(Protocol::endpoint(name), error);
        ::umask(before);
        if (error) {
            throw boost::system::system_error(error);
        }
        acceptor.listen();
    } catch (const boost::system::system_error& failure) {
        throw std::runtime_error("socket '" + name + "': " + failure.code().message());
    }
}

void SocketDoor::Impl::accept() {
    acceptor.async_accept([this](const ErrorCodeOfAsio& error, Protocol::socket socket) {
        if (error == asio::error::operation_aborted) {
            return;
        }
        if (error) { // out of descriptors, for example: ours will be free again
            journal(JournalLevel::Warning, "socket",
                    "cannot accept a client: " + error.message() + "; trying again in 0.1 s");
            retry.expires_after(std::chrono::milliseconds(100));
            retry.async_wait([this](const ErrorCodeOfAsio& aborted) {
                if (!aborted) {
                    accept();
                }
            });
            return;
        }
        ErrorCodeOfAsio ignored;
        socket.set_option(asio::socket_base::send_buffer_size(32768), ignored); // so that a client's lag is seen here
        const bool full = sessions.size() >= limits.clients;
        const auto session = std::make_shared<Session>(*this, std::move(socket));
        sessions.insert(session);
        if (full) {
            session->dismiss(rpc_answer(Reply::error(ErrorCode::Refused, "there are " + std::to_string(limits.clients) +
                                                                             " clients already; close one first"),
                                        "null"));
        } else {
            session->start();
        }
        accept();
    });
}

/// Lets every client have what waits for it, until `deadline`; then ends the thread.
void SocketDoor::Impl::wind_up(std::chrono::steady_clock::time_point deadline) {
    const bool idle = std::ranges::all_of(sessions, [](const auto& session) { return session->idle(); });
    if (!idle && std::chrono::steady_clock::now() < deadline) {
        retry.expires_after(std::chrono::milliseconds(2));
        retry.async_wait([this, deadline](const ErrorCodeOfAsio&) { wind_up(deadline); });
        return;
    }
    for (const auto& session : std::set(sessions)) {
        session->close();
    }
    io->stop();
}

void SocketDoor::Impl::leave(const std::shared_ptr<Session>& session) {
    sessions.erase(session);
}

SocketDoor::SocketDoor(std::filesystem::path path, Serve serve, SocketDoorLimits limits)
    : impl_(std::make_unique<Impl>(std::move(path), std::move(serve), limits)) {
    impl_->open();
    impl_->accept();
    impl_->thread = std::thread([this] { impl_->io->run(); });
}

SocketDoor::~SocketDoor() {
    asio::post(*impl_->io, [impl = impl_.get()] {
        ErrorCodeOfAsio ignored;
        impl->acceptor.close(ignored);
        impl->wind_up(std::chrono::steady_clock::now() + std::chrono::milliseconds(200));
    });
    impl_->thread.join();
    ::unlink(impl_->path.c_str());
}

void SocketDoor::notify(const std::string& topic, const std::string& parameters) {
    asio::post(*impl_->io, [impl = impl_.get(), topic, line = rpc_notification(topic, parameters)] {
        for (const auto& session : std::set(impl->sessions)) {
            session->notify(topic, line);
        }
    });
}

const std::filesystem::path& SocketDoor::path() const noexcept {
    return impl_->path;
}

} // namespace overbias::controller
