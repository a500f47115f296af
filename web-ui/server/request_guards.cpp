// SPDX-License-Identifier: Apache-2.0
#include "web-ui/server/request_guards.hpp"

#include "base/uuid.hpp"
#include "web-ui/server/server_core.hpp"
#include "web-ui/server/web_audio.hpp"

#include <algorithm>
#include <string_view>

namespace overbias::web_ui {

namespace {

constexpr int kBadRequest = 400, kUnauthorized = 401, kForbidden = 403, kNotFound = 404, kMethodNotAllowed = 405,
              kUnsupportedMediaType = 415, kMisdirected = 421;

constexpr std::string_view kUploads = "/api/v1/uploads";

bool same_word(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

/// Value of our cookie; nothing when there is none.
std::optional<std::string> cookie(const RequestHead& head) {
    for (std::string_view rest : head.cookies) {
        while (!rest.empty()) {
            std::string_view one = rest.substr(0, rest.find(';'));
            rest.remove_prefix(std::min(rest.size(), one.size() + 1));
            one.remove_prefix(std::min(one.find_first_not_of(' '), one.size()));
            const auto equals = one.find('=');
            if (equals != std::string_view::npos && one.substr(0, equals) == kSessionCookie) {
                return std::string(one.substr(equals + 1));
            }
        }
    }
    return std::nullopt;
}

std::optional<std::string> bearer(const RequestHead& head) {
    constexpr std::string_view kScheme = "bearer ";
    const std::string_view value = head.authorization;
    if (value.size() <= kScheme.size() || !same_word(value.substr(0, kScheme.size()), kScheme)) {
        return std::nullopt;
    }
    return std::string(value.substr(kScheme.size()));
}

bool is_type(std::string_view content_type, std::string_view expected) {
    std::string_view essence = content_type.substr(0, content_type.find(';'));
    while (essence.ends_with(' ')) {
        essence.remove_suffix(1);
    }
    return same_word(essence, expected);
}

/// Is `method` one of the list "GET, HEAD"?
bool takes(std::string_view allowed, std::string_view method) {
    while (!allowed.empty()) {
        const std::string_view one = allowed.substr(0, allowed.find(','));
        if (one == method) {
            return true;
        }
        allowed.remove_prefix(std::min(allowed.size(), one.size() + 2));
    }
    return false;
}

/// What a path of the API takes; empty: there is no such path.
std::string_view methods_of(std::string_view path) {
    if (path == "/api/v1/rpc" || path == "/api/v1/stop" || path == "/api/v1/pair" || path == "/api/v1/unpair") {
        return "POST";
    }
    if (path == "/api/v1/ws" || path == kListenPath) {
        return "GET";
    }
    if (path == kUploads) {
        return "POST";
    }
    if (path.starts_with(kUploads) && path[kUploads.size()] == '/' && is_uuid(std::string(path.substr(kUploads.size() + 1)))) {
        return "GET, HEAD, PATCH, DELETE";
    }
    return path == "/api/v1/health" || path == "/metrics" ? "GET, HEAD" : "";
}

class Guard {
  public:
    Guard(const RequestHead& head, ServerCore& core, const std::string& address, const std::string& local)
        : head_(head), core_(core), address_(address), local_(local) {}

    Admission judge() {
        admission_.path = head_.target.substr(0, head_.target.find('?'));
        api_ = admission_.path.starts_with("/api/") || admission_.path == "/metrics";
        if (our_name() && our_pages() && known_path() && right_form()) {
            paired();
        }
        return std::move(admission_);
    }

  private:
    bool refuse(int status, std::string why) {
        admission_.refused = status;
        admission_.why = std::move(why);
        return false;
    }

    bool our_name() {
        if (head_.hosts.size() != 1) {
            return refuse(kBadRequest, "exactly one Host is expected");
        }
        if (!core_.rules->host_allowed(head_.hosts.front(), local_)) {
            core_.tell_refusal(address_, "Host '" + head_.hosts.front() + "'");
            return refuse(kMisdirected, "this Host is not one of this machine's names; open the address that overbiasd "
                                        "prints, or add the name to [web] host_names");
        }
        return true;
    }

    bool our_pages() {
        for (const std::string& origin : head_.origins) {
            if (!core_.rules->origin_allowed(origin, local_)) {
                core_.tell_refusal(address_, "Origin '" + origin + "'");
                return refuse(kForbidden, "requests from other sites' pages are refused");
            }
        }
        if (const std::string& site = head_.fetch_site;
            api_ && !site.empty() && site != "same-origin" && site != "none") {
            core_.tell_refusal(address_, "Sec-Fetch-Site '" + site + "'");
            return refuse(kForbidden, "requests from other sites' pages are refused");
        }
        return true;
    }

    bool known_path() {
        std::string_view allowed = methods_of(admission_.path);
        if (allowed.empty()) {
            admission_.file = core_.files.find(admission_.path);
            allowed = admission_.file ? "GET, HEAD" : "";
        }
        if (allowed.empty()) {
            return refuse(kNotFound, "there is nothing at this address");
        }
        if (admission_.path.starts_with(kUploads)) {
            admission_.upload = admission_.path.substr(std::min(admission_.path.size(), kUploads.size() + 1));
        }
        return takes(allowed, head_.method) || refuse(kMethodNotAllowed, std::string(allowed));
    }

    bool right_form() {
        const char* const type = head_.method == "POST"    ? "application/json"
                                 : head_.method == "PATCH" ? "application/octet-stream"
                                                           : nullptr;
        return type == nullptr || is_type(head_.content_type, type) ||
               refuse(kUnsupportedMediaType, std::string("Content-Type must be ") + type);
    }
    /// GET and HEAD change nothing.
    [[nodiscard]] bool changes() const { return head_.method != "GET" && head_.method != "HEAD"; }

    void paired() {
        const auto key = bearer(head_);
        const auto value = key ? key : cookie(head_);
        admission_.session = value ? core_.sessions.find(*value) : std::nullopt;
        const std::string& path = admission_.path;
        if ((changes() || path == "/api/v1/ws") && head_.origins.empty() && !key) {
            refuse(kForbidden, "without an Origin, 'Authorization: Bearer SESSION' is expected");
        } else if (api_ && !admission_.session && path != "/api/v1/health" && path != "/api/v1/pair") {
            refuse(kUnauthorized,
                   "this browser is not paired; open the address with the token that overbiasd prints, or "
                   "a new one ('overbias pair')");
        }
    }

    const RequestHead& head_;
    ServerCore& core_;
    const std::string& address_;
    const std::string& local_;
    bool api_ = false;
    Admission admission_;
};

} // namespace

Admission admit(const RequestHead& head, ServerCore& core, const std::string& address, const std::string& local) {
    return Guard(head, core, address, local).judge();
}

} // namespace overbias::web_ui
