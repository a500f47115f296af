// SPDX-License-Identifier: Apache-2.0
// "Did you mean ...?" for misspelt words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace overbias {

/// The word of `words` nearest to `word` by edit distance (insert, delete, replace, swap of neighbours), or empty when
/// none is near enough to be meant.
[[nodiscard]] std::string nearest_word(std::string_view word, const std::vector<std::string>& words);

} // namespace overbias
