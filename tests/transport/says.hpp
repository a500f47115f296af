// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace overbias::transport::test {

/// A message holds these words.
inline bool says(const std::string& text, std::string_view words) {
    return text.find(words) != std::string::npos;
}

} // namespace overbias::transport::test
