// SPDX-License-Identifier: Apache-2.0
#include "tape/equalisation.hpp"

#include <array>
#include <cmath>
#include <numbers>

namespace overbias::tape {

namespace {

struct Row {
    Equalisation equalisation;
    double speed_ips;
    TimeConstants constants;
};

// IASA TC-04 section 5.4.10. IEC1 at 30 ips is the old CCIR curve that AES 1981 replaced.
constexpr std::array<Row, 7> kRows{{
    {Equalisation::Aes, 30.0, {0.0, 17.5}},
    {Equalisation::Iec1, 30.0, {0.0, 35.0}},
    {Equalisation::Iec1, 15.0, {0.0, 35.0}},
    {Equalisation::Iec1, 7.5, {0.0, 70.0}},
    {Equalisation::Nab, 15.0, {3180.0, 50.0}},
    {Equalisation::Nab, 7.5, {3180.0, 50.0}},
    {Equalisation::Nab, 3.75, {3180.0, 90.0}},
}};

constexpr std::array kStandards{Equalisation::Nab, Equalisation::Iec1, Equalisation::Aes};

struct Label {
    std::string_view name;
    double speed_ips; ///< 0: at every speed the standard has
    Equalisation equalisation;
};

// IASA TC-04 section 5.4.10. "DIN" alone is not here at 7.5 ips: studio and home tapes differ there.
constexpr std::array<Label, 16> kLabels{{{"NAB", 0.0, Equalisation::Nab},
                                         {"IEC1", 0.0, Equalisation::Iec1},
                                         {"AES", 0.0, Equalisation::Aes},
                                         {"CCIR", 0.0, Equalisation::Iec1},
                                         {"BS", 15.0, Equalisation::Iec1},
                                         {"DIN", 15.0, Equalisation::Iec1},
                                         {"DIN", 30.0, Equalisation::Iec1},
                                         {"DIN studio", 7.5, Equalisation::Iec1},
                                         {"DIN studio", 15.0, Equalisation::Iec1},
                                         {"DIN home", 7.5, Equalisation::Nab},
                                         {"IEC2", 30.0, Equalisation::Aes},
                                         {"IEC2", 15.0, Equalisation::Nab},
                                         {"IEC2", 7.5, Equalisation::Nab},
                                         {"IEC2", 3.75, Equalisation::Nab},
                                         {"EIA", 15.0, Equalisation::Nab},
                                         {"RIAA", 7.5, Equalisation::Nab}}};

bool same_speed(double a_ips, double b_ips) noexcept {
    return std::abs(a_ips - b_ips) < 1e-3 * b_ips;
}

/// Flux relative to the plateau between the two corners, dB.
double flux_db(const TimeConstants& constants, double frequency_hz) noexcept {
    const double omega = 2.0 * std::numbers::pi * frequency_hz;
    const double high = omega * constants.high_us * 1e-6;
    double level = -10.0 * std::log10(1.0 + high * high);
    if (constants.low_us > 0.0) {
        const double low = omega * constants.low_us * 1e-6;
        level += 10.0 * std::log10(1.0 + 1.0 / (low * low));
    }
    return level;
}

} // namespace

std::optional<TimeConstants> time_constants(Equalisation equalisation, double speed_ips) noexcept {
    for (const Row& row : kRows) {
        if (row.equalisation == equalisation && same_speed(speed_ips, row.speed_ips)) {
            return row.constants;
        }
    }
    return std::nullopt;
}

std::optional<TimeConstants> ccir_time_constants_until_1966(double speed_ips) noexcept {
    return same_speed(speed_ips, 7.5) ? std::optional(TimeConstants{.low_us = 0.0, .high_us = 100.0}) : std::nullopt;
}

bool has_low_frequency_adjustment(Equalisation equalisation, double speed_ips) noexcept {
    return equalisation != Equalisation::Aes && time_constants(equalisation, speed_ips).has_value();
}

double flux_response_db(const TimeConstants& constants, double frequency_hz) noexcept {
    return flux_db(constants, frequency_hz) - flux_db(constants, 1000.0);
}

double mismatch_db(const TimeConstants& tape, double tape_ips, const TimeConstants& machine, double play_ips,
                   double heard_hz) noexcept {
    return flux_response_db(tape, heard_hz * tape_ips / play_ips) - flux_response_db(machine, heard_hz);
}

std::optional<Equalisation> reproduce_equalisation_of_slate(Equalisation recorded, double speed_ips,
                                                            double level_10khz_re_1khz_db, double within_db) noexcept {
    const auto on_tape = time_constants(recorded, speed_ips);
    std::optional<Equalisation> found;
    for (const Equalisation one : kStandards) {
        const auto machine = time_constants(one, speed_ips);
        if (!on_tape || !machine ||
            std::abs(mismatch_db(*on_tape, speed_ips, *machine, speed_ips, 10000.0) - level_10khz_re_1khz_db) >
                within_db) {
            continue;
        }
        if (found) {
            return std::nullopt;
        }
        found = one;
    }
    return found;
}

std::string_view equalisation_name(Equalisation equalisation) noexcept {
    switch (equalisation) {
    case Equalisation::Nab:
        return "NAB";
    case Equalisation::Iec1:
        return "IEC1";
    case Equalisation::Aes:
        return "AES";
    }
    return "";
}

std::optional<Equalisation> equalisation_from_name(std::string_view name) noexcept {
    for (const Equalisation one : kStandards) {
        if (equalisation_name(one) == name) {
            return one;
        }
    }
    return std::nullopt;
}

std::optional<Equalisation> equalisation_of_label(std::string_view label, double speed_ips) noexcept {
    for (const Label& each : kLabels) {
        if (each.name == label && (each.speed_ips == 0.0 || same_speed(speed_ips, each.speed_ips)) &&
            time_constants(each.equalisation, speed_ips)) {
            return each.equalisation;
        }
    }
    return std::nullopt;
}

} // namespace overbias::tape
