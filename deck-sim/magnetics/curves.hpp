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
/// underbias).
[[nodiscard]] double bias_from_overbias_db(double overbias_db);
/// Sensitivity (dB) at a wavelength against bias. At 38.1 um (10 kHz at 15 ips) a parabola with its top at bias 0 that
/// falls bias^2/3 above it (2 dB a dB at 3 dB overbias) and bias^2/2 below; at 381 um a flat one with its top at +2 dB;
/// between and beyond linear in 1/wavelength, as a spacing is.
[[nodiscard]] double bias_sensitivity_db(double bias_db, double wavelength_m);

/// Loss in recording, amplitude ratio, at the bias the deck was aligned with: thickness loss times a spacing-like
/// demagnetisation.
[[nodiscard]] double record_loss(double wavelength_m);

/// A weighting in dB (IEC 61672-1, closed form from its pole frequencies).
[[nodiscard]] double a_weighting_db(double frequency_hz);

/// Heads and tape of the simulated deck.
inline constexpr double kReproduceGap_m = 3.0e-6;
inline constexpr double kSyncGap_m = 12.7e-6; ///< the record head's, 0.5 mil
inline constexpr double kHeadSpacing_m = 0.3e-6;
inline constexpr double kCoating_m = 16.0e-6;     ///< BASF SM911, Bertram parameters quoted by MRL
inline constexpr double kTrackSpacing_m = 4.0e-3; ///< 2 mm tracks on quarter-inch tape
inline constexpr double kDemagnetisation_m =
    7.6e-6; ///< puts the greatest 10 kHz output at 15 ips near +2 dB re operating level
inline constexpr double kAlignedOverbias_db = 3.0; ///< what the record equaliser was set at

} // namespace overbias::deck_sim::magnetics
