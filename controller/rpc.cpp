// SPDX-License-Identifier: Apache-2.0
#include "controller/rpc.hpp"

#include <boost/json.hpp>

namespace overbias::controller {

namespace json = boost::json;

namespace {

std::string refuse(ErrorCode code, std::string message, std::string_view id = "null") {
    return rpc_answer(Reply::error(code, std::move(message)), id);
}

} // namespace

std::variant<RpcRequest, std::string> parse_rpc(std::string_view line) {
    boost::system::error_code error;
    json::value message = json::parse(line, error);
    if (error) {
        return refuse(ErrorCode::ParseError, "the line is not JSON: " + error.message());
    }
    json::object* const object = message.if_object();
    if (object == nullptr) {
        return refuse(ErrorCode::InvalidRequest, message.is_array() ? "batches are not served; send one request a line"
                                                                    : "a request must be an object");
    }
    RpcRequest request;
    const json::value* const id = object->if_contains("id");
    request.wants_answer = id != nullptr;
    if (id != nullptr) {
        if (!id->is_number() && !id->is_string() && !id->is_null()) {
            return refuse(ErrorCode::InvalidRequest, "'id' must be a number, a text or null");
        }
        request.id = json::serialize(*id);
    }
    const json::value* const version = object->if_contains("jsonrpc");
    if (version == nullptr || !version->is_string() || version->as_string() != "2.0") {
        return refuse(ErrorCode::InvalidRequest, "'jsonrpc' must be \"2.0\"", request.id);
    }
    const json::value* const method = object->if_contains("method");
    if (method == nullptr || !method->is_string()) {
        return refuse(ErrorCode::InvalidRequest, "'method' must be a text: the name of a command", request.id);
    }
    request.method = json::value_to<std::string>(*method);
    if (json::value* const parameters = object->if_contains("params")) {
        request.parameters = std::move(*parameters);
    }
    return request;
}

std::string rpc_answer(const Reply& reply, std::string_view id) {
    std::string line = R"({"jsonrpc":"2.0","id":)";
    line += id;
    if (reply.ok()) {
        line.append(R"(,"result":)").append(reply.result);
    } else {
        const json::object error{{"code", static_cast<int>(reply.code)}, {"message", reply.message}};
        line.append(R"(,"error":)").append(json::serialize(error));
    }
    return line + "}\n";
}

std::string rpc_notification(std::string_view method, std::string_view parameters) {
    std::string line = R"({"jsonrpc":"2.0","method":)";
    line += json::serialize(json::value(json::string(method)));
    line.append(R"(,"params":)").append(parameters);
    return line + "}\n";
}

std::string rpc_request(std::string_view method, std::string_view parameters, std::string_view id) {
    std::string line = R"({"jsonrpc":"2.0","id":)";
    line.append(id).append(R"(,"method":)").append(json::serialize(json::value(json::string(method))));
    if (!parameters.empty()) {
        line.append(R"(,"params":)").append(parameters);
    }
    return line + "}\n";
}

} // namespace overbias::controller
