// SPDX-License-Identifier: Apache-2.0
// FIR filters from a wanted magnitude. Design time only; any thread.
#pragma once

#include <complex>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace overbias::deck_sim::magnetics {

/// Amplitude ratio wanted at a frequency; must be above 0.
using Magnitude = std::function<double(double frequency_hz)>;

/// Designs minimum-phase filters again and again without allocating. Wanted is an amplitude ratio above 0 at each of
/// kBins frequencies, bin i at i * sample rate / (2 (kBins - 1)).
class FirDesigner {
  public:
    static constexpr std::size_t kBins = 2049;
    FirDesigner();
    void minimum_phase(std::span<const double> magnitude, std::span<float> taps) noexcept;

  private:
    std::vector<std::complex<double>> work_;
};
/// A magnitude at the designer's bins.
[[nodiscard]] std::vector<double> at_bins(const Magnitude& magnitude, double sample_rate_hz);

/// Minimum-phase impulse response: folded real cepstrum (Oppenheim and Schafer, "Discrete-Time Signal
/// Processing", 12.4), cut to `taps`. Electronics are minimum phase, and so the filter adds no delay that a deck would
/// not have.
[[nodiscard]] std::vector<float> minimum_phase_fir(const Magnitude& magnitude, double sample_rate_hz, std::size_t taps);

/// Symmetric (zero-phase about the middle) impulse response by frequency sampling; `taps` is odd.
[[nodiscard]] std::vector<float> zero_phase_fir(const Magnitude& magnitude, double sample_rate_hz, std::size_t taps);

/// Number of taps that covers 0.67 ms (32 taps at 48 kHz), a multiple of 4.
[[nodiscard]] std::size_t equaliser_taps(double sample_rate_hz);

/// Level of a response at a frequency, dB.
[[nodiscard]] double response_db(std::span<const float> impulse_response, double frequency_hz, double sample_rate_hz);

} // namespace overbias::deck_sim::magnetics
