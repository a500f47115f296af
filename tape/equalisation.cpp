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
        if (row.equalisation == equalisation && std::abs(row.speed_ips - speed_ips) < 1e-3 * row.speed_ips) {
            return row.constants;
        }
    }
    return std::nullopt;
}

double flux_response_db(const TimeConstants& constants, double frequency_hz) noexcept {
    return flux_db(constants, frequency_hz) - flux_db(constants, 1000.0);
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
    for (const Equalisation one : {Equalisation::Nab, Equalisation::Iec1, Equalisation::Aes}) {
        if (equalisation_name(one) == name) {
            return one;
        }
    }
    return std::nullopt;
}

} // namespace overbias::tape
