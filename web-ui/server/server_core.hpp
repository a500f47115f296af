// SPDX-License-Identifier: Apache-2.0
// What the connections of one server share. Inside web-ui/server only. Thread: the server's, but for post_answer().
#pragma once

#include "web-ui/server/address_rules.hpp"
#include "web-ui/server/lanes.hpp"
#include "web-ui/server/panel_files.hpp"
#include "web-ui/server/sessions.hpp"
#include "web-ui/server/web_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace overbias::web_ui {

/// One connection, of either kind.
class Peer {
  public:
    explicit Peer(std::string address) : address_(std::move(address)) {}
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    virtual ~Peer() = default;
    [[nodiscard]] const std::string& address() const noexcept { return address_; } ///< numeric, of the other end
    /// It waits for a request and may give its place to a newer one; since when.
    [[nodiscard]] virtual bool waits() const { return false; }
    [[nodiscard]] std::chrono::steady_clock::time_point since() const noexcept { return since_; }
    /// At once.
    virtual void drop() = 0;
    /// In order, with what still waits for it; WebSockets only.
    virtual void finish() { drop(); }
    virtual void notify(const std::string& topic, const SharedText& text) {
        (void)topic;
        (void)text;
    }
    virtual void meter(const MeterFrame& frame, std::uint32_t sequence) {
        (void)frame;
        (void)sequence;
    }

    virtual void picture(PictureSource source, const SharedText& frame) {
        (void)source;
        (void)frame;
    }
    /// Of which source it draws pictures.
    [[nodiscard]] virtual PictureSource pictures() const { return PictureSource::None; }

  protected:
    std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();

  private:
    std::string address_;
};

struct ServerCore {
    ServerCore(WebConfig web_config, PanelBackend& panel_backend)
        : config(std::move(web_config)), backend(panel_backend), sessions(config), files(config.panel_dir) {}

    WebConfig config;
    PanelBackend& backend;
    std::shared_ptr<boost::asio::io_context> io =
        std::make_shared<boost::asio::io_context>(1); ///< shared with answers that may come after the server is gone
    Sessions sessions;
    PanelFiles files;
    std::unique_ptr<AddressRules> rules; ///< once the port is known
    std::set<std::shared_ptr<Peer>> peers;
    std::map<std::string, SharedText> latest; ///< for who connects next
    bool ending = false;
    std::chrono::steady_clock::time_point refusal_told{};

    /// Makes room for one more from `address` by dropping a connection that only waits; false when there is none.
    [[nodiscard]] bool make_room(const std::string& address);
    /// A request that no panel of ours would send: one line a second in the journal.
    void tell_refusal(const std::string& address, const std::string& what);
};

/// "127.0.0.1", "[::1]"; an IPv4 address in IPv6's clothes as IPv4.
[[nodiscard]] std::string numeric(const boost::asio::ip::address& address);

/// http_door.cpp: serves one connection. `admitted`: there is room for it; else it is told so.
void open_http(ServerCore& core, boost::asio::ip::tcp::socket socket, bool admitted);

} // namespace overbias::web_ui
