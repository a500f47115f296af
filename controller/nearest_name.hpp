// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace overbias::controller {

/// The name among `known` that `given` was probably meant to be: at most a third of its letters differ (insertions, deletions,
/// substitutions), or one begins with the other. Empty when none is near. Any thread.
[[nodiscard]] std::string nearest_name(std::string_view given, const std::vector<std::string>& known);

} // namespace overbias::controller
