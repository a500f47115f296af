// SPDX-License-Identifier: Apache-2.0
// RmsMeter: root of the mean square, with the scales of the K-System (B. Katz, "Level Practices"): 0 dB stands 20, 14
// or 12 dB below full scale. Convention: RMS + 3 dB, a sine reads its own peak (full-scale sine: 0 dBFS; a square wave
// of the same peak 3.01 dB more), as AES17 counts dBFS. Unweighted.
//
// Detector: first-order mean of the squares. Its pace is the caller's: the time in which the reading (in amplitude) of
// a steady tone reaches 99 %; with that time T the mean's time constant is -T / ln(1 - 0.99^2).
// One channel. Thread: one; no allocation.
#pragma once

#include <span>

namespace overbias::dsp {

enum class RmsScale { full_scale, k20, k14, k12 };

/// What stands at 0 dB of the scale, dBFS.
[[nodiscard]] double zero_dbfs(RmsScale scale) noexcept;

struct RmsCoefficients {
    double keep = 0; ///< mean' = keep * mean + take * x^2
    double take = 0;
};
/// Throws std::invalid_argument when a figure is not positive.
[[nodiscard]] RmsCoefficients rms_coefficients(double sample_rate_hz, double reaches_99_percent_in_s);

class RmsMeter {
  public:
    /// Throws std::invalid_argument.
    RmsMeter(RmsScale scale, double sample_rate_hz, double reaches_99_percent_in_s);
    void process(std::span<const float> samples) noexcept;

    /// Now, and highest since the last call of highest_db(), in dB of the scale; -150 dBFS at rest.
    [[nodiscard]] double reading_db() const noexcept;
    [[nodiscard]] double highest_db() noexcept;

  private:
    [[nodiscard]] double db(double mean_square) const noexcept;
    RmsCoefficients c_;
    double zero_dbfs_;
    double mean_ = 0, highest_ = 0;
};

} // namespace overbias::dsp
