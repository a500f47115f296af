// SPDX-License-Identifier: Apache-2.0
// Who listens on a TCP port of this machine, for a message that can be acted on. Thread: any.
#pragma once

#include <cstdint>
#include <string>

namespace overbias::web_ui {

/// "overbiasd (process 1234)"; empty when it cannot be told (another user's process).
[[nodiscard]] std::string port_holder(std::uint16_t port);

} // namespace overbias::web_ui
