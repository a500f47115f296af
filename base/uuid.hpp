// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace overbias {

/// A random (version 4) UUID in lower-case text form. Any thread.
[[nodiscard]] std::string new_uuid();
/// True when `text` has the form of a UUID.
[[nodiscard]] bool is_uuid(const std::string& text) noexcept;

} // namespace overbias
