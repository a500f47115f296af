// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/process/control_door.hpp"

#include "base/json/json_text.hpp"

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <utility>

namespace overbias::deck_sim {

namespace asio = boost::asio;
namespace json = boost::json;
using Protocol = asio::local::stream_protocol;
using AsioError = boost::system::error_code;

namespace {

constexpr std::size_t kLongestLine = 65536;

void clear_stale(asio::io_context& io, const std::filesystem::path& path) {
    if (!std::filesystem::is_socket(std::filesystem::symlink_status(path))) {
        return;
    }
    Protocol::socket probe(io);
    AsioError error;
    probe.connect(Protocol::endpoint(path.string()), error);
    if (!error) {
        throw std::runtime_error("control socket '" + path.string() +
                                 "': another simulated deck runs there; end it, or give another --dir");
    }
    ::unlink(path.c_str());
}

} // namespace

struct ControlDoor::Impl : std::enable_shared_from_this<Impl> {
    class Session;
    Impl(asio::io_context& context, std::filesystem::path file, Serve server)
        : path(std::move(file)), acceptor(context), serve(std::move(server)) {}

    void open();
    void accept();
    void close();

    std::filesystem::path path;
    Protocol::acceptor acceptor;
    Serve serve;
    std::set<std::shared_ptr<Session>> sessions;
};

class ControlDoor::Impl::Session : public std::enable_shared_from_this<Session> {
  public:
    Session(const std::shared_ptr<Impl>& door, Protocol::socket socket) : door_(door), socket_(std::move(socket)) {}

    void next() {
        const std::size_t end = input_.find('\n');
        if (end != std::string::npos) {
            const std::string line = input_.substr(0, end);
            input_.erase(0, end + 1);
            return take(line);
        }
        if (input_.size() > kLongestLine) {
            return close();
        }
        socket_.async_read_some(asio::buffer(chunk_),
                                [self = shared_from_this()](const AsioError& error, std::size_t bytes) {
                                    if (error) {
                                        return self->close();
                                    }
                                    self->input_.append(self->chunk_.data(), bytes);
                                    self->next();
                                });
    }
    void close() {
        AsioError ignored;
        socket_.close(ignored);
        if (const auto door = door_.lock()) {
            door->sessions.erase(shared_from_this());
        }
    }

  private:
    void take(const std::string& line) {
        const auto door = door_.lock();
        AsioError wrong;
        const json::value request = json::parse(line, wrong);
        if (!door) {
            return;
        }
        if (wrong || !request.is_object()) {
            return answer({{"error", "expected one JSON object a line, got '" + line.substr(0, 200) + "'"}});
        }
        try {
            door->serve(request.get_object(), [self = weak_from_this()](json::object reply) {
                if (const auto session = self.lock()) {
                    session->answer(reply);
                }
            });
        } catch (const std::exception& failure) {
            answer({{"error", failure.what()}});
        }
    }
    void answer(const json::object& reply) {
        output_ = json_line(reply) + "\n";
        asio::async_write(socket_, asio::buffer(output_),
                          [self = shared_from_this()](const AsioError& error, std::size_t) {
                              if (error) {
                                  return self->close();
                              }
                              self->next();
                          });
    }

    std::weak_ptr<Impl> door_;
    Protocol::socket socket_;
    std::array<char, 4096> chunk_{};
    std::string input_, output_;
};

void ControlDoor::Impl::open() {
    clear_stale(static_cast<asio::io_context&>(acceptor.get_executor().context()), path);
    AsioError error;
    acceptor.open(Protocol(), error);
    if (!error) {
        acceptor.bind(Protocol::endpoint(path.string()), error);
    }
    if (!error) {
        std::error_code ignored; // the directory's own rights are the stronger ones
        std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write,
                                     ignored);
        acceptor.listen(8, error);
    }
    if (error) {
        throw std::runtime_error("control socket '" + path.string() + "': " + error.message());
    }
    accept();
}

void ControlDoor::Impl::accept() {
    acceptor.async_accept([door = weak_from_this()](const AsioError& error, Protocol::socket socket) {
        const auto self = door.lock();
        if (!self || error == asio::error::operation_aborted) {
            return;
        }
        if (!error) {
            const auto session = std::make_shared<Session>(self, std::move(socket));
            self->sessions.insert(session);
            session->next();
        }
        self->accept();
    });
}

void ControlDoor::Impl::close() {
    AsioError ignored;
    acceptor.close(ignored);
    const auto all = sessions;
    for (const auto& session : all) {
        session->close();
    }
    ::unlink(path.c_str());
}

ControlDoor::ControlDoor(asio::io_context& io, const std::filesystem::path& socket, Serve serve)
    : impl_(std::make_shared<Impl>(io, socket, std::move(serve))) {
    impl_->open();
}

ControlDoor::~ControlDoor() {
    impl_->close();
}

} // namespace overbias::deck_sim
