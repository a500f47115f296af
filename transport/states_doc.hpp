// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace overbias::transport {

/// docs/states.md: the machine's tables as markdown.
[[nodiscard]] std::string render_states_doc();

} // namespace overbias::transport
