// SPDX-License-Identifier: Apache-2.0
// Reference fluxivity: how much flux a metre of track width carries at operating level, and by whose measure.
//
// Two schools calibrated the same unit differently: a tape marked 320 nWb/m by DIN measures 288 nWb/m by the method of
// AES7 and ANSI S4.6 (AES e-library 8378), so a figure without its school is 0.9 dB uncertain. Levels in dB compare
// what is physically on tape: 20 log10 of the ratio of the ANSI values. Pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace overbias::tape {

enum class CalibrationSchool { Ansi, Din };

struct Fluxivity {
    double nwb_per_m = 0.0; ///< as marked
    CalibrationSchool school = CalibrationSchool::Ansi;
};

/// What the tape measures by AES7 / ANSI S4.6.
[[nodiscard]] double ansi_nwb_per_m(const Fluxivity& fluxivity) noexcept;
/// The same flux as the other school would mark it.
[[nodiscard]] Fluxivity as_school(const Fluxivity& fluxivity, CalibrationSchool school) noexcept;
/// Level of `fluxivity` relative to `reference`, dB.
[[nodiscard]] double level_db(const Fluxivity& fluxivity, const Fluxivity& reference) noexcept;

/// "ANSI", "DIN".
[[nodiscard]] std::string_view school_name(CalibrationSchool school) noexcept;
[[nodiscard]] std::optional<CalibrationSchool> school_from_name(std::string_view name) noexcept;
/// "320 nWb/m DIN (+3.8 dB re 185 nWb/m ANSI)": never a bare "+6".
[[nodiscard]] std::string fluxivity_text(const Fluxivity& fluxivity);

} // namespace overbias::tape
