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

/// The curve that CCIR prescribed at 7.5 ips until 1966 (100 us; IASA TC-04, section 5.4.10). No deck is set to it, old
/// tapes carry it. Empty at every other speed.
[[nodiscard]] std::optional<TimeConstants> ccir_time_constants_until_1966(double speed_ips) noexcept;

/// Recorded flux in dB relative to the flux at 1 kHz, for equal input. Frequency above 0.
[[nodiscard]] double flux_response_db(const TimeConstants& constants, double frequency_hz) noexcept;

/// Whether electronics set to this standard have a low-frequency adjustment. AES at 30 ips has none (no t1, and nothing
/// to turn): an alignment reads the low frequencies there and asks nobody to set them. False as well where the standard
/// does not exist.
[[nodiscard]] bool has_low_frequency_adjustment(Equalisation equalisation, double speed_ips) noexcept;

/// What a machine reads off a tape that was made for another machine: level at `heard_hz` in dB, relative to what a
/// tape of the machine's own standard and speed would read. The tape was recorded at `tape_ips` with the time constants
/// `tape`, is played at `play_ips`, and the machine reproduces for `machine`:
///   R(f) = F_tape(f tape_ips / play_ips) - F_machine(f)
/// F relative to 1 kHz each; the integrator and the rate of flux change, both proportional to the heard frequency,
/// cancel. Equal standards and speeds give 0. Losses of heads and tape are not in it. Speeds and frequency above 0.
[[nodiscard]] double mismatch_db(const TimeConstants& tape, double tape_ips, const TimeConstants& machine,
                                 double play_ips, double heard_hz) noexcept;

/// Which standard a machine reproduces for, told from the slate of a recording made at `speed_ips` with `recorded`: its
/// 10 kHz off tape relative to its 1 kHz, dB. Empty when no standard of that speed, or more than one, comes within
/// `within_db`.
[[nodiscard]] std::optional<Equalisation> reproduce_equalisation_of_slate(Equalisation recorded, double speed_ips,
                                                                          double level_10khz_re_1khz_db,
                                                                          double within_db) noexcept;

/// "NAB", "IEC1", "AES".
[[nodiscard]] std::string_view equalisation_name(Equalisation equalisation) noexcept;
[[nodiscard]] std::optional<Equalisation> equalisation_from_name(std::string_view name) noexcept;

/// What a tape box means by a name at a speed: those three, and CCIR, BS, DIN, "DIN studio", "DIN home", IEC2 (AES at
/// 30 ips, NAB below), EIA, RIAA (IASA TC-04, section 5.4.10). Empty where the name does not tell (DIN at 7.5 ips is
/// two curves) or the standard does not exist.
[[nodiscard]] std::optional<Equalisation> equalisation_of_label(std::string_view label, double speed_ips) noexcept;

} // namespace overbias::tape
