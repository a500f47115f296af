// SPDX-License-Identifier: Apache-2.0
// Who may ask for what: every request is judged by its headers, before a byte of its body is taken (docs/api.md has the
// table). Thread: the server's.
#pragma once

#include "web-ui/server/panel_files.hpp"
#include "web-ui/server/sessions.hpp"

#include <optional>
#include <string>
#include <vector>

namespace overbias::web_ui {

struct ServerCore;

/// What the guards look at. A header that was not sent is empty; of those that must not come twice all are here.
struct RequestHead {
    std::string method, target;
    std::vector<std::string> hosts, origins, cookies;
    std::string content_type, authorization, fetch_site;
};

struct Admission {
    int refused = 0; ///< HTTP status; 0: admitted
    std::string why; ///< of a refusal; of 405 the methods that are allowed
    std::string path;
    std::optional<SessionId> session;  ///< of a paired caller
    std::optional<PanelFile> file;     ///< the panel's file at this path
    std::optional<std::string> upload; ///< the path is about uploads: id of one; empty: of none yet
};

/// `address`: numeric, of the caller, for the journal. `local`: numeric, that the connection came in at.
[[nodiscard]] Admission admit(const RequestHead& head, ServerCore& core, const std::string& address,
                              const std::string& local);

inline constexpr const char* kSessionCookie = "overbias_session";

} // namespace overbias::web_ui
