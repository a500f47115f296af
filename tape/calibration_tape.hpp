// SPDX-License-Identifier: Apache-2.0
// A calibration tape: which tones it carries and what they are worth, read from profiles/calibration-tapes/*.toml.
// Plain data and pure functions; docs/profiles.md shows every key. An owner copies the file, and puts in the dates of
// the tape in the drawer.
#pragma once

#include "base/result.hpp"
#include "tape/equalisation.hpp"
#include "tape/figure.hpp"
#include "tape/fluxivity.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace overbias::tape {

struct CalibrationTone {
    double frequency_hz = 0.0;
    double level_db = 0.0;            ///< relative to the tape's reference fluxivity
    std::optional<double> duration_s; ///< empty: not known
    std::optional<bool> voice_before; ///< an announcement before it; empty: not known
};

struct CalibrationTape {
    std::string id; ///< the file's name without .toml
    std::string name;
    std::string maker;
    std::string catalogue_number; ///< empty: not known
    double speed_ips = 0.0;
    std::optional<Equalisation> equalisation; ///< empty: a flutter tape
    struct Reference {
        Fluxivity fluxivity;
        std::string source;
        bool unsure = false;
    };
    std::optional<Reference> reference; ///< empty: its levels are no reference
    std::vector<CalibrationTone> tones;
    bool order_known = false;          ///< `tones` are in the tape's order; else in any
    bool complete = false;             ///< it carries no other tones
    bool full_track = false;           ///< recorded over the whole width of the tape
    bool fringing_compensated = false; ///< low tones recorded lower by what fringing adds
    std::optional<Figure> azimuth_tolerance_urad;
    std::string source; ///< of the tones
    bool unsure = false;

    /// Of the owner's copy; a date given as a year or a month counts as its first day.
    std::optional<std::chrono::year_month_day> made, bought;
};

/// The error has one line for each mistake, with file, line and key.
[[nodiscard]] Result<CalibrationTape> load_calibration_tape(const std::filesystem::path& path);
/// All that lie in calibration-tapes/ of these directories, by name; of two with one id that of the directory first
/// given (tape/profile_path.hpp). The error is that of the first one that cannot be read.
[[nodiscard]] Result<std::vector<CalibrationTape>>
load_calibration_tapes(const std::vector<std::filesystem::path>& directories);

/// A calibration tape older than this is warned of. It wears with every pass, and its high tones go first.
inline constexpr int kCalibrationTapeYears = 2;
/// In words, when the tape is older than that on `today`, by the date it was made, else by the date it was bought; or
/// when neither is given, or the date is yet to come. Empty: all is well.
[[nodiscard]] std::optional<std::string> age_warning(const CalibrationTape& tape, std::chrono::year_month_day today);

/// Below this frequency a track of the deck picks up flux from beside it on a tape that was recorded full track
/// (fringing), and reads high: 1 kHz at 15 ips (AES e-library 3284), the same wavelength at every speed.
[[nodiscard]] double fringing_limit_hz(double speed_ips) noexcept;
/// In words, when a tone of this tape is no reference for the low-frequency adjustment; empty: it is.
[[nodiscard]] std::optional<std::string> fringing_warning(const CalibrationTape& tape, double frequency_hz);

/// "YYYY", "YYYY-MM" or "YYYY-MM-DD" as a date; empty when it is none.
[[nodiscard]] std::optional<std::chrono::year_month_day> date_from_text(const std::string& text) noexcept;
/// "2024-05-03".
[[nodiscard]] std::string date_text(std::chrono::year_month_day date);

} // namespace overbias::tape
