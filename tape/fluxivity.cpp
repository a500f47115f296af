// SPDX-License-Identifier: Apache-2.0
#include "tape/fluxivity.hpp"

#include "base/units.hpp"

#include <array>
#include <cstdio>

namespace overbias::tape {

namespace {

constexpr double kDinMarkToAnsi = 0.9; // marked 320 measures 288: AES e-library 8378

} // namespace

double ansi_nwb_per_m(const Fluxivity& fluxivity) noexcept {
    return fluxivity.school == CalibrationSchool::Din ? fluxivity.nwb_per_m * kDinMarkToAnsi : fluxivity.nwb_per_m;
}

Fluxivity as_school(const Fluxivity& fluxivity, CalibrationSchool school) noexcept {
    const double ansi = ansi_nwb_per_m(fluxivity);
    return {.nwb_per_m = school == CalibrationSchool::Din ? ansi / kDinMarkToAnsi : ansi, .school = school};
}

double level_db(const Fluxivity& fluxivity, const Fluxivity& reference) noexcept {
    return amplitude_db(ansi_nwb_per_m(fluxivity) / ansi_nwb_per_m(reference));
}

std::string_view school_name(CalibrationSchool school) noexcept {
    return school == CalibrationSchool::Din ? "DIN" : "ANSI";
}

std::optional<CalibrationSchool> school_from_name(std::string_view name) noexcept {
    if (name == "ANSI") {
        return CalibrationSchool::Ansi;
    }
    return name == "DIN" ? std::optional(CalibrationSchool::Din) : std::nullopt;
}

std::string fluxivity_text(const Fluxivity& fluxivity) {
    const Fluxivity ampex{.nwb_per_m = 185.0, .school = CalibrationSchool::Ansi};
    std::array<char, 96> text{};
    (void)std::snprintf(text.data(), text.size(), "%.4g nWb/m %s (%+.1f dB re 185 nWb/m ANSI)", fluxivity.nwb_per_m,
                        std::string(school_name(fluxivity.school)).c_str(), level_db(fluxivity, ampex));
    return text.data();
}

} // namespace overbias::tape
