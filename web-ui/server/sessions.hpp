// SPDX-License-Identifier: Apache-2.0
// Who is paired. A pairing token is good for one browser; what the browser keeps is a random session value of 256 bits.
// Neither is stored: only SHA-256 of it, compared in constant time. Threads: any.
#pragma once

#include "web-ui/server/web_server.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::web_ui {

/// SHA-256 of a session value: names a session inside the server.
using SessionId = std::array<std::uint8_t, 32>;

class Sessions {
  public:
    /// Reads config.sessions_file when there is one; lines it cannot read are left out and named in the journal.
    explicit Sessions(const WebConfig& config);
    /// Writes the file.
    ~Sessions();
    Sessions(const Sessions&) = delete;
    Sessions& operator=(const Sessions&) = delete;

    [[nodiscard]] std::string new_token();

    enum class Pairing { Paired, Wrong, TooMany };
    /// Every try counts, a good one too. `value` gets the session value when paired; the token is used up.
    [[nodiscard]] Pairing pair(std::string_view token, std::string& value);

    /// The session with this value, used from now on; nothing when unknown or expired.
    [[nodiscard]] std::optional<SessionId> find(std::string_view value);
    /// Still there? `used`: it was, just now.
    [[nodiscard]] bool alive(const SessionId& id, bool used);
    void forget(const SessionId& id);
    /// False when this session gives more commands a second than it may.
    [[nodiscard]] bool may_command(const SessionId& id);

  private:
    struct Session {
        SessionId id{};
        std::int64_t made_s = 0, used_s = 0; ///< since 1970
        double commands = 0;                 ///< that it may still give at once
        std::chrono::steady_clock::time_point counted{};
    };
    class File;

    [[nodiscard]] std::int64_t now_s() const;
    [[nodiscard]] bool expired(const Session& session, std::int64_t now) const;
    [[nodiscard]] Session* locked_find(const SessionId& id);
    void locked_save();
    void load();

    std::chrono::seconds token_life_, session_idle_, session_life_;
    int tries_per_minute_;
    double commands_per_s_;
    std::function<std::chrono::system_clock::time_point()> clock_;

    std::mutex mutex_;
    std::optional<SessionId> token_;
    std::int64_t token_until_s_ = 0;
    std::deque<std::int64_t> tries_s_;
    std::vector<Session> sessions_;
    std::int64_t saved_s_ = 0;
    bool unsaved_ = false;
    std::unique_ptr<File> file_;
};

} // namespace overbias::web_ui
