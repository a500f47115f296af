// SPDX-License-Identifier: Apache-2.0
// WebServer: the panel's files, JSON-RPC over HTTP and WebSocket, meter frames (docs/api.md has the whole surface).
//
// Who may: a browser is paired once with a token that the daemon prints at start (as Jupyter does), and has a cookie
// (HttpOnly, SameSite=Strict) from then on. Nobody is trusted for an address. Host and Origin must be on the list (421,
// 403), POST needs Content-Type application/json and a same-origin Sec-Fetch-Site, GET changes nothing. A POST or a
// WebSocket without Origin comes from no browser and needs "Authorization: Bearer SESSION".
//
// Bounds: bodies and messages 64 KiB (a part of an upload has its own, and is never whole in memory), headers 8 KiB and
// 10 s, 32 sockets, 8 an address, 50 commands a second a client (stop exempt). Three lanes a client: answers and events
// (256, or 256 KiB: overflow closes with 1013), latest values (state, position, progress: overwritten), meter frames
// (added up to one; a reader that lags is thinned down to 2 Hz). One write is under way at a time.
//
// It runs on a thread of its own, with its own io_context; only http_door.cpp, upload_body.cpp, web_audio.cpp
// and web_socket.cpp include Beast.
// Threads: notify(), publish_meters(), pictures_wanted(), publish_picture(), new_pairing_token() on any.
#pragma once

#include "web-ui/server/meter_frame.hpp"
#include "web-ui/server/panel_backend.hpp"
#include "web-ui/server/picture_frame.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::web_ui {

struct WebConfig {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8038;           ///< 0: any free one
    std::vector<std::string> host_names; ///< accepted beside the listen address, localhost, hostname and hostname.local
    std::filesystem::path panel_dir; ///< development: serve the panel's files from here instead of the built-in ones
    std::size_t sockets = 32;
    std::size_t sockets_per_address = 8;
    std::size_t message_bytes = 65536;
    double commands_per_s = 50.0;

    std::string version; ///< told in health and hello
    /// Paired browsers, hashed, mode 0600, so that a restart does not unpair them. Empty: forgotten at the end.
    std::filesystem::path sessions_file;
    /// Commands that may come without "at", or late: they move nothing, or only make the deck safer.
    std::vector<std::string> undated_methods{
        "stop",         "disarm",           "status",           "schema",     "subscribe",
        "log",          "job_status",       "job_report",       "locator",    "reels",
        "deck_lines",   "meters",           "meters_reset",     "analysis",   "alignment",
        "alignments",   "align_procedures", "alignment_record", "bias",       "files",
        "file_inspect", "uploads",          "upload_remove",    "plan_check", "plan_template",
        "plan_read",    "print_sessions",   "listen"};
    std::chrono::milliseconds oldest_command{1500};
    int pairing_tries_per_minute = 5;
    std::chrono::seconds token_life = std::chrono::hours(1);
    std::chrono::seconds session_idle = std::chrono::hours(12);
    std::chrono::seconds session_life = std::chrono::hours(24 * 30);
    std::chrono::milliseconds request_time{10000};  ///< for the headers, then for the body
    std::chrono::milliseconds idle_time{15000};     ///< between two requests of a connection
    std::chrono::milliseconds ping_interval{10000}; ///< of a silent WebSocket; twice that without a word closes it
    std::chrono::milliseconds closing_time{2000};   ///< for a client to take its last words
    std::size_t waiting_messages = 256;             ///< of the lane of answers and events
    std::size_t waiting_bytes = 262144;
    std::size_t unanswered = 64; ///< commands of one WebSocket that the machine has not answered yet
    /// Host time of tokens and sessions; empty: the system's clock.
    std::function<std::chrono::system_clock::time_point()> clock;
};

class WebServer {
  public:
    /// Listens at once. Throws std::runtime_error naming address and port, who has it, and what to do. `backend` must
    /// outlive it.
    WebServer(WebConfig config, PanelBackend& backend);
    ~WebServer();
    WebServer(const WebServer&) = delete;
    WebServer& operator=(const WebServer&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept;
    /// "http://127.0.0.1:8038"
    [[nodiscard]] std::string address() const;
    /// A fresh token, good for one pairing within an hour; older ones unused are forgotten.
    [[nodiscard]] std::string new_pairing_token();
    /// To every paired socket. "state", "position", "progress", "locator" and "alignment" are latest values, everything
    /// else is kept in order. `parameters` is JSON text.
    void notify(std::string_view topic, std::string_view parameters);
    /// The stretch after the one told last. Each panel gets the maxima since its own last frame.
    void publish_meters(const MeterFrame& frame);
    /// Does any panel look at pictures of this source? As of the last meter frame.
    [[nodiscard]] bool pictures_wanted(PictureSource source) const noexcept;
    void publish_picture(const PictureFrame& picture);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::web_ui
