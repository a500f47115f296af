// SPDX-License-Identifier: Apache-2.0
// The line that every comparison ends in. Ours and the other are measured in turn, in blocks: the ratio is that of the
// medians of everything, the spread the distance between the quartiles of the blocks' own ratios.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

namespace overbias::bench {

inline double quantile(std::vector<double> values, double share) {
    const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1) + 0.5);
    std::nth_element(values.begin(), values.begin() + at, values.end());
    return values[static_cast<std::size_t>(at)];
}

/// Both of the same length. Returns the ratio.
inline double print_comparison(const std::string& name, const std::vector<double>& ours,
                               const std::vector<double>& other, std::size_t blocks = 20, const char* unit = "us",
                               int digits = 1) {
    std::vector<double> ratios;
    const std::size_t length = ours.size() / blocks;
    for (std::size_t block = 0; block < blocks; ++block) {
        const auto part = [&](const std::vector<double>& all) {
            const auto from = all.begin() + static_cast<std::ptrdiff_t>(block * length);
            return quantile(std::vector<double>(from, from + static_cast<std::ptrdiff_t>(length)), 0.5);
        };
        ratios.push_back(part(ours) / part(other));
    }
    const double ratio = quantile(ours, 0.5) / quantile(other, 0.5);
    std::printf("# %s: %s, p50 p90 p99 of %zu: ours %.*f %.*f %.*f, other %.*f %.*f %.*f\n", name.c_str(), unit,
                ours.size(), digits, quantile(ours, 0.5), digits, quantile(ours, 0.9), digits, quantile(ours, 0.99),
                digits, quantile(other, 0.5), digits, quantile(other, 0.9), digits, quantile(other, 0.99));
    std::printf("%s ours %.*f other %.*f ratio %.*f spread %.*f\n", name.c_str(), digits, quantile(ours, 0.5), digits,
                quantile(other, 0.5), digits + 2, ratio, digits + 2, quantile(ratios, 0.75) - quantile(ratios, 0.25));
    return ratio;
}

} // namespace overbias::bench
