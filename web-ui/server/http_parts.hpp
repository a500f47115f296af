// SPDX-License-Identifier: Apache-2.0
// A request as the rules see it, and what every answer carries. Includes Beast: for the HTTP door only.
#pragma once

#include "web-ui/server/panel_files.hpp"
#include "web-ui/server/request_guards.hpp"
#include "web-ui/server/upload_backend.hpp"

#include <boost/beast/http.hpp>
#include <boost/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace overbias::web_ui {

inline constexpr const char* kPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                                       "font-src 'self'; connect-src 'self'; media-src 'self'; manifest-src 'self'; "
                                       "frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

using Request = boost::beast::http::request<boost::beast::http::string_body>;
using Response = boost::beast::http::response<boost::beast::http::string_body>;

inline std::string_view view(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

inline std::vector<std::string> all_of(const Request& request, boost::beast::http::field name) {
    std::vector<std::string> values;
    const auto fields = request.equal_range(name);
    for (auto field = fields.first; field != fields.second; ++field) {
        values.emplace_back(view(field->value()));
    }
    return values;
}

inline RequestHead head_of(const Request& request) {
    return {.method = std::string(view(request.method_string())),
            .target = std::string(view(request.target())),
            .hosts = all_of(request, boost::beast::http::field::host),
            .origins = all_of(request, boost::beast::http::field::origin),
            .cookies = all_of(request, boost::beast::http::field::cookie),
            .content_type = std::string(view(request[boost::beast::http::field::content_type])),
            .authorization = std::string(view(request[boost::beast::http::field::authorization])),
            .fetch_site = std::string(view(request["Sec-Fetch-Site"]))};
}

/// Every answer starts from here: it carries the browser's own guards (CSP and its kin).
inline Response answer_base(boost::beast::http::status status, const Request& request) {
    Response response(status, request.version());
    response.set("Content-Security-Policy", kPolicy);
    response.set("X-Content-Type-Options", "nosniff");
    response.set("Referrer-Policy", "no-referrer");
    response.set("Cross-Origin-Resource-Policy", "same-origin");
    response.set("Cross-Origin-Opener-Policy", "same-origin");
    response.set(boost::beast::http::field::cache_control, "no-store");
    response.keep_alive(request.keep_alive());
    return response;
}

inline Response refusal(boost::beast::http::status status, const std::string& why, const Request& request) {
    namespace http = boost::beast::http;
    Response response = answer_base(status, request);
    if (status == http::status::method_not_allowed) {
        response.set(http::field::allow, why);
    } else if (status == http::status::upgrade_required) {
        response.set(http::field::upgrade, "websocket");
    } else if (status == http::status::unauthorized) {
        response.set(http::field::www_authenticate, "Bearer realm=\"overbias\"");
    }
    response.set(http::field::content_type, "application/json");
    response.body() = boost::json::serialize(boost::json::object{{"error", why}});
    return response;
}

/// `path`: that of the request.
inline Response uploads_answer(UploadAnswer answer, const std::string& path, const Request& request) {
    namespace http = boost::beast::http;
    Response response = answer_base(static_cast<http::status>(answer.status), request);
    if (answer.offset >= 0) {
        response.set("Upload-Offset", std::to_string(answer.offset));
        response.set("Upload-Length", std::to_string(answer.size));
    }
    if (answer.status == static_cast<int>(http::status::created)) {
        response.set(http::field::location, path + "/" + answer.id);
    }
    if (!answer.json.empty()) {
        response.set(http::field::content_type, "application/json");
    }
    response.body() = std::move(answer.json);
    return response;
}

/// With its bytes, unless the browser has them.
inline Response file_answer(PanelFile file, const Request& request) {
    namespace http = boost::beast::http;
    Response response = answer_base(http::status::ok, request);
    response.set(http::field::etag, file.etag);
    response.set(http::field::cache_control, file.immutable ? "public, max-age=31536000, immutable" : "no-cache");
    const std::string_view known = view(request[http::field::if_none_match]);
    if (!known.empty() && (known == "*" || known.find(file.etag) != std::string_view::npos)) {
        response.result(http::status::not_modified);
    } else {
        response.set(http::field::content_type, file.content_type);
        response.body() = std::move(file.bytes);
    }
    return response;
}

/// What stands before a body without an end.
inline std::string endless_head(const char* content_type, bool chunked, const Request& request) {
    namespace http = boost::beast::http;
    Response response = answer_base(http::status::ok, request);
    response.set(http::field::content_type, content_type);
    response.keep_alive(false);
    if (chunked) {
        response.set(http::field::transfer_encoding, "chunked");
    }
    std::ostringstream head;
    head << response.base();
    return head.str();
}

/// Of a body that pairs; empty: it is none.
inline std::optional<std::string> token_of(const std::string& text) {
    boost::system::error_code error;
    const boost::json::value body = boost::json::parse(text, error);
    const auto* const token = !error && body.is_object() ? body.as_object().if_contains("token") : nullptr;
    return token != nullptr && token->is_string() ? std::optional(std::string(token->as_string())) : std::nullopt;
}

/// The WebSocket's subprotocol is among those the browser offers.
inline bool offers(const Request& request, const char* subprotocol) {
    bool offered = false;
    for (const auto& field : request) {
        if (field.name() == boost::beast::http::field::sec_websocket_protocol) {
            offered = offered || boost::beast::http::token_list(field.value()).exists(subprotocol);
        }
    }
    return offered;
}

} // namespace overbias::web_ui
