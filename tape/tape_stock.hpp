// SPDX-License-Identifier: Apache-2.0
// A tape stock: what is known of a kind of tape, read from profiles/tapes/*.toml. Plain data; docs/profiles.md shows
// every key.
#pragma once

#include "base/result.hpp"
#include "tape/figure.hpp"
#include "tape/fluxivity.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace overbias::tape {

/// How far past the peak bias is set: the drop in output, on the far side of the peak, at this frequency and record
/// gap.
struct Overbias {
    double speed_ips = 0.0;
    double frequency_hz = 0.0;
    double overbias_db = 0.0;
    std::optional<double> record_gap_um; ///< empty: the source does not say
    std::string source;
    bool unsure = false;
};

struct OperatingLevel {
    Fluxivity fluxivity;
    std::string source;
    bool unsure = false;
};

struct TapeStock {
    std::string id; ///< the file's name without .toml
    std::string name;
    // What the sources do not tell is empty.
    std::optional<Figure> total_thickness_um;
    std::optional<Figure> length_m;
    std::optional<OperatingLevel> operating_level;
    std::vector<Overbias> overbias;

    /// The first entry for a speed, or null: there is no default overbias.
    [[nodiscard]] const Overbias* overbias_at(double speed_ips) const noexcept;
};

/// The error has one line for each mistake, with file, line and key.
[[nodiscard]] Result<TapeStock> load_tape_stock(const std::filesystem::path& path);

} // namespace overbias::tape
