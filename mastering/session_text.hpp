// SPDX-License-Identifier: Apache-2.0
// A print session as the JSON text that is stored (STATE_DIR/prints/<session>/session.json). Pure; any thread.
#pragma once

#include "base/result.hpp"
#include "mastering/session.hpp"

#include <string>
#include <string_view>

namespace overbias::mastering {

/// Indented JSON, ends with a newline.
[[nodiscard]] std::string session_text(const PrintSession& session);
/// The error names what is wrong with the text.
[[nodiscard]] Result<PrintSession> session_from_text(std::string_view text);

} // namespace overbias::mastering
