// SPDX-License-Identifier: Apache-2.0
// JSON-RPC 2.0 text (https://www.jsonrpc.org/specification), one message a line. Shared by every door and by the
// client. Batches are not served: lines already pipeline. Thread: any; no state.
#pragma once

#include "controller/command_registry.hpp"

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <variant>

namespace overbias::controller {

/// A well-formed request. One without an id is run and not answered.
struct RpcRequest {
    std::string method;
    boost::json::value parameters; ///< object, array or null; the registry judges it
    std::string id = "null";       ///< JSON text of the id: a number, a string or null
    bool wants_answer = true;
};

/// A request, or the complete line that answers the malformed one.
[[nodiscard]] std::variant<RpcRequest, std::string> parse_rpc(std::string_view line);

/// The answer as one line, newline included. `id` is JSON text.
[[nodiscard]] std::string rpc_answer(const Reply& reply, std::string_view id);
/// A notification as one line, newline included. `parameters` is JSON text.
[[nodiscard]] std::string rpc_notification(std::string_view method, std::string_view parameters);
/// A request as one line, newline included. `parameters` is JSON text.
[[nodiscard]] std::string rpc_request(std::string_view method, std::string_view parameters, std::string_view id);

} // namespace overbias::controller
