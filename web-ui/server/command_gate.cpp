// SPDX-License-Identifier: Apache-2.0
#include "web-ui/server/command_gate.hpp"

#include "web-ui/server/web_server.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace overbias::web_ui {

namespace json = boost::json;

namespace {

constexpr int kParseError = -32700;
constexpr int kInvalidRequest = -32600;
constexpr int kInvalidParams = -32602;

std::string quoted(std::string_view text) {
    return json::serialize(json::value(json::string(text)));
}

GateVerdict refuse(const std::string& id, int code, const std::string& message) {
    return {.kind = GateVerdict::Kind::Refused, .id = id, .answer = rpc_error(id.empty() ? "null" : id, code, message)};
}

/// Empty, or why the command is too old (or of the future) to be carried out.
std::string age_error(const json::object& request, const std::string& method, std::int64_t now_ms, bool dated,
                      const WebConfig& config) {
    const json::value* const at = request.if_contains("at");
    const std::string_view again = "; nothing was done, press again";
    if (at == nullptr) {
        return dated ? method + " was refused: 'at' is missing: the server's time in ms when the key was pressed" : "";
    }
    if (!at->is_number() || !std::isfinite(at->to_number<double>())) {
        return method + " was refused: 'at' must be a number: the server's time in ms when the key was pressed";
    }
    const double age_ms = static_cast<double>(now_ms) - at->to_number<double>();
    const auto most_ms = static_cast<double>(config.oldest_command.count());
    if (std::abs(age_ms) <= most_ms) {
        return {};
    }
    std::array<char, 160> text{};
    std::snprintf(text.data(), text.size(),
                  age_ms > 0
                      ? "the key was pressed %.1f s ago, at most %.1f s are good"
                      : "the key was pressed %.1f s in the future, at most %.1f s are good; ask for the server's "
                        "time (ping)",
                  std::abs(age_ms) / 1000.0, most_ms / 1000.0);
    return (method + " was refused: ").append(text.data()).append(again);
}

} // namespace

GateVerdict judge(std::string_view message, std::int64_t now_ms, bool dated, const WebConfig& config) {
    boost::system::error_code error;
    const json::value parsed = json::parse(message, error);
    if (error) {
        return refuse("", kParseError, "the message is not JSON: " + error.message());
    }
    const json::object* const request = parsed.if_object();
    if (request == nullptr) {
        return refuse("", kInvalidRequest,
                      parsed.is_array() ? "batches are not served; send one request a message"
                                        : "a request must be an object");
    }
    GateVerdict verdict;
    if (const json::value* const id = request->if_contains("id")) {
        if (!id->is_number() && !id->is_string() && !id->is_null()) {
            return refuse("", kInvalidRequest, "'id' must be a number, a text or null");
        }
        verdict.id = json::serialize(*id);
    }
    const json::value* const version = request->if_contains("jsonrpc");
    const json::value* const name = request->if_contains("method");
    // stop is stop, also in a message that is not quite right
    if (name != nullptr && name->is_string() && name->as_string() == "stop") {
        verdict.kind = GateVerdict::Kind::Stop;
        return verdict;
    }
    if (version == nullptr || !version->is_string() || version->as_string() != "2.0") {
        return refuse(verdict.id, kInvalidRequest, "'jsonrpc' must be \"2.0\"");
    }
    if (name == nullptr || !name->is_string()) {
        return refuse(verdict.id, kInvalidRequest, "'method' must be a text: the name of a command");
    }
    const std::string method(name->as_string());
    if (method == "ping") {
        verdict.kind = GateVerdict::Kind::Ping;
        return verdict;
    }
    if (method == "seen") {
        const json::value* const parameters = request->if_contains("params");
        const json::value* const sequence = parameters != nullptr && parameters->is_object()
                                                ? parameters->as_object().if_contains("sequence")
                                                : nullptr;
        if (sequence == nullptr || !sequence->is_int64() || sequence->as_int64() < 0 ||
            sequence->as_int64() > 0xFFFFFFFFLL) {
            return refuse(verdict.id, kInvalidParams, "seen: 'sequence' must be that of a meter frame");
        }
        verdict.kind = GateVerdict::Kind::Seen;
        verdict.sequence = static_cast<std::uint32_t>(sequence->as_int64());
        return verdict;
    }
    if (method == "pictures") {
        const json::value* const parameters = request->if_contains("params");
        const json::value* const source =
            parameters != nullptr && parameters->is_object() ? parameters->as_object().if_contains("source") : nullptr;
        verdict.kind = GateVerdict::Kind::Pictures;
        if (source != nullptr && source->is_null()) {
            return verdict;
        }
        if (source != nullptr && source->is_string() && source->as_string() == "tape") {
            verdict.pictures = PictureSource::Tape;
            return verdict;
        }
        if (source != nullptr && source->is_string() && source->as_string() == "programme") {
            verdict.pictures = PictureSource::Programme;
            return verdict;
        }
        return refuse(verdict.id, kInvalidParams, "pictures: 'source' must be \"tape\", \"programme\" or null");
    }
    if (std::ranges::find(config.undated_methods, method) == config.undated_methods.end()) {
        if (const std::string old = age_error(*request, method, now_ms, dated, config); !old.empty()) {
            return refuse(verdict.id, kRefused, old);
        }
    }
    verdict.kind = GateVerdict::Kind::Command;
    return verdict;
}

std::int64_t server_time_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

std::string rpc_result(std::string_view id, std::string_view result) {
    return std::string(R"({"jsonrpc":"2.0","id":)").append(id).append(R"(,"result":)").append(result) + "}";
}

std::string rpc_error(std::string_view id, int code, std::string_view message) {
    return std::string(R"({"jsonrpc":"2.0","id":)")
               .append(id)
               .append(R"(,"error":{"code":)")
               .append(std::to_string(code))
               .append(R"(,"message":)")
               .append(quoted(message)) +
           "}}";
}

std::string rpc_event(std::string_view topic, std::string_view parameters) {
    return std::string(R"({"jsonrpc":"2.0","method":)")
               .append(quoted(topic))
               .append(R"(,"params":)")
               .append(parameters) +
           "}";
}

std::string time_json() {
    return R"({"server_time_ms":)" + std::to_string(server_time_ms()) + "}";
}

} // namespace overbias::web_ui
