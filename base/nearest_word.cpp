// SPDX-License-Identifier: Apache-2.0
#include "base/nearest_word.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace overbias {

namespace {

/// Optimal string alignment distance: one edit is an insertion, a deletion, a replacement or a swap of neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        last[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        now[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            now[j] = std::min({replace, last[j] + 1, now[j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                now[j] = std::min(now[j], before[j - 2] + 1);
            }
        }
        std::swap(before, last);
        std::swap(last, now);
    }
    return last[b.size()];
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

} // namespace

std::string nearest_word(std::string_view word, const std::vector<std::string>& words) {
    const std::size_t enough = std::max<std::size_t>(1, word.size() / 3); // a third of it wrong is another word
    std::string nearest;
    std::size_t least = enough + 1;
    for (const std::string& candidate : words) {
        const std::size_t distance = edit_distance(word, candidate);
        if (distance < least) {
            least = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

std::vector<std::string> nearest_words(std::string_view word, const std::vector<std::string>& words, std::size_t most) {
    std::vector<std::pair<std::size_t, std::string>> ranked;
    for (const std::string& candidate : words) {
        ranked.emplace_back(edit_distance(lower(word), lower(candidate)), candidate);
    }
    std::ranges::sort(ranked);
    std::vector<std::string> nearest;
    for (std::size_t i = 0; i < std::min(most, ranked.size()); ++i) {
        nearest.push_back(ranked[i].second);
    }
    return nearest;
}

} // namespace overbias
