// SPDX-License-Identifier: Apache-2.0
#include "web-ui/server/web_server.hpp"

#include "base/journal.hpp"
#include "web-ui/server/command_gate.hpp"
#include "web-ui/server/news.hpp"
#include "web-ui/server/port_holder.hpp"
#include "web-ui/server/server_core.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

namespace overbias::web_ui {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;

namespace {

std::string listen_error(const WebConfig& config, const ErrorCode& error) {
    const std::string where = "web: cannot listen on " + config.address + ":" + std::to_string(config.port) + ": ";
    const std::string port = std::to_string(config.port);
    if (error == asio::error::address_in_use) {
        const std::string holder = port_holder(config.port);
        return where + "the port is taken by " +
               (holder.empty() ? "another user's process ('sudo ss -ltnp sport = :" + port + "' names it)" : holder) +
               "; stop it, or give another port (--listen ADDR:PORT, [web] listen)";
    }
    if (error == asio::error::access_denied) {
        return where + "ports below 1024 are for root; give another port (--listen ADDR:PORT, [web] listen)";
    }
    return where + error.message() + "; give an address of this machine (--listen ADDR:PORT, [web] listen)";
}

} // namespace

std::string numeric(const asio::ip::address& address) {
    if (address.is_v4()) {
        return address.to_string();
    }
    asio::ip::address_v6 six = address.to_v6();
    if (six.is_v4_mapped()) {
        return asio::ip::make_address_v4(asio::ip::v4_mapped, six).to_string();
    }
    six.scope_id(0);
    return "[" + six.to_string() + "]";
}

bool ServerCore::make_room(const std::string& address) {
    const auto from_there = static_cast<std::size_t>(
        std::ranges::count_if(peers, [&](const auto& peer) { return peer->address() == address; }));
    const bool crowded = from_there >= config.sockets_per_address;
    if (!crowded && peers.size() < config.sockets) {
        return true;
    }
    std::shared_ptr<Peer> oldest;
    for (const auto& peer : peers) {
        if (peer->waits() && (!crowded || peer->address() == address) && (!oldest || peer->since() < oldest->since())) {
            oldest = peer;
        }
    }
    if (oldest) {
        oldest->drop();
    }
    return oldest != nullptr;
}

void ServerCore::tell_refusal(const std::string& address, const std::string& what) {
    const auto now = std::chrono::steady_clock::now();
    if (now - refusal_told < std::chrono::seconds(1)) {
        return;
    }
    refusal_told = now;
    std::string plain = what.substr(0, 120);
    std::ranges::replace_if(
        plain, [](char c) { return c < ' ' || c > '~'; }, '?');
    journal(JournalLevel::Notice, "web", "refused a request of " + address + ": " + plain);
}

struct WebServer::Impl {
    Impl(WebConfig config, PanelBackend& backend)
        : core(std::move(config), backend), acceptor(*core.io), timer(*core.io) {}

    void listen();
    void accept();
    void wind_up(std::chrono::steady_clock::time_point deadline);
    void call();
    void take_news();
    void tell(const std::string& topic, const SharedText& text);

    ServerCore core;
    Tcp::acceptor acceptor;
    asio::steady_timer timer;
    std::uint32_t sequence = 0; ///< of the newest meter frame
    std::thread thread;

    News news;
    std::mutex meters_mutex;
    std::array<SharedText, 3> pictures; ///< by source: the newest that was not taken yet
    std::array<std::atomic<bool>, 3> pictures_wanted{};
    std::optional<MeterFrame> meters; ///< what was published and not taken yet, added up
    std::atomic<bool> called = false; ///< the server's thread has been told that there is something to take
    std::atomic<bool> news_lost = false;
};

void WebServer::Impl::listen() {
    WebConfig& config = core.config;
    ErrorCode error;
    const auto address = asio::ip::make_address(config.address, error);
    if (error) {
        throw std::runtime_error("web: '" + config.address +
                                 "' is not an address; expected a numeric one such as 127.0.0.1, 0.0.0.0 or ::1");
    }
    const Tcp::endpoint endpoint(address, config.port);
    acceptor.open(endpoint.protocol(), error);
    if (!error) {
        acceptor.set_option(asio::socket_base::reuse_address(true), error);
    }
    if (!error) {
        acceptor.bind(endpoint, error);
    }
    if (!error) {
        acceptor.listen(asio::socket_base::max_listen_connections, error);
    }
    if (error) {
        throw std::runtime_error(listen_error(config, error));
    }
    config.port = acceptor.local_endpoint().port();
    core.rules = std::make_unique<AddressRules>(config.address, config.port, config.host_names);
    if (!address.is_loopback()) {
        journal(JournalLevel::Notice, "web",
                "listening on " + config.address + ":" + std::to_string(config.port) +
                    ", which other machines can reach; the traffic is not encrypted. On a network that is not yours "
                    "alone listen on 127.0.0.1 and use ssh -L or a proxy with TLS (docs/api.md)");
    }
}

void WebServer::Impl::accept() {
    acceptor.async_accept([this](const ErrorCode& error, Tcp::socket socket) {
        if (error == asio::error::operation_aborted) {
            return;
        }
        if (error) { // out of descriptors, for example: ours will be free again
            journal(JournalLevel::Warning, "web",
                    "cannot accept a connection: " + error.message() + "; trying again in 0.1 s");
            timer.expires_after(std::chrono::milliseconds(100));
            timer.async_wait([this](const ErrorCode& aborted) {
                if (!aborted) {
                    accept();
                }
            });
            return;
        }
        ErrorCode ignored;
        socket.set_option(asio::socket_base::send_buffer_size(32768), ignored); // so that a reader's lag is seen here
        socket.set_option(Tcp::no_delay(true), ignored);
        const auto remote = socket.remote_endpoint(ignored);
        const bool admitted = core.make_room(numeric(remote.address()));
        open_http(core, std::move(socket), admitted);
        accept();
    });
}

/// Lets every panel have what waits for it, until `deadline`; then ends the thread.
void WebServer::Impl::wind_up(std::chrono::steady_clock::time_point deadline) {
    if (!core.peers.empty() && std::chrono::steady_clock::now() < deadline) {
        timer.expires_after(std::chrono::milliseconds(2));
        timer.async_wait([this, deadline](const ErrorCode&) { wind_up(deadline); });
        return;
    }
    for (const auto& peer : std::set(core.peers)) {
        peer->drop();
    }
    core.io->stop();
}

void WebServer::Impl::tell(const std::string& topic, const SharedText& text) {
    if (latest_value_topic(topic)) {
        core.latest[topic] = text;
    }
    for (const auto& peer : std::set(core.peers)) {
        peer->notify(topic, text);
    }
}

/// Any thread, after something was put where take_news() finds it.
void WebServer::Impl::call() {
    if (!called.exchange(true)) {
        asio::post(*core.io, [this] { take_news(); });
    }
}

void WebServer::Impl::take_news() {
    called = false; // before anything is taken: what comes from now on calls again
    for (const News::Item& item : news.take()) {
        tell(item.topic, item.text);
    }
    std::optional<MeterFrame> frame;
    std::array<SharedText, 3> drawn;
    {
        const std::lock_guard lock(meters_mutex);
        frame.swap(meters);
        drawn.swap(pictures);
    }
    std::array<bool, 3> wanted{};
    for (const auto& peer : std::set(core.peers)) {
        const PictureSource source = peer->pictures();
        wanted[static_cast<std::size_t>(source)] = true;
        if (frame) {
            peer->meter(*frame, sequence + 1);
        }
        if (const SharedText& picture = drawn[static_cast<std::size_t>(source)]) {
            peer->picture(source, picture);
        }
    }
    sequence += frame ? 1U : 0U;
    std::ranges::copy(wanted, pictures_wanted.begin());
}

WebServer::WebServer(WebConfig config, PanelBackend& backend)
    : impl_(std::make_unique<Impl>(std::move(config), backend)) {
    impl_->listen();
    impl_->accept();
    impl_->thread = std::thread([this] { impl_->core.io->run(); });
}

WebServer::~WebServer() {
    asio::post(*impl_->core.io, [impl = impl_.get()] {
        ErrorCode ignored;
        impl->core.ending = true;
        impl->acceptor.close(ignored);
        impl->take_news();
        for (const auto& peer : std::set(impl->core.peers)) {
            peer->finish();
        }
        impl->wind_up(std::chrono::steady_clock::now() + std::chrono::milliseconds(200));
    });
    impl_->thread.join();
}

std::uint16_t WebServer::port() const noexcept {
    return impl_->core.config.port;
}

std::string WebServer::address() const {
    const WebConfig& config = impl_->core.config;
    std::string name = config.address;
    if (name == "0.0.0.0" || name == "::") {
        name = "localhost"; // and every other address of this machine
    } else if (name.find(':') != std::string::npos) {
        name = "[" + name + "]";
    }
    return "http://" + name + ":" + std::to_string(config.port);
}

std::string WebServer::new_pairing_token() {
    return impl_->core.sessions.new_token();
}

void WebServer::notify(std::string_view topic, std::string_view parameters) {
    auto text = std::make_shared<const std::string>(rpc_event(topic, parameters));
    if (!impl_->news.add({std::string(topic), std::move(text)}) && !impl_->news_lost.exchange(true)) {
        journal(JournalLevel::Error, "web", "the server does not take its news; panels miss events from now on");
    }
    impl_->call();
}

bool WebServer::pictures_wanted(PictureSource source) const noexcept {
    return impl_->pictures_wanted[static_cast<std::size_t>(source)];
}

void WebServer::publish_picture(const PictureFrame& picture) {
    auto encoded = std::make_shared<const std::string>(encode(picture));
    {
        const std::lock_guard lock(impl_->meters_mutex);
        impl_->pictures[static_cast<std::size_t>(picture.source)] = std::move(encoded);
    }
    impl_->call();
}

void WebServer::publish_meters(const MeterFrame& frame) {
    {
        const std::lock_guard lock(impl_->meters_mutex);
        if (impl_->meters) {
            absorb(*impl_->meters, frame);
        } else {
            impl_->meters = frame;
        }
    }
    impl_->call();
}

} // namespace overbias::web_ui
