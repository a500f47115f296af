// SPDX-License-Identifier: Apache-2.0
// The closed forms the simulated tape is made of: magnitudes in dB or as ratios against frequency or wavelength.
// Written for the simulated deck alone; the product has its own, and neither knows the other. Pure functions, any
// thread, design time only. Sources are named at each; docs/simulated-deck-magnetics.md has them in full.
#pragma once

#include "deck-sim/settings.hpp"

namespace overbias::deck_sim::magnetics {

/// Time constants of a flux standard. t1_s == 0: no low-frequency boost.
struct FluxStandard {
    double t1_s = 0;
    double t2_s = 0;
};
/// IASA TC-04 5.4.10: NAB 3180 + 50 us at 7.5 and 15 ips (90 us at 3.75); IEC1 35 us at 15 and 30, 70 us at 7.5;
/// AES 17.5 us at 30. Throws std::invalid_argument for a pair no standard knows.
[[nodiscard]] FluxStandard flux_standard(Equalisation equalisation, double speed_ips);
/// Recorded short-circuit flux, dB, unnormalised (McKnight, "Tape Recording Equalization Fundamentals"):
/// -10 log10(1 + (2 pi f t2)^2) + 10 log10(1 + 1/(2 pi f t1)^2).
[[nodiscard]] double flux_db(const FluxStandard& standard, double frequency_hz);
/// The same relative to 1 kHz.
[[nodiscard]] double flux_re_1khz_db(const FluxStandard& standard, double frequency_hz);

/// Gap loss, amplitude ratio: |sin(pi g/l) / (pi g/l)| with g = 1.11 times the optical gap (Eargle).
[[nodiscard]] double gap_loss(double optical_gap_m, double wavelength_m);
/// Spacing loss, amplitude ratio: exp(-2 pi d / l), 54.6 dB a wavelength (Wallace).
[[nodiscard]] double spacing_loss(double distance_m, double wavelength_m);
/// Distance that loses `loss_db` at `wavelength_m`.
[[nodiscard]] double spacing_for_loss_m(double loss_db, double wavelength_m);
/// Thickness loss, amplitude ratio: (1 - exp(-k t)) / (k t), k = 2 pi / l (Wallace).
[[nodiscard]] double thickness_loss(double thickness_m, double wavelength_m);
/// Distance along the tape between the tracks' traces when one head leans against the other: d tan(theta).
[[nodiscard]] double azimuth_shift_m(double track_spacing_m, double angle_rad);

/// Record bias in dB over the bias of greatest 10 kHz output, from the overbias (loss at 10 kHz, dB; negative:
/// underbias). `slope`: dB a dB at 3 dB overbias.
[[nodiscard]] double bias_from_overbias_db(double overbias_db, double slope = 2.0);
/// Sensitivity (dB) at a wavelength against bias. At 38.1 um (10 kHz at 15 ips) a parabola with its top at bias 0 that
/// falls slope^2/12 bias^2 above it and bias^2/2 below; at 381 um a flat one with its top at +2 dB; between and beyond
/// linear in 1/wavelength, as a spacing is.
[[nodiscard]] double bias_sensitivity_db(double bias_db, double wavelength_m, double slope = 2.0);
/// Level of 3 % third harmonic against bias, dB re that at 3 dB of bias over the 10 kHz peak: rises toward 4 dB over,
/// then falls slowly. A working figure.
[[nodiscard]] double bias_mol_db(double bias_db);
/// Noise of recorded tape against bias, dB re the same: least 2 dB over the 10 kHz peak. A working figure.
[[nodiscard]] double bias_noise_db(double bias_db);
/// Below this there is too little bias to linearise the tape.
inline constexpr double kLeastBias_db = -12.0;

/// Gain of a first-order shelf above 1 / (2 pi t): rises from 1 to 10^(db/20).
[[nodiscard]] double high_shelf(double db, double time_constant_s, double frequency_hz);
/// Corner of the low-frequency shelves of the electronics.
inline constexpr double kReproduceLow_hz = 100.0;
inline constexpr double kRecordLow_hz = 60.0;
/// Time constant of the record side's high-frequency screw.
[[nodiscard]] double record_high_s(double speed_ips);

/// What one layer of the pack prints on the next against wavelength, amplitude ratio, 1 at its greatest: k t e^(1 - k
/// t), k = 2 pi / l. The field of a thin magnetised layer at the distance t.
[[nodiscard]] double print_through(double layer_m, double wavelength_m);

/// Loss in recording, amplitude ratio, at the bias the deck was aligned with: thickness loss times a spacing-like
/// demagnetisation.
[[nodiscard]] double record_loss(double wavelength_m);

/// A weighting in dB (IEC 61672-1, closed form from its pole frequencies).
[[nodiscard]] double a_weighting_db(double frequency_hz);

/// Heads and tape of the simulated deck.
inline constexpr double kReproduceGap_m = 3.0e-6;
inline constexpr double kSyncGap_m = 12.7e-6; ///< the record head's, 0.5 mil
inline constexpr double kHeadSpacing_m = 0.3e-6;
inline constexpr double kCoating_m = 16.0e-6; ///< BASF SM911, Bertram parameters quoted by MRL
inline constexpr double kDemagnetisation_m =
    7.6e-6; ///< puts the greatest 10 kHz output at 15 ips near +2 dB re operating level
inline constexpr double kAlignedOverbias_db = 3.0; ///< what the record equaliser was set at

} // namespace overbias::deck_sim::magnetics
