// SPDX-License-Identifier: Apache-2.0
// Looks at a paired caller's JSON-RPC message before the machine gets it: stop goes past everything, ping and seen are
// the server's own, and what was pressed too long ago is refused: a tablet that was out of reach must not move the tape
// when it comes back. Thread: any; no state.
#pragma once

#include "web-ui/server/picture_frame.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace overbias::web_ui {

struct WebConfig;

struct GateVerdict {
    enum class Kind {
        Stop,     ///< stop the deck now, then answer `id` when it is not empty
        Ping,     ///< answer `id` with the server's time
        Seen,     ///< `sequence` of the newest meter frame seen
        Pictures, ///< of `pictures`, from now on
        Command,  ///< for the machine, as it came
        Refused,  ///< `answer` says why; empty when the caller wants none
    };
    Kind kind = Kind::Refused;
    std::string id;     ///< JSON text; empty: a notification
    std::string answer; ///< a whole message
    std::uint32_t sequence = 0;
    PictureSource pictures = PictureSource::None;
};

/// `now_ms`: the server's time. `dated`: "at" may not be missing (WebSocket).
[[nodiscard]] GateVerdict judge(std::string_view message, std::int64_t now_ms, bool dated, const WebConfig& config);

/// CLOCK_MONOTONIC in ms: what "at" and every server_time_ms count in. It never jumps; a restart of the machine begins
/// anew, of which hello tells.
[[nodiscard]] std::int64_t server_time_ms();

[[nodiscard]] std::string rpc_result(std::string_view id, std::string_view result);
[[nodiscard]] std::string rpc_error(std::string_view id, int code, std::string_view message);
[[nodiscard]] std::string rpc_event(std::string_view topic, std::string_view parameters);
/// {"server_time_ms":N}
[[nodiscard]] std::string time_json();

inline constexpr int kRefused = -32002;

} // namespace overbias::web_ui
