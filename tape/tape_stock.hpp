// SPDX-License-Identifier: Apache-2.0
// A tape stock: what is known of a kind of tape, read from profiles/tapes/*.toml. Plain data; docs/profiles.md shows
// every key. Each figure has its source; an unsure one is shown as such and is never a limit (tape/figure.hpp).
#pragma once

#include "base/result.hpp"
#include "tape/figure.hpp"
#include "tape/fluxivity.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
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

/// A level that the tape reaches: MOL (third harmonic 3 %) or SOL (the most that comes back at a high frequency).
struct StockLevel {
    double speed_ips = 0.0;
    double frequency_hz = 0.0;
    Figure level_db;     ///< relative to `reference`
    Fluxivity reference; ///< European data sheets: 320 nWb/m DIN
};

enum class NoiseWeighting { A, Itu468 };

/// Noise of the tape as biased.
struct StockNoise {
    double speed_ips = 0.0;
    NoiseWeighting weighting = NoiseWeighting::A;
    Figure level_db; ///< relative to `reference`
    Fluxivity reference;
};

struct TapeStock {
    std::string id; ///< the file's name without .toml
    std::string name;
    // What the sources do not tell is empty.
    std::optional<Figure> total_thickness_um;
    std::optional<Figure> length_m;
    std::optional<Figure> coating_thickness_um;
    /// Reversible permeability of the coating, relative: along the tape and through its depth (Bertram's thickness
    /// loss).
    std::optional<Figure> permeability_along, permeability_through;
    std::optional<Figure> print_through_db; ///< how far a print lies below the level that printed
    std::optional<OperatingLevel> operating_level;
    std::vector<Overbias> overbias;
    std::vector<StockLevel> mol, sol;
    std::vector<StockNoise> noise;

    /// The first entry for a speed, or null: there is no default overbias.
    [[nodiscard]] const Overbias* overbias_at(double speed_ips) const noexcept;
    /// Likewise, and of that frequency where the tape has several (sol). Null: not known.
    [[nodiscard]] const StockLevel* mol_at(double speed_ips) const noexcept;
    [[nodiscard]] const StockLevel* sol_at(double speed_ips, double frequency_hz) const noexcept;
    [[nodiscard]] const StockNoise* noise_at(double speed_ips, NoiseWeighting weighting) const noexcept;
};

/// "3 dB at 10000 Hz, record gap 12.7 um", and " (unsure: SOURCE)" where it is.
[[nodiscard]] std::string overbias_text(const Overbias& overbias);
/// "A", "ITU-R 468".
[[nodiscard]] std::string_view weighting_name(NoiseWeighting weighting) noexcept;

/// The error has one line for each mistake, with file, line and key.
[[nodiscard]] Result<TapeStock> load_tape_stock(const std::filesystem::path& path);

} // namespace overbias::tape
