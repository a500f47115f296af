// SPDX-License-Identifier: Apache-2.0
// "Did you mean ...?" for misspelt words.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace overbias {

/// The word of `words` nearest to `word` by edit distance (insert, delete, replace, swap of neighbours), or empty when
/// none is near enough to be meant.
[[nodiscard]] std::string nearest_word(std::string_view word, const std::vector<std::string>& words);

/// At most `most` of `words`, however far off, the nearest first; upper and lower case are alike.
[[nodiscard]] std::vector<std::string> nearest_words(std::string_view word, const std::vector<std::string>& words,
                                                     std::size_t most);

} // namespace overbias
