// SPDX-License-Identifier: Apache-2.0
// A WebSocket of a paired caller. For http_door.cpp alone: it shows Beast's types.
#pragma once

#include "web-ui/server/server_core.hpp"

#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

namespace overbias::web_ui {

inline constexpr const char* kSubprotocol = "overbias.v1";

/// Takes over a connection whose upgrade was found good.
void open_web_socket(ServerCore& core, boost::beast::tcp_stream stream,
                     const boost::beast::http::request<boost::beast::http::string_body>& upgrade,
                     const std::string& address, const SessionId& session);

} // namespace overbias::web_ui
