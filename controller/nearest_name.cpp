// SPDX-License-Identifier: Apache-2.0
#include "controller/nearest_name.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace overbias::controller {

namespace {

// Levenshtein's distance by the usual two-row recurrence.
std::size_t letters_apart(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
        }
    }
    return row[b.size()];
}

} // namespace

std::string nearest_name(std::string_view given, const std::vector<std::string>& known) {
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(1, given.size() / 3) + 1;
    for (const std::string& name : known) {
        const bool prefix = given.size() >= 3 && (name.starts_with(given) || given.starts_with(name));
        const std::size_t distance = prefix ? 1 : letters_apart(given, name);
        if (distance < best_distance) {
            best_distance = distance;
            best = name;
        }
    }
    return best;
}

} // namespace overbias::controller
