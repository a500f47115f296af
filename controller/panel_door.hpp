// SPDX-License-Identifier: Apache-2.0
// The panel's door: the web server (web-ui/server) over the command registry, as socket_door is the UNIX socket over
// it. It parses and answers JSON-RPC; what a command means is the registry's business.
#pragma once

#include "controller/command_registry.hpp"
#include "controller/rpc.hpp"
#include "web-ui/server/web_server.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace overbias::controller {

class PanelDoor {
  public:
    struct Hooks {
        /// As SocketDoor::Serve: called on the server's thread, posts to the timeline; `answer` may be called from any
        /// thread, once, and after the door is gone.
        std::function<void(RpcRequest request, Caller caller, Answer answer)> serve;
        /// Stops the deck. Called on the server's thread and returns at once (it posts to the timeline). Calls `done`
        /// once when the stop has been pressed, on any thread; until then, for 20 ms, further presses are the same
        /// press.
        std::function<void(std::function<void()> done)> stop;
        /// Both on the server's thread, at any time, and return at once: they read snapshots.
        std::function<std::string()> health_json;  ///< {"status": "ok" | "degraded", ...}; empty: always ok
        std::function<std::string()> metrics_text; ///< Prometheus text; empty: none
        web_ui::UploadBackend* uploads = nullptr;  ///< null: there are none; must outlive the door
        web_ui::AudioBackend* audio = nullptr;     ///< the same
    };

    /// Listens at once. Throws std::runtime_error naming address and port and what to do.
    PanelDoor(web_ui::WebConfig config, Hooks hooks);
    ~PanelDoor();
    PanelDoor(const PanelDoor&) = delete;
    PanelDoor& operator=(const PanelDoor&) = delete;

    /// "http://127.0.0.1:8038"
    [[nodiscard]] std::string address() const;
    /// "http://127.0.0.1:8038/#token=...": pairs one browser within an hour; the one before is forgotten. Any thread.
    [[nodiscard]] std::string pairing_address();
    [[nodiscard]] std::uint16_t port() const noexcept;

    /// To every paired panel; `parameters` is JSON text. "state", "position" and "progress" are latest values,
    /// everything else is kept in order. Any thread.
    void notify(std::string_view topic, std::string_view parameters);
    /// Any thread.
    void publish_meters(const web_ui::MeterFrame& frame);
    [[nodiscard]] bool pictures_wanted(web_ui::PictureSource source) const noexcept;
    void publish_picture(const web_ui::PictureFrame& picture);

  private:
    class Backend;
    std::unique_ptr<Backend> backend_; ///< before the server, which calls it
    std::unique_ptr<web_ui::WebServer> server_;
};

} // namespace overbias::controller
