// SPDX-License-Identifier: Apache-2.0
// Equalisation standards of studio tape: which time constants a standard has at a speed, and the flux they put on tape.
//
// Recorded short-circuit flux (J. McKnight, "Tape Recording Equalization Fundamentals", MRL): constant, falling as a
// single-pole low-pass with time constant t2, raised at low frequencies by t1 where the standard has one:
//   F(f) = -10 log10(1 + (2 pi f t2)^2) + 10 log10(1 + 1 / (2 pi f t1)^2) dB
// Time constants: IASA TC-04, section 5.4.10. Pure functions, any thread.
#pragma once

#include <optional>
#include <string_view>

namespace overbias::tape {

/// NAB; IEC1 (also called CCIR, DIN studio, BS); AES 1981 (IEC2 at 30 ips).
enum class Equalisation { Nab, Iec1, Aes };

struct TimeConstants {
    double low_us = 0.0;  ///< t1; 0: the standard has none (infinite)
    double high_us = 0.0; ///< t2
};

/// The time constants of a standard at a nominal speed (3.75, 7.5, 15, 30 ips); empty where the standard defines none.
[[nodiscard]] std::optional<TimeConstants> time_constants(Equalisation equalisation, double speed_ips) noexcept;

/// Recorded flux in dB relative to the flux at 1 kHz, for equal input. Frequency above 0.
[[nodiscard]] double flux_response_db(const TimeConstants& constants, double frequency_hz) noexcept;

/// "NAB", "IEC1", "AES".
[[nodiscard]] std::string_view equalisation_name(Equalisation equalisation) noexcept;
[[nodiscard]] std::optional<Equalisation> equalisation_from_name(std::string_view name) noexcept;

} // namespace overbias::tape
